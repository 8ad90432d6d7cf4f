"""The stock of a product or variation: whether it can be bought now, and its count."""

from __future__ import annotations

from shared.sources.woocommerce.product_payloads import Product

# A variation whose manage_stock is "parent" has its parent's count in its own stock_quantity.
_COUNTED = (True, "parent")
_OUT, _BACKORDER = "outofstock", "onbackorder"


def stock(document: Product) -> int | None:
    """
    Return the stock; None means sellable without a count.

    ``stock_status`` decides: a count of -2 with backorders is sellable, and a count that is no
    longer managed is not read. Plugins add statuses; WooCommerce treats all but one as in stock
    (`WC_Product::is_in_stock`).
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
    # Half a metre in stock is sellable; truncated to 0 it would not be.
    return int(count) if count >= 1 else None
