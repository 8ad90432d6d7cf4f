from __future__ import annotations

import json
from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, PersonRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant_at
from shared.sources.contract import Forget, Redacted
from shared.sources.registry import REDACTIONS
from shared.sources.woocommerce.privacy import REDACT, manual_redaction
from tests.sources.woo import (
    DEADLINE,
    NOW,
    capture,
    customer,
    envelope,
    failure,
    order,
    product,
    source,
)

ANA = Entity(Kind.PERSON, "61")
GUEST = Entity(Kind.PERSON, "email:" + b"ana@example.com".hex())
FIRST, SECOND = Entity(Kind.ORDER, "51"), Entity(Kind.ORDER, "52")
REQUEST = Forget(email=" Ana@Example.com", id="61", orders=("51", "52"))


def test_a_manual_request_removes_both_entities_of_a_person_and_the_orders() -> None:
    found = source().translate(manual_redaction(REQUEST, "forget-1", NOW), DEADLINE)

    now = Version.at(instant_at(NOW))
    assert found.changes == (
        PersonRemoved(entity=ANA, version=now, user_id="61", redacted=True),
        PersonRemoved(entity=GUEST, version=now, user_id="ana@example.com", redacted=True),
        OrderRemoved(entity=FIRST, version=now, redacted=True),
        OrderRemoved(entity=SECOND, version=now, redacted=True),
    )
    assert found.notice == Redacted(people=(ANA, GUEST), orders=(FIRST, SECOND))


@pytest.mark.parametrize(
    ("erasure", "people", "orders"),
    [
        (Forget(id="61"), (ANA,), ()),
        (Forget(email="ana@example.com"), (GUEST,), ()),
        (Forget(orders=("51",)), (), (FIRST,)),
    ],
)
def test_a_manual_request_may_name_one_thing_only(
    erasure: Forget, people: tuple[Entity, ...], orders: tuple[Entity, ...]
) -> None:
    found = source().translate(manual_redaction(erasure, "forget-1", NOW), DEADLINE)

    assert found.notice == Redacted(people=people, orders=orders)


@pytest.mark.parametrize(
    ("erasure", "path"),
    [
        (Forget(), "$"),
        (Forget(email="ana at example"), "$.customer.email"),
        (Forget(id="61x"), "$.customer.id"),
        (Forget(id="61", orders=("51", "x")), "$.orders_to_redact[1]"),
    ],
)
def test_an_invalid_request_is_rejected(erasure: Forget, path: str) -> None:
    with pytest.raises(NotUnderstood) as caught:
        manual_redaction(erasure, "forget-1", NOW)

    assert caught.value.path == path


def test_the_redaction_of_shopify_and_ours_have_the_same_body() -> None:
    shopify, ours = (
        json.loads(REDACTIONS[name](REQUEST, "forget-1", NOW).body) for name in REDACTIONS
    )

    assert shopify == ours


@pytest.mark.parametrize(
    "body",
    [
        order(),
        customer(),
        product(),
        {"id": 61},
        {"action": "woocommerce_before_delete_product", "arg": 61},
        {"customer": {"id": 61}},
        {"customer": {"id": 61}, "orders_to_redact": [], "id": 61},
        {"shop_id": 1, "customer": {"id": 61}, "orders_to_redact": [51]},
    ],
)
def test_nobody_is_erased_by_a_body_that_was_signed_for_something_else(body: Any) -> None:
    assert failure(REDACT, body) == "$"


@pytest.mark.parametrize(
    "topic", ["order.updated", "customer.updated", "product.updated", "customer.deleted"]
)
def test_a_manual_request_is_invalid_under_another_topic(topic: str) -> None:
    assert failure(topic, manual_redaction(REQUEST, "forget-1", NOW).body) is not None


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("order.updated", order(), {FIRST, ANA}),
        ("order.updated", order(customer_id=0), {FIRST}),
        ("order.updated", {"id": 51, "customer_id": 61, "line_items": "?"}, {FIRST, ANA}),
        ("order.deleted", {"id": 51}, {FIRST}),
        ("customer.updated", customer(), {ANA}),
        ("customer.deleted", {"id": 61}, {ANA}),
        ("customer.updated", {"id": "?"}, set()),
        # Ids here are small: any number in a product could be the id of a person.
        ("product.updated", product(id=61), set()),
        ("product.deleted", {"id": 61}, set()),
        ("product.updated", b'{"id": 61', set()),
        ("action.woocommerce_before_delete_product", {"action": "?", "arg": 61}, set()),
    ],
)
def test_ids_are_found_without_a_query_and_in_invalid_bodies(
    topic: str, body: object, expected: set[Entity]
) -> None:
    assert source().find_person_ids(envelope(topic, body)) == frozenset(expected)


def test_of_an_order_that_is_no_object_any_number_may_be_an_id() -> None:
    assert source().find_person_ids(envelope("order.updated", b'{"id": 51, "customer')) is None


def test_0363_a_real_order_has_its_own_id_and_no_guest() -> None:
    assert source().find_person_ids(envelope(*capture(363))) == frozenset(
        {Entity(Kind.ORDER, "65")}
    )
