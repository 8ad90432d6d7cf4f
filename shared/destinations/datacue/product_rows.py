"""
Products become DataCue's rows, one per variant, field by field. What the document requires and a
shop may leave empty gets the merchant's fallback, never an empty string.
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


class Alike(Value):
    """What all rows of a product have in common; ``link`` is the fallback for its page."""

    id: str
    levels: tuple[str, ...]
    deeper: dict[str, str]
    paths: tuple[str, ...]
    name: str
    brand: str | UnsetType
    description: str | UnsetType
    available: bool
    tags: tuple[str, ...] | UnsetType
    photo: str
    link: str


def alike(whole: Product, shop: Merchant) -> Alike:
    """Write what all rows of a product say alike."""
    levels = categories(whole, shop.catalog)
    return Alike(
        id=whole.id,
        levels=levels,
        deeper=_deeper(levels),
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


def product(whole: Alike, variant: Variant, stock: int) -> payloads.Product:
    """Write the row of one variant, 2018-09."""
    return payloads.Product(
        product_id=whole.id,
        variant_id=variant_id(variant.id, default=variant.default),
        category_1=whole.levels[0],
        category_2=_level(whole.levels, 2),
        category_3=_level(whole.levels, 3),
        category_4=_level(whole.levels, 4),
        category_extra=whole.deeper,
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


def product_2021(whole: Alike, variant: Variant, stock: int) -> payloads.Product2021:
    """Write the row of one variant, 2021-02. Without a sale, the full price is the price."""
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
    """Return the levels from the widest to the narrowest, at least one."""
    found = tuple(level.strip() for level in whole.categories if level.strip())
    return found or (catalog.default_category,)


def category_rows(whole: Product, shop: Merchant) -> tuple[payloads.Category, ...]:
    """Write the categories that a product names, 2021-02. We know no page but the shop's own."""
    levels = categories(whole, shop.catalog)
    return tuple(
        payloads.Category(category_id=path, name=name, link=shop.storefront)
        for path, name in zip(_paths(levels), levels, strict=True)
    )


def stock_of(variant: Variant, memory: KnownState, catalog: Catalog) -> int:
    """Return a variant's stock; what the ledger hands over is newer than the variant in hand."""
    known = variant.stock if variant.stock_known else None
    return counted(memory.stock.get(variant.id, known), catalog)


def counted(stock: int | None, catalog: Catalog) -> int:
    """Return a number also for what is sold without a count; the document requires one."""
    return catalog.untracked_stock if stock is None else max(0, stock)


def _level(levels: tuple[str, ...], number: int) -> str | UnsetType:
    return levels[number - 1] if len(levels) >= number else UNSET


def _deeper(levels: tuple[str, ...]) -> dict[str, str]:
    # Also when empty: an update that leaves it out would leave old levels standing.
    return {f"category_{number}": name for number, name in enumerate(levels, 1) if number > _LEVELS}


def _paths(levels: tuple[str, ...]) -> Iterable[str]:
    return (PATH.join(levels[:depth]) for depth in range(1, len(levels) + 1))


def _extra(whole: Alike, variant: Variant, full: Money | None) -> payloads.Extra:
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
    """Write a discount as the document's answers show it: "20%"."""
    percent = percent_off(price, full)
    return f"{percent}%" if percent else UNSET
