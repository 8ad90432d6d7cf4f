"""The merchant's file, the secret, the environment: an invalid value is rejected with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.pretty import pretty_repr

from shared.errors import NotConfigured
from shared.settings import (
    Catalog,
    DataCue,
    Delivery,
    Environment,
    Merchant,
    Secrets,
    Shopify,
    read_environment,
    read_merchant,
    read_secrets,
)

SAMPLE = """
name = "acme"
storefront = "https://acme.example"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]

[shopify]
shop = "acme.myshopify.com"
delivery_mode = "inline"            # or "queued"
api_version = "2026-10"
admin_url = "https://acme.myshopify.com"
accept_test = false

[datacue]
profile = "2018-09"
api_url = "https://api.datacue.co"
events_url = "https://events.datacue.co"

[catalog]
default_category = "uncategorised"
placeholder_photo = "https://acme.example/placeholder.png"
untracked_stock = 9999
"""
SECRET: dict[str, Any] = {
    "shopify": {
        "webhook_secrets": ["new-s3cret", "old-s3cret"],
        "client_id": None,
        "client_secret": None,
        "access_token": None,
    },
    "datacue": {"api_key": "k3y-s3cret", "api_secret": "s3cret-s3cret"},
}
ENVIRONMENT = {
    "SHOPRELAY_MERCHANT_FILE": "merchants/acme.toml",
    "SHOPRELAY_SECRET": "shoprelay/acme",
    "SHOPRELAY_TABLE": "ledger",
    "SHOPRELAY_RETRY_QUEUE_URL": "https://sqs/retry",
    "SHOPRELAY_DEAD_LETTERS_URL": "https://sqs/dead",
    "SHOPRELAY_BUCKET": "bodies",
}


def merchant() -> Merchant:
    return read_merchant(SAMPLE)


def secrets(**changes: Any) -> Secrets:
    return read_secrets(json.dumps(SECRET | changes), merchant())


def test_the_documented_merchant_file_is_read() -> None:
    assert merchant() == Merchant(
        name="acme",
        storefront="https://acme.example",
        currency="USD",
        sources=("shopify",),
        destinations=("datacue",),
        shopify=Shopify(shop="acme.myshopify.com", admin_url="https://acme.myshopify.com"),
        datacue=DataCue(),
        catalog=Catalog(placeholder_photo="https://acme.example/placeholder.png"),
        delivery=Delivery(),
    )


def test_the_shortest_merchant_file_has_the_documented_defaults() -> None:
    short = SAMPLE[: SAMPLE.index("delivery_mode")]

    one = read_merchant(short)

    assert one.shopify == Shopify(
        shop="acme.myshopify.com", delivery_mode="inline", api_version="2026-10"
    )
    assert one.datacue.profile == "2018-09"
    assert one.catalog.untracked_stock == 9999
    assert one.delivery.patience_hours == 24.0
    assert one.delivery.answer_within == 3.0


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ('name = "acme"', 'name = "Acme Ltd"', "$.name"),
        ('name = "acme"', "", "$.name"),
        ('name = "acme"', 'name = "acme"\ncolour = "red"', "$.colour"),
        ('"USD"', '"usd"', "$.currency"),
        ('"https://acme.example"', '"acme.example"', "$.storefront"),
        ('["shopify"]', '["magento"]', "$.sources[0]"),
        ('["shopify"]', "[]", "$.sources"),
        ('["datacue"]', "[]", "$.destinations"),
        ('["datacue"]', '"datacue"', "$.destinations"),
        ('"acme.myshopify.com"', '"acme.example"', "$.shopify.shop"),
        ('"inline"', '"later"', "$.shopify.delivery_mode"),
        ('"2026-10"', '"october"', "$.shopify.api_version"),
        ("accept_test = false", 'accept_test = "no"', "$.shopify.accept_test"),
        ("accept_test = false", "accept_tests = false", "$.shopify.accept_tests"),
        ('"2018-09"', '"2019-09"', "$.datacue.profile"),
        ("untracked_stock = 9999", "untracked_stock = 0", "$.catalog.untracked_stock"),
        ("untracked_stock = 9999", "untracked_stock = 1.5", "$.catalog.untracked_stock"),
        ('"uncategorised"', '""', "$.catalog.default_category"),
        ("[catalog]", "[delivery]\npatience_hours = 23\n[catalog]", "$.delivery.patience_hours"),
        ("[catalog]", "[delivery]\nanswer_within = 5\n[catalog]", "$.delivery.answer_within"),
    ],
)
def test_an_invalid_key_is_rejected_with_its_path(old: str, new: str, path: str) -> None:
    assert SAMPLE.count(old) >= 1

    with pytest.raises(NotConfigured, match=r"^the merchant file: ") as caught:
        read_merchant(SAMPLE.replace(old, new, 1))

    assert caught.value.path == path


def test_an_unknown_key_is_named() -> None:
    with pytest.raises(NotConfigured, match="unknown field `colour`"):
        read_merchant('colour = "red"\n' + SAMPLE)


def test_a_source_needs_its_section() -> None:
    with pytest.raises(NotConfigured, match="the section is missing") as caught:
        read_merchant(SAMPLE[: SAMPLE.index("[shopify]")])

    assert caught.value.path == "$.shopify"


def test_a_file_that_is_no_toml_is_rejected_with_its_line() -> None:
    with pytest.raises(NotConfigured, match=r"not TOML: .*line 2"):
        read_merchant('name = "acme"\ncurrency = = "USD"')


def test_the_documented_secret_is_read() -> None:
    one = secrets()

    assert one.shopify is not None
    assert one.datacue is not None
    assert one.shopify.webhook_secrets == ("new-s3cret", "old-s3cret")
    assert one.shopify.access_token is None
    assert one.datacue.api_secret == "s3cret-s3cret"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"shopify": {"webhook_secrets": []}}, "$.shopify.webhook_secrets"),
        ({"shopify": {"webhook_secrets": [""]}}, "$.shopify.webhook_secrets[0]"),
        ({"shopify": {"webhook_secrets": ["a-s3cret", ""]}}, "$.shopify.webhook_secrets[1]"),
        ({"shopify": {"webhook_secrets": "a-s3cret"}}, "$.shopify.webhook_secrets"),
        ({"shopify": {}}, "$.shopify.webhook_secrets"),
        ({"shopify": {"webhook_secrets": ["a-s3cret", "  "]}}, "$.shopify.webhook_secrets[1]"),
        ({"shopify": None}, "$.shopify"),
        ({"datacue": None}, "$.datacue"),
        ({"datacue": {"api_key": "", "api_secret": "s3cret"}}, "$.datacue.api_key"),
        ({"datacue": {"api_key": "k", "api_secret": ""}}, "$.datacue.api_secret"),
        ({"datacue": {"api_key": "k", "api_secret": 5}}, "$.datacue.api_secret"),
        ({"datacue": {"api_key": "k", "api_secret": "s3cret", "x": 1}}, "$.datacue.x"),
        ({"pseudonym_key": "s3cret"}, "$.pseudonym_key"),
        ({"yespo": {"x": "s3cret"}}, "$.yespo.x"),
    ],
)
def test_an_invalid_secret_is_rejected_with_its_path_and_not_shown(
    changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(NotConfigured, match=r"^the secret: ") as caught:
        secrets(**changes)

    assert caught.value.path == path
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"s3cret", b'{"datacue": "s3cret', b'"s3cret\xff"'])
def test_a_secret_that_is_no_json_is_rejected_and_not_shown(data: bytes) -> None:
    with pytest.raises(NotConfigured, match=r"^the secret") as caught:
        read_secrets(data, merchant())

    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("show", [repr, str, pretty_repr])
def test_a_repr_shows_no_secret(show: Any) -> None:
    one = secrets(pseudonym_key="a-long-s3cret-key")

    for value in (one, one.shopify, one.datacue):
        assert "s3cret" not in show(value)


def test_the_environment_of_a_function_is_read() -> None:
    assert read_environment(ENVIRONMENT) == Environment(
        merchant_file="merchants/acme.toml",
        secret_name="shoprelay/acme",
        table="ledger",
        retry_queue="https://sqs/retry",
        dead_letters="https://sqs/dead",
        bucket="bodies",
        wait_scale=1.0,
    )


def test_a_local_stack_shortens_the_delays() -> None:
    assert read_environment(ENVIRONMENT | {"SHOPRELAY_WAIT_SCALE": "0.01"}).wait_scale == 0.01


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_variable_is_named(name: str, value: str | None) -> None:
    variables = {key: one for key, one in (ENVIRONMENT | {name: value}).items() if one is not None}

    with pytest.raises(NotConfigured, match=name):
        read_environment(variables)


def test_an_invalid_variable_is_rejected() -> None:
    with pytest.raises(NotConfigured, match="SHOPRELAY_WAIT_SCALE"):
        read_environment(ENVIRONMENT | {"SHOPRELAY_WAIT_SCALE": "fast"})
