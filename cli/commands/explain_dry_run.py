"""
A dry run of one webhook through the real source and the real destinations. No store is queried and
no call is sent. `cli.terminal.reasons` has the texts, `cli.commands.explain` prints the result.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from cli.commands.send import Event
from cli.docs.field_probe import Still
from shared.destinations.contract import Brief, Destination, KnownState, Plan
from shared.destinations.contract import Event as DestinationEvent
from shared.destinations.registry import DESTINATIONS
from shared.errors import NotConfigured, NotUnderstood, StoreUnavailable
from shared.http.call import Call
from shared.model.change import Change, ConsentChanged, Removed, StockChanged, written_visitor
from shared.model.product import variant_key
from shared.model.value import replace
from shared.model.version import instant_at
from shared.model.visitor import NOBODY, Visitor
from shared.queue.envelope import Envelope
from shared.settings import (
    DataCueSecrets,
    Merchant,
    PersonaClickSecrets,
    Secrets,
    ShopifySecrets,
    TrackerSecrets,
    WooCommerceSecrets,
)
from shared.sources.contract import Source, Translated
from shared.sources.woocommerce.context import Category

_PLACEHOLDER = "explained"
# Nothing is signed and no store is queried, so no value matters.
SECRETS = Secrets(
    shopify=ShopifySecrets(webhook_secrets=(_PLACEHOLDER,)),
    woocommerce=WooCommerceSecrets(webhook_secrets=(_PLACEHOLDER,)),
    datacue=DataCueSecrets(api_key=_PLACEHOLDER, api_secret=_PLACEHOLDER),
    yespo=TrackerSecrets(api_key=_PLACEHOLDER),
    esputnik=TrackerSecrets(api_key=_PLACEHOLDER),
    personaclick=PersonaClickSecrets(shop_secret=_PLACEHOLDER),
)
NO_PLAN, UNTRANSLATED = Plan(), Translated()
_PLATFORM_ID = "given-by-the-platform"


class WouldQuery(StoreUnavailable):
    """The translation would query the store, and ``explain`` does not."""


@dataclass(frozen=True, slots=True)
class OfflinePorts(Still):
    """The ports of `Still` with the current time."""

    def now(self) -> float:
        """Return the time in epoch seconds."""
        return time.time()


@dataclass(frozen=True, slots=True)
class OfflineStore:
    """A store of either kind. It answers what the merchant's file says, else raises WouldQuery."""

    merchant_currency: str

    def categories(
        self,
        deadline: float,  # noqa: ARG002 - a Store's
        only: frozenset[str] = frozenset(),  # noqa: ARG002 - as above
    ) -> Mapping[str, Category]:
        """Return no parent categories: the names in the body are used."""
        return {}

    def currency(self, deadline: float) -> str:  # noqa: ARG002 - as above
        """Return the currency of the merchant's file, with which `check` compares the store's."""
        return self.merchant_currency

    def __getattr__(self, name: str) -> Any:
        def query(number: str = "", *_: object) -> None:
            raise WouldQuery(f"the store would be queried for {_QUERIES.get(name, name)} {number}")

        return query


