"""The buyer of an order, its shipping address, and the visitor in the browser."""

from __future__ import annotations

from shared.model.person import Buyer
from shared.model.value import replace
from shared.model.visitor import NOBODY, Visitor
from shared.sources.parsing import people
from shared.sources.parsing.people import join_text, normalize_email
from shared.sources.parsing.visitors import read_visitor
from shared.sources.woocommerce import order_payloads
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.people import person_of

_GUEST = "0"
# WordPress overwrites an address with this when it erases a person's data
# (wp_privacy_anonymize_data), and WooCommerce keeps the order. All erased people would be one
# guest, and the data that plugins and snippets wrote into the order may still identify them.
_ERASED = "deleted@site.invalid"


def buyer(context: Context, body: order_payloads.Order) -> Buyer:
    """
    Return the buyer of an order. Raise StoreUnavailable.

    Of an account it has the account's own data, which are read from the store: what was entered at
    the checkout may be another address, and a platform would store it as the account's.
    """
    known = None if body.customer_id == _GUEST else body.customer_id
    if _erased(body):
        return Buyer(id=known, entity=people.buyer_entity(context.ports, known, None))
    billing = body.billing or order_payloads.Address()
    given = normalize_email(billing.email)
    entered = Buyer(
        id=known,
        email=given,
        entity=people.buyer_entity(context.ports, known, given),
        name=join_text(billing.first_name, billing.last_name),
        phone=billing.phone or None,
    )
    if known is None or context.always_queried is None:
        return entered
    account = context.always_queried.customer(known, context.deadline)
    return entered if account is None else _of_account(entered, account)


def _of_account(entered: Buyer, account: order_payloads.Customer) -> Buyer:
    person = person_of(account)
    return replace(
        entered,
        email=person.email or entered.email,
        name=join_text(person.first_name, person.last_name) or entered.name,
        phone=person.phone or entered.phone,
    )


def address(body: order_payloads.Order) -> str | None:
    """Return the shipping address of an order as one text, without the recipient."""
    if _erased(body):
        return None
    to, billing = body.shipping or order_payloads.Postal(), body.billing or order_payloads.Postal()
    if not (to.address_1 or to.city):
        to = billing
    town = join_text(to.postcode, to.city)
    return join_text(to.address_1, to.address_2, town, to.state, to.country, between=", ")


def visitor(body: order_payloads.Order, at: str) -> tuple[Visitor, tuple[str, ...]]:
    """Return the visitor as of this `instant`, and the names of the metrics to count."""
    if _erased(body):
        return NOBODY, ()
    return read_visitor((body.meta_data, *(line.meta_data for line in body.line_items or ())), at)


def _erased(body: order_payloads.Order) -> bool:
    return body.billing is not None and normalize_email(body.billing.email) == _ERASED
