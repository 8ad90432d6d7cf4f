"""
Products, where the merchant wants them told. Beside the document: its page "HTTP API (Product
Catalog)", `/import/products`, which wants the store's secret and answers before it looks.

That page knows categories by ids of its own, and webhooks know names: the narrowest name is sent as
the id, so the account's categories must bear their names as ids.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

import msgspec
from msgspec import UNSET, UnsetType

from shared.destinations.building import catalog
from shared.destinations.building.fields import Body, Count, Currency, Text, encode
from shared.destinations.building.values import amount, text
from shared.destinations.contract import KnownState, Plan
from shared.destinations.personaclick import calls
from shared.destinations.personaclick.line_items import NO_ID
from shared.destinations.personaclick.orders import GONE, NOTHING
from shared.destinations.personaclick.payloads import Id, ShopId
from shared.http.call import Call
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.product import Product, Variant
from shared.settings import Merchant, PersonaClick

STOCK = "stock_change_not_expressible"
BY_SKU = "removal_by_sku_not_expressible"

Items = Annotated[tuple["Row", ...], msgspec.Meta(min_length=1, max_length=5000)]


class Row(Body, kw_only=True, frozen=True):
    """A product, or a variant in the group of its product."""

    id: Id
    group_id: Id | UnsetType = UNSET
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    price: Decimal
    oldprice: Decimal | UnsetType = UNSET
    currency: Currency
    url: Text
    picture: Text
    available: bool
    categories: tuple[Text, ...]
    brand: Text | UnsetType = UNSET
    stock_quantity: Count | UnsetType = UNSET


class Rows(Body, kw_only=True, frozen=True):
    """Products to write; the secret is added when they are sent."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    items: Items


class Ids(Body, kw_only=True, frozen=True):
    """Products to forget."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    items: tuple[Id, ...]


def saved(own: PersonaClick, shop: Merchant, change: ProductSaved, memory: KnownState) -> Plan:
    """Plan a product: its rows, then what is no longer sold."""
    if not own.catalog:
        return Plan(state=NOTHING)
    rows = _rows(own, shop, change.product, memory)
    lost = catalog.lost(change, memory) if change.complete else ()
    gone = catalog.gone(own.feed_id, change, lost)
    by_sku = own.feed_id == "sku" and bool(lost)
    upsert = _upsert(own, rows) if rows else ()
    return Plan(
        calls=(*upsert, *_forget(own, gone)),
        state=encode([change.complete, rows]),
        counts=(NO_ID,) * catalog.unnamed(own.feed_id, change.product) + (BY_SKU,) * by_sku,
    )


def removed(own: PersonaClick, change: ProductRemoved, memory: KnownState) -> Plan:
    """Plan a removed product; its SKUs are not stored."""
    if not own.catalog:
        return Plan(state=NOTHING)
    if own.feed_id == "sku":
        return Plan(state=GONE, counts=(BY_SKU,))
    whole = own.feed_id == "product"
    ids = (change.entity.id,) if whole else tuple(sorted(catalog.known(memory)))
    return Plan(calls=_forget(own, ids), state=GONE)


def stock_changed(own: PersonaClick) -> Plan:
    """Plan nothing: the next version of the product has its stock."""
    return Plan(counts=(STOCK,) * own.catalog)


def _upsert(own: PersonaClick, rows: tuple[Row, ...]) -> tuple[Call, ...]:
    return (calls.state_call(own, "PUT", "import/products", _body(own, rows), len(rows)),)


def _body(own: PersonaClick, rows: tuple[Row, ...]) -> Rows:
    return Rows(shop_id=own.shop_id, items=rows)


def _forget(own: PersonaClick, ids: tuple[str, ...]) -> tuple[Call, ...]:
    if not ids:
        return ()
    body = Ids(shop_id=own.shop_id, items=ids)
    return (calls.state_call(own, "DELETE", "import/products", body, len(ids)),)


def _rows(
    own: PersonaClick, shop: Merchant, product: Product, memory: KnownState
) -> tuple[Row, ...]:
    """Write a row for each id of the feed; of variants that share one, the cheapest to be had."""
    return tuple(
        _row(shop, product, min(those, key=lambda one: _rank(product, one, memory)), own_id, memory)
        for own_id, those in catalog.alike(own.feed_id, product).items()
    )


def _rank(product: Product, variant: Variant, memory: KnownState) -> tuple[bool, Decimal]:
    return not _available(product, variant, memory), variant.price.amount


def _row(shop: Merchant, product: Product, variant: Variant, own: str, memory: KnownState) -> Row:
    stock = catalog.stock(variant, memory)
    return Row(
        id=own,
        group_id=product.id if own != product.id else UNSET,
        name=(product.name.strip() or f"Product {product.id}")[:255].strip(),
        price=amount(variant.price),
        oldprice=_before(variant),
        currency=variant.price.currency.upper(),
        url=text(variant.link) or text(product.link) or _page(shop, product),
        picture=text(variant.photo) or text(product.photo) or shop.catalog.placeholder_photo,
        available=_available(product, variant, memory),
        categories=(_category(shop, product),),
        brand=text(product.brand),
        stock_quantity=UNSET if stock is None else max(0, stock),
    )


def _page(shop: Merchant, product: Product) -> str:
    return f"{shop.storefront.rstrip('/')}/products/{quote(product.id, safe='')}"


def _category(shop: Merchant, product: Product) -> str:
    names = [one.strip() for one in product.categories if one.strip()]
    return names[-1] if names else shop.catalog.default_category


def _before(variant: Variant) -> Decimal | UnsetType:
    full = variant.full_price
    if full is None or full.currency != variant.price.currency:
        return UNSET
    return amount(full) if full.amount > variant.price.amount else UNSET


def _available(product: Product, variant: Variant, memory: KnownState) -> bool:
    stock = catalog.stock(variant, memory)
    return product.available and (stock is None or stock > 0)
