"""``shoprelay connect``, ``disconnect`` and ``audit``, against both stores on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.checks.errors import describe
from cli.main import app
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from tests.subscriptions.topic_counts import ORDER_TOPICS, SHOPIFY_TOPICS, WOO_TOPICS

URL = "https://hooks.example"
SHOPIFY, WOO = f"{URL}/webhooks/shopify", f"{URL}/webhooks/woocommerce"
SECRET = "a-secret-of_safe-signs-and-32-of-them"
TOKEN = "shpat_never_shown"
MERCHANT = """
name = "acme"
storefront = "https://acme.example"
currency = "EUR"
sources = ["shopify", "woocommerce"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
admin_url = "{shopify}"
[woocommerce]
url = "{woo}"
"""


@dataclass(frozen=True)
class Stores:
    """Both stores, and a folder with the merchant's files."""

    shopify: AdminDouble
    woo: RestDouble
    folder: Path

    def write(self, sources: str = '"shopify", "woocommerce"', **changed: Any) -> None:
        text = MERCHANT.format(shopify=self.shopify.url, woo=self.woo.url)
        text = text.replace('"shopify", "woocommerce"', sources)
        (self.folder / "merchants" / "acme.toml").write_text(text)
        secrets: dict[str, dict[str, Any]] = {
            "shopify": {"webhook_secrets": ["whsec"], "access_token": TOKEN},
            "woocommerce": {
                "webhook_secrets": [SECRET],
                "consumer_key": "ck_acme",
                "consumer_secret": "cs_acme",
            },
            "datacue": {"api_key": "k", "api_secret": "s"},
        }
        (self.folder / "s.json").write_text(json.dumps(secrets | changed))

    def run(self, *words: str, url: str | None = URL) -> Result:
        where = ("--url", url) if url else ()
        arguments = (words[0], "acme", *words[1:], "--secrets", "s.json", *where)
        return CliRunner().invoke(app, arguments, env={"COLUMNS": "200"})

    def json(self, *words: str) -> tuple[int, dict[str, Any]]:
        result = self.run(*words, "--json")
        return result.exit_code, json.loads(result.stdout)

    def subscriptions(self) -> tuple[int, int]:
        """Count the subscriptions that point to us."""
        return (
            sum(one["uri"] == SHOPIFY for one in self.shopify.held.subscriptions),
            sum(one["delivery_url"] == WOO for one in self.woo.held.webhooks.values()),
        )


@pytest.fixture
def stores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "merchants").mkdir()
    key = Key(name="ck_acme", secret="cs_acme", may="read_write")
    reader = Key(name="ck_read", secret="cs_read")
    with AdminDouble() as shopify, RestDouble(keys=(key, reader)) as woo:
        shopify.held.tokens = {TOKEN}
        made = Stores(shopify, woo, tmp_path)
        made.write()
        yield made


def test_a_plan_is_shown_and_nothing_is_changed(stores: Stores) -> None:
    result = stores.run("connect")

    assert result.exit_code == 1
    assert stores.subscriptions() == (0, 0)
    assert f"shopify -> {SHOPIFY}" in result.stdout
    assert "orders/create" in result.stdout
    assert f"{SHOPIFY_TOPICS} differences. Nothing was changed: use --yes" in result.stdout
    assert f'uri = "{SHOPIFY}"' in result.stdout
    assert 'compliance_topics = ["customers/data_request"' in result.stdout
    assert TOKEN not in result.stdout
    assert SECRET not in result.stdout


def test_connect_creates_everything_and_reads_it_back(stores: Stores) -> None:
    result = stores.run("connect", "--yes")

    assert result.exit_code == 0, result.output
    assert stores.subscriptions() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert (
        f"Done and read back: {SHOPIFY_TOPICS} create.\nEverything is as it should be."
        in result.stdout
    )
    assert "Done and read back: 13 create, 1 try." in result.stdout
    assert {*stores.woo.held.signing.values()} == {SECRET}
    assert stores.shopify.requests[-1] == "webhookSubscriptions"


def test_a_second_connect_does_nothing(stores: Stores) -> None:
    stores.run("connect", "--yes")
    before = stores.shopify.requests.copy()

    result = stores.run("connect", "--yes")

    assert result.exit_code == 0
    assert stores.subscriptions() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert stores.shopify.requests == [*before, "webhookSubscriptions"]
    assert "Everything is as it should be." in result.stdout


def test_the_plan_as_json_has_every_step(stores: Stores) -> None:
    stores.shopify.held.subscribe("ORDERS_CREATE", "https://other.example/x")
    stores.write('"shopify"')

    code, plan = stores.json("connect")

    (shop,) = plan["shops"]
    assert (code, plan["merchant"], plan["acted"]) == (1, "acme", False)
    assert (shop["source"], shop["address"], shop["refused"]) == ("shopify", SHOPIFY, [])
    assert shop["steps"][0] == {
        "action": "create",
        "topic": "app/uninstalled",
        "address": SHOPIFY,
        "why": "is not there",
        "id": None,
        "state": None,
        "version": None,
    }
    assert shop["steps"][-1] == {
        "action": "foreign",
        "topic": "orders/create",
        "address": "https://other.example/x",
        "why": "",
        "id": "gid://shopify/WebhookSubscription/1",
        "state": "active",
        "version": "2026-10",
    }
    assert len(shop["left"]) == SHOPIFY_TOPICS


