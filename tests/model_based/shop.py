"""
The test shop: its facts, their webhooks, and the source that translates them. A body is one `Fact`
as JSON.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from shared.errors import NotUnderstood
from shared.model.change import (
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderRemoved,
    OrderSaved,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    ProductSaved,
    StockChanged,
    mentions,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout, Line, Order, Status
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant
from shared.model.version import Version, instant_at
from shared.queue.envelope import Envelope
from shared.sources.contract import Notice, Redacted, Source, Translated

PRICE = Money(amount=Decimal(1), currency="USD")
# The body does not say whether the variant is the product's default: the ledger is queried.
LINES = (Line(product_id="1", variant_id="a", default=None, quantity=1, price=PRICE),)


class Fact(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    Something that happened in the shop. ``at`` is when (an instant), ``modified`` the entity's own
    time, in whole seconds. ``blind``: the body has no stock. ``guest``: the buyer has no account,
    so that the order's webhook describes the person too. ``mangled`` bodies cannot be parsed.
    """

    kind: str
    id: str
    at: str
    modified: str
    name: str = ""
    variants: tuple[str, ...] = ()
    variant: str = ""
    stock: int = 0
    blind: bool = False
    consent: bool | None = None
    who: str = ""
    guest: bool = False
    people: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    mangled: bool = False

    @property
    def version(self) -> Version:
        """The version of the state in its body."""
        return Version(self.modified, self.at)


def moment(now: float) -> tuple[str, str]:
    """Return the instant of a fact, and its modified time in the shop's whole seconds."""
    return instant_at(now), instant_at(float(int(now)))


def product(number: str) -> Entity:
    """Return the entity of a product."""
    return Entity(Kind.PRODUCT, number)


def person(number: str) -> Entity:
    """Return the entity of a person."""
    return Entity(Kind.PERSON, number)


def order(number: str) -> Entity:
    """Return the entity of an order."""
    return Entity(Kind.ORDER, number)


def cart(number: str) -> Entity:
    """Return the entity of a cart."""
    return Entity(Kind.CART, number)


def checkout(number: str) -> Entity:
    """Return the entity of a checkout."""
    return Entity(Kind.CHECKOUT, number)


def webhook(number: int, fact: Fact) -> Envelope:
    """Return the webhook of a fact."""
    return Envelope(
        id=f"{fact.kind}-{number}",
        source="shop",
        topic=fact.kind,
        triggered_at=fact.at,
        received_at=fact.at,
        headers={},
        body=msgspec.json.encode(fact),
    )


def changes(fact: Fact) -> tuple[Change, ...]:
    """Translate a fact into changes of the model."""
    match fact.kind:
        case "product":
            return (_product(fact),)
        case "product gone":
            return (ProductRemoved(entity=product(fact.id), version=Version.at(fact.at)),)
        case "stock":
            return (
                StockChanged(
                    entity=product(fact.id), at=fact.at, variant_id=fact.variant,
                    default=False, stock=fact.stock,
                ),
            )  # fmt: skip
        case "person":
            return (_person(fact, fact.id),)
        case "consent":
            return (
                ConsentChanged(
                    entity=person(fact.id), at=fact.at, person_id=fact.id,
                    subscribed=bool(fact.consent),
                ),
            )  # fmt: skip
        case _:
            return _more(fact)


def _more(fact: Fact) -> tuple[Change, ...]:
    ended = Version.at(fact.at)
    buyer = Buyer(id=fact.who, entity=person(fact.who)) if fact.who else Buyer(anonymous="visitor")
    match fact.kind:
        case "order":
            return _order(fact, buyer)
        case "order gone":
            return (OrderRemoved(entity=order(fact.id), version=ended),)
        case "person gone":
            return (PersonRemoved(entity=person(fact.id), version=ended, user_id=fact.id),)
        case "cart":
            held = Cart(id=fact.id, buyer=buyer, lines=LINES, at=fact.at)
            return (CartSaved(entity=cart(fact.id), version=fact.version, cart=held),)
        case "checkout":
            begun = Checkout(id=fact.id, buyer=buyer, lines=(), at=fact.at)
            entity = checkout(fact.id)
            return (CheckoutStarted(entity=entity, version=fact.version, checkout=begun),)
        case _:
            return _redaction(fact, ended)


def _product(fact: Fact) -> ProductSaved:
    variants = tuple(
        Variant(
            id=one, default=False, price=PRICE, stock=None if fact.blind else fact.stock,
            stock_known=not fact.blind,
        )
        for one in fact.variants
    )  # fmt: skip
    saved = Product(id=fact.id, name=fact.name, variants=variants, available=True)
    return ProductSaved(entity=product(fact.id), version=fact.version, product=saved)


def _person(fact: Fact, who: str) -> PersonSaved:
    saved = Person(
        id=who, email=None, first_name=fact.name, subscribed=fact.consent, subscribed_at=fact.at
    )
    return PersonSaved(entity=person(who), version=fact.version, person=saved)


def _order(fact: Fact, buyer: Buyer) -> tuple[Change, ...]:
    """Return the guest before the order that names them; a customer has webhooks of their own."""
    placed = Order(
        id=fact.id, number=fact.name, buyer=buyer, lines=(), status=Status.COMPLETED,
        placed_at=fact.at, currency="USD",
    )  # fmt: skip
    saved = OrderSaved(entity=order(fact.id), version=fact.version, order=placed)
    return (_person(fact, fact.who), saved) if fact.guest else (saved,)


def _redaction(fact: Fact, ended: Version) -> tuple[Change, ...]:
    return (
        *(
            PersonRemoved(entity=person(one), version=ended, user_id=one, redacted=True)
            for one in fact.people
        ),
        *(OrderRemoved(entity=order(one), version=ended, redacted=True) for one in fact.orders),
    )


def read(envelope: Envelope, _deadline: float) -> Translated:
    """Translate a webhook of this shop."""
    fact = msgspec.json.decode(envelope.body, type=Fact)
    if fact.mangled:
        raise NotUnderstood("the body is mangled", "$.mangled")
    notice: Notice | None = None
    if fact.kind == "redact":
        notice = Redacted(
            people=tuple(map(person, fact.people)), orders=tuple(map(order, fact.orders))
        )
    return Translated(changes=changes(fact), notice=notice)


def source() -> Source:
    """Return the source. Its `verify` is never called: the machine starts behind the receiver."""
    return Source(
        name="shop",
        verify=lambda _raw, _headers: None,
        to_envelope=lambda _raw, _headers, _now: webhook(
            0, Fact(kind="cart", id="", at="", modified="")
        ),
        translate=read,
        handled=frozenset({"product"}),
        ignored={},
        redactions=frozenset({"redact"}),
    )


def names(fact: Fact) -> frozenset[Entity]:
    """Return everything that a fact is about: its entities, and the people that they mention."""
    found = changes(fact)
    about = {change.entity for change in found}
    return frozenset(about | {who for change in found if (who := mentions(change))})
