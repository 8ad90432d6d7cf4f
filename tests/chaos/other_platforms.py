"""
What Yespo, eSputnik and PersonaClick must have in the end: the newest state of every product and
customer, a purchase once, or as often as its outcome was unknown, and no state of a cart twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.chaos.shop_model import OtherPlatform, Kind, Name, ShopHistory, Webhook

TRACKERS = ("yespo", "esputnik")
PLATFORMS = (*TRACKERS, "personaclick")


def find_errors(said: ShopHistory, there: Mapping[str, OtherPlatform], excused: frozenset[Name]) -> Iterator[str]:
    """Name what is not as it must be; of ``excused`` something waits still."""
    for platform, known in there.items():
        found = [*_purchases(said, known, excused), *_carts(said, known, excused)]
        if platform in TRACKERS:
            found += [*_goods(said, known.state, excused), *_people(said, known.state, excused)]
        yield from (f"{platform}: {what}" for what in found)


def unknown_outcomes(log: str, said: ShopHistory) -> Mapping[str, Counter[Name]]:
    """Count the unknown outcomes that the stack has told of, by platform and thing."""
    found: dict[str, Counter[Name]] = {name: Counter() for name in PLATFORMS}
    for line in log.splitlines():
        told = _told(line)
        if told.get("verdict") == "Unknown" and told.get("destination") in found:
            webhook = said.webhooks.get(told["id"])
            touched = [touch.name for touch in webhook.touches] if webhook else []
            found[told["destination"]].update(touched)
    return found


def _told(line: str) -> Mapping[str, Any]:
    # A kill may have cut a line, and what is no JSON is of an interpreter that was killed.
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) and told.get("event") == "call" else {}


def _goods(said: ShopHistory, state: Any, excused: frozenset[Name]) -> Iterator[str]:
    """A feed has no products but what is sold, and nothing takes a row away: it is out of stock."""
    rows: dict[str, dict[str, str]] = {}
    for name, row in state["products"].items():
        if row["isInStock"] == "1":
            rows.setdefault(f"product:{int(name) // 10}", {})[name] = row["name"]
    for name, states in said.states.items():
        if name.startswith("product:") and name not in excused and rows.get(name) != states[-1]:
            yield f"{name} is not as its newest version of {len(states)}"


def _people(said: ShopHistory, state: Any, excused: frozenset[Name]) -> Iterator[str]:
    """Nobody can be removed, so that only who is there is looked at."""
    for name, states in said.states.items():
        if not name.startswith("person:") or name in excused or states[-1] is None:
            continue
        held = state["customers"].get(name.removeprefix("person:"), {})
        if held.get("user_name") != states[-1]:
            yield f"{name} is not as their newest version of {len(states)}"


def _purchases(said: ShopHistory, known: OtherPlatform, excused: frozenset[Name]) -> Iterator[str]:
    for name, states in said.states.items():
        if not name.startswith("order:"):
            continue
        times = len(known.state["purchases"].get(name.removeprefix("order:"), ()))
        if times > 1 + known.doubts[name]:
            yield f"{name} was bought {times} times, {known.doubts[name]} outcomes were unknown"
        if not times and states[-1] == "completed" and name not in excused:
            yield f"{name} was bought, and nobody was told"


def _carts(said: ShopHistory, known: OtherPlatform, excused: frozenset[Name]) -> Iterator[str]:
    """Each state of a cart has a quantity of its own, by which it is known again."""
    told = Counter(map(_quantity, _cart_events(known.state)))
    yield from (f"a cart of {one} was told {n} times" for one, n in told.items() if n > 1)
    newest: dict[Name, Webhook] = {}
    for webhook in said.webhooks.values():
        if webhook.kind is Kind.EVENT and webhook.event and webhook.event[0].startswith("cart "):
            newest[webhook.touches[0].name] = webhook
    for name, webhook in newest.items():
        [line] = json.loads(webhook.body)["line_items"]
        intended = known.intended.get(name, "") >= webhook.version
        if not (told[line["quantity"]] or intended or name in excused):
            yield f"the newest state of {name} was told to nobody"


def _cart_events(state: Any) -> Iterator[Any]:
    for one in state["events"]:
        if "StatusCart" in one:
            yield one["StatusCart"]["Products"][0]
        elif one.get("event") == "cart":
            yield one["items"][0]


def _quantity(row: Any) -> int:
    return int(row["quantity"])
