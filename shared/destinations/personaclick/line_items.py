"""The lines of a cart or an order, added up per id in the feed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from shared.destinations.building.feed import line_id
from shared.destinations.personaclick.payloads import MOST_PIECES
from shared.errors import NotExpressible
from shared.model.money import Money
from shared.model.order import Line
from shared.model.value import Value
from shared.settings import FeedId

# Metrics: more pieces than the platform accepts, and lines without an id in its feed.
CLAMPED = "amount_clamped"
NO_ID = "line_without_feed_id"


class Sold(Value):
    """The pieces that were sold under one id; ``paid`` is the price of all of them."""

    pieces: int
    paid: Money

    @property
    def amount(self) -> int:
        """Return the number of pieces, at most what the platform accepts."""
        return min(self.pieces, MOST_PIECES)

    @property
    def price(self) -> Money:
        """Return the mean price that was paid for one piece."""
        return self.paid / self.pieces


def sold(level: FeedId, lines: Iterable[Line]) -> Mapping[str, Sold]:
    """
    Add up lines by their id in the feed; the platform accepts no id twice.

    Raises NotExpressible if one id has prices in two currencies.
    """
    rows: dict[str, Sold] = {}
    for line in lines:
        own = line_id(level, line)
        if own is None or line.quantity <= 0:
            continue
        row = Sold(pieces=line.quantity, paid=line.price * line.quantity)
        rows[own] = _merge(rows[own], row) if own in rows else row
    return rows


def any_sold(level: FeedId, lines: Iterable[Line]) -> bool:
    """Return whether any line has pieces and an id in the feed."""
    return any(line.quantity > 0 and line_id(level, line) is not None for line in lines)


def counts(level: FeedId, lines: Iterable[Line], rows: Mapping[str, Sold]) -> tuple[str, ...]:
    """Return the metrics for lines that the rows do not fully represent."""
    clamped = any(row.amount < row.pieces for row in rows.values())
    unnamed = any(line.quantity > 0 and line_id(level, line) is None for line in lines)
    return (CLAMPED,) * clamped + (NO_ID,) * unnamed


def _merge(one: Sold, other: Sold) -> Sold:
    if one.paid.currency != other.paid.currency:
        raise NotExpressible("one product in two currencies", "$.items")
    return Sold(pieces=one.pieces + other.pieces, paid=one.paid + other.paid)
