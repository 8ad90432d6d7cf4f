from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.sources.parsing.documents import keys_of
from shared.sources.woocommerce.topic_check import error_document
from tests.sources.woo import (
    CORPUS,
    FakeStore,
    capture,
    customer,
    failure,
    order,
    product,
    source,
    translate,
)

beside = pytest.mark.skipif(not CORPUS.exists(), reason="no captures here")
ERROR = {
    "code": "woocommerce_rest_product_invalid_id",
    "message": "Invalid ID.",
    "data": {"status": 404},
}


def test_no_topic_is_both_handled_and_ignored() -> None:
    assert not source().handled & set(source().ignored)


def test_every_ignored_topic_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in source().ignored.values())


def test_the_handled_topics() -> None:
    assert source().handled == {
        "product.created", "product.updated", "product.deleted", "product.restored",
        "product.published", "order.created", "order.updated", "order.deleted", "order.restored",
        "customer.created", "customer.updated", "customer.deleted",
        "action.woocommerce_before_delete_product",
        "action.woocommerce_delete_product_variation", "shoprelay.redact",
    }  # fmt: skip


def test_carts_and_coupons_are_ignored_by_name() -> None:
    coupons = {f"coupon.{one}" for one in ("created", "updated", "deleted", "restored")}

    assert {*coupons, "action.woocommerce_add_to_cart"} <= set(source().ignored)


@beside
def test_every_topic_of_the_corpus_is_in_one_of_the_lists() -> None:
    found = source()
    topics = {path.stem.partition("-")[2] for path in CORPUS.glob("*.json")} - {"ping"}

    assert topics - found.handled - set(found.ignored) == set()
    assert len(topics) > 20


def test_an_unknown_topic_is_ignored_and_counted() -> None:
    found = translate("unicorn.created", b"not even json")

    assert found.ignored == "unknown topic"
    assert found.counts == ("unknown_topic",)


def test_an_ignored_topic_is_not_read() -> None:
    found = translate("coupon.deleted", b"not even json")

    assert found.ignored == source().ignored["coupon.deleted"]
    assert found.counts == ()


@pytest.mark.parametrize("topic", ["product.updated", "order.created", "customer.updated"])
def test_an_error_document_is_ignored_and_counted_whatever_its_topic(topic: str) -> None:
    store = FakeStore()

    found = translate(topic, ERROR, store=store)

    assert found.changes == ()
    assert found.ignored == (
        "the store sent an error document: woocommerce_rest_product_invalid_id"
    )
    assert found.counts == ("error_document",)
    assert store.queries == []


def test_the_code_of_an_error_document_may_be_no_text() -> None:
    found = translate("order.updated", {"code": 7, "message": "?"})

    assert found.ignored == "the store sent an error document: an unreadable code"


@pytest.mark.parametrize(
    "body",
    [
        order(code="x", message="y"),
        {**ERROR, "id": 51},
        {"message": "Invalid ID."},
        {"code": "x"},
    ],
)
def test_a_body_with_an_id_or_without_a_key_is_no_error_document(body: Any) -> None:
    assert error_document(keys_of(json.dumps(body).encode())) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (71, "woocommerce_rest_product_invalid_id"),
        (324, "woocommerce_rest_product_invalid_id"),
        (606, "woocommerce_rest_product_invalid_id"),
        (687, "woocommerce_rest_cannot_view"),
    ],
)
def test_0071_error_documents_that_were_signed_as_updates_and_restores(
    number: int, code: str
) -> None:
    found = translate(*capture(number))

    assert found.ignored == f"the store sent an error document: {code}"
    assert found.counts == ("error_document",)


def test_0060_a_coupon_restored_that_is_a_product_is_ignored_as_a_coupon() -> None:
    topic, raw = capture(60)

    assert "code" in json.loads(raw)
    assert translate(topic, raw).ignored == source().ignored["coupon.restored"]


@pytest.mark.parametrize(
    ("topic", "body", "path"),
    [
        ("order.created", customer(), "$.line_items"),
        ("order.created", product(), "$.line_items"),
        ("order.created", {"id": 51}, "$.line_items"),
        ("customer.updated", order(), "$.role"),
        ("customer.updated", {"id": 61}, "$.role"),
        ("product.updated", order(), "$.type"),
        ("product.created", {"id": 11}, "$.type"),
        ("product.deleted", product(), "$.type"),
        ("order.deleted", order(), "$.line_items"),
        ("customer.deleted", customer(), "$.role"),
        ("customer.deleted", {"id": 61, "code": "x"}, "$.code"),
        ("order.deleted", {"action": "woocommerce_x", "arg": 51}, "$.action"),
        (
            "action.woocommerce_before_delete_product",
            {"action": "woocommerce_delete_product_variation", "arg": 11},
            "$.action",
        ),
        ("action.woocommerce_before_delete_product", {"id": 11}, "$.action"),
    ],
)
def test_a_signed_body_under_another_topic_is_not_understood(
    topic: str, body: Any, path: str
) -> None:
    # Nothing but the body is signed: whoever saw one could send it under any topic.
    assert failure(topic, body) == path


@pytest.mark.parametrize("topic", sorted(source().handled))
@pytest.mark.parametrize("raw", [b"[]", b'"x"', b"1", b"null", b'{"id":', b"", b"\xff"])
def test_a_body_that_is_no_object_is_not_understood(topic: str, raw: bytes) -> None:
    assert failure(topic, raw) is not None


def changes(path: Path) -> int:
    topic, raw = capture(int(path.stem[:4]))
    found = translate(topic, raw, store=FakeStore())
    assert bool(found.changes) != bool(found.ignored)
    return len(found.changes)


@beside
@pytest.mark.parametrize(
    ("kind", "silent"),
    [
        ("order", {361, 362}),  # drafts of a checkout
        ("customer", {315, 1020}),  # users who do not buy
    ],
)
def test_every_capture_of_orders_and_customers_is_saved_except_these(
    kind: str, silent: set[int]
) -> None:
    found = {int(path.stem[:4]): changes(path) for path in CORPUS.glob(f"*-{kind}.*.json")}

    assert {number for number, count in found.items() if not count} == silent
    assert len(found) > 10
