"""The buyer of an order, a cart or a checkout, and the visitor in the browser."""

from __future__ import annotations

from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.visitor import Visitor
from shared.sources.contract import Ports
from shared.sources.parsing import people
from shared.sources.parsing.people import join_text, normalize_email
from shared.sources.parsing.visitors import landing_campaign, read_visitor
from shared.sources.shopify import cart_payloads, order_payloads, payloads


def of_order(ports: Ports, body: order_payloads.Order) -> Buyer:
    """Return the buyer of an order."""
    customer = body.customer or payloads.Contact()
    billing = body.billing_address or body.shipping_address or payloads.Address()
    # The account's own address first: what was entered at the checkout may be another one, and a
    # platform would store it as the account's.
    given = (
        normalize_email(customer.email)
        or normalize_email(body.email)
        or normalize_email(body.contact_email)
    )
    own = join_text(customer.first_name, customer.last_name)
    return Buyer(
        id=customer.id,
        email=given,
        entity=people.buyer_entity(ports, customer.id, given),
        name=own or join_text(billing.first_name, billing.last_name),
        phone=customer.phone or body.phone or billing.phone or None,
    )


def of_checkout(ports: Ports, body: cart_payloads.Checkout, anonymous: str) -> Buyer:
    """Return the buyer of a checkout; ``anonymous`` is the token of its cart, or its own."""
    customer = body.customer or payloads.Contact()
    given = normalize_email(body.email) or normalize_email(customer.email)
    return Buyer(
        id=customer.id,
        email=given,
        entity=people.buyer_entity(ports, customer.id, given),
        anonymous=anonymous,
        name=join_text(customer.first_name, customer.last_name),
        phone=body.phone or customer.phone or None,
    )


def address(body: order_payloads.Order) -> str | None:
    """Return the shipping address of an order as one text, without the recipient."""
    to = body.shipping_address or payloads.Postal()
    town = join_text(to.zip, to.city)
    return join_text(to.address1, to.address2, town, to.province, to.country, between=", ")


def visitor(
    body: order_payloads.Order | cart_payloads.Cart | cart_payloads.Checkout, at: str
) -> tuple[Visitor, tuple[str, ...]]:
    """
    Return the visitor as of the body's own `instant`, and the names of the metrics to count.

    The attributes of a cart are copied to the checkout and the order, but are in no webhook of the
    cart: there only the lines have attributes.
    """
    own = () if isinstance(body, cart_payloads.Cart) else (body.note_attributes,)
    found, counts = read_visitor((*own, *(line.properties for line in body.line_items or ())), at)
    if isinstance(body, order_payloads.Order) and body.landing_site and not found.campaign:
        found = replace(found, campaign=landing_campaign(body.landing_site, at))
    return found, counts
