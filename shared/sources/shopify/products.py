"""Products: products/*, and the inventory topics, which only mean that a product changed."""

from __future__ import annotations

from collections.abc import Mapping

from shared.errors import NotUnderstood, StoreUnavailable
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.product import Product
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.documents import first_missing, read
from shared.sources.parsing.html import description
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context, Fetched
from shared.sources.shopify.stock import undecided, undecided_items
from shared.sources.shopify.variants import link, photo, variants

# The payload has the first hundred variants of at most 2048 (shopify.dev, 2024-04).
FULL_PAGE = 100
_REQUIRED = (
    "title", "handle", "body_html", "vendor", "product_type", "tags", "published_at", "options",
    "images", "variants",
)  # fmt: skip
_GONE = "the product is no longer in the store"
_UNKNOWN_PRODUCT = (
    "an inventory item names no product, and without a token the store cannot be queried"
)


def saved(context: Context) -> Translated:
    """Translate products/create and products/update: the product with all variants of the body."""
    body = read(context.body, payloads.Product)
    missing = _missing_path(context, body)
    truncated = _is_truncated(body)
    if context.store and (missing or truncated):
        return _from_store(context, context.store.product(body.id, context.deadline))
    if missing:
        raise NotUnderstood("missing; is include_fields set on the subscription?", missing)
    items = undecided_items(body.variants or ())
    tracking = context.ports.tracked(items) if items else {}
    counts: tuple[str, ...] = ("variants_truncated",) if truncated else ()
    if undecided(body.variants or (), tracking):
        found = current(context, body.id)
        if found is not None:
            return found
        counts += refusals(context)
    change = ProductSaved(
        entity=Entity(Kind.PRODUCT, body.id),
        version=context.version(body.updated_at),
        product=_product(context, body, tracking),
        complete=not truncated,
    )
    return Translated(changes=(change,), counts=counts)


def removed(context: Context) -> Translated:
    """Translate products/delete: ``{"id": 1}``."""
    body = read(context.body, payloads.OnlyId)
    entity = Entity(Kind.PRODUCT, body.id)
    return Translated(changes=(ProductRemoved(entity=entity, version=context.deletion_version()),))


def item_changed(context: Context) -> Translated:
    """Translate inventory_items/create and update: whether an item is tracked, and its product."""
    item = read(context.body, payloads.InventoryItem)
    tracking = {} if item.tracked is None else {str(item.id): item.tracked}
    return _of_item(context, item.id, tracking)


def level_changed(context: Context) -> Translated:
    """Translate inventory_levels/update: the count of one location, never the whole stock."""
    return _of_item(context, read(context.body, payloads.InventoryLevel).inventory_item_id, {})


def current(context: Context, product_id: str) -> Translated | None:
    """
    Return the product as the store has it now, with whether its items are tracked, to be stored.

    None without a token, and where the store rejects it: then the body is all there is. Raises
    StoreUnavailable where a later attempt can succeed.
    """
    if context.store is None:
        return None
    try:
        return _from_store(context, context.store.product(product_id, context.deadline))
    except StoreUnavailable as error:
        if error.refused:
            return None
        raise


def refusals(context: Context) -> tuple[str, ...]:
    """Return the alarm's metric where a token was rejected, and `current` returned None."""
    return ("StoreRefused",) if context.store else ()


def _of_item(context: Context, item_id: str, tracking: Mapping[str, bool]) -> Translated:
    if context.store is None:
        return Translated(
            ignored=_UNKNOWN_PRODUCT, counts=("inventory_without_token",), tracked=tracking
        )
    found = _from_store(context, context.store.product_of_item(item_id, context.deadline))
    return Translated(
        changes=found.changes, ignored=found.ignored, tracked={**tracking, **found.tracked}
    )


def _from_store(context: Context, fetched: Fetched | None) -> Translated:
    if fetched is None:
        return Translated(ignored=_GONE)
    body = fetched.product
    change = ProductSaved(
        entity=Entity(Kind.PRODUCT, body.id),
        version=Version(str(body.updated_at or fetched.at), fetched.at),
        product=_product(context, body, fetched.tracked),
    )
    return Translated(changes=(change,), tracked=fetched.tracked)


def _missing_path(context: Context, body: payloads.Product) -> str | None:
    key = first_missing(context.keys, _REQUIRED)
    if key:
        return f"$.{key}"
    if body.variants is None:
        # Every product has variants: these were withheld, and must not be treated as removed.
        return "$.variants"
    prices = (variant.price.value for variant in body.variants)
    priceless = next((index for index, price in enumerate(prices) if price is None), None)
    return None if priceless is None else f"$.variants[{priceless}].price"


def _is_truncated(body: payloads.Product) -> bool:
    received = len(body.variants or ())
    # Without the list of all variants, a full page may be the first of several.
    if body.variant_gids is None:
        return received == FULL_PAGE
    return len(body.variant_gids) > received


def _product(context: Context, body: payloads.Product, tracking: Mapping[str, bool]) -> Product:
    return Product(
        id=body.id,
        name=body.title or "",
        variants=variants(context, body, tracking),
        # Payloads before 2020-07 have no status. "unlisted" is hidden from collections.
        available=(body.status or "active") == "active" and bool(body.published_at),
        description=description(body.body_html),
        brand=body.vendor or None,
        categories=_categories(body),
        tags=_tags(body.tags),
        photo=photo(context, body),
        link=link(context, body),
    )


def _categories(body: payloads.Product) -> tuple[str, ...]:
    path = body.category.full_name if body.category else None
    names = tuple(name for part in (path or "").split(" > ") if (name := part.strip()))
    kind = (body.product_type or "").strip()
    return names or ((kind,) if kind else ())


def _tags(tags: str | list[str] | None) -> tuple[str, ...]:
    parts = tags.split(",") if isinstance(tags, str) else tags or ()
    return tuple(tag for part in parts if (tag := part.strip()))
