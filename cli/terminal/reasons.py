"""Why something is not told, in words: what `explain` says of the counts of a plan."""

from __future__ import annotations

from shared.destinations.contract import Event, Rule
from shared.sources.contract import DataRequested, Notice, Redacted, ShopRedacted, Uninstalled

_COUNTS = {
    "browsing_not_expressible": "the platform has no word for what the shopper did",
    "browsing_of_unknown_visitor": "nobody knows whose browser it was",
    "cart_of_unknown_visitor": "the cart names no customer, and nobody knows whose browser it is",
    "checkout_of_unknown_visitor": "the checkout names no customer, and nobody knows its browser",
    "consent_of_unknown_person": "the platform was never told of the person: nothing to change",
    "error_document": "the store sent an error in place of what it is about",
    "gift_card_lines": "a gift card is nothing to recommend: its line is left out",
    "inventory_without_token": "without a token the store cannot be asked what the item belongs to",
    "lines_without_product": "a tip, a custom item or a deleted product: its line is left out",
    "order_edit_not_expressible": "the platform cannot change an order: only its status is told",
    "phantom_delete": "told only where the platform was told of it before",
    "stock_of_unknown_variant": "the platform was never told of the variant",
    "unknown_topic": "the topic is in neither list of docs/topics.md",
    "variants_truncated": "the webhook holds not all variants: the store's own list counts",
}


def meaning(count: str) -> str:
    """Say what a count means; its name in words where nothing more is known."""
    return _COUNTS.get(count, count.replace("_", " "))


def of_notice(notice: Notice) -> str:
    """Say what is done on a notice, beside what platforms are told."""
    match notice:
        case DataRequested():
            return "the merchant gets a record of what is held, and an alarm"
        case Redacted():
            return "our own stores forget the person"
        case ShopRedacted():
            return "everything of the shop is purged from our own stores"
        case Uninstalled():
            return "an alarm for the merchant: no webhook comes any more"


def of_event(event: Event | None) -> str:
    """Say how often an event is told; a state is told whenever it is another."""
    if event is None:
        return "a state: told when it is another than before"
    often = "once" if event.rule is Rule.ONCE else "once for each version"
    again = "again" if event.again else "not again"
    return f"the event {event.name}: told {often}, and {again} after an unknown outcome"
