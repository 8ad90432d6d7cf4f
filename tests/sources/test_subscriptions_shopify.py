"""A Shopify store's subscriptions, against a sandbox that refuses what the real store refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from cli.sandbox.shopify.double import AdminDouble
from cli.sandbox.shopify.store_data import TOPICS
from shared.errors import StoreUnavailable, SubscriptionRefused
from shared.settings import Secrets, ShopifySecrets
from shared.sources.registry import SUBSCRIPTIONS
from shared.sources.shopify.scopes import lacking, needed
from shared.sources.shopify.topics import HANDLED
from shared.subscriptions.contract import State, Subscription, Subscriptions
from tests.sources.shop import merchant

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
DEADLINE = NOW + 300
ADDRESS = "https://hooks.example/webhooks/shopify"


@dataclass
class Time:
    """A clock that only sleeping advances."""

    now: float = NOW
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def shop(time: Time) -> Iterator[AdminDouble]:
    with AdminDouble(clock=time) as double:
        yield double


def ours(shop: AdminDouble, time: Time, version: str = "2026-10", **keys: str) -> Subscriptions:
    keys = keys or {"access_token": "shpat_demo"}
    secrets = Secrets(shopify=ShopifySecrets(webhook_secrets=("secret",), **keys))
    one = merchant(admin_url=shop.url, api_version=version)
    found = SUBSCRIPTIONS["shopify"](one, secrets, time, time.sleep)
    assert found is not None
    return found


def subscribed(shop: AdminDouble) -> list[tuple[str, str]]:
    return [(one["topic"], one["uri"]) for one in shop.held.subscriptions]


def test_every_handled_topic_is_subscribed_except_those_of_no_api() -> None:
    with AdminDouble() as shop:
        assert ours(shop, Time()).topics == {*HANDLED} - {
            "customers/data_request",
            "customers/redact",
            "shop/redact",
        }
        names = {one.upper().replace("/", "_") for one in ours(shop, Time()).topics}
    assert names <= TOPICS


def test_all_pages_of_subscriptions_are_read(shop: AdminDouble, time: Time) -> None:
    for number in range(102):
        shop.held.subscribe("ORDERS_CREATE", f"https://{number}.example")
    shop.held.subscribe("CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE", ADDRESS)
    shop.held.subscribe("SHOP_UPDATE", ADDRESS, filter="id:1")

    found = ours(shop, time).look(DEADLINE).subscriptions

    assert len(found) == 104
    assert found[0] == Subscription(
        id="gid://shopify/WebhookSubscription/1",
        topic="orders/create",
        address="https://0.example",
        version="2026-10",
    )
    assert [(one.topic, one.state) for one in found[102:]] == [
        ("customers_email_marketing_consent/update", State.ACTIVE),
        ("shop/update", State.TRIMMED),
    ]
    assert shop.requests == ["webhookSubscriptions", "webhookSubscriptions"]


@pytest.mark.parametrize(
    "more", [{"format": "XML"}, {"includeFields": ["id"]}, {"filter": "status:active"}]
)
def test_a_trimmed_subscription_is_updated(
    shop: AdminDouble, time: Time, more: dict[str, object]
) -> None:
    shop.held.subscribe("PRODUCTS_UPDATE", ADDRESS, **more)
    subject = ours(shop, time)

    (there,) = subject.look(DEADLINE).subscriptions
    subject.mend(there, DEADLINE)

    assert there.state is State.TRIMMED
    assert [one.state for one in subject.look(DEADLINE).subscriptions] == [State.ACTIVE]


def test_a_subscription_is_created_once(shop: AdminDouble, time: Time) -> None:
    subject = ours(shop, time)

    subject.create("orders/create", ADDRESS, DEADLINE)
    subject.create("orders/create", ADDRESS, DEADLINE)

    assert subscribed(shop) == [("ORDERS_CREATE", ADDRESS)]
    assert shop.requests == ["webhookSubscriptionCreate"] * 2


def test_a_subscription_is_deleted_once(shop: AdminDouble, time: Time) -> None:
    shop.held.subscribe("ORDERS_CREATE", ADDRESS)
    subject = ours(shop, time)
    (there,) = subject.look(DEADLINE).subscriptions

    subject.delete(there, DEADLINE)
    subject.delete(there, DEADLINE)

    assert subscribed(shop) == []


def test_topics_without_a_scope_are_withheld(shop: AdminDouble, time: Time) -> None:
    shop.held.scopes = {"write_products", "read_customers", "read_marketplace_orders"}

    withheld = ours(shop, time).look(DEADLINE).withheld

    assert withheld == {
        "customers/merge": "the app lacks the scope read_customer_merge",
        "inventory_levels/update": "the app lacks the scope read_inventory",
        **dict.fromkeys(
            ("carts/create", "carts/update", "checkouts/create", "checkouts/update"),
            "the app lacks the scope read_orders",
        ),
    }


def refusal(shop: AdminDouble, time: Time, topic: str, address: str = ADDRESS) -> str:
    with pytest.raises(SubscriptionRefused) as caught:
        ours(shop, time).create(topic, address, DEADLINE)
    return str(caught.value)


def test_a_missing_scope_is_named(shop: AdminDouble, time: Time) -> None:
    shop.held.scopes = {"read_products"}

    assert refusal(shop, time, "orders/create") == (
        "orders/create: the app lacks the scope read_orders: add it in a new version of the app, "
        "let the store accept it, and connect again"
    )


def test_missing_access_to_protected_data_is_reported(shop: AdminDouble, time: Time) -> None:
    shop.held.protected = False

    assert refusal(shop, time, "orders/create") == (
        "orders/create: the app has no access to protected customer data: request it in the app's "
        "settings, API access, and connect again"
    )
    ours(shop, time).create("orders/delete", ADDRESS, DEADLINE)
    ours(shop, time).create("products/create", ADDRESS, DEADLINE)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://hooks.example", "Shopify accepts only https: use the https address"),
        (
            "https://demo-store.myshopify.com/x",
            "Shopify sends nothing to its own domains or the shop's",
        ),
        ("", 'Shopify says "Address can\'t be blank"'),
    ],
)
def test_an_address_that_shopify_rejects_is_reported(
    shop: AdminDouble, time: Time, address: str, reason: str
) -> None:
    assert reason in refusal(shop, time, "orders/create", address)


def test_a_topic_that_the_version_does_not_know_stops_no_other(
    shop: AdminDouble, time: Time
) -> None:
    assert refusal(shop, time, "moons/create") == (
        "moons/create: version 2026-10 of the API does not know the topic: set a later one"
    )


def test_a_throttled_store_is_retried_when_its_points_are_restored(
    shop: AdminDouble, time: Time
) -> None:
    shop.held.available, shop.held.restore_rate = 4.0, 2.0

    ours(shop, time).create("orders/create", ADDRESS, DEADLINE)

    assert time.slept == [3.0]
    assert subscribed(shop) == [("ORDERS_CREATE", ADDRESS)]


def test_a_store_that_is_throttled_past_the_deadline_is_not_retried(
    shop: AdminDouble, time: Time
) -> None:
    shop.held.available, shop.held.restore_rate = 0.0, 0.01

    with pytest.raises(StoreUnavailable, match="THROTTLED; it is busy: try again"):
        ours(shop, time).create("orders/create", ADDRESS, DEADLINE)

    assert time.slept == []


def test_a_busy_gateway_is_retried_after_its_retry_after(shop: AdminDouble, time: Time) -> None:
    shop.fault(status=429, headers={"Retry-After": "2"}, count=1)

    assert ours(shop, time).look(DEADLINE).subscriptions == ()
    assert time.slept == [2.0]


def test_a_store_that_is_always_busy_is_not_retried_forever(shop: AdminDouble, time: Time) -> None:
    shop.fault(status=429, headers={"Retry-After": "1"})

    with pytest.raises(StoreUnavailable, match="429"):
        ours(shop, time).look(DEADLINE)

    assert time.slept == [1.0] * 6


def test_an_expired_token_is_reported(shop: AdminDouble, time: Time) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        ours(shop, time, access_token="shpat_old").look(DEADLINE)

    assert caught.value.refused
    assert str(caught.value) == (
        "the store answered 401; the token has expired or was revoked: put a valid client_id and "
        "client_secret, or access_token, into the secret"
    )


def test_a_query_without_permission_is_reported(shop: AdminDouble, time: Time) -> None:
    body = '{"errors": [{"message": "no", "extensions": {"code": "ACCESS_DENIED"}}]}'
    shop.fault(status=200, body=body)

    with pytest.raises(StoreUnavailable) as caught:
        ours(shop, time).look(DEADLINE)

    assert caught.value.refused
    assert str(caught.value) == (
        "the store refused the query: ACCESS_DENIED; add the scopes in a new version of the app, "
        "and let the store accept it"
    )


def test_an_unknown_version_is_reported(shop: AdminDouble, time: Time) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        ours(shop, time, version="2031-01").look(DEADLINE)

    assert str(caught.value) == (
        "the store answered 404; check `shop` and `api_version` in [shopify]"
    )


def test_client_credentials_get_a_token_and_a_new_one_after_it_expired(
    shop: AdminDouble, time: Time
) -> None:
    shop.held.clients = {"id": "hidden"}
    subject = ours(shop, time, client_id="id", client_secret="hidden")

    subject.look(DEADLINE)
    shop.held.tokens.clear()
    subject.look(DEADLINE)

    assert shop.requests == ["grant", "webhookSubscriptions", "grant", "webhookSubscriptions"]


def test_wrong_client_credentials_are_reported(shop: AdminDouble, time: Time) -> None:
    with pytest.raises(StoreUnavailable, match="granted no token: 400; the token has expired"):
        ours(shop, time, client_id="id", client_secret="wrong").look(DEADLINE)


def test_the_manual_part_is_a_section_of_the_apps_configuration() -> None:
    with AdminDouble() as shop:
        assert ours(shop, Time()).by_hand == (
            "# shopify.app.toml\n"
            "[webhooks]\n"
            'api_version = "2026-10"\n'
            "\n"
            "[[webhooks.subscriptions]]\n"
            'compliance_topics = ["customers/data_request", "customers/redact", "shop/redact"]\n'
            'uri = "ADDRESS"\n'
        )


def test_every_topic_has_its_required_scopes() -> None:
    with AdminDouble() as shop:
        topics = ours(shop, Time()).topics

    assert {one for one in topics if not needed(one)} == {"app/uninstalled"}
    assert lacking("inventory_items/update", {"read_products"}) == ""
    assert lacking("inventory_items/update", {"read_orders"}) == "read_inventory"
    assert lacking("orders/create", {"write_orders"}) == ""
    assert lacking("app/uninstalled", ()) == ""


def test_without_a_key_there_are_no_subscriptions() -> None:
    secrets = Secrets(shopify=ShopifySecrets(webhook_secrets=("secret",)))

    assert SUBSCRIPTIONS["shopify"](merchant(), secrets, Time(), Time().sleep) is None
