"""``shoprelay keep-shop``: cancel the deletion of a shop's data that ``shop/redact`` started."""

from __future__ import annotations

import json
import time

from cli import output
from cli.commands.options import Json, spread
from cli.stack.resources import Location, ledger_table
from shared.model.version import instant_at
from shared.state.ledger import DynamoLedger

EXAMPLE = "Example: shoprelay keep-shop --merchant acme"


@spread
def keep_shop(location: Location, *, json_out: Json = False) -> None:
    """Cancel every `shop/redact` that was received until now. A later one waits again."""
    client, table = ledger_table(location)
    now = instant_at(time.time())
    DynamoLedger(client, table).keep_shop(now)
    text = "Every shop/redact that was received until now is cancelled: nothing is deleted for it."
    output.echo(json.dumps({"kept_at": now}) if json_out else text)
