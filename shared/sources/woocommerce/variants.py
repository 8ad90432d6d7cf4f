"""Translation of products and variations to variants: prices, options, pictures."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from shared.model.money import Money
from shared.model.product import Variant
from shared.settings import WooCommerce
from shared.sources.parsing.options import color, size
from shared.sources.parsing.urls import absolute
from shared.sources.woocommerce.attributes import chosen_options, options_by_name
from shared.sources.woocommerce.product_payloads import Image, Product
from shared.sources.woocommerce.stock import stock

_PUBLISHED = "publish"


def of_simple_product(shop: WooCommerce, product: Product, currency: str) -> tuple[Variant, ...]:
    """Return the one variant that represents a product; none if it has no price: it is not free."""
    price = product.price.value
    if price is None:
        return ()
    by_name = options_by_name(product)
    return (
        Variant(
            id=product.id,
            default=True,
            price=Money(price, currency),
            full_price=_full_price(product, price, currency),
            sku=product.sku or None,
            stock=stock(product),
            color=color(by_name, shop.color_attributes),
            size=size(by_name, shop.size_attributes),
            photo=photo(shop, product),
            link=absolute(product.permalink, shop.url),
        ),
    )


def of_variations(
    shop: WooCommerce, product: Product, variations: Iterable[Product], currency: str
) -> tuple[Variant, ...]:
    """
    Return the variations that a product's page offers: those that are published and have a price
    (`WC_Product_Variation::variation_is_visible`).
    """
    return tuple(
        _variant(shop, product, one, Money(one.price.value, currency))
        for one in variations
        if one.status == _PUBLISHED and one.price.value is not None
    )


def photo(shop: WooCommerce, document: Product) -> str | None:
    """Return the main picture; `products/<id>/variations` has ``image``, the rest ``images``."""
    found: tuple[Image | None, ...] = (document.image, *(document.images or ()))
    urls = (absolute(one.src, shop.url) for one in found if one)
    return next((url for url in urls if url), None)


def _variant(shop: WooCommerce, product: Product, variation: Product, price: Money) -> Variant:
    own, by_name = chosen_options(variation), options_by_name(product, variation)
    return Variant(
        id=variation.id,
        default=False,
        price=price,
        full_price=_full_price(variation, price.amount, price.currency),
        sku=variation.sku or None,
        title=" / ".join(own.values()) or None,
        # A plugin may make a variation unpurchasable and still show it.
        stock=0 if variation.purchasable is False else stock(variation),
        color=color(by_name, shop.color_attributes),
        size=size(by_name, shop.size_attributes),
        options=own,
        photo=photo(shop, variation) or photo(shop, product),
        link=absolute(variation.permalink, shop.url) or absolute(product.permalink, shop.url),
    )


def _full_price(document: Product, price: Decimal, currency: str) -> Money | None:
    # Before and after a sale its price is in the document, and on_sale is false.
    regular = document.regular_price.value
    if not document.on_sale or regular is None or regular <= price:
        return None
    return Money(regular, currency)
