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
from shared.sources.parsing.html import plain
from shared.sources.parsing.scalars import read
from shared.sources.parsing.timestamps import believed
from shared.sources.woocommerce import buyers, deletes, order_payloads, people
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.lines import MoneyReader, lines
from shared.sources.woocommerce.product_payloads import Hint

# A checkout that was opened, in the shop or in wp-admin, and not finished. 9.9.5 sends them.
_DRAFTS = frozenset({"checkout-draft", "auto-draft"})
# Every other status counts as placed, those that plugins add too.
_ENDED = frozenset({"cancelled", "failed", "refunded", "trash"})
_RESTORED = "order.restored"


def saved(job: Context) -> Translated:
    """order.created, updated and restored: the order as it is now."""
    body = read(job.body, order_payloads.Order)
    received = job.envelope.received_at
    if job.store is None and job.envelope.topic == _RESTORED:
        # What a hint alone removed is gone as of when the hint came, later than this was modified.
        return _told(job, body, Version.at(received))
    return _told(job, body, deletes.found(body.date_modified_gmt, received))


def hinted(job: Context) -> Translated:
    """order.deleted: it went to the trash, and may be back, or gone for good, by now."""
    entity = Entity(Kind.ORDER, read(job.body, Hint).id)
    if job.store is None:
        received = Version.at(job.envelope.received_at)
        return deletes.unasked(job, OrderRemoved(entity=entity, version=received))
    asked = deletes.asking(job)
    body = job.store.order(entity.id, job.deadline)
    if body is None:
        return deletes.gone(job, OrderRemoved(entity=entity, version=deletes.ended(asked)))
    return _told(job, body, deletes.found(body.date_modified_gmt, asked))


def _told(job: Context, body: order_payloads.Order, version: Version) -> Translated:
    currency, status = _whole(body)
    if status in _DRAFTS:
        return Translated(ignored="a checkout that is not finished is no order yet")
    who = buyers.buyer(job.ports, body)
    placed = body.date_created_gmt or version.modified
    visitor, bad = buyers.visitor(body, believed(placed, job.envelope.received_at))
    till = MoneyReader(currency=currency, gross=bool(body.prices_include_tax))
    order, counts = _order(body, till, who, placed, visitor)
    change = OrderSaved(entity=Entity(Kind.ORDER, body.id), version=version, order=order)
    if who.id is not None or who.entity is None:
        return Translated(changes=(change,), counts=counts + bad)
    person = PersonSaved(entity=who.entity, version=version, person=_guest(body, who))
    return Translated(changes=(person, change), counts=counts + bad)


def _order(
    body: order_payloads.Order, till: MoneyReader, who: Buyer, placed: str, visitor: Visitor
) -> tuple[Order, tuple[str, ...]]:
    kept, counts = lines(till, body.line_items or ())
    order = Order(
        id=body.id,
        number=body.number or None,
        buyer=who,
        lines=kept,
        status=Status.CANCELLED if body.status in _ENDED else Status.COMPLETED,
        placed_at=placed,
        currency=till.currency,
        total=till.money(body.total),
        discount=till.money(body.discount_total, body.discount_tax),
        shipping=till.money(body.shipping_total, body.shipping_tax),
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


def _whole(body: order_payloads.Order) -> tuple[str, str]:
    """Give currency and status. Raises NotUnderstood for a body that a plugin has trimmed."""
    needed = {
        "currency": body.currency,
        "status": body.status,
        "line_items": body.line_items,
    }
    for name, value in needed.items():
        if value is None:
            raise NotUnderstood("missing", f"$.{name}")
    return body.currency or "", body.status or ""


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
