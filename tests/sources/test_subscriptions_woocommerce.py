"""A WooCommerce store's webhooks, against a sandbox that refuses what the real store refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.sandbox.woocommerce.double import RestDouble
from cli.sandbox.woocommerce.keys import Key
from shared.errors import NotConfigured, StoreUnavailable, SubscriptionRefused
from shared.settings import Secrets, WooCommerceSecrets
from shared.sources.registry import SUBSCRIPTIONS
from shared.sources.woocommerce.topics import HANDLED
from shared.subscriptions.contract import State, Subscription, Subscriptions
from tests.sources import woo

NOW = 1_795_251_600.0  # 2026-11-21T09:00:00Z
DEADLINE = NOW + 300
ADDRESS = "https://hooks.example/webhooks/woocommerce"
SECRET = "a-secret-of_safe-signs-and-32-of-them"
WRITER = Key(name="ck_write", secret="cs_write", may="read_write")
READER = Key(name="ck_read", secret="cs_read")


@pytest.fixture
def shop() -> Iterator[RestDouble]:
    with RestDouble(keys=(WRITER, READER), clock=lambda: NOW) as double:
        yield double


def ours(shop: RestDouble, key: Key = WRITER, secret: str = SECRET) -> Subscriptions:
    keys = WooCommerceSecrets(
        webhook_secrets=(secret,), consumer_key=key.name, consumer_secret=key.secret
    )
    one = woo.merchant(url=shop.url)
    found = SUBSCRIPTIONS["woocommerce"](
        one, Secrets(woocommerce=keys), lambda: NOW, lambda _: None
    )
    assert found is not None
    return found


def held(shop: RestDouble) -> list[tuple[str, str, str]]:
    return [
        (one["topic"], one["status"], shop.held.signing[number])
        for number, one in shop.held.webhooks.items()
    ]


def test_every_handled_topic_that_a_store_sends_is_subscribed() -> None:
    with RestDouble() as shop:
        subject = ours(shop)

    assert subject.topics | subject.optional == {*HANDLED} - {"shoprelay.redact"}
    assert subject.optional == {"product.published"}
    assert subject.by_hand == ""


def test_a_webhook_is_created_with_our_secret_and_read(shop: RestDouble) -> None:
    subject = ours(shop)

    subject.create("order.created", ADDRESS, DEADLINE)

    assert held(shop) == [("order.created", "active", SECRET)]
    assert subject.look(DEADLINE).subscriptions == (
        Subscription(id="1", topic="order.created", address=ADDRESS),
    )


def test_all_pages_of_subscriptions_are_read(shop: RestDouble) -> None:
    for number in range(1, 103):
        shop.held.webhooks[number] = {
            "id": number,
            "topic": "order.created",
            "delivery_url": f"https://{number}.example",
            "status": "paused" if number == 102 else "active",
        }

    found = ours(shop).look(DEADLINE).subscriptions

    assert [one.id for one in found] == [str(number) for number in range(1, 103)]
    assert {one.state for one in found[:101]} == {State.ACTIVE}
    assert found[101].state is State.PAUSED


def test_a_paused_webhook_is_activated_with_our_secret(shop: RestDouble) -> None:
    subject = ours(shop)
    subject.create("order.created", ADDRESS, DEADLINE)
    shop.held.webhooks[1]["status"] = "paused"
    shop.held.signing[1] = "another"

    (there,) = subject.look(DEADLINE).subscriptions
    subject.mend(there, DEADLINE)

    assert held(shop) == [("order.created", "active", SECRET)]
    assert [*shop.held.webhooks] == [1]


def test_a_disabled_webhook_is_replaced_to_reset_its_failure_count(
    shop: RestDouble,
) -> None:
    subject = ours(shop)
    subject.create("order.created", ADDRESS, DEADLINE)
    shop.held.webhooks[1]["status"] = "disabled"

    (there,) = subject.look(DEADLINE).subscriptions
    subject.mend(there, DEADLINE)

    assert there.state is State.DISABLED
    assert held(shop) == [("order.created", "active", SECRET)]
    assert [*shop.held.webhooks] == [2]


def test_a_webhook_is_deleted_once(shop: RestDouble) -> None:
    subject = ours(shop)
    subject.create("order.created", ADDRESS, DEADLINE)
    (there,) = subject.look(DEADLINE).subscriptions

    subject.delete(there, DEADLINE)
    subject.delete(there, DEADLINE)

    assert held(shop) == []


def test_a_topic_that_the_version_does_not_know_is_refused(shop: RestDouble) -> None:
    shop.held.version = (10, 7)
    with pytest.raises(SubscriptionRefused, match="does not know the topic"):
        ours(shop).create("product.published", ADDRESS, DEADLINE)

    shop.held.version = (10, 8)
    ours(shop).create("product.published", ADDRESS, DEADLINE)

    assert held(shop) == [("product.published", "active", SECRET)]


def test_an_invalid_address_is_refused(shop: RestDouble) -> None:
    with pytest.raises(SubscriptionRefused, match=r"order\.created: the store rejects the addr"):
        ours(shop).create("order.created", "hooks.example", DEADLINE)


def test_a_read_only_key_can_read_and_the_error_names_the_permission(shop: RestDouble) -> None:
    subject = ours(shop, READER)

    assert subject.look(DEADLINE).subscriptions == ()
    with pytest.raises(StoreUnavailable) as caught:
        subject.create("order.created", ADDRESS, DEADLINE)

    assert caught.value.refused
    assert str(caught.value) == (
        "the store refuses to write: 401 woocommerce_rest_authentication_error; give the REST API "
        "key the permission Read/Write (WooCommerce, Settings, Advanced, REST API)"
    )


def test_a_wrong_key_is_reported(shop: RestDouble) -> None:
    with pytest.raises(StoreUnavailable, match="the store refuses the key: 401"):
        ours(shop, Key(name="ck_write", secret="cs_wrong")).look(DEADLINE)


@pytest.mark.parametrize("secret", ["a&b-and-a-lot-more-so-that-it-is-long", "short-but-safe"])
def test_a_secret_that_wordpress_would_change_creates_no_webhook(
    shop: RestDouble, secret: str
) -> None:
    with pytest.raises(NotConfigured, match=r"\$\.woocommerce\.webhook_secrets") as caught:
        ours(shop, secret=secret).create("order.created", ADDRESS, DEADLINE)

    assert secret not in str(caught.value)
    assert held(shop) == []


def test_a_page_of_html_is_no_list(shop: RestDouble) -> None:
    shop.fault(status=200, body="<html>")

    with pytest.raises(StoreUnavailable, match="not JSON"):
        ours(shop).look(DEADLINE)
