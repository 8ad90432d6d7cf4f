"""``shoprelay pause`` and ``resume``: park all webhooks for one destination, and deliver them."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from cli import output
from cli.commands.options import Json, spread
from cli.stack.resources import Location, ledger_table
from cli.stack.target import announce
from shared.settings import DestinationName

Destination = Annotated[
    str, typer.Argument(metavar="DESTINATION", help="Destination, such as datacue.")
]


@spread
def pause(destination: Destination, location: Location, *, json_out: Json = False) -> None:
    """Park every webhook for a destination. It takes effect within ten seconds."""
    announce(location)
    client, table = ledger_table(location)
    client.put_item(TableName=table, Item={"pk": _key(destination), "paused": {"BOOL": True}})
    text = f"{destination} is paused. Its webhooks wait until `shoprelay resume {destination}`."
    _print(destination, text, paused=True, json_out=json_out)


@spread
def resume(destination: Destination, location: Location, *, json_out: Json = False) -> None:
    """Deliver webhooks to a paused destination again. Parked ones follow within five minutes."""
    announce(location)
    client, table = ledger_table(location)
    client.delete_item(TableName=table, Key={"pk": _key(destination)})
    text = f"{destination} is resumed. Parked webhooks are delivered within five minutes."
    _print(destination, text, paused=False, json_out=json_out)


def _print(destination: str, text: str, *, paused: bool, json_out: bool) -> None:
    document = {"destination": destination, "paused": paused}
    output.echo_result(document, text, json_out=json_out)


def _key(destination: str) -> dict[str, str]:
    known = get_args(DestinationName)
    if destination not in known:
        raise typer.BadParameter(f"unknown destination; use one of {', '.join(known)}")
    return {"S": f"control#pause#{destination}"}
