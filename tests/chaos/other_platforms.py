"""
What Yespo, eSputnik and PersonaClick must have at the end: the newest state of every product and
customer, a purchase once plus once for each unknown outcome, and no state of a cart twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chaos.shop_model import Kind, Name, OtherPlatform, ShopHistory, Webhook

TRACKERS = ("yespo", "esputnik")
PLATFORMS = (*TRACKERS, "personaclick")


def find_errors(
    history: ShopHistory, there: Mapping[str, OtherPlatform], pending: frozenset[Name]
) -> Iterator[str]:
    """Yield the errors in the platforms' states; ``pending`` objects have waiting webhooks."""
    for platform, known in there.items():
        found = [*_purchases(history, known, pending), *_carts(history, known, pending)]
        if platform in TRACKERS:
            found += [
                *_products(history, known.state, pending),
                *_customers(history, known.state, pending),
            ]
        yield from (f"{platform}: {what}" for what in found)


def unknown_outcomes(log: str, history: ShopHistory) -> Mapping[str, Counter[Name]]:
    """Return the number of unknown outcomes in the stack's log, by platform and object."""
    found: dict[str, Counter[Name]] = {name: Counter() for name in PLATFORMS}
    for line in log.splitlines():
        record = _parse_line(line)
        if record.get("verdict") == "Unknown" and record.get("destination") in found:
            webhook = history.webhooks.get(record["id"])
            touched = [touch.name for touch in webhook.touches] if webhook else []
            found[record["destination"]].update(touched)
    return found


def _parse_line(line: str) -> Mapping[str, Any]:
    # A kill may have cut a line; other lines that are not JSON are from a killed interpreter.
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) and record.get("event") == "call" else {}


def _products(history: ShopHistory, state: Any, pending: frozenset[Name]) -> Iterator[str]:
    """Check products: a feed has only sellable items; a removed row stays, as out of stock."""
    rows: dict[str, dict[str, str]] = {}
    for name, row in state["products"].items():
        if row["isInStock"] == "1":
            rows.setdefault(f"product:{int(name) // 10}", {})[name] = row["name"]
    for name, states in history.states.items():
        if name.startswith("product:") and name not in pending and rows.get(name) != states[-1]:
            yield f"{name} is not its newest version of {len(states)}"


def _customers(history: ShopHistory, state: Any, pending: frozenset[Name]) -> Iterator[str]:
    """Check customers; a tracker cannot delete one, so that only existing customers are checked."""
    for name, states in history.states.items():
        if not name.startswith("person:") or name in pending or states[-1] is None:
            continue
        held = state["customers"].get(name.removeprefix("person:"), {})
        if held.get("user_name") != states[-1]:
            yield f"{name} is not the newest version of {len(states)}"


def _purchases(
    history: ShopHistory, known: OtherPlatform, pending: frozenset[Name]
) -> Iterator[str]:
    for name, states in history.states.items():
        if not name.startswith("order:"):
            continue
        times = len(known.state["purchases"].get(name.removeprefix("order:"), ()))
        if times > 1 + known.unknown[name]:
            yield f"{name} was sent {times} times, {known.unknown[name]} outcomes were unknown"
        if not times and states[-1] == "completed" and name not in pending:
            yield f"{name} was not sent"


def _carts(history: ShopHistory, known: OtherPlatform, pending: frozenset[Name]) -> Iterator[str]:
    """Check carts; each state of a cart has a unique quantity, which identifies it."""
    record = Counter(map(_quantity, _cart_events(known.state)))
    yield from (f"a cart of {one} was sent {n} times" for one, n in record.items() if n > 1)
    newest: dict[Name, Webhook] = {}
    for webhook in history.webhooks.values():
        if webhook.kind is Kind.EVENT and webhook.event and webhook.event[0].startswith("cart "):
            newest[webhook.touches[0].name] = webhook
    for name, webhook in newest.items():
        [line] = json.loads(webhook.body)["line_items"]
        intended = known.intended.get(name, "") >= webhook.version
        if not (record[line["quantity"]] or intended or name in pending):
            yield f"the newest state of {name} was not sent"


def _cart_events(state: Any) -> Iterator[Any]:
    for one in state["events"]:
        if "StatusCart" in one:
            yield one["StatusCart"]["Products"][0]
        elif one.get("event") == "cart":
            yield one["items"][0]


def _quantity(row: Any) -> int:
    return int(row["quantity"])
