"""WooCommerce as a source: one record of functions for one merchant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

from shared.errors import NotConfigured
from shared.queue.envelope import Envelope
from shared.settings import Merchant, Secrets
from shared.sources.contract import Ports, Source, Translated
from shared.sources.parsing import signature
from shared.sources.parsing.context import passed_over
from shared.sources.woocommerce import headers as doors
from shared.sources.woocommerce import privacy, topic_check
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.topics import HANDLED, IGNORED

# What WordPress' wp_specialchars_decode knows, and no more: "&reg" is four letters of a secret.
_ESCAPED = re.compile(r"&(?:amp|lt|gt|quot|#0*(?:34|38|39|60|62)|#[xX]0*2[267]);")


def build(merchant: Merchant, secrets: Secrets, ports: Ports, store: Store | None) -> Source:
    """
    Make the source. ``store`` is the store's own API, None without a consumer key.

    Raises NotConfigured without the section, or without a usable webhook secret: an empty one
    would let everybody in.
    """
    shop = merchant.woocommerce
    if shop is None:
        raise NotConfigured("the merchant file: the section is missing", "$.woocommerce")
    keys = _keys(secrets)

    def verify(raw: bytes, headers: Mapping[str, str]) -> None:
        signature.verify(raw, doors.header(headers, "signature"), keys)

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
        name=doors.NAME,
        verify=verify,
        to_envelope=doors.to_envelope,
        translate=translate,
        handled=frozenset(HANDLED),
        ignored=IGNORED,
        redactions=frozenset({privacy.REDACT}),
        queued=shop.delivery_mode == "queued",
        is_ping=doors.pings,
        find_person_ids=privacy.named,
    )


def _translate(job: Context) -> Translated:
    topic = job.envelope.topic
    nothing = passed_over(topic, HANDLED, IGNORED)
    if nothing is not None:
        return nothing
    error = topic_check.error_document(job.keys)
    if error is not None:
        # The store could not read what it wanted to send, and does not say what that was.
        return Translated(ignored=error, counts=("error_document",))
    topic_check.check(job)
    return HANDLED[topic](job)


def _keys(secrets: Secrets) -> tuple[str, ...]:
    if secrets.woocommerce is None:
        raise NotConfigured("the secret: the section is missing", "$.woocommerce")
    found = signature.usable(secrets.woocommerce.webhook_secrets, doors.NAME)
    # WordPress stores it escaped, and signs with what that stands for (section 2).
    return tuple(_ESCAPED.sub(lambda one: unescape(one[0]), key) for key in found)
