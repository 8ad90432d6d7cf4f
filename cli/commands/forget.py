"""``shoprelay forget``: erase a person, with the redaction that the shop's platform would send."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import output
from cli.commands.options import Json, Yes, spread
from cli.merchants.files import load
from cli.stack.resources import Location, retry_queue
from cli.stack.target import announce
from cli.terminal.progress import note
from shared.errors import NotUnderstood
from shared.sources.contract import Forget
from shared.sources.registry import REDACTIONS

EXAMPLE = "Example: shoprelay forget --merchant acme --id 6940095564 --email - --order 450789469"
# The path of a wrong value -> the option that set it. No message repeats what was typed.
_OPTIONS = {"$.customer.email": "--email", "$.customer.id": "--id", "$.orders_to_redact": "--order"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The person to erase, by every identifier that is known."""

    email: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="E-mail address; - reads it from standard input."),
    ] = None
    id: Annotated[
        str | None, typer.Option(metavar="ID", help="Customer id, as the shop's admin shows it.")
    ] = None
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Id of an order to erase; repeatable.")
    ] = None
    source: Annotated[
        str | None,
        typer.Option(help="shopify or woocommerce. Default: the first in the merchant's file."),
    ] = None


@spread
def forget(person: Person, location: Location, *, yes: Yes = False, json_out: Json = False) -> None:
    """
    Erase a person and the named orders: at the platforms, in the ledger, the dead letters and S3.
    A dry run without --yes. The address finds guest orders, the id finds the customer: name both.
    """
    request, name = _request(person), f"forget-{uuid.uuid4()}"
    envelope = _redaction(person.source or _source(location), request, name)
    queue = retry_queue(location)
    if yes:
        announce(location)
        queue.park(envelope, 0)
    summary = {
        "id": name if yes else None,
        "email": request.email is not None,
        "customer": request.id,
        "orders": request.orders,
        "dry_run": not yes,
    }
    output.echo_result(summary, _text(summary), json_out=json_out)
    for remark in _remarks(request):
        note(remark)


def _request(person: Person) -> Forget:
    address = sys.stdin.readline() if person.email == "-" else person.email
    return Forget(email=address, id=person.id, orders=tuple(person.order or ()))


def _source(location: Location) -> str:
    """
    Return the source to write the redaction as: the merchant's first. Any will do, because the ids
    of people and orders are shared by all sources; but the retry worker rejects a source that the
    merchant does not have.
    """
    name = location.merchant or ""
    path = Path(name) if name.endswith(".toml") else Path("merchants") / f"{name}.toml"
    if not path.is_file():
        raise typer.BadParameter(
            f"no merchant's file names the source: set it to one of {', '.join(REDACTIONS)}",
            param_hint="--source",
        )
    return load(path).sources[0]


def _redaction(source: str, request: Forget, name: str) -> Any:
    if source not in REDACTIONS:
        raise typer.BadParameter(
            f"unknown source; use one of {', '.join(REDACTIONS)}", param_hint="--source"
        )
    try:
        return REDACTIONS[source](request, name, time.time())
    except NotUnderstood as error:
        if error.path == "$":
            raise typer.BadParameter("nobody is named: set --email, --id or --order") from None
        option = _OPTIONS.get(error.path.partition("[")[0], error.path)
        raise typer.BadParameter(error.reason, param_hint=option) from None


def _text(summary: dict[str, Any]) -> str:
    names = ["an e-mail address"] if summary["email"] else []
    names += [f"customer {summary['customer']}"] if summary["customer"] else []
    names += [f"order {one}" for one in summary["orders"]]
    what = ", ".join(names)
    if summary["dry_run"]:
        return f"Would erase {what}. This was a dry run: --yes erases them. It cannot be undone."
    return (
        f"Erasing {what}. The delivery id is {summary['id']}: the log has `forgotten` with this id "
        "when our own stores are done, and `attempt` for each platform."
    )


def _remarks(request: Forget) -> list[str]:
    """Return what a person who is named by one identifier only may miss."""
    if request.email is None and request.id is not None:
        return ["Orders placed as a guest are found by the address only: set --email too."]
    if request.id is None and request.email is not None:
        return ["A customer with an account is found by the id only: set --id too, if any."]
    return []
