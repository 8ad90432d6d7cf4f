"""Orders: orders/create, updated, paid, fulfilled, partially_fulfilled, cancelled, delete."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.sources.contract import Translated
from shared.sources.parsing.documents import first_missing, read
from shared.sources.parsing.people import checkout_version
from shared.sources.parsing.scalars import NO_AMOUNT
from shared.sources.shopify import buyers, cart_payloads, money, order_payloads, payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.lines import lines, unit_paid
from shared.sources.shopify.money import MoneyReader
from shared.sources.shopify.people import location
from shared.sources.shopify.statuses import status_of

# A body that lacks one of these was trimmed: without the first the order has no lines, without the
# others its currency is unknown, or whether it was cancelled.
_REQUIRED = ("line_items", "currency", "created_at", "cancelled_at", "financial_status")


# No body says when it was paid; this topic does.
_PAID = "orders/paid"


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


def _saved(context: Context, *, placed: bool) -> Translated:
    shown = context.shop.money == "presentment"
    body = read(context.body, order_payloads.OrderWithSets if shown else order_payloads.Order)
    trimmed = first_missing(context.keys, _REQUIRED)
    if trimmed:
        path = f"$.{trimmed}"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    if body.test and not context.shop.accept_test:
        return Translated(ignored="a test order")
    status = status_of(context.shop, body)
    if status is None:
        return Translated(ignored="an order with a status that the merchant file ignores")
    who = buyers.of_order(context.ports, body)
    order, counts = _order(context, body, who, status, placed=placed)
    version = context.version(body.updated_at)
    change = OrderSaved(entity=Entity(Kind.ORDER, body.id), version=version, order=order)
    if who.id is not None or who.entity is None:
        return Translated(changes=(change,), counts=counts)
    asked = checkout_version(order.placed_at, version)
    person = PersonSaved(entity=who.entity, version=asked, person=_guest(body, who))
    return Translated(changes=(person, change), counts=counts)


def _order(
    context: Context, body: order_payloads.Order, who: Buyer, status: Status, *, placed: bool
) -> tuple[Order, tuple[str, ...]]:
    reader = money.of_order(context, body)
    kept, counts = lines(body.line_items or (), lambda line: _pricing(reader, line, placed=placed))
    total, discount = _totals(reader, body, placed=placed)
    placed_at = body.processed_at or body.created_at or context.envelope.triggered_at
    visitor, bad = buyers.visitor(body, context.plausible_time(placed_at) or placed_at)
    order = Order(
        id=body.id,
        number=body.name or None,
        buyer=who,
        lines=kept,
        status=status,
        placed_at=placed_at,
        paid_at=context.envelope.triggered_at if context.envelope.topic == _PAID else None,
        complete=not any(_was_deleted(line, placed=placed) for line in body.line_items or ()),
        currency=reader.wanted,
        total=total,
        discount=discount,
        shipping=_shipping(reader, body),
        promo_code=next((one.code for one in body.discount_codes or () if one.code), None),
        payment=next((name for name in body.payment_gateway_names or () if name), None),
        delivery=_delivery(body),
        address=buyers.address(body),
        cart_token=cart_payloads.token(body.cart_token),
        checkout_token=cart_payloads.token(body.checkout_token),
        visitor=visitor,
        visit=_visit(body),
    )
    return order, counts + bad


def _pricing(
    reader: MoneyReader, line: order_payloads.OrderLine, *, placed: bool
) -> tuple[int, Money | None, Money | None]:
    before = reader.money(line.price, line.price_set)
    quantity = _quantity(line, placed=placed)
    if before is None:
        return quantity, None, None
    shares = (
        reader.money(share.amount, share.amount_set) for share in line.discount_allocations or ()
    )
    # The shares are for the quantity that was ordered, whatever edits and refunds left of it.
    return quantity, unit_paid(before, line.quantity, shares), before


def _quantity(line: order_payloads.OrderLine, *, placed: bool) -> int:
    return line.quantity if placed or line.current_quantity is None else line.current_quantity


def _was_deleted(line: order_payloads.OrderLine, *, placed: bool) -> bool:
    """
    Return whether a line had a product or variant that does not exist any more.

    A tip or a custom item has none either, but also no SKU and no title of a variant.
    """
    if _quantity(line, placed=placed) <= 0 or line.gift_card:
        return False
    named = line.product_id is not None and (line.variant_id is not None or not line.variant_title)
    return not named and bool(line.sku or line.variant_title)


def _totals(
    reader: MoneyReader, body: order_payloads.Order, *, placed: bool
) -> tuple[Money | None, Money | None]:
    total = reader.money(body.total_price, body.total_price_set)
    discount = reader.money(body.total_discounts, body.total_discounts_set)
    if placed:
        return total, discount
    now = reader.money(body.current_total_price, body.current_total_price_set)
    less = reader.money(body.current_total_discounts, body.current_total_discounts_set)
    return now or total, less or discount


def _shipping(reader: MoneyReader, body: order_payloads.Order) -> Money | None:
    """Return what was paid for shipping: after its discounts, without what an edit removed."""
    if not body.shipping_lines:
        return reader.money(NO_AMOUNT, body.total_shipping_price_set)
    paid = [_shipping_paid(reader, line) for line in body.shipping_lines if not line.is_removed]
    stated = [one for one in paid if one is not None]
    if len(stated) < len(paid):
        return reader.money(NO_AMOUNT, body.total_shipping_price_set)
    return sum(stated, reader.nothing())


def _shipping_paid(reader: MoneyReader, line: order_payloads.Shipping) -> Money | None:
    before = reader.money(line.price, line.price_set)
    paid = reader.money(line.discounted_price, line.discounted_price_set)
    if before is None:
        return paid
    shares = (
        reader.money(share.amount, share.amount_set) for share in line.discount_allocations or ()
    )
    # `discounted_price` is without discounts of the whole order, and older bodies have no shares.
    less = unit_paid(before, 1, shares)
    return less if paid is None or less.amount < paid.amount else paid


def _delivery(body: order_payloads.Order) -> str | None:
    titles = (one.title for one in body.shipping_lines or () if not one.is_removed)
    return next((title for title in titles if title), None)


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
