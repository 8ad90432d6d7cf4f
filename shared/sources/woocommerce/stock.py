"""Whether a product or variation can be bought now, and how many there are."""

from __future__ import annotations

from shared.sources.woocommerce.product_payloads import Product

# A variation whose manage_stock is "parent" has its parent's count in its own stock_quantity.
_COUNTED = (True, "parent")
_OUT, _BACKORDER = "outofstock", "onbackorder"


def stock(document: Product) -> int | None:
    """
    Give the stock; None is sellable without a count.

    ``stock_status`` is the truth: a count of -2 with backorders is sellable, and one that nobody
    manages any more is not looked at. Plugins add statuses; WooCommerce takes all but one for in
    stock (`WC_Product::is_in_stock`).
    """
    if document.stock_status == _OUT:
        return 0
    count = document.stock_quantity.value
    if (
        document.stock_status == _BACKORDER
        or document.manage_stock not in _COUNTED
        or count is None
    ):
        return None
    # Half a metre that is in stock is sellable; cut down to a count it would not be.
    return int(count) if count >= 1 else None
