"""
What happens in the night, and what is typed in the morning. Ids are the same each time; ages and
milliseconds are what they are.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.night.stack import ROOT, Night
from cli.sandbox.shopify.sender import Sample

_EVENTS = ROOT / "events" / "shopify"
_PATIENCE = 60.0
_LOOK = 0.5
# The shopper's order of the evening is made of the morning's, without what the storefront wrote.
EVENING_ORDER = 6650100001007
PRODUCT = 8650100000101
_AWS = "--endpoint-url $AWS"


def webhook(name: str, case: str, /, **fields: Any) -> Sample:
    """Give a sample of events/ under an id of its own, with fields changed."""
    [file] = _EVENTS.glob(f"{case}.json")
    body = json.loads(file.read_bytes()) | fields
    return Sample(
        id=id_of(name),
        topic=case.rpartition("__")[0].replace("__", "/"),
        body=json.dumps(body).encode(),
        at=datetime.now(UTC) - timedelta(seconds=1),
    )


def id_of(name: str) -> str:
    """Name a webhook as Shopify would, the same each time."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://night.example/{name}"))


def night(it: Night) -> Mapping[str, str]:
    """Play the night; give what the shop was answered."""
    answers = {"made": it.sent(webhook("made", "products__create__two_variants"))}
    it.control.fail("datacue", 503, count=3)
    answers["down"] = it.sent(webhook("down", "products__create__six_variants"))
    until(lambda: "8650100000103" in json.dumps(it.control.state("datacue")))
    it.control.fail("datacue", 422)
    answers["refused"] = it.sent(webhook("refused", "products__update__on_sale"))
    it.control.heal()
    order = ordered(
        "nobody",
        id=EVENING_ORDER,
        order_number=1007,
        name="#1007",
        cart_token="t1007",  # noqa: S106 - a cart's name
        checkout_token="c1007",  # noqa: S106 - a checkout's name
        note_attributes=[],
    )
    answers["nobody"] = it.sent(order)
    return answers


def ordered(name: str, /, **fields: Any) -> Sample:
    """Give an order of the shopper's, placed a moment ago: one of last week is told to nobody."""
    placed = (datetime.now(UTC) - timedelta(seconds=5)).isoformat(timespec="seconds")
    moments = dict.fromkeys(("created_at", "processed_at", "updated_at"), placed)
    return webhook(name, "orders__create__with_visitor", **moments | fields)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises TimeoutError."""
    end = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("the night did not go as it must")
        time.sleep(_LOOK)


def morning(it: Night) -> Mapping[str, str]:
    """Type what an operator types; give each command with what it printed."""
    refused, nobody = id_of("refused"), id_of("nobody")
    before = {
        "status": f"shoprelay status {_AWS}",
        "list": f"shoprelay dlq list {_AWS}",
        "show": f"shoprelay dlq show {refused} {_AWS}",
        "product": f"shoprelay history --entity product:{PRODUCT} {_AWS}",
        "order": f"shoprelay history --entity order:{EVENING_ORDER} {_AWS}",
    }
    seen = {name: shown(it, command) for name, command in before.items()}
    seen |= _explained(it, f"shoprelay dlq show {nobody} --body --json {_AWS}")
    it.sent(ordered("again"))
    after = {
        "dry": f"shoprelay dlq replay {_AWS}",
        "yes": f"shoprelay dlq replay --yes {_AWS}",
    }
    seen |= {name: shown(it, command) for name, command in after.items()}
    until(
        lambda: (
            "delivered"
            in it.typed(f"shoprelay history --entity order:{EVENING_ORDER} {_AWS}").split(
                "esputnik"
            )[-1]
        )
    )
    last = {
        "healed": f"shoprelay history --entity order:{EVENING_ORDER} {_AWS}",
        "after": f"shoprelay status {_AWS}",
    }
    return seen | {name: shown(it, command) for name, command in last.items()}


def _explained(it: Night, command: str) -> Mapping[str, str]:
    # What `jq -r '.[0].body'` does.
    body = json.loads(it.typed(command))[0]["body"]
    (it.folder / "order.json").write_text(body, encoding="utf-8")
    explain = "shoprelay explain order.json --topic orders/create --merchant night"
    known = f"{explain} --sc 0f8c6b1e4d7a4c2e9b35a1d20e7f6c48"
    told = {"explain": explain, "known": known}
    return {"body": f"$ {command} | jq -r '.[0].body' > order.json"} | {
        name: shown(it, one) for name, one in told.items()
    }


def shown(it: Night, command: str) -> str:
    """Give a command with what it printed, as a terminal shows both."""
    return f"$ {command}\n{it.typed(command)}"
