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
from shared.sources.parsing.scalars import Amount, absent, read
from shared.sources.shopify import buyers, order_payloads, payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.lines import lines, unit_paid
from shared.sources.shopify.people import location

# A body without these is trimmed: without the first there is no order to tell, without the others
# no currency, and no knowing whether it was cancelled.
_WHOLE = ("line_items", "currency", "created_at", "cancelled_at", "financial_status")


def created(job: Context) -> Translated:
    """orders/create: the order as it was placed."""
    return _saved(job, placed=True)


def changed(job: Context) -> Translated:
    """Every other order topic but the delete: the order as edits and refunds left it."""
    return _saved(job, placed=False)


def removed(job: Context) -> Translated:
    """orders/delete: ``{"id": 1}``, the whole order in 2023."""
    body = read(job.body, payloads.Identified)
    entity = Entity(Kind.ORDER, body.id)
    return Translated(changes=(OrderRemoved(entity=entity, version=job.deletion()),))


class _MoneyReader(Value, kw_only=False):
    """Which of an order's two currencies is told."""

    currency: str
    presentment: bool

    def money(self, plain: Amount, both: order_payloads.Unread | None) -> Money | None:
        """Give one amount; ``plain`` is always in the shop's currency."""
        if self.presentment:
            shown = both.presentment_money if isinstance(both, order_payloads.Both) else None
            plain = shown.amount if shown else Amount()
        return None if plain.value is None else Money(plain.value, self.currency)


def _saved(job: Context, *, placed: bool) -> Translated:
    shown = job.shop.money == "presentment"
    body = read(job.body, order_payloads.OrderShown if shown else order_payloads.Order)
    trimmed = absent(job.keys, _WHOLE)
    if trimmed:
        path = f"$.{trimmed}"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    if body.test and not job.shop.accept_test:
        return Translated(ignored="a test order")
    who = buyers.of_order(job.ports, body)
    order, counts = _order(job, body, who, placed=placed)
    version = job.version(body.updated_at)
    change = OrderSaved(entity=Entity(Kind.ORDER, body.id), version=version, order=order)
    if who.id is not None or who.entity is None:
        return Translated(changes=(change,), counts=counts)
    person = PersonSaved(entity=who.entity, version=version, person=_guest(body, who))
    return Translated(changes=(person, change), counts=counts)


def _order(
    job: Context, body: order_payloads.Order, who: Buyer, *, placed: bool
) -> tuple[Order, tuple[str, ...]]:
    till = _till(job, body)
    kept, counts = lines(body.line_items or (), lambda line: _terms(till, line, placed=placed))
    total, discount = _totals(till, body, placed=placed)
    placed_at = body.processed_at or body.created_at or job.envelope.triggered_at
    visitor, bad = buyers.visitor(body, job.heard(placed_at) or placed_at)
    order = Order(
        id=body.id,
        number=body.name or None,
        buyer=who,
        lines=kept,
        status=_status(job, body),
        placed_at=placed_at,
        currency=till.currency,
        total=total,
        discount=discount,
        shipping=_shipping(till, body),
        promo_code=next((one.code for one in body.discount_codes or () if one.code), None),
        payment=next((name for name in body.payment_gateway_names or () if name), None),
        delivery=next((one.title for one in body.shipping_lines or () if one.title), None),
        address=buyers.address(body),
        cart_token=order_payloads.token(body.cart_token),
        checkout_token=order_payloads.token(body.checkout_token),
        visitor=visitor,
        visit=_visit(body),
    )
    return order, counts + bad


def _till(job: Context, body: order_payloads.Order) -> _MoneyReader:
    own = body.currency or job.merchant.currency
    shown = body.presentment_currency
    if job.shop.money == "shop" or shown is None or not _shows_all(body):
        return _MoneyReader(own, presentment=False)
    return _MoneyReader(shown, presentment=True)


def _shows_all(body: order_payloads.Order) -> bool:
    # One order is told in one currency: if an old body lacks one set, all is the shop's.
    found = body.line_items or ()
    sets = [line.price_set for line in found]
    sets += [share.amount_set for line in found for share in line.discount_allocations or ()]
    return all(isinstance(both, order_payloads.Both) and both.presentment_money for both in sets)


def _terms(
    till: _MoneyReader, line: order_payloads.OrderLine, *, placed: bool
) -> tuple[int, Money | None, Money | None]:
    before = till.money(line.price, line.price_set)
    quantity = line.quantity
    if not placed and line.current_quantity is not None:
        quantity = line.current_quantity
    if before is None:
        return quantity, None, None
    shares = [
        till.money(share.amount, share.amount_set) for share in line.discount_allocations or ()
    ]
    amounts = [share.amount for share in shares if share is not None]
    # The shares are of the line as it was ordered, whatever became of it since.
    paid = unit_paid(before.amount, line.quantity, amounts)
    return quantity, Money(paid, till.currency), before


def _totals(
    till: _MoneyReader, body: order_payloads.Order, *, placed: bool
) -> tuple[Money | None, Money | None]:
    total = till.money(body.total_price, body.total_price_set)
    discount = till.money(body.total_discounts, body.total_discounts_set)
    if placed:
        return total, discount
    now = till.money(body.current_total_price, body.current_total_price_set)
    less = till.money(body.current_total_discounts, body.current_total_discounts_set)
    return now or total, less or discount


def _shipping(till: _MoneyReader, body: order_payloads.Order) -> Money | None:
    both = body.total_shipping_price_set
    return till.money(both.shop_money.amount if both and both.shop_money else Amount(), both)


def _status(job: Context, body: order_payloads.Order) -> Status:
    # A refund is no cancellation, but the merchant may say that a full one is.
    ended = body.cancelled_at is not None or body.financial_status in job.shop.cancelling
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
