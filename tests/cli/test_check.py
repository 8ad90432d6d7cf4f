"""``shoprelay check``: its requests to stores and platforms, and its findings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.checks.live import woocommerce as live
from cli.sandbox.server import Sandbox
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.shopify.store_data import StoreData as Shop
from cli.sandbox.woocommerce.double import RestDouble
from shared.model.value import replace
from tests.cli.shell import SECRETS, Shell, make_shell, without_credentials
from tests.sources.woo import merchant
from tests.subscriptions.topic_counts import SHOPIFY_TOPICS

DATACUE = {"datacue": {"api_key": "key-one", "api_secret": "hidden-one"}}
WOO = {
    "woocommerce": {
        "webhook_secrets": ["woo-one"],
        "consumer_key": "ck_read",
        "consumer_secret": "cs_read",
    },
    "datacue": SECRETS["datacue"],
}


@dataclass(frozen=True, slots=True)
class Setup:
    """A shell, a Shopify store and a platform, all on this machine."""

    shell: Shell
    store: AdminDouble
    platform: Sandbox

    def shopify(self, more: str = "", platform: str = "") -> None:
        text = f'admin_url = "{self.store.url}"\n{more}\n[datacue]\nprofile = "2021-02"\n'
        self.shell.acme(text + f'api_url = "{self.platform.url}/datacue/api{platform}"')

    def check(self, document: object = SECRETS) -> dict[str, Any]:
        result = self.shell.run(
            "check", "acme", "--secrets", self.shell.secrets(document), "--json"
        )
        output: dict[str, Any] = json.loads(result.out)
        assert result.code == (0 if output["ready"] else 1)
        assert "shpat" not in result.out + result.err
        assert "hidden" not in result.out + result.err
        return {one["name"]: (one["verdict"], one["told"], one["next"]) for one in output["checks"]}


@pytest.fixture(scope="module")
def platform() -> Iterator[Sandbox]:
    with Sandbox(DATACUE, {"datacue": "2021-02"}) as sandbox:
        yield sandbox


@pytest.fixture
def setup(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    platform: Sandbox,
) -> Iterator[Setup]:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    with AdminDouble(Shop(shop="acme.myshopify.com", tokens={"shpat_one"})) as store:
        setup = Setup(shell, store, platform)
        setup.shopify()
        yield setup


def test_every_check_is_ok_when_nothing_is_wrong(setup: Setup) -> None:
    found = setup.check()

    assert {name: verdict for name, (verdict, _, _) in found.items()} == {
        "merchant's file": "ok",
        "secret": "ok",
        "shopify store": "ok",
        "shopify API version": "ok",
        "shopify scopes": "ok",
        "shopify currency": "ok",
        "shopify customer data": "ok",
        "datacue": "ok",
    }
    assert found["shopify store"][1] == "acme.myshopify.com responds, plan Basic"
    assert found["shopify scopes"][1] == f"enough for all {SHOPIFY_TOPICS} topics"


def test_nothing_is_changed_at_the_store_or_at_the_platform(setup: Setup) -> None:
    setup.platform.reset()
    setup.check()

    assert setup.store.requests == ["currentAppInstallation", "currentAppInstallation"]
    assert [one["method"] for one in setup.platform.calls()] == ["GET"]
    assert setup.platform.violations() == []


def test_a_missing_scope_is_named_with_the_topics_that_need_it(setup: Setup) -> None:
    setup.store.held.scopes -= {"read_customer_merge"}

    assert setup.check()["shopify scopes"] == (
        "wrong",
        "missing: read_customer_merge for customers/merge",
        "add them to the app, release a version of it, and update the app in the shop",
    )


def test_a_token_that_the_shop_rejects_is_reported_with_what_to_type(setup: Setup) -> None:
    setup.store.held.tokens.clear()
    found = setup.check()

    assert found["shopify store"] == (
        "wrong",
        "Shopify rejects the token",
        "shoprelay secrets put acme shopify.access_token",
    )
    assert "shopify scopes" not in found


def test_a_token_is_requested_with_client_credentials_too(setup: Setup) -> None:
    keys = {"webhook_secrets": ["whsec-one"], "client_id": "app", "client_secret": "hidden-two"}
    setup.store.held.clients["app"] = "hidden-two"

    assert setup.check(SECRETS | {"shopify": keys})["shopify store"][0] == "ok"
    setup.store.held.clients["app"] = "another"
    assert setup.check(SECRETS | {"shopify": keys})["shopify store"] == (
        "wrong",
        "the store granted no token: 400",
        "shoprelay secrets put acme shopify.client_id shopify.client_secret",
    )


def test_without_a_token_the_store_is_not_queried(setup: Setup) -> None:
    found = setup.check(SECRETS | {"shopify": {"webhook_secrets": ["whsec-one"]}})

    assert found["shopify store"][0] == "could not be checked"
    assert setup.store.requests == []


def test_an_ended_api_version_another_currency_and_denied_customer_data_are_wrong(
    setup: Setup,
) -> None:
    setup.store.held.served = "2027-01"
    setup.store.held.currency = "SEK"
    setup.store.held.protected = False
    found = setup.check()

    assert found["shopify API version"] == (
        "wrong",
        "version 2026-10 has ended: 2027-01 responded",
        'set api_version = "2027-01" in [shopify]',
    )
    assert found["shopify currency"] == (
        "wrong",
        "the store has SEK, the file EUR",
        'set currency = "SEK"',
    )
    assert found["shopify customer data"] == (
        "wrong",
        "Shopify denies access to customers and orders (protected customer data)",
        "request access in the app's API access, both levels: name and e-mail",
    )


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (402, "the shop is frozen: its bill is not paid"),
        (404, "there is no such shop, or no such version of its API"),
        (502, "the store responded 502"),
    ],
)
def test_an_error_response_of_the_store_is_wrong(setup: Setup, status: int, detail: str) -> None:
    setup.store.fault(status=status)

    assert setup.check()["shopify store"][:2] == ("wrong", detail)


def test_a_store_over_http_is_wrong_and_is_not_queried(setup: Setup) -> None:
    setup.shell.acme('admin_url = "http://acme.shop"')

    assert setup.check()["shopify store"] == (
        "wrong",
        "the address is http: keys and customer data can be read on the way",
        'set admin_url = "https://acme.shop"',
    )


def test_a_key_that_datacue_rejects_is_wrong(setup: Setup) -> None:
    wrong = {"api_key": "key-one", "api_secret": "hidden-two"}

    assert setup.check(SECRETS | {"datacue": wrong})["datacue"] == (
        "wrong",
        "DataCue rejects the key: 401",
        "shoprelay secrets put acme datacue.api_key datacue.api_secret",
    )


def test_a_platform_without_a_read_only_call_could_not_be_checked(setup: Setup) -> None:
    setup.shopify(platform="/elsewhere")

    assert setup.check()["datacue"][:2] == (
        "could not be checked",
        "responds (404), but has no read-only call: the first webhook tests it",
    )


def test_a_tracker_is_only_checked_for_a_response(setup: Setup) -> None:
    setup.shell.acme(f'admin_url = "{setup.store.url}"')
    text = (setup.shell.folder / "merchants/acme.toml").read_text()
    url = f'[yespo]\nsite_id = "one"\nurl = "{setup.platform.url}"\n'
    setup.shell.merchant(text.replace('["datacue"]', '["yespo"]') + url)

    assert setup.check()["yespo"] == (
        "ok",
        "responds; it has no call that tests the site id without recording an event",
        "",
    )
    setup.shell.merchant(
        (text.replace('["datacue"]', '["yespo"]') + url).replace(
            setup.platform.url, "http://127.0.0.1:9"
        )
    )
    assert setup.check()["yespo"][:2] == ("wrong", "no response: no connection")


# ---- WooCommerce --------------------------------------------------------------------------------


@pytest.fixture
def woo() -> Iterator[RestDouble]:
    with RestDouble() as double:
        yield double


def woocommerce(setup: Setup, url: str, document: object = WOO) -> dict[str, Any]:
    setup.shell.merchant(
        'name = "acme"\nstorefront = "https://acme.shop"\ncurrency = "EUR"\n'
        'sources = ["woocommerce"]\ndestinations = ["datacue"]\n'
        f'[woocommerce]\nurl = "{url}"\n'
        f'[datacue]\nprofile = "2021-02"\napi_url = "{setup.platform.url}/datacue/api"\n'
        '[catalog]\nplaceholder_photo = "https://acme.shop/none.png"\n'
    )
    return setup.check(document)


def test_every_check_of_a_woocommerce_store_is_ok_when_nothing_is_wrong(
    setup: Setup, woo: RestDouble
) -> None:
    found = woocommerce(setup, woo.url)

    assert found == {
        "merchant's file": ("ok", "woocommerce to datacue", ""),
        "secret": ("ok", "acme.secrets.json has a section for each platform", ""),
        "woocommerce address": ("ok", "on this machine", ""),
        "woocommerce store": ("ok", "WordPress responds, and has wc/v3", ""),
        "woocommerce key": ("ok", "the key can read; the currency is EUR", ""),
        "woocommerce documents": ("ok", "the key can read products, orders and customers", ""),
        "woocommerce version": ("ok", "11.0.1", ""),
        "datacue": ("ok", found["datacue"][1], ""),
    }


def test_a_key_that_the_store_rejects_is_wrong(setup: Setup, woo: RestDouble) -> None:
    keys = {"webhook_secrets": ["woo-one"], "consumer_key": "ck_read", "consumer_secret": "cs_no"}

    assert woocommerce(setup, woo.url, WOO | {"woocommerce": keys})["woocommerce key"] == (
        "wrong",
        "the store refuses the key: 401 woocommerce_rest_authentication_error",
        "shoprelay secrets put acme woocommerce.consumer_key woocommerce.consumer_secret",
    )


def test_another_currency_and_a_hidden_version_are_reported(setup: Setup, woo: RestDouble) -> None:
    woo.held.currency = {"code": "SEK"}
    woo.fault(match={"path_prefix": "/wp-json/wc/v3/system_status"}, status=403)
    found = woocommerce(setup, woo.url)

    assert found["woocommerce key"][:2] == ("wrong", "the store has SEK, the file EUR")
    assert found["woocommerce version"][:2] == (
        "could not be checked",
        "the key may not read the version",
    )


def test_a_key_whose_user_may_not_see_the_orders_is_wrong(setup: Setup, woo: RestDouble) -> None:
    woo.fault(match={"path_prefix": "/wp-json/wc/v3/orders"}, status=403)

    assert woocommerce(setup, woo.url)["woocommerce documents"] == (
        "wrong",
        "the key may not read orders: 403",
        "create the key for a user who may see products, orders and customers",
    )


def test_a_store_whose_webhooks_would_get_a_401_is_wrong(setup: Setup, woo: RestDouble) -> None:
    woo.home = "https://www.acme.shop"

    assert woocommerce(setup, woo.url)["woocommerce store"] == (
        "wrong",
        "its home address is https://www.acme.shop, so its webhooks would get a 401",
        "correct `url` in [woocommerce], or add that address to `other_urls`",
    )


@pytest.mark.parametrize(
    ("accepted", "said"),
    [
        ("HTTP Basic", "the key can read; the currency is EUR"),
        ("a signed query", "the key can read, with a signed query; the currency is EUR"),
    ],
)
def test_the_way_in_which_a_host_accepts_the_key_is_reported(accepted: str, said: str) -> None:
    store = SimpleNamespace(
        currency=lambda _deadline: "EUR", authentication=SimpleNamespace(accepted=accepted)
    )
    shop = merchant(url="https://acme.shop")

    found = live._key(replace(shop, currency="EUR"), store)  # type: ignore[arg-type]  # noqa: SLF001 - one check

    assert found.detail == said


def test_without_a_consumer_key_the_key_could_not_be_checked(setup: Setup, woo: RestDouble) -> None:
    keys = {"webhook_secrets": ["woo-one"]}
    found = woocommerce(setup, woo.url, WOO | {"woocommerce": keys})

    assert found["woocommerce key"][:2] == (
        "could not be checked",
        "no consumer key: variable products will be dead letters",
    )


@pytest.mark.parametrize(
    ("fault", "detail", "following"),
    [
        (
            {"status": 404},
            "there is no /wp-json/ at that address: permalinks are set to Plain",
            "in WordPress: Settings, Permalinks, choose anything but Plain",
        ),
        (
            {"status": 301, "headers": {"Location": "https://www.acme.shop/wp-json/"}},
            "it redirects to https://www.acme.shop",
            "correct `url` in [woocommerce]: the home address, as in WordPress' settings",
        ),
        (
            {"status": 200, "body": "<html>Log in</html>"},
            "/wp-json/ responds 200 without JSON: a login page, or a firewall?",
            "allow requests to /wp-json/wc/",
        ),
        (
            {"status": 200, "body": '{"namespaces": ["wp/v2"]}'},
            "WordPress responds, but has no wc/v3",
            "in WordPress: activate WooCommerce",
        ),
    ],
)
def test_an_address_without_woocommerce_is_reported_with_what_to_do(
    setup: Setup, woo: RestDouble, fault: dict[str, Any], detail: str, following: str
) -> None:
    woo.fault(**fault)
    found = woocommerce(setup, woo.url)

    assert found["woocommerce store"] == ("wrong", detail, following)
    assert "woocommerce key" not in found


def test_a_woocommerce_store_over_http_is_wrong(setup: Setup) -> None:
    from cli.checks.live.woocommerce import address  # noqa: PLC0415 - no store is queried

    del setup
    assert address("http://acme.shop").next == 'set url = "https://acme.shop"'
    assert address("https://acme.shop").detail == "https"


# ---- before any request ------------------------------------------------------------------------


def test_no_check_follows_a_wrong_file_or_a_wrong_secret(setup: Setup) -> None:
    found = setup.check({"shopify": {}})

    assert list(found) == ["merchant's file", "secret"]
    assert found["secret"] == (
        "wrong",
        (
            "the secret: Object missing required field `webhook_secrets` - at "
            "`$.shopify.webhook_secrets`"
        ),
        f"correct it in {setup.shell.folder}/acme.secrets.json",
    )
    setup.shell.acme("colour_options = []")
    assert list(setup.check()) == ["merchant's file"]


def test_missing_credentials_are_reported_with_what_to_do(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_credentials(monkeypatch, setup.shell.folder)

    result = setup.shell.run("check", "acme")

    assert "could not be checked" in result.out
    assert "AWS credentials are missing or incomplete" in result.out
    assert "or use --secrets FILE" in result.out


def test_the_table_is_followed_by_what_to_type(setup: Setup) -> None:
    setup.store.held.tokens.clear()

    result = setup.shell.run("check", "acme", "--secrets", setup.shell.secrets())

    assert result.code == 1
    assert "  shopify store: shoprelay secrets put acme shopify.access_token\n" in result.out
