"""``shoprelay forget``: a person is forgotten by hand, the way the platform itself asks for it."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from cli.commands.dlq import Json, Yes
from cli.commands.options import spread
from cli.merchants.files import load
from cli.stack.resources import Reach, retry_queue
from cli.terminal.progress import say
from shared.errors import NotUnderstood
from shared.sources.contract import Forget
from shared.sources.registry import REDACTIONS

EXAMPLE = "Example: shoprelay forget --merchant acme --id 6940095564 --email - --order 450789469"
# The path of what is wrong -> the option that said it. No message repeats what was typed.
_OPTIONS = {"$.customer.email": "--email", "$.customer.id": "--id", "$.orders_to_redact": "--order"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is to be forgotten, under every name that is known."""

    email: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of the person; - reads it from standard input."),
    ] = None
    id: Annotated[
        str | None, typer.Option(metavar="ID", help="Of the customer, as the shop's admin shows.")
    ] = None
    order: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="An order to be forgotten; repeatable.")
    ] = None
    source: Annotated[
        str | None,
        typer.Option(help="Of the shop: shopify or woocommerce; by default as in merchants/."),
    ] = None


@spread
def forget(person: Person, reach: Reach, *, yes: Yes = False, json_out: Json = False) -> None:
    """
    Forget a person and the orders named: at the platforms, in the ledger, the dead letters and S3.
    A dry run without --yes. A guest is known by the address alone, a customer by the id: say both.
    """
    wish, name = _wish(person), f"forget-{uuid.uuid4()}"
    envelope = _redaction(person.source or _source(reach), wish, name)
    queue = retry_queue(reach)
    if yes:
        queue.park(envelope, 0)
    told = {
        "id": name if yes else None,
        "email": wish.email is not None,
        "customer": wish.id,
        "orders": wish.orders,
        "dry_run": not yes,
    }
    typer.echo(msgspec.json.encode(told).decode() if json_out else _said(told))
    for remark in _remarks(wish):
        say(remark)


def _wish(person: Person) -> Forget:
    address = sys.stdin.readline() if person.email == "-" else person.email
    return Forget(email=address, id=person.id, orders=tuple(person.order or ()))


def _source(reach: Reach) -> str:
    """
    Name the source as which the wish is written: the merchant's first, for people and orders of all
    sources have their ids in one. The worker would refuse a source that the merchant does not have.
    """
    name = reach.merchant or ""
    path = Path(name) if name.endswith(".toml") else Path("merchants") / f"{name}.toml"
    if not path.is_file():
        raise typer.BadParameter(
            f"say which, there is no merchant's file to read it from: {', '.join(REDACTIONS)}",
            param_hint="--source",
        )
    return load(path).sources[0]


def _redaction(source: str, wish: Forget, name: str) -> Any:
    if source not in REDACTIONS:
        raise typer.BadParameter(f"there is {', '.join(REDACTIONS)}", param_hint="--source")
    try:
        return REDACTIONS[source](wish, name, time.time())
    except NotUnderstood as error:
        if error.path == "$":
            raise typer.BadParameter("say --email, --id or --order") from None
        option = _OPTIONS.get(error.path.partition("[")[0], error.path)
        raise typer.BadParameter(error.reason, param_hint=option) from None


def _said(told: dict[str, Any]) -> str:
    names = ["an e-mail address"] if told["email"] else []
    names += [f"customer {told['customer']}"] if told["customer"] else []
    names += [f"order {one}" for one in told["orders"]]
    whom = ", ".join(names)
    if told["dry_run"]:
        return f"Would forget {whom}: a dry run, --yes acts. It cannot be undone."
    return (
        f"Forgetting {whom}. The delivery is {told['id']}: the log says `forgotten` with this id "
        "when our own stores are done, and `attempt` for each platform."
    )


def _remarks(wish: Forget) -> list[str]:
    """Say what an operator who knows only one name may miss."""
    if wish.email is None and wish.id is not None:
        return ["Orders placed as a guest are known by the address: say --email too."]
    if wish.id is None and wish.email is not None:
        return ["A customer with an account is known by the id: say --id too, if there is one."]
    return []
