"""
Build rows of the feed from products: one per id of the feed, which may stand for several variants.
Then the cheapest variant in stock represents them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType

from shared.destinations.building.catalog import alike, stock
from shared.destinations.building.feed import line_id
from shared.destinations.building.values import amount, percent_off, text
from shared.destinations.contract import KnownState
from shared.destinations.tracker import calls
from shared.destinations.tracker.fields import in_stock
from shared.destinations.tracker.payloads import ProductRow
from shared.destinations.tracker.site import Site
from shared.model.order import Line
from shared.model.product import Product, Variant

PATH = " > "
NO_ID = "line_without_feed_id"


def rows(site: Site, whole: Product, memory: KnownState) -> tuple[Raw, ...]:
    """Return the rows of a product. Raise NotExpressible."""
    return tuple(
        _row(site, whole, one, those, memory) for one, those in alike(site.feed_id, whole).items()
    )


def left_out(site: Site, lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the metrics for lines that are omitted because the feed has no id for them."""
    unnamed = any(line.quantity > 0 and not line_id(site.feed_id, line) for line in lines)
    return (NO_ID,) * unnamed


def gone(name: str) -> Raw:
    """Return a row that is out of stock: no call removes a product."""
    return calls.tagged(ProductRow(product_id=name, is_in_stock=in_stock(yes=False)), {})


def stocked(name: str, count: int | None) -> Raw:
    """Return a row with only the availability; None is sold without a count."""
    return calls.tagged(ProductRow(product_id=name, is_in_stock=in_stock(_any(count))), {})


def _row(
    site: Site, whole: Product, name: str, those: Sequence[Variant], memory: KnownState
) -> Raw:
    there = [one for one in those if whole.available and _any(stock(one, memory))]
    one = min(there or those, key=lambda each: each.price.amount)
    oldprice, discount = _sale(one)
    row = ProductRow(
        product_id=name,
        is_in_stock=in_stock(bool(there)),
        unit_price=f"{amount(one.price):f}",
        price_currency_code=one.price.currency.upper(),
        tag_oldprice=oldprice,
        tag_discount=discount,
        name=text(whole.name),
        brand=text(whole.brand),
        description=text(whole.description),
        imgurl=text(one.photo) or text(whole.photo),
        url=_url(site, whole, one),
        category=PATH.join(level.strip() for level in whole.categories if level.strip()) or UNSET,
    )
    return calls.tagged(row, {"tags": whole.tags})


def _sale(one: Variant) -> tuple[tuple[str] | UnsetType, tuple[str] | UnsetType]:
    """Return the old price and the discount in per cent: both or neither."""
    percent = percent_off(one.price, one.full_price)
    if percent is None or one.full_price is None:
        return UNSET, UNSET
    return (f"{amount(one.full_price):f}",), (str(percent),)


def _url(site: Site, whole: Product, one: Variant) -> str | UnsetType:
    return (text(one.link) or text(whole.link)) if site.links else UNSET


def _any(count: int | None) -> bool:
    return count is None or count > 0
