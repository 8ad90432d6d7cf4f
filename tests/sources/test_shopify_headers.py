from __future__ import annotations

import pytest

from shared.errors import Incomplete, NotOurs
from tests.sources.shop import SHOP, source

HEADERS = {
    "x-shopify-topic": "products/update",
    "x-shopify-shop-domain": SHOP,
    "x-shopify-api-version": "2026-10",
    "x-shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
}
# 2026-11-21T09:00:00Z
RECEIVED = 1_795_251_600.5


@pytest.mark.parametrize("name", list(HEADERS))
def test_each_missing_required_header_is_reported(name: str) -> None:
    headers = {key: value for key, value in HEADERS.items() if key != name}

    with pytest.raises(Incomplete) as caught:
        source().to_envelope(b"{}", headers, RECEIVED)

    assert caught.value.header == name


def test_an_empty_required_header_is_reported() -> None:
    with pytest.raises(Incomplete):
        source().to_envelope(b"{}", {**HEADERS, "x-shopify-webhook-id": " "}, RECEIVED)


def test_the_envelope_holds_the_webhook_itself() -> None:
    headers = {
        **HEADERS,
        "x-shopify-triggered-at": "2026-11-21T08:59:59.372189411Z",
        "x-shopify-event-id": "98880550",
        "x-shopify-test": "true",
        "x-shopify-name": "products",
        "x-shopify-sub-topic": "sub",
        "authorization": "secret",
    }

    found = source().to_envelope(b'{"id":1}', headers, RECEIVED)

    assert found.id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert found.source == "shopify"
    assert found.topic == "products/update"
    assert found.body == b'{"id":1}'
    assert found.triggered_at == "2026-11-21T08:59:59.372189411Z"
    assert found.received_at == "2026-11-21T09:00:00.500000000Z"
    assert found.headers == {
        "shopify-topic": "products/update",
        "shopify-shop-domain": SHOP,
        "shopify-api-version": "2026-10",
        "shopify-webhook-id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043",
        "shopify-triggered-at": "2026-11-21T08:59:59.372189411Z",
        "shopify-event-id": "98880550",
        "shopify-test": "true",
        "shopify-name": "products",
        "shopify-sub-topic": "sub",
    }


def test_header_names_without_x_are_accepted() -> None:
    headers = {name.removeprefix("x-"): value for name, value in HEADERS.items()}

    assert source().to_envelope(b"{}", headers, RECEIVED).topic == "products/update"


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00:00+14:00", ""])
def test_without_a_trigger_time_the_receive_time_is_used(text: str) -> None:
    found = source().to_envelope(b"{}", {**HEADERS, "x-shopify-triggered-at": text}, RECEIVED)

    assert found.triggered_at == "2026-11-21T09:00:00.500000000Z"


def test_another_shop_is_not_ours() -> None:
    headers = {**HEADERS, "x-shopify-shop-domain": "demo-store.myshopify.com.evil.example"}

    with pytest.raises(NotOurs):
        source().to_envelope(b"{}", headers, RECEIVED)


def test_the_shop_domain_is_case_insensitive() -> None:
    headers = {**HEADERS, "x-shopify-shop-domain": "Demo-Store.myshopify.com"}

    assert source().to_envelope(b"{}", headers, RECEIVED).topic == "products/update"
