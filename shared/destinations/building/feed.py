"""The id by which a platform's feed knows what is sold; the same in every event, or none match."""

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
    Give the id of one thing that is sold, or None where the shop has no such id of it.

    A variant that stands for the product itself has still an id of its own.
    """
    wanted = {"product": product_id, "variant": variant_id, "sku": sku}[level]
    return (wanted or "").strip() or None


def line_id(level: FeedId, line: Line) -> str | None:
    """Give the id of what a line sells."""
    return feed_id(level, line.product_id, line.variant_id, line.sku)
