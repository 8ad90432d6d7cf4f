"""Why something is not sent, in words: the texts of ``shoprelay explain``."""

from __future__ import annotations

from shared.destinations.contract import Event, Rule
from shared.sources.contract import DataRequested, Notice, Redacted, ShopRedacted, Uninstalled

_COUNTS = {
    "browsing_not_expressible": "the platform has no event for what the visitor did",
    "browsing_of_unknown_visitor": "the visitor of the browser is not known",
    "cart_line_of_unknown_product": "the product was never sent: its line of the cart is omitted",
    "cart_of_unknown_user": "the buyer was never sent to the platform: the cart stays anonymous",
    "cart_of_unknown_visitor": "the cart names no customer, and its visitor is not known",
    "checkout_of_unknown_visitor": "the checkout names no customer, and its visitor is not known",
    "consent_of_unknown_person": "the person was never sent to the platform: nothing to change",
    "customer_of_unknown_visitor": "no cookie of this customer is known yet, and the platform "
    "requires one",
    "degraded_sc": "the shopper's cookie is not known: one was created",
    "error_document": "the store sent an error in place of the document",
    "gift_card_lines": "a gift card cannot be recommended: its line is omitted",
    "inventory_without_token": "without a token the store cannot be queried for the item's product",
    "lines_without_product": "a tip, a custom item or a deleted product: its line is omitted",
    "order_edit_not_expressible": "the platform cannot change an order: only its status is sent",
    "partial_refund_not_expressible": "an order does not say which lines were refunded",
    "phantom_delete": "sent only where the platform has it",
    "purchase_in_foreign_currency": "the order is not stated in the shop's currency",
    "purchase_not_paid": "the order is not paid yet: the purchase is sent when it is",
    "stock_of_unknown_variant": "the variant was never sent to the platform",
    "unknown_topic": "the topic is in neither list of docs/topics.md",
    "unverified_delete": "an id names no type, and without a key the store cannot be queried",
    "variants_truncated": "the webhook lacks some variants: the store's own list is used",
}


def odd_field(path: str) -> str:
    """Return what became of a field of an unexpected type."""
    return f"of an unexpected type, and converted or omitted: {path}"


def meaning(count: str) -> str:
    """Return what a count means; its name in words where it has no text."""
    return _COUNTS.get(count, count.replace("_", " "))


def of_notice(notice: Notice) -> str:
    """Return what is done about a notice, beside the calls to platforms."""
    match notice:
        case DataRequested():
            return "the merchant gets a record of the stored data, and an alarm"
        case Redacted():
            return "the person is erased from our own stores"
        case ShopRedacted():
            return "everything of the shop is erased from our own stores, after a hold of hours"
        case Uninstalled():
            return "an alarm for the merchant: the shop sends no more webhooks"


def of_event(event: Event | None) -> str:
    """Return how often an event is sent. A state is sent whenever it has changed."""
    if event is None:
        return "a state: sent when it has changed"
    often = "once" if event.rule is Rule.ONCE else "once for each version"
    again = "again" if event.again else "not again"
    return f"the event {event.name}: sent {often}, and {again} after an unknown outcome"
