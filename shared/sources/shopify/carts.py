"""Carts of the online store, and checkouts. Neither is an order, and neither makes a customer."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout
from shared.model.person import Buyer
from shared.sources.contract import Translated
from shared.sources.parsing.scalars import Amount, absent, read
from shared.sources.shopify import buyers, order_payloads
from shared.sources.shopify.context import Context
from shared.sources.shopify.lines import lines, unit_paid


def saved(job: Context) -> Translated:
    """carts/create and carts/update: the cart as it stands; no lines means it was emptied."""
    body = read(job.body, order_payloads.Cart)
    own = _whole(job, body.token)
    kept, counts = lines(body.line_items or (), lambda line: _cart_terms(job, line))
    version = job.version(body.updated_at)
    visitor, bad = buyers.visitor(body, version.modified)
    cart = Cart(
        id=own, buyer=Buyer(anonymous=own), lines=kept, at=version.modified, visitor=visitor
    )
    change = CartSaved(entity=Entity.of_token(Kind.CART, own), version=version, cart=cart)
    return Translated(changes=(change,), counts=counts + bad)


def started(job: Context) -> Translated:
    """checkouts/create and checkouts/update: somebody is at the checkout."""
    body = read(job.body, order_payloads.Checkout)
    own, cart = _whole(job, body.token), order_payloads.token(body.cart_token)
    kept, counts = lines(body.line_items or (), lambda line: _checkout_terms(job, body, line))
    at = body.created_at or job.envelope.triggered_at
    visitor, bad = buyers.visitor(body, job.heard(at) or at)
    checkout = Checkout(
        id=own,
        buyer=buyers.of_checkout(job.ports, body, cart or own),
        lines=kept,
        at=at,
        cart_token=cart,
        visitor=visitor,
    )
    change = CheckoutStarted(
        entity=Entity.of_token(Kind.CHECKOUT, own),
        version=job.version(body.updated_at),
        checkout=checkout,
    )
    return Translated(changes=(change,), counts=counts + bad)


def _whole(job: Context, text: str) -> str:
    own = order_payloads.token(text)
    if own is None:
        raise NotUnderstood("the token is empty", "$.token")
    if absent(job.keys, ("line_items",)):
        path = "$.line_items"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    return own


def _cart_terms(
    job: Context, line: order_payloads.CartLine
) -> tuple[int, Money | None, Money | None]:
    whole = _shown(job, line.line_price, line.line_price_set)
    each = None if whole is None or line.quantity <= 0 else whole / line.quantity
    paid = _shown(job, line.discounted_price, line.discounted_price_set) or each
    before = _shown(job, line.price, line.price_set)
    return line.quantity, paid or before, before


def _shown(job: Context, plain: Amount, both: order_payloads.Both | None) -> Money | None:
    # A cart names no currency; only the sets beside the plain amounts do.
    side = both and (both.presentment_money if job.shop.money == "presentment" else both.shop_money)
    if side and side.amount.value is not None and side.currency_code:
        return Money(side.amount.value, side.currency_code)
    return job.price(plain)


def _checkout_terms(
    job: Context, body: order_payloads.Checkout, line: order_payloads.CheckoutLine
) -> tuple[int, Money | None, Money | None]:
    each = line.price if line.price.value is not None else line.variant_price
    if each.value is None:
        return line.quantity, None, None
    currency = body.currency or job.merchant.currency
    shares = [
        share.amount.value
        for share in line.discount_allocations or ()
        if share.amount.value is not None
    ]
    paid = unit_paid(each.value, line.quantity, shares)
    return line.quantity, Money(paid, currency), Money(each.value, currency)
