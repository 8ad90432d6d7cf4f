"""Translation of a variant's payload: names, prices, options, picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from shared.errors import NotUnderstood
from shared.model.money import Money
from shared.model.product import Variant
from shared.model.value import Value
from shared.sources.parsing import options
from shared.sources.parsing.urls import absolute
from shared.sources.shopify import payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.stock import DEFAULT_TITLE, assumed_stock, stock


def has_only_default_variant(product: payloads.Product) -> bool:
    """Return whether the only variant represents the product itself, which has no options."""
    found = product.variants or []
    if len(found) != 1:
        return False
    named = [(option.name, option.values) for option in product.options or ()]
    return found[0].title == DEFAULT_TITLE or named == [("Title", [DEFAULT_TITLE])]


def variants(
    context: Context, product: payloads.Product, tracking: Mapping[str, bool]
) -> tuple[Variant, ...]:
    """Translate the variants of a product; ``tracking`` is by inventory item."""
    shared, assumed = _shared_fields(context, product), assumed_stock(context.shop)
    return tuple(
        _variant(context, shared, variant, index, stock(variant, tracking, assumed))
        for index, variant in enumerate(product.variants or ())
    )


def link(context: Context, product: payloads.Product) -> str | None:
    """Return the URL of a product in the merchant's storefront."""
    if not product.handle:
        return None
    return f"{context.merchant.storefront.rstrip('/')}/products/{quote(product.handle, safe='')}"


def photo(context: Context, product: payloads.Product) -> str | None:
    """Return the picture of a product."""
    main = product.image.src if product.image else None
    images = [image.src for image in product.images or ()]
    media = [one.preview_image.src for one in product.media or () if one.preview_image]
    urls = (absolute(src, context.merchant.storefront) for src in (main, *images, *media))
    return next((url for url in urls if url), None)


class _SharedFields(Value):
    """
    The values that all variants of a product share. ``options`` are their names, in order. Pictures
    are by their own ids in ``by_id``, by the variants that list them in ``by_image_variant``
    (images) and ``by_media_variant`` (media).
    """

    default: bool
    options: tuple[str | None, ...]
    photo: str | None
    link: str | None
    by_id: Mapping[str, str]
    by_image_variant: Mapping[str, str]
    by_media_variant: Mapping[str, str]


def _shared_fields(context: Context, product: payloads.Product) -> _SharedFields:
    ordered = sorted(product.options or (), key=lambda option: option.position or 0)
    images = [(image, image.src) for image in product.images or () if image.src]
    media = [
        (one.variant_ids, one.preview_image.src)
        for one in product.media or ()
        if one.preview_image and one.preview_image.src
    ]
    return _SharedFields(
        default=has_only_default_variant(product),
        options=tuple(option.name for option in ordered),
        photo=photo(context, product),
        link=link(context, product),
        by_id=_first_pictures((([image.id] if image.id else None), src) for image, src in images),
        by_image_variant=_first_pictures((image.variant_ids, src) for image, src in images),
        by_media_variant=_first_pictures(media),
    )


def _first_pictures(found: Iterable[tuple[list[str] | None, str]]) -> dict[str, str]:
    """Return the first picture of each id."""
    pictures: dict[str, str] = {}
    for ids, src in found:
        for one in ids or ():
            pictures.setdefault(one, src)
    return pictures


def _variant(
    context: Context,
    shared: _SharedFields,
    variant: payloads.Variant,
    index: int,
    counted: tuple[int | None, bool],
) -> Variant:
    price = context.price(variant.price)
    if price is None:
        raise NotUnderstood("the price is missing", f"$.variants[{index}].price")
    default, (count, known) = shared.default, counted
    chosen = {} if default else _options(shared, variant)
    page = shared.link if default or not shared.link else f"{shared.link}?variant={variant.id}"
    return Variant(
        id=variant.id,
        default=default,
        price=price,
        full_price=_full_price(price, context.price(variant.compare_at_price)),
        sku=variant.sku or None,
        title=None if default else variant.title or None,
        stock=count,
        stock_known=known,
        color=options.color(chosen, context.shop.color_options),
        size=options.size(chosen, context.shop.size_options),
        options=chosen,
        photo=_picture(context, shared, variant) or shared.photo,
        link=page,
    )


def _full_price(price: Money, before: Money | None) -> Money | None:
    # "0.00" and amounts below the price are leftovers in the admin's form, not sales.
    return before if before is not None and before.amount > price.amount else None


def _options(shared: _SharedFields, variant: payloads.Variant) -> dict[str, str]:
    values = (variant.option1, variant.option2, variant.option3)
    return {
        name: value for name, value in zip(shared.options, values, strict=False) if name and value
    }


def _picture(context: Context, shared: _SharedFields, variant: payloads.Variant) -> str | None:
    own = shared.by_id.get(variant.image_id) if variant.image_id else None
    image = shared.by_image_variant.get(variant.id)
    found = own or image or shared.by_media_variant.get(variant.id)
    return absolute(found, context.merchant.storefront)
