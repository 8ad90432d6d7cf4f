"""
Conversion of the API's product to the shape of a webhook's body, so that both have the same
translation.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.sources.shopify import graphql, payloads


def body(found: graphql.Product, variants: Sequence[graphql.Variant]) -> payloads.Product:
    """Return a product with the variants of all its pages, in the shape of a webhook's body."""
    picture = found.featured_media and found.featured_media.preview
    image = picture.image if picture else None
    return payloads.Product(
        id=found.id,
        title=found.title,
        handle=found.handle,
        body_html=found.description_html,
        vendor=found.vendor,
        product_type=found.product_type,
        tags=found.tags,
        status=(found.status or "").lower() or None,
        published_at=found.published_at,
        updated_at=found.updated_at,
        category=payloads.Category(full_name=found.category.full_name) if found.category else None,
        options=found.options,
        variants=[_variant(found, variant) for variant in variants],
        images=[
            payloads.Image(src=variant.image.url, variant_ids=[variant.id])
            for variant in variants
            if variant.image
        ],
        image=payloads.Preview(src=image.url) if image else None,
    )


def tracked(variants: Sequence[graphql.Variant]) -> dict[str, bool]:
    """Return whether each inventory item is tracked, by item id."""
    items = (variant.inventory_item for variant in variants)
    return {item.id: item.tracked for item in items if item and item.tracked is not None}


def _variant(found: graphql.Product, variant: graphql.Variant) -> payloads.Variant:
    chosen = {one.name or "": one.value for one in variant.selected_options}
    ordered = sorted(found.options, key=lambda option: option.position or 0)
    values = [chosen.get(option.name or "") for option in ordered[:3]]
    first, second, third = [*values, None, None, None][:3]
    return payloads.Variant(
        id=variant.id,
        title=variant.title,
        price=variant.price,
        compare_at_price=variant.compare_at_price,
        sku=variant.sku,
        option1=first,
        option2=second,
        option3=third,
        inventory_item_id=variant.inventory_item.id if variant.inventory_item else None,
        inventory_policy=(variant.inventory_policy or "").lower() or None,
        inventory_quantity=variant.inventory_quantity,
        sellable=variant.available_for_sale,
    )
