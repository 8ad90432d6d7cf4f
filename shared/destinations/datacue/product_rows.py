"""
Conversion of products to DataCue's rows, one per variant. A required field that a shop may leave
empty gets the merchant's fallback, never an empty string.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from msgspec import UNSET, UnsetType

from shared.destinations.building.values import amount, percent_off, text
from shared.destinations.contract import KnownState
from shared.destinations.datacue import payloads
from shared.destinations.datacue.rows import variant_id
from shared.model.money import Money
from shared.model.product import Product, Variant
from shared.model.value import Value
from shared.settings import Catalog, Merchant

PATH = " > "
_LEVELS = 4


class SharedFields(Value):
    """The fields that all rows of a product share; ``link`` is a default if the shop sends none."""

    id: str
    levels: tuple[str, ...]
    deep_levels: dict[str, str]
    paths: tuple[str, ...]
    name: str
    brand: str | UnsetType
    description: str | UnsetType
    available: bool
    tags: tuple[str, ...] | UnsetType
    photo: str
    link: str


def shared_fields(whole: Product, shop: Merchant) -> SharedFields:
    """Return the fields that all rows of a product share."""
    levels = categories(whole, shop.catalog)
    return SharedFields(
        id=whole.id,
        levels=levels,
        deep_levels=_deep_levels(levels),
        paths=tuple(_paths(levels)),
        name=whole.name.strip() or f"Product {whole.id}",
        brand=text(whole.brand),
        description=text(whole.description),
        available=whole.available,
        tags=tuple(tag.strip() for tag in whole.tags if tag.strip()) or UNSET,
        photo=text(whole.photo) or shop.catalog.placeholder_photo,
        link=text(whole.link)
        or f"{shop.storefront.rstrip('/')}/products/{quote(whole.id, safe='')}",
    )


def product(whole: SharedFields, variant: Variant, stock: int) -> payloads.Product:
    """Return the row of one variant in 2018-09."""
    return payloads.Product(
        product_id=whole.id,
        variant_id=variant_id(variant.id, default=variant.default),
        category_1=whole.levels[0],
        category_2=_level(whole.levels, 2),
        category_3=_level(whole.levels, 3),
        category_4=_level(whole.levels, 4),
        category_extra=whole.deep_levels,
        name=whole.name,
        brand=whole.brand,
        description=whole.description,
        color=text(variant.color),
        size=text(variant.size),
        price=amount(variant.price),
        available=whole.available,
        stock=stock,
        extra=_extra(whole, variant, variant.full_price),
        photo_url=text(variant.photo) or whole.photo,
        link=text(variant.link) or whole.link,
    )


def product_2021(whole: SharedFields, variant: Variant, stock: int) -> payloads.Product2021:
    """Return the row of one variant in 2021-02. Without a sale, the full price is the price."""
    return payloads.Product2021(
        product_id=whole.id,
        variant_id=variant_id(variant.id, default=variant.default),
        category_ids=whole.paths,
        name=whole.name,
        brand=whole.brand,
        description=whole.description,
        color=text(variant.color),
        size=text(variant.size),
        price=amount(variant.price),
        full_price=amount(variant.full_price or variant.price),
        available=whole.available,
        stock=stock,
        extra=_extra(whole, variant, None),
        photo_url=text(variant.photo) or whole.photo,
        link=text(variant.link) or whole.link,
    )


def categories(whole: Product, catalog: Catalog) -> tuple[str, ...]:
    """Return the category levels from the widest to the narrowest, at least one."""
    found = tuple(level.strip() for level in whole.categories if level.strip())
    return found or (catalog.default_category,)


def category_rows(whole: Product, shop: Merchant) -> tuple[payloads.Category, ...]:
    """
    Return the categories of a product in 2021-02.

    The page of a category is not known, so that its link is the storefront.
    """
    levels = categories(whole, shop.catalog)
    return tuple(
        payloads.Category(category_id=path, name=name, link=shop.storefront)
        for path, name in zip(_paths(levels), levels, strict=True)
    )


def stock_of(variant: Variant, known_state: KnownState, catalog: Catalog) -> int:
    """Return the stock of a variant; the stock in the ledger is newer than the variant's."""
    return stock_or_default(known_state.stock.get(variant.id, variant.stock), catalog)


def stock_or_default(stock: int | None, catalog: Catalog) -> int:
    """Return a number even if the stock is not counted, because the document requires one."""
    return catalog.untracked_stock if stock is None else max(0, stock)


def _level(levels: tuple[str, ...], number: int) -> str | UnsetType:
    return levels[number - 1] if len(levels) >= number else UNSET


def _deep_levels(levels: tuple[str, ...]) -> dict[str, str]:
    # Also when empty: an update without it would keep the old levels.
    return {f"category_{number}": name for number, name in enumerate(levels, 1) if number > _LEVELS}


def _paths(levels: tuple[str, ...]) -> Iterable[str]:
    return (PATH.join(levels[:depth]) for depth in range(1, len(levels) + 1))


def _extra(whole: SharedFields, variant: Variant, full: Money | None) -> payloads.Extra:
    return payloads.Extra(
        sku=text(variant.sku),
        tags=whole.tags,
        full_price=amount(full) if full else UNSET,
        discount=_discount(variant.price, full) if full else UNSET,
        options={
            name.strip(): value.strip()
            for name, value in variant.options.items()
            if name.strip() and value.strip()
        }
        or UNSET,
    )


def _discount(price: Money, full: Money) -> str | UnsetType:
    """Return a discount in the format of the document's sample responses: "20%"."""
    percent = percent_off(price, full)
    return f"{percent}%" if percent else UNSET
