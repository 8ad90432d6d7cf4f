"""Plans of products, in small calls: the maximum size of a call is not documented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Raw

from shared.destinations.building import catalog as feed
from shared.destinations.building.fields import encode
from shared.destinations.contract import KnownState, Plan
from shared.destinations.tracker import calls, product_rows
from shared.destinations.tracker.payloads import ProductUpdate, SiteInfo
from shared.destinations.tracker.site import Site
from shared.http.call import Call, Effect
from shared.model.change import ProductRemoved, ProductSaved, StockChanged
from shared.model.product import variant_key

MAX_ROWS = 100
MAX_BYTES = 256 * 1024
GONE = b"gone"
UNNAMED = "variant_without_feed_id"
REMOVAL_BY_SKU = "removal_by_sku_not_expressible"
STOCK_UNKNOWN = "stock_of_unknown_variant"
STOCK_BY_LEVEL = {
    "product": "stock_by_product_not_expressible",
    "sku": "stock_by_sku_not_expressible",
}


def saved(site: Site, change: ProductSaved, known_state: KnownState) -> Plan:
    """Return the plan of a product: its rows, and rows for variants that it no longer has."""
    rows = product_rows.rows(site, change.product, known_state)
    lost = feed.lost_variant_ids(change, known_state) if change.complete else ()
    gone = tuple(
        product_rows.removed_row(one) for one in feed.removed_row_ids(site.feed_id, change, lost)
    )
    return Plan(
        calls=tuple(_update_calls(site, (*rows, *gone))),
        state=encode([change.complete, rows]),
        counts=_counts(site, change, lost),
    )


def _counts(site: Site, change: ProductSaved, lost: tuple[str, ...]) -> tuple[str, ...]:
    """Return the metrics for the parts of a product that have no call."""
    omitted = (
        (UNNAMED, feed.any_without_id(site.feed_id, change.product)),
        (REMOVAL_BY_SKU, bool(lost) and site.feed_id == "sku"),
    )
    return tuple(name for name, applies in omitted if applies)


def removed(site: Site, change: ProductRemoved, known_state: KnownState) -> Plan:
    """Return the plan of a product's removal: all its rows become unavailable."""
    if site.feed_id == "sku":
        # The SKUs are not stored.
        return Plan(state=GONE, counts=(REMOVAL_BY_SKU,))
    ids = (
        (change.entity.id,)
        if site.feed_id == "product"
        else tuple(sorted(feed.known_variant_ids(known_state)))
    )
    return Plan(
        calls=tuple(_update_calls(site, [product_rows.removed_row(one) for one in ids])), state=GONE
    )


def stock_changed(site: Site, change: StockChanged, known_state: KnownState) -> Plan:
    """
    Return the plan of one variant's stock, if it is a row that the platform may store.

    The platform has one flag for both: a variant of a product that is not for sale is out of stock.
    """
    if site.feed_id != "variant":
        return Plan(counts=(STOCK_BY_LEVEL[site.feed_id],))
    if variant_key(change.variant_id, default=change.default) not in known_state.variants:
        return Plan(counts=(STOCK_UNKNOWN,))
    newest = known_state.stock.get(change.variant_id, change.stock)
    stock = newest if known_state.for_sale else 0
    return Plan(
        calls=tuple(_update_calls(site, [product_rows.stock_row(change.variant_id, stock)]))
    )


def _update_calls(site: Site, rows: Sequence[Raw]) -> Iterator[Call]:
    info = SiteInfo(event_name="ProductUpdate", site_id=site.site_id)
    for part in _parts(rows):
        body = ProductUpdate(info=info, rows=part)
        yield calls.call(site.url, body, Effect.STATE, f" x{len(part)}")


def _parts(rows: Sequence[Raw]) -> Iterator[tuple[Raw, ...]]:
    part: list[Raw] = []
    used = 0
    for row in rows:
        size = len(memoryview(row)) + 1
        if part and (len(part) == MAX_ROWS or used + size > MAX_BYTES):
            yield tuple(part)
            part, used = [], 0
        part.append(row)
        used += size
    if part:
        yield tuple(part)
