"""Orders: order.created, updated, restored, and the hint order.deleted."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import OrderRemoved, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.order import Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.version import Version
from shared.model.visitor import Visitor
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.parsing.html import plain
from shared.sources.parsing.people import checkout_version
from shared.sources.parsing.timestamps import plausible_time
from shared.sources.woocommerce import buyers, deletes, order_payloads, people
from shared.sources.woocommerce.context import Context, Store, read_once
from shared.sources.woocommerce.lines import MoneyReader, is_unnamed, lines
from shared.sources.woocommerce.product_payloads import Hint
from shared.sources.woocommerce.statuses import refunded, status_of

_NO_PARENT = "0"
PARTIAL_REFUND = "partial_refund_not_expressible"


def saved(context: Context) -> Translated:
    """Translate order.created, updated and restored: the current order."""
    if context.always_queried is not None:
        return _current(context, context.always_queried)
    body = read(context.body, order_payloads.Order)
    return _translate(context, body, deletes.received_version(context, body.date_modified_gmt))


def hinted(context: Context) -> Translated:
    """Translate order.deleted: it was trashed, and may be restored or deleted by now."""
    return deletes.bare_id(context) if context.store is None else _current(context, context.store)


def _current(context: Context, store: Store) -> Translated:
    entity = Entity(Kind.ORDER, read(context.body, Hint).id)
    return read_once(context, entity, lambda: _queried(context, store, entity))


def _queried(context: Context, store: Store, entity: Entity) -> Translated:
    queried_at = deletes.query_time(context)
    body = store.order(entity.id, context.deadline)
    if body is None:
        version = deletes.removal_version(context, queried_at)
        return deletes.confirmed_removal(context, OrderRemoved(entity=entity, version=version))
    version = deletes.queried_version(context, body.date_modified_gmt, queried_at)
    return _translate(context, body, version)


def _translate(context: Context, body: order_payloads.Order, version: Version) -> Translated:
    _require_whole(body)
    status = status_of(context.shop, body)
    reason = _ignored(context, body, status)
    if status is None or reason:
        return Translated(ignored=reason)
    who = buyers.buyer(context, body)
    placed = body.date_created_gmt or version.modified
    visitor, bad = buyers.visitor(body, plausible_time(placed, context.envelope.received_at))
    order, counts = _order(body, who, status, placed, visitor)
    change = OrderSaved(
        entity=Entity(Kind.ORDER, body.id),
        version=version,
        order=order,
        modified=body.date_modified_gmt,
    )
    if who.id is not None or who.entity is None:
        return Translated(changes=(change,), counts=counts + bad)
    asked = checkout_version(placed, version)
    person = PersonSaved(entity=who.entity, version=asked, person=_guest(body, who))
    return Translated(changes=(person, change), counts=counts + bad)


def _ignored(context: Context, body: order_payloads.Order, status: Status | None) -> str:
    """Return the reason why an order is ignored; empty for one that is not."""
    if status is None:
        return (
            "an order with this status is none: a checkout that is not finished, or by `statuses`"
        )
    if (body.parent_id or _NO_PARENT) != _NO_PARENT:
        # A marketplace's parent has all lines; a deposit's child is only another payment.
        return "a part of another order, which is the purchase: a marketplace's, or a payment"
    entity = Entity(Kind.ORDER, body.id)
    if not body.line_items and entity not in context.ports.known(frozenset({entity})):
        return "an order that never had a line, such as a payment or one that is being made"
    return ""


def _order(
    body: order_payloads.Order,
    who: Buyer,
    status: Status,
    placed: str,
    visitor: Visitor,
) -> tuple[Order, tuple[str, ...]]:
    reader = MoneyReader(currency=body.currency or "", gross=bool(body.prices_include_tax))
    found, less = body.line_items or (), reader.less(body.fee_lines or ())
    kept, counts = lines(reader, found, less)
    discount = reader.money(body.discount_total, body.discount_tax)
    if refunded(body) and status is not Status.CANCELLED:
        counts += (PARTIAL_REFUND,)
    order = Order(
        id=body.id,
        number=body.number or None,
        buyer=who,
        lines=kept,
        status=status,
        placed_at=placed,
        paid_at=body.date_paid_gmt,
        complete=not any(is_unnamed(line) for line in found),
        currency=reader.currency,
        total=reader.money(body.total),
        discount=discount + less if discount and less else discount or less,
        shipping=reader.money(body.shipping_total, body.shipping_tax),
        promo_code=next((one.code for one in body.coupon_lines or () if one.code), None),
        payment=body.payment_method or None,
        delivery=_delivery(body),
        address=buyers.address(body),
        visitor=visitor,
        visit=Visit(
            ip=body.customer_ip_address or None, user_agent=body.customer_user_agent or None
        ),
    )
    return order, counts


def _require_whole(body: order_payloads.Order) -> None:
    """Raise NotUnderstood for a body that a plugin has trimmed."""
    needed = {
        "currency": body.currency,
        "status": body.status,
        "line_items": body.line_items,
    }
    for name, value in needed.items():
        if value is None:
            raise NotUnderstood("missing", f"$.{name}")


def _guest(body: order_payloads.Order, who: Buyer) -> Person:
    address = body.billing or order_payloads.Address()
    return Person(
        id=None,
        email=who.email,
        first_name=address.first_name or None,
        last_name=address.last_name or None,
        phone=address.phone or None,
        location=people.location(address),
    )


def _delivery(body: order_payloads.Order) -> str | None:
    titles = (plain(one.method_title) for one in body.shipping_lines or ())
    return next((title for title in titles if title), None)
