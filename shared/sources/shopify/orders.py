"""Orders: orders/create, updated, paid, fulfilled, partially_fulfilled, cancelled, delete."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.value import Value
from shared.sources.contract import Translated
from shared.sources.parsing.people import checkout_version
from shared.sources.parsing.scalars import Amount, first_missing, read
from shared.sources.shopify import buyers, cart_payloads, order_payloads, payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.lines import lines, unit_paid
from shared.sources.shopify.people import location

# A body without one of these is trimmed: without the first the order has no lines, without the
# others its currency is unknown, or whether it was cancelled.
_REQUIRED = ("line_items", "currency", "created_at", "cancelled_at", "financial_status")


def created(context: Context) -> Translated:
    """Translate orders/create: the order as it was placed."""
    return _saved(context, placed=True)


def changed(context: Context) -> Translated:
    """Translate the other order topics except the delete: the order after edits and refunds."""
    return _saved(context, placed=False)


def removed(context: Context) -> Translated:
    """Translate orders/delete: ``{"id": 1}``; in 2023 it was the whole order."""
    body = read(context.body, payloads.OnlyId)
    entity = Entity(Kind.ORDER, body.id)
    return Translated(changes=(OrderRemoved(entity=entity, version=context.deletion_version()),))


class _MoneyReader(Value, kw_only=False):
    """A reader of amounts in one of an order's two currencies."""

    currency: str
    presentment: bool

    def money(self, plain: Amount, both: order_payloads.UnreadMoneySet | None) -> Money | None:
        """Return one amount; ``plain`` is always in the shop's currency."""
        if self.presentment:
            shown = both.presentment_money if isinstance(both, order_payloads.MoneySet) else None
            plain = shown.amount if shown else Amount()
        return None if plain.value is None else Money(plain.value, self.currency)


def _saved(context: Context, *, placed: bool) -> Translated:
    shown = context.shop.money == "presentment"
    body = read(context.body, order_payloads.OrderWithSets if shown else order_payloads.Order)
    trimmed = first_missing(context.keys, _REQUIRED)
    if trimmed:
        path = f"$.{trimmed}"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    if body.test and not context.shop.accept_test:
        return Translated(ignored="a test order")
    who = buyers.of_order(context.ports, body)
    order, counts = _order(context, body, who, placed=placed)
    version = context.version(body.updated_at)
    change = OrderSaved(entity=Entity(Kind.ORDER, body.id), version=version, order=order)
    if who.id is not None or who.entity is None:
        return Translated(changes=(change,), counts=counts)
    asked = checkout_version(order.placed_at, version)
    person = PersonSaved(entity=who.entity, version=asked, person=_guest(body, who))
    return Translated(changes=(person, change), counts=counts)


def _order(
    context: Context, body: order_payloads.Order, who: Buyer, *, placed: bool
) -> tuple[Order, tuple[str, ...]]:
    reader = _money_reader(context, body)
    kept, counts = lines(body.line_items or (), lambda line: _pricing(reader, line, placed=placed))
    total, discount = _totals(reader, body, placed=placed)
    placed_at = body.processed_at or body.created_at or context.envelope.triggered_at
    visitor, bad = buyers.visitor(body, context.plausible_time(placed_at) or placed_at)
    order = Order(
        id=body.id,
        number=body.name or None,
        buyer=who,
        lines=kept,
        status=_status(context, body),
        placed_at=placed_at,
        currency=reader.currency,
        total=total,
        discount=discount,
        shipping=_shipping(reader, body),
        promo_code=next((one.code for one in body.discount_codes or () if one.code), None),
        payment=next((name for name in body.payment_gateway_names or () if name), None),
        delivery=next((one.title for one in body.shipping_lines or () if one.title), None),
        address=buyers.address(body),
        cart_token=cart_payloads.token(body.cart_token),
        checkout_token=cart_payloads.token(body.checkout_token),
        visitor=visitor,
        visit=_visit(body),
    )
    return order, counts + bad


def _money_reader(context: Context, body: order_payloads.Order) -> _MoneyReader:
    own = body.currency or context.merchant.currency
    shown = body.presentment_currency
    if context.shop.money == "shop" or shown is None or not _has_all_sets(body):
        return _MoneyReader(own, presentment=False)
    return _MoneyReader(shown, presentment=True)


def _has_all_sets(body: order_payloads.Order) -> bool:
    # One order has one currency: if an old body lacks one set, the shop's currency is used for all.
    found = body.line_items or ()
    sets = [line.price_set for line in found]
    sets += [share.amount_set for line in found for share in line.discount_allocations or ()]
    return all(
        isinstance(both, order_payloads.MoneySet) and both.presentment_money for both in sets
    )


def _pricing(
    reader: _MoneyReader, line: order_payloads.OrderLine, *, placed: bool
) -> tuple[int, Money | None, Money | None]:
    before = reader.money(line.price, line.price_set)
    quantity = line.quantity
    if not placed and line.current_quantity is not None:
        quantity = line.current_quantity
    if before is None:
        return quantity, None, None
    shares = [
        reader.money(share.amount, share.amount_set) for share in line.discount_allocations or ()
    ]
    amounts = [share.amount for share in shares if share is not None]
    # The shares are for the quantity that was ordered, whatever edits and refunds left of it.
    paid = unit_paid(before.amount, line.quantity, amounts)
    return quantity, Money(paid, reader.currency), before


def _totals(
    reader: _MoneyReader, body: order_payloads.Order, *, placed: bool
) -> tuple[Money | None, Money | None]:
    total = reader.money(body.total_price, body.total_price_set)
    discount = reader.money(body.total_discounts, body.total_discounts_set)
    if placed:
        return total, discount
    now = reader.money(body.current_total_price, body.current_total_price_set)
    less = reader.money(body.current_total_discounts, body.current_total_discounts_set)
    return now or total, less or discount


def _shipping(reader: _MoneyReader, body: order_payloads.Order) -> Money | None:
    both = body.total_shipping_price_set
    return reader.money(both.shop_money.amount if both and both.shop_money else Amount(), both)


def _status(context: Context, body: order_payloads.Order) -> Status:
    # A refund is no cancellation, but the merchant can configure that a full refund is one.
    ended = body.cancelled_at is not None or body.financial_status in context.shop.cancelling
    return Status.CANCELLED if ended else Status.COMPLETED


def _visit(body: order_payloads.Order) -> Visit:
    client = body.client_details or order_payloads.Client()
    ip = client.browser_ip or body.browser_ip
    return Visit(ip=ip or None, user_agent=client.user_agent or None)


def _guest(body: order_payloads.Order, who: Buyer) -> Person:
    address = body.billing_address or body.shipping_address or payloads.Address()
    return Person(
        id=None,
        email=who.email,
        first_name=address.first_name or None,
        last_name=address.last_name or None,
        phone=body.phone or address.phone or None,
        location=location(address),
        subscribed=body.buyer_accepts_marketing,
    )
