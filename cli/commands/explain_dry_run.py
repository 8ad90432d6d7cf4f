"""
What a webhook becomes: the real translation and the real destinations, with nobody asked and
nothing sent. The words are in `cli.terminal.reasons`, the screen is in `cli.commands.explain`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from cli.commands.send import Event
from cli.docs.field_probe import Still
from shared.destinations.contract import Destination, KnownState, Plan
from shared.destinations.contract import Event as Told
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

_NOBODYS = "explained"
# Nothing is signed and nobody is asked, so that none of it matters.
SECRETS = Secrets(
    shopify=ShopifySecrets(webhook_secrets=(_NOBODYS,)),
    woocommerce=WooCommerceSecrets(webhook_secrets=(_NOBODYS,)),
    datacue=DataCueSecrets(api_key=_NOBODYS, api_secret=_NOBODYS),
    yespo=TrackerSecrets(api_key=_NOBODYS),
    esputnik=TrackerSecrets(api_key=_NOBODYS),
    personaclick=PersonaClickSecrets(shop_secret=_NOBODYS),
)
NOTHING, UNTRANSLATED = Plan(), Translated()
_GIVEN = "given-by-the-platform"


class WouldAsk(StoreUnavailable):
    """The store itself would be asked, and ``explain`` asks nobody."""


@dataclass(frozen=True, slots=True)
class Outside(Still):
    """Nobody outside, at this moment."""

    def now(self) -> float:
        """Tell the time."""
        return time.time()


@dataclass(frozen=True, slots=True)
class Unasked:
    """A store of either kind that answers nothing but what need not be asked for."""

    money: str

    def categories(self, deadline: float) -> Mapping[str, Category]:  # noqa: ARG002 - a Store's
        """Know no parents: the names in the body stand."""
        return {}

    def currency(self, deadline: float) -> str:  # noqa: ARG002 - as above
        """Give the currency of the merchant's file, with which `check` compares the store's."""
        return self.money

    def __getattr__(self, name: str) -> Any:
        def ask(number: str = "", *_: object) -> None:
            raise WouldAsk(f"the store would be asked for {_QUESTIONS.get(name, name)} {number}")

        return ask


_QUESTIONS = {
    "product_of_item": "the product that has inventory item",
    "variations": "the variations of product",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """
    What one change becomes at one destination. ``refused`` is why it would be a dead letter;
    ``introduces``: the first call asks the platform for the visitor's ids.
    """

    destination: str
    plan: Plan = NOTHING
    event: Told | None = None
    refused: str = ""
    introduces: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """What a webhook becomes; ``asks`` and ``refused`` are why it cannot be told further."""

    event: Event
    translated: Translated = UNTRANSLATED
    asks: str = ""
    refused: str = ""
    meanings: tuple[tuple[Change, tuple[Meaning, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supposed:
    """What is taken for known: the shopper's ids, and that the platforms were told before."""

    visitor: Visitor = NOBODY
    known: bool = False


def explained(merchant: Merchant, event: Event, supposed: Supposed) -> Explained:
    """Explain a webhook. Raises NotConfigured for a merchant who does not have its source."""
    source = _source(merchant, event.source)
    destinations = [DESTINATIONS[name](merchant, SECRETS) for name in _registered(merchant)]
    try:
        translated = source.translate(_envelope(source, merchant, event), time.time() + 1)
    except WouldAsk as error:
        return Explained(event=event, asks=error.reason)
    except NotUnderstood as error:
        return Explained(event=event, refused=str(error))
    meanings = tuple(
        (change, tuple(_meaning(one, change, supposed) for one in destinations))
        for change in translated.changes
    )
    return Explained(event=event, translated=translated, meanings=meanings)


def _registered(merchant: Merchant) -> Iterator[str]:
    for name in merchant.destinations:
        if name not in DESTINATIONS:
            raise NotConfigured(f"{name} cannot be told anything yet", "$.destinations")
        yield name


def _source(merchant: Merchant, name: str) -> Source:
    if name not in merchant.sources:
        raise NotConfigured(f"{merchant.name} does not take webhooks of {name}", "$.sources")
    # Imported when it is explained: one platform does not pay for the other.
    from shared.sources.shopify import source as shopify  # noqa: PLC0415
    from shared.sources.woocommerce import source as woocommerce  # noqa: PLC0415

    unasked = cast("Any", Unasked(merchant.currency))
    if name == "shopify":
        return shopify.build(merchant, SECRETS, Outside(), unasked)
    return woocommerce.build(merchant, SECRETS, Outside(), unasked)


def _envelope(source: Source, merchant: Merchant, event: Event) -> Envelope:
    return source.to_envelope(event.body, _headers(merchant, event), time.time())


def _headers(merchant: Merchant, event: Event) -> dict[str, str]:
    """Write the headers that the shop would send; no signature, for nobody looks."""
    if event.source == "shopify" and merchant.shopify:
        return {
            "x-shopify-topic": event.topic,
            "x-shopify-shop-domain": merchant.shopify.shop,
            "x-shopify-api-version": merchant.shopify.api_version,
            "x-shopify-webhook-id": _NOBODYS,
        }
    return {"x-wc-webhook-topic": event.topic, "x-wc-webhook-id": _NOBODYS}


def _meaning(destination: Destination, change: Change, supposed: Supposed) -> Meaning:
    first, visitor = _met(destination, change, supposed)
    told = destination.event(change)
    try:
        plan = destination.plan(change, _memory(change, visitor, supposed))
    except NotUnderstood as error:
        return Meaning(destination=destination.name, event=told, refused=str(error))
    whole = replace(plan, calls=(*first, *plan.calls))
    return Meaning(destination=destination.name, plan=whole, event=told, introduces=bool(first))


def _met(
    destination: Destination, change: Change, supposed: Supposed
) -> tuple[tuple[Call, ...], Visitor]:
    """Give the visitor, and the call that asks the platform for ids, if it would be made."""
    if not destination.need(change).visitor:
        return (), NOBODY
    visitor = written_visitor(change).over(supposed.visitor)
    met = destination.meet(change, visitor)
    if isinstance(met, Visitor):
        return (), met
    given = Visitor(device_id=_GIVEN, session_id=_GIVEN, seen_at=instant_at(time.time()))
    return (met,), visitor.over(given)


def _memory(change: Change, visitor: Visitor, supposed: Supposed) -> KnownState:
    # A partial update, and the end of something, mean nothing where it was never told.
    known = supposed.known or isinstance(change, StockChanged | ConsentChanged | Removed)
    if isinstance(change, StockChanged):
        key = variant_key(change.variant_id, default=change.default)
        return KnownState(known=known, variants=frozenset({key}), visitor=visitor)
    return KnownState(known=known, visitor=visitor)
