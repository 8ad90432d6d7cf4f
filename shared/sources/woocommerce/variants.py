"""From a product's or variation's document to our variants: prices, options, pictures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shared.model.money import Money
from shared.model.product import Variant
from shared.settings import WooCommerce
from shared.sources.parsing.options import color, size
from shared.sources.woocommerce.attributes import named, options
from shared.sources.woocommerce.product_payloads import Image, Product
from shared.sources.woocommerce.stock import stock

_PUBLISHED = "publish"


def alone(shop: WooCommerce, product: Product, currency: str) -> tuple[Variant, ...]:
    """Give the one variant that stands for a product; none without a price, which is not free."""
    price = product.price.value
    if price is None:
        return ()
    looks = named(product)
    return (
        Variant(
            id=product.id,
            default=True,
            price=Money(price, currency),
            full_price=_full(product, price, currency),
            sku=product.sku or None,
            stock=stock(product),
            color=color(looks, shop.color_attributes),
            size=size(looks, shop.size_attributes),
            photo=photo(product),
            link=product.permalink or None,
        ),
    )


def chosen(
    shop: WooCommerce, product: Product, variations: Iterable[Product], currency: str
) -> tuple[Variant, ...]:
    """
    Give a product's variations that its page offers: those that are published and have a price
    (`WC_Product_Variation::variation_is_visible`).
    """
    return tuple(
        _variant(shop, product, one, Money(one.price.value, currency))
        for one in variations
        if one.status == _PUBLISHED and one.price.value is not None
    )


def photo(document: Product) -> str | None:
    """Give the main picture; `products/<id>/variations` has ``image``, all else ``images``."""
    found: tuple[Image | None, ...] = (document.image, *(document.images or ()))
    return next((one.src for one in found if one and one.src), None)


def _variant(shop: WooCommerce, product: Product, variation: Product, price: Money) -> Variant:
    own, looks = options(variation), named(product, variation)
    return Variant(
        id=variation.id,
        default=False,
        price=price,
        full_price=_full(variation, price.amount, price.currency),
        sku=variation.sku or None,
        title=" / ".join(own.values()) or None,
        # A plugin may keep one from being bought and show it all the same.
        stock=0 if variation.purchasable is False else stock(variation),
        color=color(looks, shop.color_attributes),
        size=size(looks, shop.size_attributes),
        options=own,
        photo=photo(variation) or photo(product),
        link=variation.permalink or product.permalink or None,
    )


def _full(document: Product, price: Decimal, currency: str) -> Money | None:
    # A sale that is over, or yet to come, leaves its price in the document, and on_sale false.
    regular = document.regular_price.value
    if not document.on_sale or regular is None or regular <= price:
        return None
    return Money(regular, currency)
