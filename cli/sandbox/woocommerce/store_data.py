"""
The data of a WooCommerce store: documents in the form of wc/v3, by id. As in WordPress, products
and variations share one table, and the trash is a status.
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
    The store's tables; a test may change any of them. The methods are a merchant's actions, with
    their side effects (as observed in 9.9.5 and 11.0.1). ``signing`` are the secrets of webhooks,
    which no response contains. ``clock`` is in epoch seconds.
    """

    products: Table = field(default_factory=dict)
    categories: Table = field(default_factory=dict)
    brands: Table = field(default_factory=dict)
    tags: Table = field(default_factory=dict)
    orders: Table = field(default_factory=dict)
    customers: Table = field(default_factory=dict)
    webhooks: Table = field(default_factory=dict)
    signing: dict[int, str] = field(default_factory=dict, repr=False)
    version: tuple[int, int] = (11, 0)
    currency: Json = field(default_factory=lambda: dict(EURO))
    settings: dict[str, Json] = field(default_factory=dict)
    clock: Callable[[], float] = time.time

    def put(self, *documents: Json) -> None:
        """Store products and variations; a variation is added to its parent's list."""
        for one in documents:
            self.products[one["id"]] = dict(one)
        for one in documents:
            parent = self.products.get(one.get("parent_id") or 0)
            if parent and one["id"] not in parent.get("variations", ()):
                parent["variations"] = [*parent.get("variations", ()), one["id"]]

    def edit(self, product_id: int, **fields: Any) -> None:
        """Change a product or a variation, and its time of modification."""
        self.products[product_id] |= {**self._now(), **fields}

    def trash(self, product_id: int) -> None:
        """Move a product with its variations, or a single variation, to the trash."""
        for number in (product_id, *self._children(product_id)):
            one = self.products[number]
            one |= {"was": one.get("was", one["status"]), "status": "trash", **self._now()}

    def restore(self, product_id: int) -> None:
        """Restore a product with all its variations from the trash."""
        for number in (product_id, *self._children(product_id)):
            one = self.products[number]
            one |= {"status": one.pop("was", one["status"]), **self._now()}

    def delete(self, product_id: int) -> None:
        """Delete a product with its variations, or a variation, which modifies its parent."""
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
    Read responses of a store's REST API: one file for each call, ``/`` written ``__``. A missing
    file is an empty table.
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
