"""The id of a product or variant in a platform's feed; every event must use the same id."""

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
    Return the id of a product or variant in the feed; None if the shop has no id of this level.

    The default variant of a product without options has an id of its own too.
    """
    wanted = {"product": product_id, "variant": variant_id, "sku": sku}[level]
    return (wanted or "").strip() or None


def line_id(level: FeedId, line: Line) -> str | None:
    """Return the id of a line's item in the feed."""
    return feed_id(level, line.product_id, line.variant_id, line.sku)
