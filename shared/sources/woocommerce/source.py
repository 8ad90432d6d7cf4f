"""The source for WooCommerce: one record of functions for one merchant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from shared.errors import NotConfigured
from shared.model.value import replace
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Ports, Source, Translated
from shared.sources.parsing import signature
from shared.sources.parsing.context import translate_ignored
from shared.sources.parsing.documents import record_odd_fields
from shared.sources.parsing.languages import in_one_language
from shared.sources.woocommerce import headers as webhook_headers
from shared.sources.woocommerce import privacy, topic_check
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.topics import HANDLED, IGNORED

# Only the HTML entities that wp_specialchars_decode decodes: "&reg" in a secret stays as it is.
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#[xX]0*2[267]);")


def build(merchant: Merchant, secrets: Secrets, ports: Ports, store: Store | None) -> Source:
    """
    Return the source. ``store`` is the store's own API, None without a consumer key.

    Raises NotConfigured without the section, or without a usable webhook secret: an empty one
    would accept every webhook.
    """
    shop = merchant.woocommerce
    if shop is None:
        raise NotConfigured("the merchant file: the section is missing", "$.woocommerce")
    keys = _signing_keys(secrets)

    def verify(raw: bytes, headers: Mapping[str, str]) -> None:
        signature.verify(raw, webhook_headers.header(headers, "signature"), keys)

    def to_envelope(raw: bytes, headers: Mapping[str, str], received_at: float) -> Envelope:
        webhook_headers.check_store(headers, (shop.url, *shop.other_urls))
        return webhook_headers.to_envelope(raw, headers, received_at)

    def translate(envelope: Envelope, deadline: float) -> Translated:
        body = in_one_language(envelope.body, shop.language)
        return _translate(
            Context(
                envelope=replace(envelope, body=body) if body != envelope.body else envelope,
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
        redactions=frozenset({privacy.REDACT}),
        queued=shop.delivery_mode == "queued",
        is_ping=webhook_headers.is_ping,
        find_person_ids=privacy.find_person_ids,
    )


def _translate(context: Context) -> Translated:
    topic = context.envelope.topic
    result = translate_ignored(topic, HANDLED, IGNORED)
    if result is not None:
        return result
    error = topic_check.error_document(context.keys)
    if error is not None:
        # The store could not read the document that it wanted to send, and does not name it.
        return Translated(ignored=error, counts=("error_document",))
    topic_check.check(context)
    with record_odd_fields() as odd:
        translated = HANDLED[topic](context)
    return replace(translated, odd_fields=tuple(sorted(odd))) if odd else translated


def _signing_keys(secrets: Secrets) -> tuple[str, ...]:
    if secrets.woocommerce is None:
        raise NotConfigured("the secret: the section is missing", "$.woocommerce")
    found = signature.validated_keys(secrets.woocommerce.webhook_secrets, webhook_headers.NAME)
    # WordPress stores the secret escaped, and signs with the unescaped one.
    return tuple(_ESCAPED.sub(lambda one: unescape(one[0]), key) for key in found)
