"""
The measured bodies: the repository's own samples, enlarged to the sizes for which peers publish
figures, and as compact as a shop sends them.

Each has many copies that differ in every id, price and timestamp, as webhooks do: a cache filled by
one body must not help with the next.
"""

from __future__ import annotations

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
# The allowed difference between a body's size and the one in its name, as a share.
WITHIN = 0.02
_TEXT = "Warm, light and made to last: knitted from new wool in a small mill by the sea. "
_LEAST_ID = 1_000_000_000
_ID = re.compile(r"(gid://shopify/\w+/)(\d+)")
_PRICE = re.compile(r"(?!0\.00)\d+\.\d\d")
_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:)\d\d(:.*)")

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One kind of webhook: its name, its topic, and the bytes of its copies."""

    name: str
    topic: str
    copies: tuple[bytes, ...] = field(repr=False)


@cache
def bodies() -> tuple[Body, ...]:
    """Return all kinds. Raise ValueError when one does not have the size in its name."""
    return (
        _body("order of 5.6 kB", "orders/create", _order(1), 5600),
        _body("order of 7.2 kB", "orders/create", _order(3), 7200),
        _body("product of 8 kB, 8 variants", "products/update", _product(8), 8000),
        _body("product of 20 variants, 15.6 kB", "products/update", _product(20), 15600),
        _body("order of 30 lines, 33 kB", "orders/create", _order(30), 33000),
    )


def encoded(payload: Mapping[str, Any]) -> bytes:
    """Return a payload as compact as a shop sends it."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def with_other_values(value: Any, number: int) -> Any:
    """Return a copy of a payload with other ids, prices and minutes; 0 changes nothing."""
    if isinstance(value, dict):
        return {key: with_other_values(one, number) for key, one in value.items()}
    if isinstance(value, list):
        return [with_other_values(one, number) for one in value]
    if isinstance(value, int) and value >= _LEAST_ID:
        return value + number * 1000
    return _other_text(value, number) if number and isinstance(value, str) else value


def _other_text(text: str, number: int) -> str:
    if found := _ID.fullmatch(text):
        return f"{found[1]}{int(found[2]) + number * 1000}"
    if _PRICE.fullmatch(text):
        return str(Decimal(text) + Decimal("0.07") * number)
    found = _TIMESTAMP.fullmatch(text)
    return f"{found[1]}{number % 60:02d}{found[2]}" if found else text


def _body(name: str, topic: str, payload: Payload, size: int) -> Body:
    padded = _padded(payload, size - len(encoded(payload)))
    copies = tuple(encoded(with_other_values(padded, number)) for number in range(COPIES))
    wrong = [len(raw) for raw in copies if abs(len(raw) - size) > size * WITHIN]
    if wrong:
        raise ValueError(f"{name}: {wrong[0]} bytes")
    return Body(name=name, topic=topic, copies=copies)


def _padded(payload: Payload, room: int) -> Payload:
    """Return a payload with a longer description, or longer notes of an order."""
    text = (_TEXT * (max(0, room) // len(_TEXT) + 1))[: max(0, room - 30)]
    if "variants" in payload:
        return payload | {"body_html": f"<p>{text}</p>"}
    half = len(text) // 2
    notes = [{"name": "gift", "value": text[:half]}]
    return payload | {"note_attributes": notes, "note": text[half + 20 :]}


def _order(count: int) -> Payload:
    order = _sample("orders__create__registered")
    return order | {"line_items": _repeated(order["line_items"], count, _line)}


def _product(count: int) -> Payload:
    product = _sample("products__create__six_variants")
    larger = product | {
        "variants": _repeated(product["variants"], count, _variant),
        "variant_gids": _repeated(product["variant_gids"], count, _gid),
    }
    for image in larger["images"]:
        shown = [one["id"] for one in larger["variants"] if one["image_id"] == image["id"]]
        image["variant_ids"] = shown
    return larger


def _sample(name: str) -> Payload:
    payload: Payload = json.loads((EVENTS / f"{name}.json").read_bytes())
    return payload


def _repeated(
    found: list[Payload], count: int, renumber: Callable[[Payload, int], Payload]
) -> list[Payload]:
    return [renumber(found[place % len(found)], place) for place in range(count)]


def _line(line: Payload, place: int) -> Payload:
    own = line["id"] + place
    return line | {
        "id": own,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{own}",
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
        # With a count of zero the ledger is queried whether the stock is tracked: one more read.
        "inventory_quantity": 12 + place,
    }


def _gid(gid: Payload, place: int) -> Payload:
    own = int(gid["admin_graphql_api_id"].rpartition("/")[2]) + 10 * place
    return gid | {"admin_graphql_api_id": f"gid://shopify/ProductVariant/{own}"}
