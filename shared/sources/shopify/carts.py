"""Carts of the online store, and checkouts. Neither is an order, and neither saves a customer."""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import CartSaved, CheckoutStarted
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout
from shared.model.person import Buyer
from shared.sources.contract import Translated
from shared.sources.parsing.documents import first_missing, read
from shared.sources.shopify import buyers, cart_payloads, money
from shared.sources.shopify.context import Context
from shared.sources.shopify.lines import lines, unit_paid
from shared.sources.shopify.money import MoneyReader


def saved(context: Context) -> Translated:
    """Translate carts/create and carts/update: the current cart. No lines: it was emptied."""
    body = read(context.body, cart_payloads.Cart)
    own = _require_whole(context, body.token)
    reader = money.of_cart(context, body)
    kept, counts = lines(body.line_items or (), lambda line: _cart_pricing(reader, line))
    version = context.version(body.updated_at)
    visitor, bad = buyers.visitor(body, version.modified)
    cart = Cart(
        id=own, buyer=Buyer(anonymous=own), lines=kept, at=version.modified, visitor=visitor
    )
    change = CartSaved(entity=Entity.of_token(Kind.CART, own), version=version, cart=cart)
    return Translated(changes=(change,), counts=counts + bad)


def started(context: Context) -> Translated:
    """Translate checkouts/create and checkouts/update: a checkout was started."""
    body = read(context.body, cart_payloads.Checkout)
    own, cart = _require_whole(context, body.token), cart_payloads.token(body.cart_token)
    reader = money.of_checkout(context, body)
    kept, counts = lines(body.line_items or (), lambda line: _checkout_pricing(reader, line))
    at = body.created_at or context.envelope.triggered_at
    visitor, bad = buyers.visitor(body, context.plausible_time(at) or at)
    checkout = Checkout(
        id=own,
        buyer=buyers.of_checkout(context.ports, body, cart or own),
        lines=kept,
        at=at,
        cart_token=cart,
        visitor=visitor,
    )
    change = CheckoutStarted(
        entity=Entity.of_token(Kind.CHECKOUT, own),
        version=context.version(body.updated_at),
        checkout=checkout,
    )
    return Translated(changes=(change,), counts=counts + bad)


def _require_whole(context: Context, text: str) -> str:
    own = cart_payloads.token(text)
    if own is None:
        raise NotUnderstood("the token is empty", "$.token")
    if first_missing(context.keys, ("line_items",)):
        path = "$.line_items"
        raise NotUnderstood("missing; is include_fields set on the subscription?", path)
    return own


def _cart_pricing(
    reader: MoneyReader, line: cart_payloads.CartLine
) -> tuple[int, Money | None, Money | None]:
    whole = reader.money(line.line_price, line.line_price_set)
    each = None if whole is None or line.quantity <= 0 else whole / line.quantity
    paid = reader.money(line.discounted_price, line.discounted_price_set) or each
    before = reader.money(line.price, line.price_set)
    return line.quantity, paid or before, before


def _checkout_pricing(
    reader: MoneyReader, line: cart_payloads.CheckoutLine
) -> tuple[int, Money | None, Money | None]:
    before = reader.money(line.price) or reader.money(line.variant_price)
    if before is None:
        return line.quantity, None, None
    shares = (reader.money(share.amount) for share in line.discount_allocations or ())
    return line.quantity, unit_paid(before, line.quantity, shares), before
