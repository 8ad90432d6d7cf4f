"""The id of an item in a platform's feed; every event must use the same one to match."""

from __future__ import annotations

from shared.model.order import Line
from shared.settings import FeedId


def feed_id(
    level: FeedId,
    product_id: str,
    variant_id: str | None,
    sku: str | None,
) -> str | None:
    """
    Return the id of one item for sale, or None where the shop has no such id for it.

    A variant that stands for the product itself still has its own id.
    """
    wanted = {"product": product_id, "variant": variant_id, "sku": sku}[level]
    return (wanted or "").strip() or None


def line_id(level: FeedId, line: Line) -> str | None:
    """Return the feed id of a line's item."""
    return feed_id(level, line.product_id, line.variant_id, line.sku)
