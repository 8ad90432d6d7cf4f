"""``shoprelay check``: what is asked of stores and platforms, and what is said of their answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.sandbox.server import Sandbox
from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.shopify.store_data import StoreData as Shop
from cli.sandbox.woocommerce.double import RestDouble
from tests.cli.desk import SECRETS, Desk, sit_down, without_credentials

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
class Street:
    """A desk, a Shopify store and a platform, all on this machine."""

    desk: Desk
    store: AdminDouble
    platform: Sandbox

    def shopify(self, more: str = "", platform: str = "") -> None:
        text = f'admin_url = "{self.store.url}"\n{more}\n[datacue]\nprofile = "2021-02"\n'
        self.desk.acme(text + f'api_url = "{self.platform.url}/datacue/api{platform}"')

    def check(self, document: object = SECRETS) -> dict[str, Any]:
        ended = self.desk.run("check", "acme", "--secrets", self.desk.secrets(document), "--json")
        told: dict[str, Any] = json.loads(ended.out)
        assert ended.code == (0 if told["ready"] else 1)
        assert "shpat" not in ended.out + ended.err
        assert "hidden" not in ended.out + ended.err
        return {one["name"]: (one["verdict"], one["told"], one["next"]) for one in told["checks"]}


@pytest.fixture(scope="module")
def platform() -> Iterator[Sandbox]:
    with Sandbox(DATACUE, {"datacue": "2021-02"}) as sandbox:
        yield sandbox


@pytest.fixture
def street(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    platform: Sandbox,
) -> Iterator[Street]:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    with AdminDouble(Shop(shop="acme.myshopify.com", tokens={"shpat_one"})) as store:
        street = Street(desk, store, platform)
        street.shopify()
        yield street


def test_where_all_is_right_every_line_says_so(street: Street) -> None:
    found = street.check()

    assert {name: verdict for name, (verdict, _, _) in found.items()} == {
        "merchant's file": "wrong",
        "secret": "ok",
        "shopify store": "ok",
        "shopify API version": "ok",
        "shopify scopes": "ok",
        "shopify currency": "ok",
        "shopify customer data": "ok",
        "datacue": "ok",
    }
    # Invented data: nobody can have such an address.
    assert found["merchant's file"][1] == "still the example's address: storefront"
    assert found["shopify store"][1] == "acme.myshopify.com answers, plan Basic"
    assert found["shopify scopes"][1] == "enough for all 27 topics"


def test_nothing_is_changed_at_the_store_or_at_the_platform(street: Street) -> None:
    street.platform.reset()
    street.check()

    assert street.store.requests == ["currentAppInstallation", "currentAppInstallation"]
    assert [one["method"] for one in street.platform.calls()] == ["GET"]
    assert street.platform.violations() == []


def test_a_missing_scope_is_named_with_the_topics_that_need_it(street: Street) -> None:
    street.store.held.scopes -= {"read_customer_merge"}

    assert street.check()["shopify scopes"] == (
        "wrong",
        "missing: read_customer_merge for customers/merge",
        "add them to the app, release a version of it, and let the shop take that",
    )


def test_a_token_that_the_shop_does_not_take_is_said_with_what_to_type(street: Street) -> None:
    street.store.held.tokens.clear()
    found = street.check()

    assert found["shopify store"] == (
        "wrong",
        "Shopify does not take the token",
        "shoprelay secrets put acme shopify.access_token",
    )
    assert "shopify scopes" not in found


def test_a_token_is_got_by_the_client_credentials_too(street: Street) -> None:
    keys = {"webhook_secrets": ["whsec-one"], "client_id": "app", "client_secret": "hidden-two"}
    street.store.held.clients["app"] = "hidden-two"

    assert street.check(SECRETS | {"shopify": keys})["shopify store"][0] == "ok"
    street.store.held.clients["app"] = "another"
    assert street.check(SECRETS | {"shopify": keys})["shopify store"] == (
        "wrong",
        "the store granted no token: 400",
        "shoprelay secrets put acme shopify.client_id shopify.client_secret",
    )


def test_without_a_token_the_store_is_not_asked(street: Street) -> None:
    found = street.check(SECRETS | {"shopify": {"webhook_secrets": ["whsec-one"]}})

    assert found["shopify store"][0] == "could not be checked"
    assert street.store.requests == []


def test_a_version_that_has_ended_another_currency_and_kept_back_data_are_wrong(
    street: Street,
) -> None:
    street.store.held.served = "2027-01"
    street.store.held.currency = "SEK"
    street.store.held.protected = False
    found = street.check()

    assert found["shopify API version"] == (
        "wrong",
        "2026-10 is not served any more: 2027-01 answered",
        'set api_version = "2027-01" in [shopify]',
    )
    assert found["shopify currency"] == (
        "wrong",
        "the store has SEK, the file EUR",
        'set currency = "SEK"',
    )
    assert found["shopify customer data"] == (
        "wrong",
        "Shopify keeps customers and orders back (protected customer data)",
        "request access in the app's API access, both levels: name and e-mail",
    )


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (402, "the shop is frozen: its bill is not paid"),
        (404, "there is no such shop, or no such version of its API"),
        (502, "the store answered 502"),
    ],
)
def test_a_store_that_does_not_answer_as_it_should_is_wrong(
    street: Street, status: int, told: str
) -> None:
    street.store.fault(status=status)

    assert street.check()["shopify store"][:2] == ("wrong", told)


def test_a_store_over_http_is_wrong_and_is_not_asked(street: Street) -> None:
    street.desk.acme('admin_url = "http://acme.shop"')

    assert street.check()["shopify store"] == (
        "wrong",
        "it is http: keys and customers can be read on the way",
        'set admin_url = "https://acme.shop"',
    )


def test_a_key_that_datacue_does_not_take_is_wrong(street: Street) -> None:
    wrong = {"api_key": "key-one", "api_secret": "hidden-two"}

    assert street.check(SECRETS | {"datacue": wrong})["datacue"] == (
        "wrong",
        "DataCue does not take the key: 401",
        "shoprelay secrets put acme datacue.api_key datacue.api_secret",
    )


def test_a_platform_without_a_page_that_only_reads_could_not_be_checked(street: Street) -> None:
    street.shopify(platform="/elsewhere")

    assert street.check()["datacue"][:2] == (
        "could not be checked",
        "answers (404), and has no page to try the key with: the first call tells",
    )


def test_a_tracker_is_only_seen_to_answer(street: Street) -> None:
    street.desk.acme(f'admin_url = "{street.store.url}"')
    text = (street.desk.folder / "merchants/acme.toml").read_text()
    url = f'[yespo]\nsite_id = "one"\nurl = "{street.platform.url}"\n'
    street.desk.merchant(text.replace('["datacue"]', '["yespo"]') + url)

    assert street.check()["yespo"] == (
        "ok",
        "answers; whether it knows the site cannot be asked without telling it something",
        "",
    )
    street.desk.merchant(
        (text.replace('["datacue"]', '["yespo"]') + url).replace(
            street.platform.url, "http://127.0.0.1:9"
        )
    )
    assert street.check()["yespo"][:2] == ("wrong", "no answer: no connection")


# ---- WooCommerce --------------------------------------------------------------------------------


@pytest.fixture
def woo() -> Iterator[RestDouble]:
    with RestDouble() as double:
        yield double


def woocommerce(street: Street, url: str, document: object = WOO) -> dict[str, Any]:
    street.desk.merchant(
        'name = "acme"\nstorefront = "https://acme.shop"\ncurrency = "EUR"\n'
        'sources = ["woocommerce"]\ndestinations = ["datacue"]\n'
        f'[woocommerce]\nurl = "{url}"\n'
        f'[datacue]\nprofile = "2021-02"\napi_url = "{street.platform.url}/datacue/api"\n'
        '[catalog]\nplaceholder_photo = "https://acme.shop/none.png"\n'
    )
    return street.check(document)


def test_a_woocommerce_store_where_all_is_right(street: Street, woo: RestDouble) -> None:
    found = woocommerce(street, woo.url)

    assert found == {
        "merchant's file": ("ok", "woocommerce to datacue", ""),
        "secret": ("ok", "acme.secrets.json has a section for each platform", ""),
        "woocommerce address": ("ok", "on this machine", ""),
        "woocommerce store": ("ok", "WordPress answers, with wc/v3", ""),
        "woocommerce key": ("ok", "it may read; the store is in EUR", ""),
        "woocommerce version": ("ok", "11.0.1", ""),
        "datacue": ("ok", found["datacue"][1], ""),
    }


def test_a_key_that_the_store_does_not_take_is_wrong(street: Street, woo: RestDouble) -> None:
    keys = {"webhook_secrets": ["woo-one"], "consumer_key": "ck_read", "consumer_secret": "cs_no"}

    assert woocommerce(street, woo.url, WOO | {"woocommerce": keys})["woocommerce key"] == (
        "wrong",
        "the store refuses the key: 401 woocommerce_rest_authentication_error",
        "shoprelay secrets put acme woocommerce.consumer_key woocommerce.consumer_secret",
    )


def test_another_currency_and_a_version_that_is_kept_back_are_told(
    street: Street, woo: RestDouble
) -> None:
    woo.held.currency = {"code": "SEK"}
    woo.fault(match={"path_prefix": "/wp-json/wc/v3/system_status"}, status=403)
    found = woocommerce(street, woo.url)

    assert found["woocommerce key"][:2] == ("wrong", "the store has SEK, the file EUR")
    assert found["woocommerce version"][:2] == (
        "could not be checked",
        "the key may not ask which version it is",
    )


def test_without_a_consumer_key_the_key_could_not_be_checked(
    street: Street, woo: RestDouble
) -> None:
    keys = {"webhook_secrets": ["woo-one"]}
    found = woocommerce(street, woo.url, WOO | {"woocommerce": keys})

    assert found["woocommerce key"][:2] == (
        "could not be checked",
        "no consumer key: variable products will be dead letters",
    )


@pytest.mark.parametrize(
    ("fault", "told", "following"),
    [
        (
            {"status": 404},
            "there is no /wp-json/ at that address: permalinks are plain",
            "in WordPress: Settings, Permalinks, anything but Plain",
        ),
        (
            {"status": 301, "headers": {"Location": "https://www.acme.shop/wp-json/"}},
            "it redirects to https://www.acme.shop",
            "correct `url` in [woocommerce]: the home address, as in WordPress' settings",
        ),
        (
            {"status": 200, "body": "<html>Log in</html>"},
            "/wp-json/ answers 200 without JSON: a login page, or a firewall?",
            "let requests to /wp-json/wc/ through",
        ),
        (
            {"status": 200, "body": '{"namespaces": ["wp/v2"]}'},
            "WordPress answers, without wc/v3",
            "in WordPress: activate WooCommerce",
        ),
    ],
)
def test_an_address_that_is_no_woocommerce_is_said_with_what_to_do(
    street: Street, woo: RestDouble, fault: dict[str, Any], told: str, following: str
) -> None:
    woo.fault(**fault)
    found = woocommerce(street, woo.url)

    assert found["woocommerce store"] == ("wrong", told, following)
    assert "woocommerce key" not in found


def test_a_woocommerce_store_over_http_is_wrong(street: Street) -> None:
    from cli.checks.live.woocommerce import address  # noqa: PLC0415 - no store is asked

    del street
    assert address("http://acme.shop").next == 'set url = "https://acme.shop"'
    assert address("https://acme.shop").told == "https"


# ---- before anybody is asked --------------------------------------------------------------------


def test_a_wrong_file_and_a_wrong_secret_end_the_looking(street: Street) -> None:
    found = street.check({"shopify": {}})

    assert list(found) == ["merchant's file", "secret"]
    assert found["secret"] == (
        "wrong",
        (
            "the secret: Object missing required field `webhook_secrets` - at "
            "`$.shopify.webhook_secrets`"
        ),
        f"mend it in {street.desk.folder}/acme.secrets.json",
    )
    street.desk.acme("colour_options = []")
    assert list(street.check()) == ["merchant's file"]


def test_without_credentials_it_says_so_and_how_to_go_on(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_credentials(monkeypatch, street.desk.folder)

    ended = street.desk.run("check", "acme")

    assert "could not be checked" in ended.out
    assert "there are no AWS credentials, or half of them" in ended.out
    assert "or say --secrets FILE" in ended.out


def test_the_table_says_what_to_type_next(street: Street) -> None:
    street.store.held.tokens.clear()

    ended = street.desk.run("check", "acme", "--secrets", street.desk.secrets())

    assert ended.code == 1
    assert "  shopify store: shoprelay secrets put acme shopify.access_token\n" in ended.out
