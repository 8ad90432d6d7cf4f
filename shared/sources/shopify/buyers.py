"""Who shops, in an order, a cart or a checkout: the buyer, and who they are in the browser."""

from __future__ import annotations

from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.visitor import Visitor
from shared.sources.contract import Ports
from shared.sources.parsing import people
from shared.sources.parsing.people import email, one_text
from shared.sources.parsing.visitors import landed, written
from shared.sources.shopify import order_payloads, payloads


def of_order(ports: Ports, body: order_payloads.Order) -> Buyer:
    """Tell who placed an order."""
    customer = body.customer or payloads.Contact()
    billing = body.billing_address or body.shipping_address or payloads.Address()
    given = email(body.email) or email(body.contact_email) or email(customer.email)
    own = one_text(customer.first_name, customer.last_name)
    return Buyer(
        id=customer.id,
        email=given,
        entity=people.known(ports, customer.id, given),
        name=own or one_text(billing.first_name, billing.last_name),
        phone=body.phone or customer.phone or billing.phone or None,
    )


def of_checkout(ports: Ports, body: order_payloads.Checkout, anonymous: str) -> Buyer:
    """Tell who is at a checkout; ``anonymous`` is the token of the cart, or its own."""
    customer = body.customer or payloads.Contact()
    given = email(body.email) or email(customer.email)
    return Buyer(
        id=customer.id,
        email=given,
        entity=people.known(ports, customer.id, given),
        anonymous=anonymous,
        name=one_text(customer.first_name, customer.last_name),
        phone=body.phone or customer.phone or None,
    )


def address(body: order_payloads.Order) -> str | None:
    """Give the address that an order goes to, as one text; who lives there is no part of it."""
    to = body.shipping_address or payloads.Postal()
    town = one_text(to.zip, to.city)
    return one_text(to.address1, to.address2, town, to.province, to.country, between=", ")


def visitor(
    body: order_payloads.Order | order_payloads.Cart | order_payloads.Checkout, at: str
) -> tuple[Visitor, tuple[str, ...]]:
    """
    Tell who the shopper is in the browser, as of the body's own `instant`, and what is counted.

    The attributes of a cart go into checkout and order, but into no webhook of the cart: there only
    its lines tell.
    """
    own = () if isinstance(body, order_payloads.Cart) else (body.note_attributes,)
    found, counts = written((*own, *(line.properties for line in body.line_items or ())), at)
    if isinstance(body, order_payloads.Order) and body.landing_site and not found.campaign:
        found = replace(found, campaign=landed(body.landing_site, at))
    return found, counts
