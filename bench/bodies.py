"""
The bodies that are measured: the repository's own samples, grown to the sizes that peers publish
figures for, and as compact as a shop sends them.

Each comes in many copies that differ in every id, price and moment, as webhooks do: what a cache
would remember of one body must not help with the next.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parents[1] / "events" / "shopify"
COPIES = 32
# How far a body's size may be from the one in its name, as a share.
WITHIN = 0.02
_WORDS = "Warm, light and made to last: knitted from new wool in a small mill by the sea. "
_LEAST_ID = 1_000_000_000
_ID = re.compile(r"(gid://shopify/\w+/)(\d+)")
_PRICE = re.compile(r"(?!0\.00)\d+\.\d\d")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:)\d\d(:.*)")

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One kind of webhook: what it is, under which topic it comes, and copies of its bytes."""

    name: str
    topic: str
    copies: tuple[bytes, ...] = field(repr=False)


@cache
def bodies() -> tuple[Body, ...]:
    """Build all kinds. Raises ValueError for one that has not the size in its name."""
    return (
        _body("order of 5.6 kB", "orders/create", _order(1), 5600),
        _body("order of 7.2 kB", "orders/create", _order(3), 7200),
        _body("product of 8 kB, 8 variants", "products/update", _product(8), 8000),
        _body("product of 20 variants, 15.6 kB", "products/update", _product(20), 15600),
        _body("order of 30 lines, 33 kB", "orders/create", _order(30), 33000),
    )


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Write a payload as compact as a shop sends it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def another(value: Any, number: int) -> Any:
    """Copy a payload with other ids, prices and minutes; 0 gives the payload itself."""
    if isinstance(value, dict):
        return {key: another(one, number) for key, one in value.items()}
    if isinstance(value, list):
        return [another(one, number) for one in value]
    if isinstance(value, int) and value >= _LEAST_ID:
        return value + number * 1000
    return _other_text(value, number) if number and isinstance(value, str) else value


def _other_text(text: str, number: int) -> str:
    if found := _ID.fullmatch(text):
        return f"{found[1]}{int(found[2]) + number * 1000}"
    if _PRICE.fullmatch(text):
        return str(Decimal(text) + Decimal("0.07") * number)
    found = _MOMENT.fullmatch(text)
    return f"{found[1]}{number % 60:02d}{found[2]}" if found else text


def _body(name: str, topic: str, payload: Payload, size: int) -> Body:
    filled = _filled(payload, size - len(encoded(payload)))
    copies = tuple(encoded(another(filled, number)) for number in range(COPIES))
    wrong = [len(raw) for raw in copies if abs(len(raw) - size) > size * WITHIN]
    if wrong:
        raise ValueError(f"{name}: {wrong[0]} bytes")
    return Body(name=name, topic=topic, copies=copies)


def _filled(payload: Payload, room: int) -> Payload:
    """Fill up with what shops fill their bodies with: descriptions, and notes of an order."""
    text = (_WORDS * (max(0, room) // len(_WORDS) + 1))[: max(0, room - 30)]
    if "variants" in payload:
        return payload | {"body_html": f"<p>{text}</p>"}
    half = len(text) // 2
    notes = [{"name": "gift", "value": text[:half]}]
    return payload | {"note_attributes": notes, "note": text[half + 20 :]}


def _order(count: int) -> Payload:
    order = _sample("orders__create__registered")
    return order | {"line_items": _grown(order["line_items"], count, _line)}


def _product(count: int) -> Payload:
    product = _sample("products__create__six_variants")
    grown = product | {
        "variants": _grown(product["variants"], count, _variant),
        "variant_gids": _grown(product["variant_gids"], count, _gid),
    }
    for image in grown["images"]:
        shown = [one["id"] for one in grown["variants"] if one["image_id"] == image["id"]]
        image["variant_ids"] = shown
    return grown


def _sample(name: str) -> Payload:
    payload: Payload = json.loads((EVENTS / f"{name}.json").read_bytes())
    return payload


def _grown(
    found: list[Payload], count: int, renamed: Callable[[Payload, int], Payload]
) -> list[Payload]:
    return [renamed(copy.deepcopy(found[place % len(found)]), place) for place in range(count)]


def _line(line: Payload, place: int) -> Payload:
    own = line["id"] + place
    gid = f"gid://shopify/LineItem/{own}"
    return line | {
        "id": own,
        "admin_graphql_api_id": gid,
        "product_id": line["product_id"] + place,
        "variant_id": line["variant_id"] + place,
    }


def _variant(variant: Payload, place: int) -> Payload:
    own = variant["id"] + 10 * place
    return variant | {
        "id": own,
        "admin_graphql_api_id": f"gid://shopify/ProductVariant/{own}",
        "inventory_item_id": variant["inventory_item_id"] + 10 * place,
        "position": place + 1,
        "sku": f"SOCK-{place:02d}",
        # Of a count of zero the ledger is asked whether anybody counts: a read more.
        "inventory_quantity": 12 + place,
    }


def _gid(gid: Payload, place: int) -> Payload:
    own = int(gid["admin_graphql_api_id"].rpartition("/")[2]) + 10 * place
    return gid | {"admin_graphql_api_id": f"gid://shopify/ProductVariant/{own}"}
