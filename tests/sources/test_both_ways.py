"""
A product reaches its translation in two ways: as a webhook, or read from the store. A field that is
added to one of them must be in the other, or be listed here with its reason.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import msgspec
import pytest
from msgspec.structs import fields

from shared.sources.parsing.documents import read
from shared.sources.shopify import from_graphql, graphql, payloads
from shared.sources.shopify.context import Fetched
from shared.sources.woocommerce import product_payloads, products
from tests.sources import shop
from tests.sources.odd_values import text
from tests.sources.test_odd_fields import GRAPHQL

# Field of a webhook -> why the store's response has none.
ONLY_IN_WEBHOOKS = {
    "Product.variant_gids": "the response has all variants, page by page",
    "Product.media": "a variant's own picture is asked for, and becomes an image",
    "Image.id": "an image of the response names its variants",
    "Variant.image_id": "as above",
    "Variant.inventory_management": "`inventoryItem.tracked` says it, and is stored",
}
READ: set[Any] = {
    payloads.Product,
    payloads.Variant,
    payloads.Image,
    payloads.Option,
    payloads.Category,
    payloads.Preview,
}


def full_response() -> graphql.Product:
    """Return a product with as many options as a webhook has fields for."""
    response = copy.deepcopy(GRAPHQL)
    names = ["Size", "Color", "Fit"]
    response["product"]["options"] = [
        {"name": one, "position": 1, "values": ["M"]} for one in names
    ]
    [variant] = response["product"]["variants"]["nodes"]
    variant["selectedOptions"] = [{"name": one, "value": "M"} for one in names]
    found = read(text(response), graphql.ProductData).product
    assert found is not None
    return found


def filled(value: object) -> set[str]:
    """Return the fields of all structs in a value that differ from their defaults."""
    if isinstance(value, list | tuple):
        return set().union(*map(filled, value))
    if not isinstance(value, msgspec.Struct):
        return set()
    found = set()
    kind: Any = type(value)
    for one in fields(kind):
        inner = getattr(value, one.name)
        if one.required or inner != one.default:
            found |= {f"{type(value).__name__}.{one.name}"} | filled(inner)
    return found


def test_every_field_that_a_webhook_has_is_read_from_the_store_too() -> None:
    found = full_response()

    body = from_graphql.body(found, found.variants.nodes)

    declared = {f"{kind.__name__}.{one.name}" for kind in READ for one in fields(kind)}
    assert declared - filled(body) == set(ONLY_IN_WEBHOOKS)


def test_every_struct_of_a_product_is_compared() -> None:
    found = full_response()
    body = from_graphql.body(found, found.variants.nodes)

    assert {name.partition(".")[0] for name in filled(body)} == {one.__name__ for one in READ}


def test_every_field_of_a_response_is_asked_for() -> None:
    asked = set(re.findall(r"\w+", graphql.PRODUCT))
    kinds: list[Any] = [one for one in vars(graphql).values() if isinstance(one, type)]
    product = [one for one in kinds if issubclass(one, graphql.Node) and "Own" not in one.__name__]

    assert {one.encode_name for kind in product for one in fields(kind)} <= asked


@pytest.mark.parametrize("available", [True, False])
def test_a_product_is_the_same_in_both_ways(available: bool) -> None:  # noqa: FBT001 - a case
    response = copy.deepcopy(GRAPHQL)
    response["product"]["status"] = "ACTIVE" if available else "DRAFT"
    fetched = read(text(response), graphql.ProductData).product
    assert fetched is not None
    nodes = fetched.variants.nodes
    store = shop.FakeStore(
        Fetched(
            product=from_graphql.body(fetched, nodes),
            tracked=from_graphql.tracked(nodes),
            at=shop.TRIGGERED,
        )
    )
    webhook = shop.product(
        category={"full_name": "Apparel > Shirts"},
        tags="summer",
        status="active" if available else "draft",
        options=[{"name": "Size", "position": 1, "values": ["M"]}],
        variants=[shop.variant(title="M", compare_at_price="25.00", sku="TEE-M", option1="M",
                               option2=None)],
        images=[{"id": 42, "src": "https://cdn.example/b.jpg", "variant_ids": [21]}],
        image={"src": "https://cdn.example/a.jpg"},
    )  # fmt: skip

    sent = shop.product_of(shop.translate("products/update", webhook))
    asked = shop.product_of(shop.translate("products/update", {"id": 11}, store=store))

    assert asked == sent


def test_woocommerce_has_one_struct_for_both_ways() -> None:
    # `_fields` of a query is made from the struct; the keys that a webhook needs are in it.
    declared = {one.encode_name for one in fields(product_payloads.Product)}

    assert set(products._REQUIRED) <= declared  # noqa: SLF001 - the table
