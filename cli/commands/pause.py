"""``shoprelay pause`` and ``resume``: park everything for one destination, and let it go on."""

from __future__ import annotations

import json
from typing import Annotated, get_args

import typer

from cli.commands.dlq import Json
from cli.commands.options import spread
from cli.stack.resources import Reach, ledger_table
from shared.settings import DestinationName

Name = Annotated[str, typer.Argument(metavar="DESTINATION", help="Such as datacue.")]


@spread
def pause(destination: Name, reach: Reach, *, json_out: Json = False) -> None:
    """Park every webhook for a destination, from now on (within ten seconds)."""
    client, table = ledger_table(reach)
    client.put_item(TableName=table, Item={"pk": _key(destination), "paused": {"BOOL": True}})
    said = f"{destination} is paused: its webhooks wait until `shoprelay resume`."
    _say(destination, said, paused=True, json_out=json_out)


@spread
def resume(destination: Name, reach: Reach, *, json_out: Json = False) -> None:
    """Let the webhooks for a paused destination go on; what waits follows within minutes."""
    client, table = ledger_table(reach)
    client.delete_item(TableName=table, Key={"pk": _key(destination)})
    said = f"{destination} goes on; what waits follows within five minutes."
    _say(destination, said, paused=False, json_out=json_out)


def _say(destination: str, said: str, *, paused: bool, json_out: bool) -> None:
    told = json.dumps({"destination": destination, "paused": paused})
    typer.echo(told if json_out else said)


def _key(destination: str) -> dict[str, str]:
    known = get_args(DestinationName)
    if destination not in known:
        raise typer.BadParameter(f"no such destination; there is {', '.join(known)}")
    return {"S": f"control#pause#{destination}"}
