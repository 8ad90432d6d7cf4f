"""
No field that a destination can do without makes a document unreadable, whatever its type.

Every optional field of every sample gets every odd value: the changes are the same as without the
field, or as with a usual value that the odd one stands for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import NotUnderstood
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.shopify import availability, cart_payloads, from_graphql, graphql, payloads
from shared.sources.shopify import order_payloads as shopify_orders
from shared.sources.woocommerce import order_payloads, product_payloads
from tests.sources import shop, woo
from tests.sources.odd_values import (
    ODD,
    Path,
    conversions,
    is_odd,
    optional_fields,
    text,
    with_value,
)

EVENTS = File(__file__).parents[2] / "events"
CASES = File(__file__).parent / "odd_documents"
SHAPES: Mapping[str, Mapping[str, Any]] = {
    "shopify": {
        "products": payloads.Product,
        "orders": shopify_orders.Order,
        "customers": payloads.Customer,
        "carts": cart_payloads.Cart,
        "checkouts": cart_payloads.Checkout,
        "variants": availability.VariantWithProduct,
        "inventory_items": payloads.InventoryItem,
    },
    "woocommerce": {
        "product": product_payloads.Product,
        "order": order_payloads.Order,
        "customer": order_payloads.Customer,
    },
}
# A translation needs these: without one, no destination could be sent the right thing.
REQUIRED = {
    "Order.currency",
    "Order.status",
    "Order.line_items",
    "OrderLine.total",
    "Product.variants",
    "Variant.price",
    "Customer.id",
    "Cart.line_items",
    "Checkout.line_items",
    "CheckoutLine.price",
    "CheckoutLine.line_items",
}
# A customer in a deleted or merged customer's body is not read.
_SKIPPED = {"customers__delete", "customers__merge", "customers__redact", "customers__data_request"}
Field = tuple[str, str, Any, Any, Path]


def _translate(source: str, topic: str, document: Any) -> Translated:
    if source == "shopify":
        return shop.translate(topic, document, accept_test=True)
    store = woo.FakeStore(
        products={11: woo.variable()},
        children={11: [woo.variation()]},
        tree={15: ("Top", None)},
    )
    return woo.translate(topic, document, store=store)


def _samples() -> Iterator[tuple[str, str, Any]]:
    for source, shapes in SHAPES.items():
        for file in sorted((EVENTS / source).glob("*.json")):
            topic = file.stem.rpartition("__")[0].replace("__", "/")
            resource = topic.replace(".", "/").partition("/")[0]
            if resource in shapes and not any(file.stem.startswith(one) for one in _SKIPPED):
                yield source, topic, json.loads(file.read_text())


@cache
def _fields() -> Mapping[str, Field]:
    """Return all optional fields in the samples, by source and name: one place of each."""
    found: dict[str, Field] = {}
    for source, topic, document in _samples():
        shape = SHAPES[source][topic.replace(".", "/").partition("/")[0]]
        for name, kind, at in optional_fields(shape, document):
            found.setdefault(f"{source} {name}", (source, topic, document, kind, at))
    return found


@pytest.mark.parametrize("name", sorted(_fields()))
def test_an_odd_value_changes_nothing_but_its_field(name: str) -> None:
    source, topic, document, kind, at = _fields()[name]
    required = name.partition(" ")[2] in REQUIRED

    def outcome(value: Any) -> object:
        """Return the changes, or the path at which the document is not understood."""
        try:
            found = _translate(source, topic, with_value(document, at, value))
        except NotUnderstood as error:
            return error.path
        return found.changes, found.ignored

    for odd in ODD:
        if is_odd(odd, kind):
            found = outcome(odd)
            if isinstance(found, str):
                assert required, f"{at} = {odd!r}: {found}"
                assert found.startswith(f"$.{at[0]}")
                continue
            same = (one for one in conversions(odd) if one is None or not is_odd(one, kind))
            assert any(found == outcome(one) for one in same), f"{at} = {odd!r}: {found}"


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "0", "name", "term_id"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(st.sampled_from(sorted(_fields())), JSON)
def test_any_value_of_an_optional_field_is_understood(name: str, value: object) -> None:
    source, topic, document, _, at = _fields()[name]
    required = name.partition(" ")[2] in REQUIRED
    with suppress(NotUnderstood) if required else nullcontext():
        _translate(source, topic, with_value(document, at, value))


@pytest.mark.parametrize("file", sorted(CASES.glob("*.json")), ids=lambda file: file.stem)
def test_a_case_is_mapped_and_its_odd_field_counted(file: File) -> None:
    case = json.loads(file.read_text())

    found = woo.translate(case["topic"], case["body"])

    assert found.changes
    assert list(found.odd_fields) == case["odd_fields"]


def test_a_usual_document_has_no_odd_field() -> None:
    for source, topic, document in _samples():
        assert _translate(source, topic, document).odd_fields == (), topic


GRAPHQL: dict[str, Any] = {
    "product": {
        "id": "gid://shopify/Product/11",
        "title": "Tee",
        "handle": "tee",
        "descriptionHtml": "<p>Soft.</p>",
        "vendor": "Acme",
        "productType": "Shirts",
        "tags": ["summer"],
        "status": "ACTIVE",
        "publishedAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-11-20T08:00:00Z",
        "category": {"fullName": "Apparel > Shirts"},
        "options": [{"name": "Size", "position": 1, "values": ["M"]}],
        "featuredMedia": {"preview": {"image": {"url": "https://cdn.example/a.jpg"}}},
        "variants": {
            "nodes": [
                {
                    "id": "gid://shopify/ProductVariant/21",
                    "title": "M",
                    "price": "20.00",
                    "compareAtPrice": "25.00",
                    "sku": "TEE-M",
                    "availableForSale": True,
                    "inventoryPolicy": "DENY",
                    "inventoryQuantity": 5,
                    "selectedOptions": [{"name": "Size", "value": "M"}],
                    "image": {"url": "https://cdn.example/b.jpg"},
                    "inventoryItem": {"id": "gid://shopify/InventoryItem/31", "tracked": True},
                }
            ],
            "pageInfo": {"hasNextPage": False, "endCursor": None},
        },
    }
}


@pytest.mark.parametrize(
    "at", sorted({place for _, _, place in optional_fields(graphql.ProductData, GRAPHQL)}, key=str)
)
def test_an_odd_value_in_a_response_of_the_admin_api_is_omitted(at: Path) -> None:
    for odd in ODD:
        found = read(text(with_value(GRAPHQL, at, odd)), graphql.ProductData).product

        assert found is not None
        body = from_graphql.body(found, found.variants.nodes)
        assert body.id == "11"
        assert [one.id for one in body.variants or ()] == ["21"]
        assert from_graphql.tracked(found.variants.nodes).keys() <= {"31", "7"}


@pytest.mark.parametrize("odd", [False, "odd", [], {}, [[]], [{}]])
@pytest.mark.parametrize(
    "at",
    [
        ("product",),
        ("product", "id"),
        ("product", "variants"),
        ("product", "variants", "nodes"),
        ("product", "variants", "nodes", 0, "id"),
        ("product", "variants", "pageInfo"),
        ("product", "variants", "pageInfo", "hasNextPage"),
    ],
)
def test_a_product_whose_variants_cannot_be_read_is_neither_gone_nor_without_them(
    at: Path, odd: object
) -> None:
    if at[-1] == "nodes" and odd == []:
        return  # a product without variants
    if at[-1] == "hasNextPage" and odd is False:
        return  # the last page
    with pytest.raises(NotUnderstood):
        read(text(with_value(GRAPHQL, at, odd)), graphql.ProductData)
