"""Option types that several commands share, and `spread`, which adds a group of options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from enum import StrEnum
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from cli.stack.resources import Location
from shared.errors import NotUnderstood
from shared.queue.dead_letter import DeadLetterFilter
from shared.queue.replay import read_request

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of the merchant, as in merchants/NAME.toml.")
]
OptionalName = Annotated[str | None, typer.Argument(metavar="NAME", help="Name of the merchant.")]
SecretsFile = Annotated[
    Path | None,
    typer.Option("--secrets", metavar="FILE", help="Read secrets from a file, not from AWS."),
]
Yes = Annotated[bool, typer.Option("--yes/--dry-run", help="Apply the changes, or only show them.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class OutputFormat(StrEnum):
    """How a list is printed: ``name`` prints the ids alone, one per line."""

    TABLE = "table"
    WIDE = "wide"
    JSON = "json"
    NAME = "name"


Output = Annotated[
    OutputFormat,
    typer.Option("-o", "--output", help="Print a table, one with all columns, JSON, or ids alone."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterOptions:
    """Which dead letters to select. A dead letter must match every option that is set."""

    source: Annotated[str | None, typer.Option(help="Source, such as shopify.")] = None
    topic: Annotated[str | None, typer.Option(help="Topic, such as products/update.")] = None
    destination: Annotated[str | None, typer.Option(help="Destination, such as datacue.")] = None
    reason: Annotated[str | None, typer.Option(help="Part of the reason.")] = None
    entity: Annotated[str | None, typer.Option(help="Entity, such as product:1234.")] = None
    before: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Dead-lettered before: 2h, 3d, a date, a time."),
    ] = None
    after: Annotated[
        str | None,
        typer.Option(metavar="WHEN", help="Dead-lettered after: 2h, 3d, a date, a time."),
    ] = None
    limit: Annotated[int | None, typer.Option(min=1, help="Select at most so many.")] = None


def dead_letter_filter(
    options: FilterOptions, now: float, ids: tuple[str, ...] = ()
) -> DeadLetterFilter:
    """
    Read the options as the replay function reads its event, whose keys they are. Raises
    typer.BadParameter for a time that cannot be read.
    """
    try:
        return read_request(asdict(options) | {"ids": ids}, now)[0]
    except NotUnderstood as error:
        option = error.path.replace("$.", "--")
        raise typer.BadParameter(error.reason, param_hint=option) from None


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """
    Add the options of the dataclasses among a command's parameters, one option per field.

    A `Location` that is set on a group of commands applies to each of them. What it leaves open is
    resolved. A command that has a parameter ``ctx`` receives the context.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if is_dataclass(hint)}
    own = [
        one.replace(annotation=hints[one.name])
        for one in signature(command).parameters.values()
        if one.name not in {"ctx", *groups}
    ]

    def run(ctx: typer.Context, **values: Any) -> None:
        made = {name: _made(group, values) for name, group in groups.items()}
        outer = ctx.obj if isinstance(ctx.obj, Location) else Location()
        made = {
            name: one.with_defaults(outer).resolved() if isinstance(one, Location) else one
            for name, one in made.items()
        }
        command(**values, **made, **({"ctx": ctx} if "ctx" in hints else {}))

    context = Parameter("ctx", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    parameters = [*own, *(one for group in groups.values() for one in _options(group))]
    run.__doc__ = command.__doc__
    run.__annotations__ = {}
    run.__signature__ = Signature([context, *parameters])  # type: ignore[attr-defined]  # typer reads it
    return run


def _made(group: Any, values: dict[str, Any]) -> Any:
    return group(**{one.name: values.pop(one.name) for one in fields(group)})


def _options(group: Any) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(one.name, Parameter.KEYWORD_ONLY, annotation=hints[one.name], default=one.default)
        for one in fields(group)
    ]
