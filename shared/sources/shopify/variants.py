"""From a variant's payload to our variant: names, prices, options, picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.product import Variant
from shared.model.value import Value
from shared.sources.parsing import options
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.stock import DEFAULT_TITLE, stock


def stands_alone(product: payloads.Product) -> bool:
    """Tell whether the only variant stands for the product itself: it has no options."""
    found = product.variants or []
    if len(found) != 1:
        return False
    named = [(option.name, option.values) for option in product.options or ()]
    return found[0].title == DEFAULT_TITLE or named == [("Title", [DEFAULT_TITLE])]


def variants(
    job: Context, product: payloads.Product, learned: Mapping[str, bool]
) -> tuple[Variant, ...]:
    """Translate the variants of a product; ``learned`` are the tracked inventory items."""
    whole = _whole(job, product)
    return tuple(
        _variant(job, whole, variant, index, stock(variant, learned))
        for index, variant in enumerate(product.variants or ())
    )


def link(job: Context, product: payloads.Product) -> str | None:
    """Give the page of a product in the merchant's storefront."""
    if not product.handle:
        return None
    return f"{job.merchant.storefront.rstrip('/')}/products/{quote(product.handle, safe='')}"


def photo(product: payloads.Product) -> str | None:
    """Give the picture of a product."""
    main = product.image.src if product.image else None
    images = [image.src for image in product.images or ()]
    media = [one.preview_image.src for one in product.media or () if one.preview_image]
    return _absolute(next((src for src in (main, *images, *media) if src), None))


class _Whole(Value):
    """
    What all variants share. ``options`` are the names, in their order; ``named`` are pictures by
    their own ids, ``listing`` and ``shown`` by the variants that images and media say they show.
    """

    default: bool
    options: tuple[str | None, ...]
    photo: str | None
    link: str | None
    named: Mapping[str, str]
    listing: Mapping[str, str]
    shown: Mapping[str, str]


def _whole(job: Context, product: payloads.Product) -> _Whole:
    ordered = sorted(product.options or (), key=lambda option: option.position or 0)
    images = [(image, image.src) for image in product.images or () if image.src]
    media = [
        (one.variant_ids, one.preview_image.src)
        for one in product.media or ()
        if one.preview_image and one.preview_image.src
    ]
    return _Whole(
        default=stands_alone(product),
        options=tuple(option.name for option in ordered),
        photo=photo(product),
        link=link(job, product),
        named=_first((([image.id] if image.id else None), src) for image, src in images),
        listing=_first((image.variant_ids, src) for image, src in images),
        shown=_first(media),
    )


def _first(found: Iterable[tuple[list[str] | None, str]]) -> dict[str, str]:
    """Give the first picture of each id."""
    pictures: dict[str, str] = {}
    for ids, src in found:
        for one in ids or ():
            pictures.setdefault(one, src)
    return pictures


def _variant(
    job: Context,
    whole: _Whole,
    variant: payloads.Variant,
    index: int,
    counted: tuple[int | None, bool],
) -> Variant:
    price = job.price(variant.price)
    if price is None:
        raise NotUnderstood("the price is missing", f"$.variants[{index}].price")
    default, (count, known) = whole.default, counted
    chosen = {} if default else _options(whole, variant)
    page = whole.link if default or not whole.link else f"{whole.link}?variant={variant.id}"
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
        photo=_picture(whole, variant) or whole.photo,
        link=page,
    )


def _full(price: Money, before: Money | None) -> Money | None:
    # "0.00" and prices below the price are leftovers of the admin's form, not sales.
    return before if before is not None and before.amount > price.amount else None


def _options(whole: _Whole, variant: payloads.Variant) -> dict[str, str]:
    values = (variant.option1, variant.option2, variant.option3)
    return {
        name: value for name, value in zip(whole.options, values, strict=False) if name and value
    }


def _picture(whole: _Whole, variant: payloads.Variant) -> str | None:
    named = whole.named.get(variant.image_id) if variant.image_id else None
    return _absolute(named or whole.listing.get(variant.id) or whole.shown.get(variant.id))


def _absolute(src: str | None) -> str | None:
    return f"https:{src}" if src and src.startswith("//") else src
