"""``shoprelay pause`` and ``resume``: park everything for one destination, and let it go on."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from cli.options import spread
from cli.reach import Reach, ledger_table
from shared.settings import DestinationName

Name = Annotated[str, typer.Argument(metavar="DESTINATION", help="Such as datacue.")]


@spread
def pause(destination: Name, reach: Reach) -> None:
    """Park every webhook for a destination, from now on (within ten seconds)."""
    client, table = ledger_table(reach)
    client.put_item(TableName=table, Item={"pk": _key(destination), "paused": {"BOOL": True}})
    typer.echo(f"{destination} is paused: its webhooks wait until `shoprelay resume`.")


@spread
def resume(destination: Name, reach: Reach) -> None:
    """Let the webhooks for a paused destination go on; what waits follows within minutes."""
    client, table = ledger_table(reach)
    client.delete_item(TableName=table, Key={"pk": _key(destination)})
    typer.echo(f"{destination} goes on; what waits follows within five minutes.")


def _key(destination: str) -> dict[str, str]:
    known = get_args(DestinationName)
    if destination not in known:
        raise typer.BadParameter(f"no such destination; there is {', '.join(known)}")
    return {"S": f"control#pause#{destination}"}
