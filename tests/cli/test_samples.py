"""The samples, and the store that answers queries about the samples of WooCommerce."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cli.docs.sample_store import SampleStore, documents, with_body
from cli.sandbox.samples import EVENTS, groups, topic_of


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("products__create__two_variants", "products/create"),
        ("customers_email_marketing_consent__update__pending", None),
        ("product.created__variable", "product.created"),
        ("action.woocommerce_add_to_cart__four", "action.woocommerce_add_to_cart"),
    ],
)
def test_a_files_name_is_a_topic_and_a_case(name: str, topic: str | None) -> None:
    assert topic_of(Path(f"{name}.json")) == (topic or "customers_email_marketing_consent/update")


def test_woocommerces_samples_are_grouped_by_kind() -> None:
    found = {group.kind: group for group in groups("woocommerce")}

    assert list(found) == [
        "products",
        "variations",
        "orders",
        "customers",
        "hints",
        "carts",
        "by hand",
    ]
    assert {body["type"] for _, body in found["variations"].samples} == {"variation"}
    assert {topic for topic, _ in found["hints"].samples} == {
        "action.woocommerce_before_delete_product",
        "action.woocommerce_delete_product_variation",
        "customer.deleted",
        "order.deleted",
        "product.deleted",
    }
    assert found["carts"].heading == "WooCommerce carts: action.woocommerce_add_to_cart"


def store(sample: str, /, **fields: object) -> SampleStore:
    """Return the store while a sample, with other fields, is translated."""
    body = json.loads((EVENTS / "woocommerce" / f"{sample}.json").read_bytes())
    return with_body(documents(), json.dumps({**body, **fields}).encode())


def test_the_store_returns_a_product_as_the_body_has_it() -> None:
    found = store("product.updated__variable_renamed", name="Another").product("24", 0.0)

    assert found is not None
    assert found.name == "Another"


def test_a_body_that_is_a_variation_is_listed_with_its_product() -> None:
    found = store("product.created__variation_any_fit", sku="ANOTHER").variations("24", 0.0)

    assert {one.id: one.sku for one in found}["26"] == "ANOTHER"
    assert sorted(one.id for one in found) == ["25", "26", "48"]


def test_a_variation_in_the_trash_is_not_listed_but_can_be_read() -> None:
    found = store("product.created__variation_any_fit", status="trash")

    assert sorted(one.id for one in found.variations("24", 0.0)) == ["25", "48"]
    assert found.product("26", 0.0) is not None


def test_a_hint_adds_nothing_to_the_store() -> None:
    assert store("product.deleted__a_coupon") is documents()
    assert documents().product("52", 0.0) is None


def test_an_order_and_a_customer_are_stored_as_their_bodies_have_them() -> None:
    order = store("order.updated__refunded", status="completed").order("57", 0.0)
    customer = store("customer.created__new_account", role="editor").customer("2", 0.0)

    assert order is not None
    assert customer is not None
    assert (order.status, customer.role) == ("completed", "editor")
    assert documents().customer("2", 0.0) is None
