"""What differs between the two editions, as records: kinds of things, and the events."""

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
    """One kind of thing: its name in paths, its word in errors, its ids, its table."""

    name: str
    word: str
    ids: tuple[str, ...]
    shape: Shape
    also: Callable[[Row], None] = lambda _: None

    def create(self, value: Any) -> Row:
        """Check a whole row."""
        fields(value, "", self.shape)
        self.also(value)
        return dict(value)

    def update(self, value: Any) -> Row:
        """Check a part of a row, "same as create, except" the ids: those are in the path."""
        fields(value, "", {name: _may(rule) for name, rule in self._rest()})
        if not value:
            raise Violation("nothing to update")
        return dict(value)

    def update_with_ids(self, value: Any) -> Row:
        """Check a part of a row in a batch, where nothing but its ids can say whose it is."""
        rest = {name: _may(rule) for name, rule in self._rest()}
        fields(value, "", self._only_ids() | rest)
        return dict(value)

    def point(self, value: Any) -> Row:
        """Check the ids of something to delete."""
        fields(value, "", self._only_ids())
        return dict(value)

    def _only_ids(self) -> dict[str, Field]:
        return {name: self.shape[name] for name in self.ids}

    def _rest(self) -> list[tuple[str, Field]]:
        return [(name, rule) for name, rule in self.shape.items() if name not in self.ids]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """
    One edition of the API. ``strict`` is the older: a create refuses what exists, a batch wraps its
    items in an object and answers for each. The newer's create updates, its batch is a bare array.
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
    return Kind(name="users", word="User", ids=("user_id",), shape=shape, also=tables.require_email)


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