def test_subscriptions_of_others_are_kept_by_connect_and_disconnect(stores: Stores) -> None:
    stores.shopify.held.subscribe("ORDERS_CREATE", "https://other.example/x")
    stores.run("connect", "--yes")

    result = stores.run("disconnect", "--yes")

    assert result.exit_code == 0, result.output
    assert stores.subscriptions() == (0, 0)
    assert [one["uri"] for one in stores.shopify.held.subscriptions] == ["https://other.example/x"]


def test_disconnect_is_a_dry_run_without_yes(stores: Stores) -> None:
    stores.run("connect", "--yes")

    assert stores.run("disconnect").exit_code == 1
    assert stores.subscriptions() == (SHOPIFY_TOPICS, WOO_TOPICS)


def test_an_older_woocommerce_is_connected_without_unsupported_topics(stores: Stores) -> None:
    stores.woo.held.version = (9, 9)
    stores.write('"woocommerce"')

    first, second = stores.run("connect", "--yes"), stores.run("connect")

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert stores.subscriptions() == (0, WOO_TOPICS - 1)


def test_a_rotated_secret_is_set_in_existing_webhooks(stores: Stores) -> None:
    stores.write('"woocommerce"')
    stores.run("connect", "--yes")
    stores.woo.held.signing = dict.fromkeys(stores.woo.held.signing, "the old one")

    result = stores.run("connect", "--renew-secret", "--yes")

    assert result.exit_code == 0, result.output
    assert {*stores.woo.held.signing.values()} == {SECRET}
    assert stores.subscriptions() == (0, WOO_TOPICS)


def test_audit_finds_what_was_lost_and_repairs_it_with_heal(stores: Stores) -> None:
    stores.run("connect", "--yes")
    del stores.shopify.held.subscriptions[3]
    stores.woo.held.webhooks[2]["status"] = "disabled"

    found = stores.run("audit")
    healed, plan = stores.json("audit", "--heal")

    assert (found.exit_code, healed) == (1, 0)
    assert "1 difference." in found.stdout
    assert stores.subscriptions() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert [shop["left"] for shop in plan["shops"]] == [[], []]
    assert stores.run("audit").exit_code == 0


def test_a_missing_scope_is_reported_before_any_request(stores: Stores) -> None:
    stores.shopify.held.scopes -= {"read_orders"}
    stores.write('"shopify"')

    plan, done = stores.run("connect"), stores.run("connect", "--yes")

    assert "the app lacks the scope read_orders" in plan.stdout
    assert (plan.exit_code, done.exit_code) == (1, 1)
    assert "Still not as it should be: carts/create," in done.stdout
    assert stores.subscriptions()[0] == SHOPIFY_TOPICS - ORDER_TOPICS


def test_a_topic_that_the_shop_rejects_does_not_stop_the_others(stores: Stores) -> None:
    stores.shopify.held.protected = False
    stores.write('"shopify"')

    result = stores.run("connect", "--yes")

    assert result.exit_code == 2
    assert (
        "orders/create: the app has no access to protected customer data: request it in the app's "
        "settings, API access, and connect again"
    ) in result.stdout
    assert stores.subscriptions()[0] == 12


SHOP_KEYS = {"webhook_secrets": ["w"]}
WOO_KEYS = {"webhook_secrets": [SECRET], "consumer_key": "ck_read", "consumer_secret": "cs_read"}


@pytest.mark.parametrize(
    ("source", "keys", "url", "sentence"),
    [
        (
            "shopify",
            {**SHOP_KEYS, "access_token": "shpat_ended"},
            URL,
            "the store answered 401; the token has expired or was revoked: put a valid client_id",
        ),
        (
            "shopify",
            SHOP_KEYS,
            URL,
            "the secret has no API key for shopify: put client_id and client_secret, or acc",
        ),
        (
            "shopify",
            {**SHOP_KEYS, "access_token": TOKEN},
            "http://hooks.example",
            "webhooks hold personal data and need https: use an https:// --url",
        ),
        (
            "woocommerce",
            WOO_KEYS,
            URL,
            "_authentication_error; give the REST API key the permission Read/Write",
        ),
        (
            "woocommerce",
            {**WOO_KEYS, "consumer_key": "ck_none"},
            URL,
            "the store refuses the key: 401",
        ),
        (
            "woocommerce",
            {**WOO_KEYS, "consumer_key": "ck_acme", "consumer_secret": "cs_acme",
             "webhook_secrets": ["a&b" * 20]},
            URL,
            "the first must be 32 or more of the characters A-Z a-z 0-9 _ -",
        ),
    ],
)  # fmt: skip
def test_what_a_person_must_correct_is_reported_in_one_line(
    stores: Stores, source: str, keys: dict[str, Any], url: str, sentence: str
) -> None:
    stores.write(f'"{source}"', **{source: keys})

    result = stores.run("connect", "--yes", url=url)

    assert result.exception is not None
    failure = describe(result.exception)
    assert failure.code == 2
    assert sentence in failure.text
    assert "\n" not in failure.text
    assert "shpat" not in failure.text


def test_a_store_without_a_response_is_reported_in_one_line(stores: Stores) -> None:
    stores.write('"shopify"')
    stores.shopify.stop()

    result = stores.run("connect")

    assert result.exception is not None
    assert describe(result.exception).text.startswith("the store gave no answer: ConnectionError")


@pytest.mark.parametrize("given", [URL, f"{URL}/", f"{URL}/webhooks", SHOPIFY, f"{WOO}/"])
def test_an_address_may_be_given_with_or_without_its_path(stores: Stores, given: str) -> None:
    result = stores.run("connect", "--json", url=given)

    assert [one["address"] for one in json.loads(result.stdout)["shops"]] == [SHOPIFY, WOO]
