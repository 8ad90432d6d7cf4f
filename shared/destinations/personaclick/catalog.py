"""
Plans of products, sent if the merchant enables `catalog`.

The source is another page than the document: "HTTP API (Product Catalog)", `/import/products`. It
requires the store's secret, and responds before it has validated the data.

That endpoint identifies categories by ids of its own, but webhooks have only names: the narrowest
name is sent as the id, so the account's categories must have their names as ids.
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
    """A product, or a variant in its product's group."""

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
    """Products to create or update; the secret is added when the call is signed."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    items: Items


class Ids(Body, kw_only=True, frozen=True):
    """Products to delete; the secret is added when the call is signed."""

    shop_id: ShopId
    shop_secret: Text | UnsetType = UNSET
    items: tuple[Id, ...]


def saved(own: PersonaClick, shop: Merchant, change: ProductSaved, known_state: KnownState) -> Plan:
    """Return the plan of a product: its rows, then the deletion of removed rows."""
    if not own.catalog:
        return Plan(state=NOTHING)
    rows = _rows(own, shop, change.product, known_state)
    lost = catalog.lost_variant_ids(change, known_state) if change.complete else ()
    gone = catalog.removed_row_ids(own.feed_id, change, lost)
    by_sku = own.feed_id == "sku" and bool(lost)
    upsert = _upsert(own, rows) if rows else ()
    return Plan(
        calls=(*upsert, *_deletes(own, gone)),
        state=encode([change.complete, rows]),
        counts=(NO_ID,) * catalog.any_without_id(own.feed_id, change.product) + (BY_SKU,) * by_sku,
    )


def removed(own: PersonaClick, change: ProductRemoved, known_state: KnownState) -> Plan:
    """Return the plan of a product's removal; its SKUs are not stored."""
    if not own.catalog:
        return Plan(state=NOTHING)
    if own.feed_id == "sku":
        return Plan(state=GONE, counts=(BY_SKU,))
    whole = own.feed_id == "product"
    ids = (change.entity.id,) if whole else tuple(sorted(catalog.known_variant_ids(known_state)))
    return Plan(calls=_deletes(own, ids), state=GONE)


def stock_changed(own: PersonaClick) -> Plan:
    """Return a plan without calls: the product's next version contains its stock."""
    return Plan(counts=(STOCK,) * own.catalog)


def _upsert(own: PersonaClick, rows: tuple[Row, ...]) -> tuple[Call, ...]:
    return (calls.state_call(own, "PUT", "import/products", _body(own, rows), len(rows)),)


def _body(own: PersonaClick, rows: tuple[Row, ...]) -> Rows:
    return Rows(shop_id=own.shop_id, items=rows)


def _deletes(own: PersonaClick, ids: tuple[str, ...]) -> tuple[Call, ...]:
    if not ids:
        return ()
    body = Ids(shop_id=own.shop_id, items=ids)
    return (calls.state_call(own, "DELETE", "import/products", body, len(ids)),)


def _rows(
    own: PersonaClick, shop: Merchant, product: Product, known_state: KnownState
) -> tuple[Row, ...]:
    """Return a row per id in the feed; of variants with one id, the cheapest available one."""
    return tuple(
        _row(
            shop,
            product,
            min(those, key=lambda one: _rank(product, one, known_state)),
            own_id,
            known_state,
        )
        for own_id, those in catalog.group_by_feed_id(own.feed_id, product).items()
    )


def _rank(product: Product, variant: Variant, known_state: KnownState) -> tuple[bool, Decimal]:
    return not _available(product, variant, known_state), variant.price.amount


def _row(
    shop: Merchant, product: Product, variant: Variant, own: str, known_state: KnownState
) -> Row:
    stock = catalog.newest_stock(variant, known_state)
    return Row(
        id=own,
        group_id=product.id if own != product.id else UNSET,
        name=(product.name.strip() or f"Product {product.id}")[:255].strip(),
        price=amount(variant.price),
        oldprice=_old_price(variant),
        currency=variant.price.currency.upper(),
        url=text(variant.link) or text(product.link) or _page(shop, product),
        picture=text(variant.photo) or text(product.photo) or shop.catalog.placeholder_photo,
        available=_available(product, variant, known_state),
        categories=(_category(shop, product),),
        brand=text(product.brand),
        stock_quantity=UNSET if stock is None else max(0, stock),
    )


def _page(shop: Merchant, product: Product) -> str:
    return f"{shop.storefront.rstrip('/')}/products/{quote(product.id, safe='')}"


def _category(shop: Merchant, product: Product) -> str:
    names = [one.strip() for one in product.categories if one.strip()]
    return names[-1] if names else shop.catalog.default_category


def _old_price(variant: Variant) -> Decimal | UnsetType:
    full = variant.full_price
    if full is None or full.currency != variant.price.currency:
        return UNSET
    return amount(full) if full.amount > variant.price.amount else UNSET


def _available(product: Product, variant: Variant, known_state: KnownState) -> bool:
    stock = catalog.newest_stock(variant, known_state)
    return product.available and (stock is None or stock > 0)
