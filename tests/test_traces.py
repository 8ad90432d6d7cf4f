"""Whom an envelope is about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.delivery.envelope import Envelope
from shared.delivery.queue import stub
from shared.model.entity import Entity, Kind
from shared.traces import Traces
from tests.delivery.test_envelope import envelope
from tests.sources.shop import FakePorts, source

EMAIL = "ana@example.com"
GUEST = Entity(Kind.PERSON, f"email:{EMAIL.encode().hex()}")
CUSTOMER, ORDER = Entity(Kind.PERSON, "6940095564"), Entity(Kind.ORDER, "450789469")


def about(one: Envelope, *who: Entity) -> bool:
    traces = Traces(sources={"shopify": source()}, pseudonym=FakePorts().pseudonym)
    return traces.about(one, frozenset(who))


def webhook(topic: str, body: Any) -> Envelope:
    return envelope(
        topic=topic, body=body if isinstance(body, bytes) else json.dumps(body).encode()
    )


@pytest.mark.parametrize(
    ("body", "who"),
    [
        (b'{"id": 450789469, "email":', ORDER),
        (b'{"order": "gid://shopify/Order/450789469"', ORDER),
        (b'{"customer": {"id": 6940095564, ', CUSTOMER),
        (b'{"contact_email": "Ana@Example.com", ', GUEST),
    ],
)
def test_a_body_that_nobody_can_translate_names_people_and_orders_all_the_same(
    body: bytes, who: Entity
) -> None:
    assert about(webhook("orders/updated", body), who)


@pytest.mark.parametrize(
    "body",
    [b'{"id": 4507894691, ', b'{"total": 12.450789469, ', b'{"email": "ana@example.com.au", '],
)
def test_what_only_looks_alike_is_somebody_else(body: bytes) -> None:
    assert not about(webhook("orders/updated", body), ORDER, CUSTOMER, GUEST)


def test_a_customers_webhook_is_about_the_address_in_it_too() -> None:
    body = {"id": 6940095564, "email": EMAIL, "first_name": "Ana", "last_name": None}

    assert about(webhook("customers/update", body), GUEST)


def test_a_request_for_data_is_about_the_person_who_asks() -> None:
    body = {"customer": {"id": 6940095564}, "orders_requested": [450789469]}

    assert about(webhook("customers/data_request", body), CUSTOMER)
    assert about(webhook("customers/data_request", body), ORDER)
    assert not about(webhook("customers/data_request", body), GUEST)


def test_a_stub_is_about_whoever_is_forgotten() -> None:
    assert about(stub(webhook("products/update", {"id": 1}), "forgotten"), CUSTOMER)
    assert not about(webhook("products/update", {"id": 1}), CUSTOMER)