_QUERIES = {
    "product_of_item": "the product that has inventory item",
    "variations": "the variations of product",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What one change becomes at one destination. ``dead_letter`` is why it would be one;
    ``identifies``: the first call requests the visitor's ids from the platform.
    """

    destination: str
    plan: Plan = NO_PLAN
    event: DestinationEvent | None = None
    dead_letter: str = ""
    identifies: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a webhook becomes. ``query`` and ``dead_letter`` are why the dry run ended early."""

    event: Event
    translated: Translated = UNTRANSLATED
    query: str = ""
    dead_letter: str = ""
    results: tuple[tuple[Change, tuple[Result, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is taken as known: the visitor's ids, and that destinations have an earlier version."""

    visitor: Visitor = NOBODY
    known: bool = False


def explain_event(merchant: Merchant, event: Event, assumed: Assumptions) -> Explanation:
    """Explain a webhook. Raises NotConfigured for a merchant that does not have its source."""
    source = _source(merchant, event.source)
    destinations = [DESTINATIONS[name](merchant, SECRETS) for name in _registered(merchant)]
    try:
        translated = source.translate(_envelope(source, merchant, event), time.time() + 1)
    except WouldQuery as error:
        return Explanation(event=event, query=error.reason)
    except NotUnderstood as error:
        return Explanation(event=event, dead_letter=str(error))
    results = tuple(
        (change, tuple(_result(one, change, assumed) for one in destinations))
        for change in translated.changes
    )
    return Explanation(event=event, translated=translated, results=results)


def _registered(merchant: Merchant) -> Iterator[str]:
    for name in merchant.destinations:
        if name not in DESTINATIONS:
            raise NotConfigured(f"{name} is not supported yet", "$.destinations")
        yield name


def _source(merchant: Merchant, name: str) -> Source:
    if name not in merchant.sources:
        raise NotConfigured(f"{merchant.name} does not have the source {name}", "$.sources")
    # Imported when needed: one platform does not pay for the other.
    from shared.sources.shopify import source as shopify  # noqa: PLC0415
    from shared.sources.woocommerce import source as woocommerce  # noqa: PLC0415

    store = cast("Any", OfflineStore(merchant.currency))
    if name == "shopify":
        return shopify.build(merchant, SECRETS, OfflinePorts(), store)
    return woocommerce.build(_with_bodies(merchant), SECRETS, OfflinePorts(), store)


def _with_bodies(merchant: Merchant) -> Merchant:
    """Return the merchant with bodies in place of the store, where a body is complete."""
    shop = merchant.woocommerce
    if shop is None:
        return merchant
    return replace(merchant, woocommerce=replace(shop, read_store="when-needed"))


def _envelope(source: Source, merchant: Merchant, event: Event) -> Envelope:
    return source.to_envelope(event.body, _headers(merchant, event), time.time())


def _headers(merchant: Merchant, event: Event) -> dict[str, str]:
    """Return the headers that the shop would send. A signature is not needed: none is verified."""
    if event.source == "shopify" and merchant.shopify:
        return {
            "x-shopify-topic": event.topic,
            "x-shopify-shop-domain": merchant.shopify.shop,
            "x-shopify-api-version": merchant.shopify.api_version,
            "x-shopify-webhook-id": _PLACEHOLDER,
        }
    return {"x-wc-webhook-topic": event.topic, "x-wc-webhook-id": _PLACEHOLDER}


def _result(destination: Destination, change: Change, assumed: Assumptions) -> Result:
    brief = destination.brief(change)
    first, visitor = _identified(destination, change, brief, assumed)
    try:
        plan = destination.plan(change, _known(change, visitor, assumed), brief)
    except NotUnderstood as error:
        return Result(destination=destination.name, event=brief.event, dead_letter=str(error))
    whole = replace(plan, calls=(*first, *plan.calls))
    return Result(
        destination=destination.name, plan=whole, event=brief.event, identifies=bool(first)
    )


def _identified(
    destination: Destination, change: Change, brief: Brief, assumed: Assumptions
) -> tuple[tuple[Call, ...], Visitor]:
    """Return the visitor, and the call that would request ids from the platform, if any."""
    if not brief.visitor:
        return (), NOBODY
    visitor = written_visitor(change).over(assumed.visitor)
    found = destination.identify(change, visitor)
    if isinstance(found, Visitor):
        return (), found
    ids = Visitor(device_id=_PLATFORM_ID, session_id=_PLATFORM_ID, seen_at=instant_at(time.time()))
    return (found,), visitor.over(ids)


def _known(change: Change, visitor: Visitor, assumed: Assumptions) -> KnownState:
    # A partial update or a removal has no effect where the entity was never sent.
    known = assumed.known or isinstance(change, StockChanged | ConsentChanged | Removed)
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return KnownState(known=known, variants=frozenset({key}), visitor=visitor)
    return KnownState(known=known, visitor=visitor)
