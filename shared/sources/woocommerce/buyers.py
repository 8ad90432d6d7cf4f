"""Who placed an order: the buyer, where it goes, and who they are in the browser."""

from __future__ import annotations

from shared.model.person import Buyer
from shared.model.visitor import NOBODY, Visitor
from shared.sources.contract import Ports
from shared.sources.parsing import people
from shared.sources.parsing.people import email, one_text
from shared.sources.parsing.visitors import written
from shared.sources.woocommerce import order_payloads

_GUEST = "0"
# What WordPress writes over an address when it erases somebody's data (wp_privacy_anonymize_data);
# WooCommerce keeps the order. Everybody who was erased would be one guest, and what plugins and
# snippets wrote into the order may still lead to them.
_ERASED = "deleted@site.invalid"


def buyer(ports: Ports, body: order_payloads.Order) -> Buyer:
    """Tell who placed an order."""
    known = None if body.customer_id == _GUEST else body.customer_id
    if _erased(body):
        return Buyer(id=known, entity=people.known(ports, known, None))
    billing = body.billing or order_payloads.Address()
    given = email(billing.email)
    return Buyer(
        id=known,
        email=given,
        entity=people.known(ports, known, given),
        name=one_text(billing.first_name, billing.last_name),
        phone=billing.phone or None,
    )


def address(body: order_payloads.Order) -> str | None:
    """Give the address that an order goes to, as one text; who lives there is no part of it."""
    if _erased(body):
        return None
    to, billing = body.shipping or order_payloads.Postal(), body.billing or order_payloads.Postal()
    if not (to.address_1 or to.city):
        to = billing
    town = one_text(to.postcode, to.city)
    return one_text(to.address_1, to.address_2, town, to.state, to.country, between=", ")


def visitor(body: order_payloads.Order, at: str) -> tuple[Visitor, tuple[str, ...]]:
    """Tell who the shopper is in the browser, as of this `instant`, and what is counted."""
    if _erased(body):
        return NOBODY, ()
    return written((body.meta_data, *(line.meta_data for line in body.line_items or ())), at)


def _erased(body: order_payloads.Order) -> bool:
    return body.billing is not None and email(body.billing.email) == _ERASED
