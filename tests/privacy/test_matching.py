"""Matching envelopes with people and orders."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests

from shared.model.entity import Entity, Kind
from shared.privacy.matching import PersonMatcher
from shared.queue.envelope import Envelope
from shared.queue.sqs import placeholder
from shared.settings import Secrets, WooCommerceSecrets
from shared.sources.woocommerce.source import build
from shared.sources.woocommerce.store import connect
from tests.queue.test_envelope import envelope
from tests.sources import woo
from tests.sources.shop import FakePorts, source

EMAIL = "ana@example.com"
GUEST = Entity(Kind.PERSON, f"email:{EMAIL.encode().hex()}")
CUSTOMER, ORDER = Entity(Kind.PERSON, "6940095564"), Entity(Kind.ORDER, "450789469")


def about(one: Envelope, *who: Entity) -> bool:
    matcher = PersonMatcher(sources={"shopify": source()}, pseudonym=FakePorts().pseudonym)
    return matcher.matches(one, frozenset(who))


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
        (b"{'contact_email': 'ana@example.com', ", GUEST),
    ],
)
def test_ids_and_addresses_are_found_in_an_untranslatable_body(body: bytes, who: Entity) -> None:
    assert about(webhook("orders/updated", body), who)


@pytest.mark.parametrize("address", ["o'brien@example.com", "either/or@example.com"])
def test_an_address_with_a_quote_or_a_slash_is_found_in_an_untranslatable_body(
    address: str,
) -> None:
    # PHP writes a slash as \/.
    body = json.dumps({"email": address}).replace("/", r"\/").encode()[:-1]
    who = Entity(Kind.PERSON, f"email:{address.encode().hex()}")

    assert about(webhook("orders/updated", body), who)


@pytest.mark.parametrize(
    "text",
    [
        "call me (ana@example.com)",
        "[ana@example.com]",
        "write to ana@example.com.",
        "'x@y.example'+'ana@example.com'",
    ],
)
def test_an_address_in_a_text_is_found(text: str) -> None:
    assert about(webhook("orders/updated", f'{{"note": "{text}"'.encode()), GUEST)


@pytest.mark.parametrize("text", [b"A" * 2**20, b"@" * 2**20, b"a@b" * 2**18, b"1" * 2**20])
def test_a_large_body_is_searched_in_linear_time(text: bytes) -> None:
    # A picture in base64, and worse. The first release needed hours of processor time for it.
    body = b'{"note": "' + text + b' ana@example.com"'
    started = time.process_time()

    found = about(webhook("orders/updated", body), GUEST, ORDER)

    assert found
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "body",
    [b'{"id": 4507894691, ', b'{"total": 12.450789469, ', b'{"email": "ana@example.com.au", '],
)
def test_similar_numbers_and_addresses_do_not_match(body: bytes) -> None:
    assert not about(webhook("orders/updated", body), ORDER, CUSTOMER, GUEST)


def test_a_customers_webhook_matches_the_address_in_it_too() -> None:
    body = {"id": 6940095564, "email": EMAIL, "first_name": "Ana", "last_name": None}

    assert about(webhook("customers/update", body), GUEST)


def test_a_data_request_matches_the_person_who_made_it() -> None:
    body = {"customer": {"id": 6940095564}, "orders_requested": [450789469]}

    assert about(webhook("customers/data_request", body), CUSTOMER)
    assert about(webhook("customers/data_request", body), ORDER)
    assert not about(webhook("customers/data_request", body), GUEST)


def test_a_placeholder_matches_everybody() -> None:
    assert about(placeholder(webhook("products/update", {"id": 1}), "forgotten"), CUSTOMER)
    assert not about(webhook("products/update", {"id": 1}), CUSTOMER)


# WooCommerce: the store is never queried, and ids are small numbers that many bodies contain.

ANA, FIRST = Entity(Kind.PERSON, "61"), Entity(Kind.ORDER, "51")


class UnusedSession(requests.Session):
    """A session that records whether it was used, and sends nothing."""

    used = False

    def request(self, *_: Any, **__: Any) -> Any:
        self.used = True
        raise requests.ConnectionError


def woo_about(topic: str, body: Any, *who: Entity) -> bool:
    keyed = WooCommerceSecrets(
        webhook_secrets=("secret",), consumer_key="ck_1", consumer_secret="cs_1"
    )
    secrets = Secrets(woocommerce=keyed)
    session = UnusedSession()
    store = connect(woo.merchant(), secrets, lambda: 1.0, session)
    found = build(woo.merchant(), secrets, woo.ports(), store)
    matcher = PersonMatcher(sources={"woocommerce": found}, pseudonym=FakePorts().pseudonym)
    answer = matcher.matches(woo.envelope(topic, body), frozenset(who))
    assert not session.used
    return answer


@pytest.mark.parametrize(
    ("topic", "body", "who"),
    [
        ("order.deleted", {"id": 51}, FIRST),
        ("customer.deleted", {"id": 61}, ANA),
        ("order.updated", woo.order(), FIRST),
        ("order.updated", woo.order(), ANA),
        ("order.updated", woo.order(), GUEST),
        ("customer.updated", woo.customer(), GUEST),
        # these cannot be translated
        ("order.updated", {"id": 51, "line_items": "?"}, FIRST),
        ("order.updated", {"id": 1, "customer_id": 61, "line_items": "?"}, ANA),
        ("order.updated", b'{"id": 51, "customer_id": 61', ANA),
        ("order.updated", b'{"billing": {"email": "Ana@example.com"', GUEST),
    ],
)
def test_a_webhook_of_woocommerce_matches_the_people_and_orders_in_it(
    topic: str, body: Any, who: Entity
) -> None:
    assert woo_about(topic, body, who)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("product.deleted", {"id": 51}),
        ("product.updated", woo.variable(id=61, variations=[51])),
        ("product.updated", woo.product(id=51, stock_quantity=61, type=7)),
        ("product.updated", b'{"id": 51, "price": "61"'),
        ("action.woocommerce_before_delete_product", {"action": "?", "arg": 51}),
        ("order.updated", {"id": 7, "customer_id": 8, "line_items": [51, 61]}),
        ("order.deleted", {"id": 61}),
        ("customer.deleted", {"id": 51}),
    ],
)
def test_a_number_that_is_no_id_of_theirs_does_not_match(topic: str, body: Any) -> None:
    assert not woo_about(topic, body, FIRST, ANA, GUEST)
