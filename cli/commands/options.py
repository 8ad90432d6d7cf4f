"""Options that several commands share: said once, in a dataclass, and spread over a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cli.stack.resources import Reach
from shared.queue.dead_letter import DeadLetterFilter, parse_time

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Of the merchant, as in merchants/NAME.toml.")
]
SecretsFile = Annotated[
    Path | None,
    typer.Option("--secrets", metavar="FILE", help="The secret document, not Secrets Manager's."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which dead letters are meant; all of them together must fit."""

    source: Annotated[str | None, typer.Option(help="Such as shopify.")] = None
    topic: Annotated[str | None, typer.Option(help="Such as products/update.")] = None
    destination: Annotated[str | None, typer.Option(help="Such as datacue.")] = None
    reason: Annotated[str | None, typer.Option(help="A part of the reason.")] = None
    entity: Annotated[str | None, typer.Option(help="Such as product:1234.")] = None
    before: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Died before: 2h, 3d, a date, a moment.")
    ] = None
    after: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Died after: 2h, 3d, a date, a moment.")
    ] = None
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None


def choice_of(filters: Filters, now: float) -> DeadLetterFilter:
    """Read the filters. Raises typer.BadParameter for a moment that is none."""
    return DeadLetterFilter(
        source=filters.source,
        topic=filters.topic,
        destination=filters.destination,
        reason=filters.reason,
        entity=filters.entity,
        before=_moment("--before", filters.before, now),
        after=_moment("--after", filters.after, now),
        limit=filters.limit,
    )


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """
    Give a command the options of the dataclasses among its parameters, one option per field.

    What a group of commands was told about `Reach` holds for each of them. A command that names a
    parameter ``ctx`` is given the context.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    own = [
        one.replace(annotation=hints[one.name])
        for one in signature(command).parameters.values()
        if one.name not in {"ctx", *groups}
    ]

    def spreading(ctx: typer.Context, **values: Any) -> None:
        made = {name: _made(group, values) for name, group in groups.items()}
        if isinstance(ctx.obj, Reach) and isinstance(own_reach := made.get("reach"), Reach):
            made["reach"] = own_reach.over(ctx.obj)
        command(**values, **made, **({"ctx": ctx} if "ctx" in hints else {}))

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [*own, *(one for group in groups.values() for one in _options(group))]
    spreading.__doc__ = command.__doc__
    spreading.__annotations__ = {}
    spreading.__signature__ = Signature([context, *parameters])  # type: ignore[attr-defined]  # typer reads it
    return spreading


def _made(group: Any, values: dict[str, Any]) -> Any:
    return group(**{one.name: values.pop(one.name) for one in fields(group)})


def _options(group: Any) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(one.name, Parameter.KEYWORD_ONLY, annotation=hints[one.name], default=one.default)
        for one in fields(group)
    ]


def _moment(option: str, text: str | None, now: float) -> float | None:
    try:
        return None if text is None else parse_time(text, now)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
