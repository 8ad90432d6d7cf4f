"""The source for Shopify: one record of functions for one merchant."""

from __future__ import annotations

from collections.abc import Mapping

from shared.errors import NotConfigured
from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Ports, Source, Translated
from shared.sources.parsing import signature
from shared.sources.parsing.context import translate_ignored
from shared.sources.parsing.documents import record_odd_fields
from shared.sources.shopify import headers as webhook_headers
from shared.sources.shopify import topic_check
from shared.sources.shopify.context import Context, Store
from shared.sources.shopify.topics import HANDLED, IGNORED, REDACT


def build(merchant: Merchant, secrets: Secrets, ports: Ports, store: Store | None) -> Source:
    """
    Return the source. ``store`` is the shop's own API, None without a token.

    Raises NotConfigured without the section, or without a usable webhook secret: an empty one
    would accept every webhook.
    """
    shop = merchant.shopify
    if shop is None:
        raise NotConfigured("the merchant file: the section is missing", "$.shopify")
    keys = _signing_keys(secrets)

    def verify(raw: bytes, headers: Mapping[str, str]) -> None:
        # During a rotation Shopify signs with the oldest secret that is not revoked, so there is a
        # list (shopify.dev: rotate or revoke client credentials).
        signature.verify(raw, webhook_headers.header(headers, "hmac-sha256"), keys)

    def to_envelope(raw: bytes, headers: Mapping[str, str], received_at: float) -> Envelope:
        return webhook_headers.to_envelope(raw, headers, received_at, shop=shop.shop)

    def translate(envelope: Envelope, deadline: float) -> Translated:
        return _translate(
            Context(
                envelope=envelope,
                deadline=deadline,
                merchant=merchant,
                shop=shop,
                ports=ports,
                store=store,
            )
        )

    return Source(
        name=webhook_headers.NAME,
        verify=verify,
        to_envelope=to_envelope,
        translate=translate,
        handled=frozenset(HANDLED),
        ignored=IGNORED,
        redactions=frozenset({REDACT}),
        queued=shop.delivery_mode == "queued",
    )


def _translate(context: Context) -> Translated:
    topic = context.envelope.topic
    result = translate_ignored(topic, HANDLED, IGNORED)
    if result is not None:
        return result
    if (
        context.envelope.headers.get("shopify-test", "").lower() == "true"
        and not context.shop.accept_test
    ):
        return Translated(ignored="a test webhook")
    topic_check.check(context)
    with record_odd_fields() as odd:
        translated = HANDLED[topic](context)
    return replace(translated, odd_fields=tuple(sorted(odd))) if odd else translated


def _signing_keys(secrets: Secrets) -> tuple[str, ...]:
    if secrets.shopify is None:
        raise NotConfigured("the secret: the section is missing", "$.shopify")
    return signature.validated_keys(secrets.shopify.webhook_secrets, webhook_headers.NAME)
