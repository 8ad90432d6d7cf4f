from __future__ import annotations

import tomllib

import pytest

from cli.local.merchant import is_fictional, sandboxed, uses_sandbox
from shared.settings import WooCommerce, read_merchant

TOP = """
name = "acme"
storefront = "https://acme.example/a\\"b"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]

[shopify]
shop = "acme.myshopify.com"
accept_test = true

[catalog]
untracked_stock = 5
"""


def test_documented_hosts_are_replaced_with_the_sandbox_even_if_they_are_defaults() -> None:
    merchant = read_merchant(TOP)

    read = read_merchant(sandboxed(TOP, merchant, "http://127.0.0.1:1"))

    assert read.datacue.api_url == "http://127.0.0.1:1/datacue/api"
    assert read.datacue.events_url == "http://127.0.0.1:1/datacue/events"
    assert uses_sandbox(merchant)


def test_any_other_host_is_used_as_given() -> None:
    text = TOP + '[datacue]\napi_url = "http://127.0.0.1:9/x"\n'
    merchant = read_merchant(text)

    read = read_merchant(sandboxed(text, merchant, "http://127.0.0.1:1"))

    assert read.datacue.api_url == "http://127.0.0.1:9/x"
    assert read.datacue.events_url == "http://127.0.0.1:1/datacue/events"
    assert not uses_sandbox(merchant)


@pytest.mark.parametrize("url", ["https://api.datacue.co", "https://api.datacue.co/"])
def test_a_documented_host_is_recognised_with_and_without_a_slash(url: str) -> None:
    text = TOP + f'[datacue]\napi_url = "{url}"\n'

    read = read_merchant(sandboxed(text, read_merchant(text), "http://127.0.0.1:1"))

    assert read.datacue.api_url == "http://127.0.0.1:1/datacue/api"


def test_a_platform_with_only_a_section_is_replaced_too() -> None:
    text = TOP + '[personaclick]\nshop_id = "0d42fd8b713d0752776ca589cc0056"\n'

    read = read_merchant(sandboxed(text, read_merchant(text), "http://127.0.0.1:1"))

    assert read.personaclick is not None
    assert read.personaclick.url == "http://127.0.0.1:1/personaclick"


def test_the_rest_of_the_file_stays() -> None:
    written = tomllib.loads(sandboxed(TOP, read_merchant(TOP), "http://127.0.0.1:1"))

    del written["datacue"]
    assert written == tomllib.loads(TOP)


WOOCOMMERCE = (
    TOP.replace('["shopify"]', '["woocommerce"]')
    + """
[woocommerce]
url = "https://store.acme.com/shop"
roles = ["customer", "wholesale"]
"""
)


def test_a_stand_in_store_replaces_the_merchants_store() -> None:
    merchant = read_merchant(WOOCOMMERCE)

    real = read_merchant(sandboxed(WOOCOMMERCE, merchant, "http://127.0.0.1:1"))
    emulated = read_merchant(
        sandboxed(WOOCOMMERCE, merchant, "http://127.0.0.1:1", "http://127.0.0.1:2")
    )

    assert (real.woocommerce, emulated.woocommerce) == (
        WooCommerce(url="https://store.acme.com/shop", roles=frozenset({"customer", "wholesale"})),
        WooCommerce(
            url="http://127.0.0.1:2",
            # The samples still come from there.
            other_urls=("https://store.acme.com/shop",),
            roles=frozenset({"customer", "wholesale"}),
        ),
    )


@pytest.mark.parametrize(
    ("host", "found"),
    [
        ("woo.demo-store.example", True),
        ("acme.example:8443", True),
        ("acme.com", False),
        ("example.com", False),
        ("acme.example.com", False),
        ("127.0.0.1:8088", False),
    ],
)
def test_a_store_below_example_is_fictional(host: str, *, found: bool) -> None:
    assert is_fictional(read_merchant(WOOCOMMERCE.replace("store.acme.com", host))) is found


def test_a_merchant_without_woocommerce_has_no_fictional_store() -> None:
    assert not is_fictional(read_merchant(TOP))
