"""What differs between the two editions, as records: the kinds of objects, and the events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.sandbox.datacue import tables
from cli.sandbox.datacue.events import EVENTS_2018, EVENTS_2021, Events
from cli.sandbox.exchange import Violation
from cli.sandbox.fields import Field, Shape, fields

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of object: its name in paths, its name in errors, its ids, its field table."""

    name: str
    word: str
    ids: tuple[str, ...]
    shape: Shape
    extra_check: Callable[[Row], None] = lambda _: None

    def create(self, value: Any) -> Row:
        """Check a complete row."""
        fields(value, "", self.shape)
        self.extra_check(value)
        return dict(value)

    def update(self, value: Any) -> Row:
        """Check a partial row, "same as create, except" the ids: those are in the path."""
        fields(value, "", {name: _may(rule) for name, rule in self._rest()})
        if not value:
            raise Violation("nothing to update")
        return dict(value)

    def update_with_ids(self, value: Any) -> Row:
        """Check a partial row in a batch, which has its ids in the body."""
        rest = {name: _may(rule) for name, rule in self._rest()}
        fields(value, "", self._only_ids() | rest)
        return dict(value)

    def identify(self, value: Any) -> Row:
        """Check the ids of an object to delete."""
        fields(value, "", self._only_ids())
        return dict(value)

    def _only_ids(self) -> dict[str, Field]:
        return {name: self.shape[name] for name in self.ids}

    def _rest(self) -> list[tuple[str, Field]]:
        return [(name, rule) for name, rule in self.shape.items() if name not in self.ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """
    One edition of the API. ``strict`` is the older one: a create rejects an existing id, a batch
    wraps its items in an object and reports a status for each. In the newer one, a create also
    updates, and a batch is a bare array.
    """

    name: str
    strict: bool
    kinds: Mapping[str, Kind]
    events: Events


def _may(rule: Field) -> Field:
    return Field(rule.check, required=False)


def _kinds(*kinds: Kind) -> Mapping[str, Kind]:
    return {kind.name: kind for kind in kinds}


def _products(shape: Shape) -> Kind:
    return Kind(name="products", word="Product", ids=("product_id", "variant_id"), shape=shape)


def _users(shape: Shape) -> Kind:
    return Kind(
        name="users", word="User", ids=("user_id",), shape=shape, extra_check=tables.require_email
    )


_ORDERS = Kind(name="orders", word="Order", ids=("order_id",), shape=tables.ORDER)
_BANNERS = Kind(name="banners", word="Banner", ids=("banner_id",), shape=tables.BANNER)
_CATEGORIES = Kind(name="categories", word="Category", ids=("category_id",), shape=tables.CATEGORY)

EDITIONS: Mapping[str, Edition] = {
    "2018-09": Edition(
        name="2018-09",
        strict=True,
        kinds=_kinds(_products(tables.PRODUCT_2018), _users(tables.USER_2018), _ORDERS, _BANNERS),
        events=EVENTS_2018,
    ),
    "2021-02": Edition(
        name="2021-02",
        strict=False,
        kinds=_kinds(
            _products(tables.PRODUCT_2021), _users(tables.USER_2021), _ORDERS, _CATEGORIES
        ),
        events=EVENTS_2021,
    ),
}
