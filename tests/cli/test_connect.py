"""``shoprelay connect``, ``disconnect`` and ``audit``, against both stores on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from cli.terminal.errors import told

URL = "https://hooks.example"
SHOPIFY, WOO = f"{URL}/webhooks/shopify", f"{URL}/webhooks/woocommerce"
# Its topics: what `HANDLED` of both sources has, without what no API subscribes to.
SHOPIFY_TOPICS, WOO_TOPICS = 27, 14
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
class World:
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

    def asked(self) -> tuple[int, int]:
        """Count the subscriptions that point to us."""
        return (
            sum(one["uri"] == SHOPIFY for one in self.shopify.held.subscriptions),
            sum(one["delivery_url"] == WOO for one in self.woo.held.webhooks.values()),
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "merchants").mkdir()
    key = Key(name="ck_acme", secret="cs_acme", may="read_write")
    reader = Key(name="ck_read", secret="cs_read")
    with AdminDouble() as shopify, RestDouble(keys=(key, reader)) as woo:
        shopify.held.tokens = {TOKEN}
        made = World(shopify, woo, tmp_path)
        made.write()
        yield made


def test_a_plan_is_shown_and_nothing_is_changed(world: World) -> None:
    result = world.run("connect")

    assert result.exit_code == 1
    assert world.asked() == (0, 0)
    assert f"shopify -> {SHOPIFY}" in result.stdout
    assert "orders/create" in result.stdout
    assert "27 differences. Nothing was changed: --yes acts" in result.stdout
    assert f'uri = "{SHOPIFY}"' in result.stdout
    assert 'compliance_topics = ["customers/data_request"' in result.stdout
    assert TOKEN not in result.stdout
    assert SECRET not in result.stdout


def test_connecting_makes_everything_and_reads_it_back(world: World) -> None:
    result = world.run("connect", "--yes")

    assert result.exit_code == 0, result.output
    assert world.asked() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert "Done and read back: 27 create.\nAll is as it should be." in result.stdout
    assert "Done and read back: 13 create, 1 try." in result.stdout
    assert {*world.woo.held.signing.values()} == {SECRET}
    assert world.shopify.requests[-1] == "webhookSubscriptions"


def test_a_second_connect_does_nothing(world: World) -> None:
    world.run("connect", "--yes")
    before = world.shopify.requests.copy()

    result = world.run("connect", "--yes")

    assert result.exit_code == 0
    assert world.asked() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert world.shopify.requests == [*before, "webhookSubscriptions"]
    assert "All is as it should be." in result.stdout


def test_the_plan_as_json_has_every_step(world: World) -> None:
    world.shopify.held.subscribe("ORDERS_CREATE", "https://other.example/x")
    world.write('"shopify"')

    code, plan = world.json("connect")

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


def test_what_is_somebody_elses_stays_when_we_connect_and_disconnect(world: World) -> None:
    world.shopify.held.subscribe("ORDERS_CREATE", "https://other.example/x")
    world.run("connect", "--yes")

    result = world.run("disconnect", "--yes")

    assert result.exit_code == 0, result.output
    assert world.asked() == (0, 0)
    assert [one["uri"] for one in world.shopify.held.subscriptions] == ["https://other.example/x"]


def test_disconnecting_is_a_dry_run_without_yes(world: World) -> None:
    world.run("connect", "--yes")

    assert world.run("disconnect").exit_code == 1
    assert world.asked() == (SHOPIFY_TOPICS, WOO_TOPICS)


def test_an_older_woocommerce_is_connected_without_what_it_does_not_know(world: World) -> None:
    world.woo.held.version = (9, 9)
    world.write('"woocommerce"')

    first, second = world.run("connect", "--yes"), world.run("connect")

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert world.asked() == (0, WOO_TOPICS - 1)


def test_a_rotated_secret_is_given_to_webhooks_that_are_there(world: World) -> None:
    world.write('"woocommerce"')
    world.run("connect", "--yes")
    world.woo.held.signing = dict.fromkeys(world.woo.held.signing, "the old one")

    result = world.run("connect", "--renew-secret", "--yes")

    assert result.exit_code == 0, result.output
    assert {*world.woo.held.signing.values()} == {SECRET}
    assert world.asked() == (0, WOO_TOPICS)


def test_an_audit_finds_what_was_lost_and_heals_it_when_told(world: World) -> None:
    world.run("connect", "--yes")
    del world.shopify.held.subscriptions[3]
    world.woo.held.webhooks[2]["status"] = "disabled"

    found = world.run("audit")
    healed, plan = world.json("audit", "--heal")

    assert (found.exit_code, healed) == (1, 0)
    assert "1 difference." in found.stdout
    assert world.asked() == (SHOPIFY_TOPICS, WOO_TOPICS)
    assert [shop["left"] for shop in plan["shops"]] == [[], []]
    assert world.run("audit").exit_code == 0


def test_a_scope_that_is_missing_is_known_before_anything_is_tried(world: World) -> None:
    world.shopify.held.scopes -= {"read_orders"}
    world.write('"shopify"')

    plan, done = world.run("connect"), world.run("connect", "--yes")

    assert "the app lacks the scope read_orders" in plan.stdout
    assert (plan.exit_code, done.exit_code) == (1, 1)
    assert "Still not as it should be: carts/create," in done.stdout
    assert world.asked()[0] == SHOPIFY_TOPICS - 11


def test_what_the_shop_refuses_stops_no_other_topic(world: World) -> None:
    world.shopify.held.protected = False
    world.write('"shopify"')

    result = world.run("connect", "--yes")

    assert result.exit_code == 2
    assert (
        "orders/create: the app has no access to protected customer data: request it in the app's "
        "settings, API access, and connect again"
    ) in result.stdout
    assert world.asked()[0] == 12


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
            "the secret has no key to ask shopify with: put client_id and client_secret, or acc",
        ),
        (
            "shopify",
            {**SHOP_KEYS, "access_token": TOKEN},
            "http://hooks.example",
            "webhooks name people, and are sent by https alone: give an https URL",
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
def test_what_a_person_must_mend_is_one_sentence_that_says_so(
    world: World, source: str, keys: dict[str, Any], url: str, sentence: str
) -> None:
    world.write(f'"{source}"', **{source: keys})

    result = world.run("connect", "--yes", url=url)

    assert result.exception is not None
    said = told(result.exception)
    assert said.code == 2
    assert sentence in said.text
    assert "\n" not in said.text
    assert "shpat" not in said.text


def test_a_store_that_is_out_of_reach_is_said_in_a_sentence(world: World) -> None:
    world.write('"shopify"')
    world.shopify.stop()

    result = world.run("connect")

    assert result.exception is not None
    assert told(result.exception).text.startswith("the store gave no answer: ConnectionError")


@pytest.mark.parametrize("given", [URL, f"{URL}/", f"{URL}/webhooks", SHOPIFY, f"{WOO}/"])
def test_an_address_may_be_said_with_or_without_its_path(world: World, given: str) -> None:
    result = world.run("connect", "--json", url=given)

    assert [one["address"] for one in json.loads(result.stdout)["shops"]] == [SHOPIFY, WOO]
