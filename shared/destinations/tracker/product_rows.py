"""
Conversion of products to rows of the feed, one per id in the feed. If several variants share an id,
the row has the values of the cheapest available one.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET, Raw, UnsetType

from shared.destinations.building.catalog import group_by_feed_id, newest_stock
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


def rows(site: Site, whole: Product, known_state: KnownState) -> tuple[Raw, ...]:
    """Return the rows of a product. Raises NotExpressible."""
    return tuple(
        _row(site, whole, one, those, known_state)
        for one, those in group_by_feed_id(site.feed_id, whole).items()
    )


def omitted_lines(site: Site, lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the metric for lines that are omitted because they have no id in the feed."""
    unnamed = any(line.quantity > 0 and not line_id(site.feed_id, line) for line in lines)
    return (NO_ID,) * unnamed


def removed_row(name: str) -> Raw:
    """Return a row that marks a product as unavailable: no call deletes one."""
    return calls.tagged(ProductRow(product_id=name, is_in_stock=in_stock(yes=False)), {})


def stock_row(name: str, count: int | None) -> Raw:
    """Return a row with only the availability; None is a stock that is not counted."""
    return calls.tagged(ProductRow(product_id=name, is_in_stock=in_stock(_available(count))), {})


def _row(
    site: Site, whole: Product, name: str, those: Sequence[Variant], known_state: KnownState
) -> Raw:
    available = [
        one for one in those if whole.available and _available(newest_stock(one, known_state))
    ]
    one = min(available or those, key=lambda each: each.price.amount)
    oldprice, discount = _sale(one)
    row = ProductRow(
        product_id=name,
        is_in_stock=in_stock(bool(available)),
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
    """Return the old price and the discount in per cent: both, or neither."""
    percent = percent_off(one.price, one.full_price)
    if percent is None or one.full_price is None:
        return UNSET, UNSET
    return (f"{amount(one.full_price):f}",), (str(percent),)


def _url(site: Site, whole: Product, one: Variant) -> str | UnsetType:
    return (text(one.link) or text(whole.link)) if site.links else UNSET


def _available(count: int | None) -> bool:
    return count is None or count > 0
