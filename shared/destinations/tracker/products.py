"""Plans for products, in small calls: the limit of one call is not documented."""

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


def saved(site: Site, change: ProductSaved, memory: KnownState) -> Plan:
    """Plan a product: its rows, and the rows of variants that it has lost."""
    rows = product_rows.rows(site, change.product, memory)
    lost = feed.lost(change, memory) if change.complete else ()
    gone = tuple(product_rows.gone(one) for one in feed.gone(site.feed_id, change, lost))
    return Plan(
        calls=tuple(_written(site, (*rows, *gone))),
        state=encode([change.complete, rows]),
        counts=_counts(site, change, lost),
    )


def _counts(site: Site, change: ProductSaved, lost: tuple[str, ...]) -> tuple[str, ...]:
    """Return the metrics for what cannot be sent of a product."""
    left_out = (
        (UNNAMED, feed.unnamed(site.feed_id, change.product)),
        (REMOVAL_BY_SKU, bool(lost) and site.feed_id == "sku"),
    )
    return tuple(name for name, so in left_out if so)


def removed(site: Site, change: ProductRemoved, memory: KnownState) -> Plan:
    """Plan a removed product: all its rows are out of stock."""
    if site.feed_id == "sku":
        # Nobody remembers what the SKUs were.
        return Plan(state=GONE, counts=(REMOVAL_BY_SKU,))
    ids = (change.entity.id,) if site.feed_id == "product" else tuple(sorted(feed.known(memory)))
    return Plan(calls=tuple(_written(site, [product_rows.gone(one) for one in ids])), state=GONE)


def stock_changed(site: Site, change: StockChanged, memory: KnownState) -> Plan:
    """Plan the availability of one variant, where it has a row that the platform may have."""
    if site.feed_id != "variant":
        return Plan(counts=(STOCK_BY_LEVEL[site.feed_id],))
    if variant_key(change.variant_id, default=change.default) not in memory.variants:
        return Plan(counts=(STOCK_UNKNOWN,))
    stock = memory.stock.get(change.variant_id, change.stock)
    return Plan(calls=tuple(_written(site, [product_rows.stocked(change.variant_id, stock)])))


def _written(site: Site, rows: Sequence[Raw]) -> Iterator[Call]:
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
