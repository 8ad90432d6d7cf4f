from __future__ import annotations

import json
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.local import start_sandbox
from cli.local.aws import Resources
from cli.local.control import Control
from cli.local.program import build_demo
from cli.local.stack import Stack, StackOptions
from shared.errors import NotConfigured
from shared.settings import read_merchant, read_secrets

ROOT = Path(__file__).parents[2]
MERCHANT = (ROOT / "merchants" / "demo.toml").read_text()
SECRETS = (ROOT / "merchants" / "demo.secrets.json").read_text()


class SilentScreen:
    def show(self, event: str, **_: Any) -> None:
        pass

    def close(self) -> None:
        pass


def titles(text: str, *, with_store: bool = True) -> list[str]:
    """Return the titles of a merchant's demo steps."""
    merchant = read_merchant(text)
    options = StackOptions(merchant=text, secrets=SECRETS, samples=True)
    secrets = read_secrets(SECRETS, merchant)
    with ExitStack() as up:
        store = start_sandbox.store(up, merchant, secrets, samples=True) if with_store else None
        stack = Stack(
            gateway="http://127.0.0.1:1",
            sandbox="http://127.0.0.1:2",
            resources=Resources(endpoint="", retry_queue="", dead_letters="", secret=""),
            sqs=boto3.client("sqs", region_name="us-east-1"),
            control=Control("http://127.0.0.1:2"),
            store=store,
        )
        _, steps = build_demo(options, stack, SilentScreen(), threading.Event())
    return [title for title, _ in steps]


def with_sources(*sources: str) -> str:
    return MERCHANT.replace('["shopify", "woocommerce"]', json.dumps(sources))


ORDER_STEPS = [
    "A customer with visitor ids buys",
    "A customer without visitor ids buys twice while a platform is down",
]
SHOPIFY, WOOCOMMERCE = "A webhook has an invalid signature", "A WooCommerce store pings"


def test_both_shops_have_steps_and_the_deleting_ones_come_last() -> None:
    both = titles(with_sources("shopify", "woocommerce"))

    assert both[0] == SHOPIFY
    assert both[8:10] == ORDER_STEPS
    assert both[10].startswith(WOOCOMMERCE)
    assert both[-2:] == ["Customers are redacted", "The app is uninstalled from the Shopify shop"]
    assert (
        len(both)
        == len(titles(with_sources("shopify"))) + len(titles(with_sources("woocommerce")))
        == 19
    )


def test_a_merchant_of_one_source_has_the_steps_of_that_one() -> None:
    assert titles(with_sources("shopify"))[0] == SHOPIFY
    assert titles(with_sources("woocommerce"))[0].startswith(WOOCOMMERCE)


def test_a_merchant_without_all_four_platforms_has_no_order_steps() -> None:
    some = with_sources("shopify").replace(
        '"datacue", "yespo", "esputnik", "personaclick"', '"datacue"'
    )

    assert set(titles(with_sources("shopify"))) - set(titles(some)) == set(ORDER_STEPS)


@pytest.mark.parametrize("sources", [("woocommerce",), ("shopify", "woocommerce")])
def test_a_merchant_without_a_consumer_key_gets_an_error(
    sources: tuple[str, ...],
) -> None:
    with pytest.raises(NotConfigured, match=r"\$\.woocommerce\.consumer_key"):
        titles(with_sources(*sources), with_store=False)
