"""
The registry of all sources. To add one, add its folder, its events and a line in each table.

A source is imported only when a merchant uses it, so that a cold start does not pay for the others.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Forget, Ports, Source

if TYPE_CHECKING:
    from shared.subscriptions.contract import Subscriptions

Build = Callable[[Merchant, Secrets, Ports], Source]


def _shopify(merchant: Merchant, secrets: Secrets, ports: Ports) -> Source:
    from shared.sources.shopify import source, store

    return source.build(merchant, secrets, ports, store.connect(merchant, secrets, ports.now))


def _woocommerce(merchant: Merchant, secrets: Secrets, ports: Ports) -> Source:
    from shared.sources.woocommerce import source, store

    return source.build(merchant, secrets, ports, store.connect(merchant, secrets, ports.now))


SOURCES: Mapping[str, Build] = {
    "shopify": _shopify,
    "woocommerce": _woocommerce,
}


def _shopify_redaction(request: Forget, delivery: str, now: float) -> Envelope:
    from shared.sources.shopify.privacy import manual_redaction

    return manual_redaction(request, delivery, now)


def _woocommerce_redaction(request: Forget, delivery: str, now: float) -> Envelope:
    from shared.sources.woocommerce.privacy import manual_redaction

    return manual_redaction(request, delivery, now)


# (request, delivery id, epoch seconds) -> the redaction as the platform itself would send it.
# Needs no merchant file and no secret. Raises NotUnderstood with the path of the invalid value.
REDACTIONS: Mapping[str, Callable[[Forget, str, float], Envelope]] = {
    "shopify": _shopify_redaction,
    "woocommerce": _woocommerce_redaction,
}


Now = Callable[[], float]
Sleep = Callable[[float], None]


def _shopify_subscriptions(
    merchant: Merchant, secrets: Secrets, now: Now, sleep: Sleep
) -> Subscriptions | None:
    from shared.sources.shopify import store
    from shared.sources.shopify.subscriptions import ShopifySubscriptions

    api = store.connect(merchant, secrets, now)
    if api is None or merchant.shopify is None:
        return None
    return ShopifySubscriptions(api, now, sleep, merchant.shopify.api_version)


def _woocommerce_subscriptions(
    merchant: Merchant, secrets: Secrets, now: Now, sleep: Sleep
) -> Subscriptions | None:
    from shared.sources.woocommerce import store
    from shared.sources.woocommerce.subscriptions import WooSubscriptions

    api = store.connect(merchant, secrets, now)
    if api is None or secrets.woocommerce is None:
        return None
    return WooSubscriptions(api, now, sleep, secrets.woocommerce.webhook_secrets[0])


# (merchant, secrets, clock in epoch seconds, sleep) -> the shop's subscriptions; None where the
# secret has no key for the shop's API.
SUBSCRIPTIONS: Mapping[str, Callable[[Merchant, Secrets, Now, Sleep], Subscriptions | None]] = {
    "shopify": _shopify_subscriptions,
    "woocommerce": _woocommerce_subscriptions,
}
