"""From a variant's payload to our variant: names, prices, options, picture."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.product import Variant
from shared.sources.shopify import options, payloads
from shared.sources.shopify.job import Job
from shared.sources.shopify.stock import DEFAULT_TITLE, stock


def stands_alone(product: payloads.Product) -> bool:
    """Tell whether the only variant stands for the product itself: it has no options."""
    found = product.variants or []
    if len(found) != 1:
        return False
    named = [(option.name, option.values) for option in product.options or ()]
    return found[0].title == DEFAULT_TITLE or named == [("Title", [DEFAULT_TITLE])]


def variants(
    job: Job, product: payloads.Product, learned: Mapping[str, bool]
) -> tuple[Variant, ...]:
    """Translate the variants of a product; ``learned`` are the tracked inventory items."""
    default = stands_alone(product)
    return tuple(
        _variant(job, product, index, (default, *stock(variant, learned)))
        for index, variant in enumerate(product.variants or ())
    )


def link(job: Job, product: payloads.Product, variant_id: str | None = None) -> str | None:
    """Give the page of a product, or of one of its variants, in the merchant's storefront."""
    if not product.handle:
        return None
    page = f"{job.merchant.storefront.rstrip('/')}/products/{quote(product.handle, safe='')}"
    return f"{page}?variant={variant_id}" if variant_id else page


def photo(product: payloads.Product) -> str | None:
    """Give the picture of a product."""
    main = product.image.src if product.image else None
    images = [image.src for image in product.images or ()]
    media = [one.preview_image.src for one in product.media or () if one.preview_image]
    return _absolute(next((src for src in (main, *images, *media) if src), None))


def _variant(
    job: Job, product: payloads.Product, index: int, facts: tuple[bool, int | None, bool]
) -> Variant:
    default, count, known = facts
    variant = (product.variants or [])[index]
    price = job.price(variant.price)
    if price is None:
        raise NotUnderstood("the price is missing", f"$.variants[{index}].price")
    chosen = {} if default else _options(product, variant)
    return Variant(
        id=variant.id,
        default=default,
        price=price,
        full_price=_full(price, job.price(variant.compare_at_price)),
        sku=variant.sku or None,
        title=None if default else variant.title or None,
        stock=count,
        stock_known=known,
        color=options.color(chosen, job.shop.color_options),
        size=options.size(chosen, job.shop.size_options),
        options=chosen,
        photo=_picture(product, variant) or photo(product),
        link=link(job, product, None if default else variant.id),
    )


def _full(price: Money, before: Money | None) -> Money | None:
    # "0.00" and prices below the price are leftovers of the admin's form, not sales.
    return before if before is not None and before.amount > price.amount else None


def _options(product: payloads.Product, variant: payloads.Variant) -> dict[str, str]:
    ordered = sorted(product.options or (), key=lambda option: option.position or 0)
    values = (variant.option1, variant.option2, variant.option3)
    return {
        option.name: value
        for option, value in zip(ordered, values, strict=False)
        if option.name and value
    }


def _picture(product: payloads.Product, variant: payloads.Variant) -> str | None:
    images = product.images or ()
    named = (image.src for image in images if image.id and image.id == variant.image_id)
    listing = (image.src for image in images if variant.id in (image.variant_ids or ()))
    shown = (
        media.preview_image.src
        for media in product.media or ()
        if media.preview_image and variant.id in (media.variant_ids or ())
    )
    return _absolute(next((src for src in (*named, *listing, *shown) if src), None))


def _absolute(src: str | None) -> str | None:
    return f"https:{src}" if src and src.startswith("//") else src
