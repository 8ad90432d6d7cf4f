"""
What a WooCommerce store holds: documents as wc/v3 writes them, by id. As in WordPress, products and
variations share one table, and the trash is a status.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Table = dict[int, Json]
EURO = {"code": "EUR", "name": "Euro", "symbol": "&euro;"}


@dataclass(slots=True, kw_only=True)
class StoreData:
    """
    The store's tables; a test may change any of them. The methods do what a merchant does, with the
    traces that it leaves (knowledge of 9.9.5 and 11.0.1). ``signing`` are the secrets of webhooks,
    which no answer shows. ``clock`` gives epoch seconds.
    """

    products: Table = field(default_factory=dict)
    categories: Table = field(default_factory=dict)
    brands: Table = field(default_factory=dict)
    orders: Table = field(default_factory=dict)
    customers: Table = field(default_factory=dict)
    webhooks: Table = field(default_factory=dict)
    signing: dict[int, str] = field(default_factory=dict, repr=False)
    version: tuple[int, int] = (11, 0)
    currency: Json = field(default_factory=lambda: dict(EURO))
    settings: dict[str, Json] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def put(self, *documents: Json) -> None:
        """Hold products and variations; a variation is noted at its parent."""
        for one in documents:
            self.products[one["id"]] = dict(one)
        for one in documents:
            parent = self.products.get(one.get("parent_id") or 0)
            if parent and one["id"] not in parent.get("variations", ()):
                parent["variations"] = [*parent.get("variations", ()), one["id"]]

    def edit(self, product_id: int, **fields: Any) -> None:
        """Change a product or a variation; that is seen in its time of modification."""
        self.products[product_id] |= {**self._now(), **fields}

    def trash(self, product_id: int) -> None:
        """Put a product, with its variations, or a single variation into the trash."""
        for number in (product_id, *self._children(product_id)):
            one = self.products[number]
            one |= {"was": one.get("was", one["status"]), "status": "trash", **self._now()}

    def restore(self, product_id: int) -> None:
        """Take a product, with all its variations, out of the trash again."""
        for number in (product_id, *self._children(product_id)):
            one = self.products[number]
            one |= {"status": one.pop("was", one["status"]), **self._now()}

    def delete(self, product_id: int) -> None:
        """Delete a product, with its variations, or a variation for good; that moves its parent."""
        for number in self._children(product_id):
            del self.products[number]
        parent = self.products.get(self.products.pop(product_id).get("parent_id") or 0)
        if parent:
            left = [one for one in parent.get("variations", ()) if one != product_id]
            parent |= {"variations": left, **self._now()}

    def _children(self, product_id: int) -> list[int]:
        return [
            number for number, one in self.products.items() if one.get("parent_id") == product_id
        ]

    def _now(self) -> Json:
        now = datetime.fromtimestamp(self.clock(), UTC)
        return {"date_modified_gmt": f"{now:%Y-%m-%dT%H:%M:%S}"}


def load(folder: Path) -> StoreData:
    """
    Read what a store's REST API gave: one file for each call, ``/`` written ``__``. A file that is
    not there is an empty table.
    """
    held = StoreData(
        categories=_table(folder, "products__categories"),
        brands=_table(folder, "products__brands"),
        orders=_table(folder, "orders"),
        customers=_table(folder, "customers"),
        webhooks=_table(folder, "webhooks"),
    )
    for name in ("products__page*", "products__trash", "products__*__variations"):
        held.put(*_rows(folder, name))
    if (currency := folder / "data__currencies__current.json").exists():
        held.currency = json.loads(currency.read_text())
    for file in folder.glob("settings__*.json"):
        group = file.stem.split("__")[1]
        found = json.loads(file.read_text())
        rows = found if isinstance(found, list) else [found]
        held.settings |= {f"{group}/{one['id']}": one for one in rows}
    return held


def _table(folder: Path, name: str) -> Table:
    return {one["id"]: one for one in _rows(folder, name)}


def _rows(folder: Path, name: str) -> Iterable[Json]:
    for file in sorted(folder.glob(f"{name}.json")):
        yield from json.loads(file.read_text())
