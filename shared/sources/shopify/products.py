"""Products: products/*, and the inventory topics that only say that a product must be read anew."""

from __future__ import annotations

from collections.abc import Mapping

from shared.errors import NotUnderstood
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.product import Product
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import absent, read
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context, Fetched
from shared.sources.shopify.stock import ambiguous
from shared.sources.shopify.variants import link, photo, variants

# The payload holds the first hundred variants of at most 2048 (shopify.dev, 2024-04).
FULL_PAGE = 100
_WHOLE = (
    "title", "handle", "body_html", "vendor", "product_type", "tags", "published_at", "options",
    "images", "variants",
)  # fmt: skip
_GONE = "the product is no longer in the store"
_UNASKED = "an inventory item names no product, and without a token the store cannot be asked"


def saved(job: Context) -> Translated:
    """products/create and products/update: the product with all variants that came."""
    body = read(job.body, payloads.Product)
    hole = _hole(job, body)
    truncated = _truncated(body)
    if job.store and (hole or truncated):
        return _reread(job, job.store.product(body.id, job.deadline))
    if hole:
        raise NotUnderstood("missing; is include_fields set on the subscription?", hole)
    questions = ambiguous(body.variants or ())
    learned = job.ports.tracked(questions) if questions else {}
    change = ProductSaved(
        entity=Entity(Kind.PRODUCT, body.id),
        version=job.version(body.updated_at),
        product=_product(job, body, learned),
        complete=not truncated,
    )
    return Translated(changes=(change,), counts=("variants_truncated",) if truncated else ())


def removed(job: Context) -> Translated:
    """products/delete: ``{"id": 1}``."""
    body = read(job.body, payloads.Identified)
    entity = Entity(Kind.PRODUCT, body.id)
    return Translated(changes=(ProductRemoved(entity=entity, version=job.deletion()),))


def item_changed(job: Context) -> Translated:
    """inventory_items/create and update: whether an item is tracked, and perhaps its product."""
    item = read(job.body, payloads.InventoryItem)
    heard = {} if item.tracked is None else {str(item.id): item.tracked}
    return _of_item(job, item.id, heard)


def level_changed(job: Context) -> Translated:
    """inventory_levels/update: one location's count, never the whole stock."""
    return _of_item(job, read(job.body, payloads.InventoryLevel).inventory_item_id, {})


def _of_item(job: Context, item_id: str, heard: Mapping[str, bool]) -> Translated:
    if job.store is None:
        return Translated(ignored=_UNASKED, counts=("inventory_without_token",), tracked=heard)
    found = _reread(job, job.store.product_of_item(item_id, job.deadline))
    return Translated(
        changes=found.changes, ignored=found.ignored, tracked={**heard, **found.tracked}
    )


def _reread(job: Context, fetched: Fetched | None) -> Translated:
    if fetched is None:
        return Translated(ignored=_GONE)
    body = fetched.product
    change = ProductSaved(
        entity=Entity(Kind.PRODUCT, body.id),
        version=Version(str(body.updated_at or fetched.at), fetched.at),
        product=_product(job, body, fetched.tracked),
    )
    return Translated(changes=(change,), tracked=fetched.tracked)


def _hole(job: Context, body: payloads.Product) -> str | None:
    key = absent(job.keys, _WHOLE)
    if key is None and body.title is None:
        key = "title"
    if key:
        return f"$.{key}"
    if body.variants is None:
        # No product is without variants: they were withheld, and must not be taken for removed.
        return "$.variants"
    prices = (variant.price.value for variant in body.variants)
    priceless = next((index for index, price in enumerate(prices) if price is None), None)
    return None if priceless is None else f"$.variants[{priceless}].price"


def _truncated(body: payloads.Product) -> bool:
    came = len(body.variants or ())
    # Without the list of all of them, a full page may be the first of several.
    return came == FULL_PAGE if body.variant_gids is None else len(body.variant_gids) > came


def _product(job: Context, body: payloads.Product, learned: Mapping[str, bool]) -> Product:
    return Product(
        id=body.id,
        name=body.title or "",
        variants=variants(job, body, learned),
        # Payloads of before 2020-07 have no status. "unlisted" is hidden from collections.
        available=(body.status or "active") == "active" and body.published_at is not None,
        description=plain(body.body_html),
        brand=body.vendor or None,
        categories=_categories(body),
        tags=_tags(body.tags),
        photo=photo(body),
        link=link(job, body),
    )


def _categories(body: payloads.Product) -> tuple[str, ...]:
    path = body.category.full_name if body.category else None
    names = tuple(name for part in (path or "").split(" > ") if (name := part.strip()))
    kind = (body.product_type or "").strip()
    return names or ((kind,) if kind else ())


def _tags(tags: str | list[str] | None) -> tuple[str, ...]:
    parts = tags.split(",") if isinstance(tags, str) else tags or ()
    return tuple(tag for part in parts if (tag := part.strip()))
