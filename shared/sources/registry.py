"""Every source, by an explicit line. To add one is to add its folder, its events, and that line."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shared.delivery.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Forget, Ports, Source
from shared.sources.shopify import privacy as shopify_privacy
from shared.sources.shopify import source as shopify
from shared.sources.shopify import store as shopify_store

Build = Callable[[Merchant, Secrets, Ports], Source]


def _shopify(merchant: Merchant, secrets: Secrets, ports: Ports) -> Source:
    store = shopify_store.connect(merchant, secrets, ports.now)
    return shopify.build(merchant, secrets, ports, store)


SOURCES: Mapping[str, Build] = {
    "shopify": _shopify,
}

# (wish, id of the delivery, epoch seconds) -> the redaction as the platform itself would send it.
# Needs neither a merchant's file nor a secret. Raises NotUnderstood with the path of what is wrong.
REDACTIONS: Mapping[str, Callable[[Forget, str, float], Envelope]] = {
    "shopify": shopify_privacy.by_hand,
}
