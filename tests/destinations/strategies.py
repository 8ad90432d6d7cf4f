"""Hypothesis strategies for any product, person, order and cart that the model allows."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from shared.destinations.contract import KnownState
from shared.model.browsing import (
    BannerClicked,
    BrowsingEvent,
    CartAdded,
    CategoryViewed,
    Goods,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Searched,
    WishlistAdded,
    WishlistSet,
)
from shared.model.change import (
    Browsed,
    CartSaved,
    Change,
    CheckoutStarted,
    ConsentChanged,
    OrderSaved,
    PersonSaved,
    ProductSaved,
    StockChanged,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout, Line, Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant, variant_key
from tests.destinations.sample_shop import AT, VERSION

CURRENCIES = ("USD", "EUR", "JPY", "KWD")

# Ids are opaque: characters other than digits must be preserved in a path.
ids = st.text("0123456789ab/+% &?#:é", min_size=1, max_size=12).filter(
    lambda one: bool(one.strip())
)
words = st.none() | st.text(max_size=12) | st.sampled_from(("", "  ", "Moss", "a@b.example"))
some_words = st.lists(st.text(max_size=8), max_size=6).map(tuple)
amounts = st.decimals(Decimal(0), Decimal(10**7), places=4)
money = st.builds(Money, amounts, st.sampled_from(CURRENCIES))
variants = st.builds(
    Variant,
    id=ids,
    default=st.just(value=False),
    price=money,
    full_price=st.none() | money,
    sku=words,
    title=words,
    stock=st.none() | st.integers(-5, 10**9),
    stock_known=st.booleans(),
    color=words,
    size=words,
    options=st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=3),
    photo=words,
    link=words,
)
sole = variants.map(lambda one: (Variant(id=one.id, default=True, price=one.price),))
several = st.lists(variants, max_size=4, unique_by=lambda one: one.id).map(tuple)
products = st.builds(
    Product,
    id=ids,
    name=st.text(max_size=12),
    variants=sole | several,
    available=st.booleans(),
    description=words,
    brand=words,
    categories=some_words,
    tags=some_words,
    photo=words,
    link=words,
)
addresses = st.sampled_from(("Ada@Shop.example", " bo+moss@shop.example ", "zoë@shop.example"))
people = st.builds(
    Person,
    id=ids,
    email=words | addresses,
    first_name=words,
    last_name=words,
    phone=words,
    location=words,
    subscribed=st.none() | st.booleans(),
    registered=st.none() | st.just(AT),
) | st.builds(Person, id=st.none(), email=addresses, first_name=words, location=words)
buyers = st.builds(
    Buyer, id=st.none() | ids, email=st.none() | addresses, anonymous=st.none() | ids
)


def _line(prices: st.SearchStrategy[Money]) -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        product_id=ids,
        variant_id=st.none() | ids,
        default=st.none() | st.booleans(),
        quantity=st.integers(-1, 10**6),
        price=prices,
    )


lines = st.lists(_line(money), max_size=4).map(tuple)
visits = st.builds(Visit, ip=words | st.just("203.0.113.9"), user_agent=words)


def _orders(prices: st.SearchStrategy[Money], currency: str) -> st.SearchStrategy[Order]:
    return st.builds(
        Order,
        id=ids,
        number=words,
        buyer=buyers,
        lines=st.lists(_line(prices), max_size=4).map(tuple),
        status=st.sampled_from(Status),
        placed_at=st.just(AT),
        currency=st.just(currency),
        total=st.none() | prices,
        visit=visits,
    )


def _money_in(currency: str) -> st.SearchStrategy[Money]:
    own = st.none() | st.builds(Money, amounts, st.just("USD"))
    return st.builds(Money, amounts, st.just(currency), own)


orders = st.sampled_from(CURRENCIES).flatmap(lambda one: _orders(_money_in(one), one))
_event_fields = {"at": st.just(AT), "visit": visits}
carts = st.builds(Cart, id=ids, buyer=buyers, lines=lines, **_event_fields)
checkouts = st.builds(Checkout, id=ids, buyer=buyers, lines=lines, **_event_fields)

goods = st.builds(
    Goods,
    product_id=ids,
    variant_id=st.none() | ids,
    default=st.none() | st.booleans(),
    price=st.none() | money,
    in_stock=st.none() | st.booleans(),
)
nonblank = st.text(min_size=1, max_size=12).filter(lambda one: bool(one.strip()))
browsing_events = st.builds(
    BrowsingEvent,
    id=st.text("0123456789abcdef", min_size=1, max_size=8),
    at=st.just(AT),
    action=st.one_of(
        st.builds(PageViewed, home=st.booleans()),
        st.builds(ProductViewed, goods=goods),
        st.builds(CategoryViewed, id=ids, names=st.lists(nonblank, max_size=3).map(tuple)),
        st.builds(Searched, query=nonblank, found=st.none() | st.booleans()),
        st.builds(WishlistAdded, goods=goods),
        st.builds(WishlistSet, goods=st.lists(goods, max_size=3).map(tuple)),
        st.builds(CartAdded, goods=goods, quantity=st.integers(1, 10**6)),
        st.builds(BannerClicked, banner_id=ids, category_id=st.none() | ids),
        st.builds(ProductClicked, goods=goods, block=st.none() | st.just("recent") | nonblank),
        st.just(LoggedIn()),
    ),
    buyer=buyers,
    visit=visits,
    profile=st.dictionaries(nonblank, nonblank, max_size=2),
)


@st.composite
def product_saved(draw: st.DrawFn) -> ProductSaved:
    product = draw(products)
    return ProductSaved(
        entity=Entity(Kind.PRODUCT, product.id),
        version=VERSION,
        product=product,
        complete=draw(st.booleans()),
    )


@st.composite
def known_states(draw: st.DrawFn, change: Change) -> KnownState:
    """Return known states with some variants of the change and some others."""
    own: tuple[str, ...] = ()
    if isinstance(change, ProductSaved):
        own = tuple(one.key for one in change.product.variants)
    elif isinstance(change, StockChanged):
        own = (variant_key(change.variant_id, default=change.default),)
    keys = draw(st.frozensets(st.sampled_from(own))) if own else frozenset()
    return KnownState(
        known=draw(st.booleans()),
        variants=keys | draw(st.frozensets(ids, max_size=3)),
        subscribed=draw(st.none() | st.booleans()),
    )


changes: st.SearchStrategy[Change] = st.one_of(
    product_saved(),
    people.map(
        lambda one: PersonSaved(
            entity=Entity(Kind.PERSON, one.id or "email:0123"), version=VERSION, person=one
        )
    ),
    orders.map(
        lambda one: OrderSaved(entity=Entity(Kind.ORDER, one.id), version=VERSION, order=one)
    ),
    carts.map(lambda one: CartSaved(entity=Entity(Kind.CART, one.id), version=VERSION, cart=one)),
    checkouts.map(
        lambda one: CheckoutStarted(
            entity=Entity(Kind.CHECKOUT, one.id), version=VERSION, checkout=one
        )
    ),
    browsing_events.map(
        lambda one: Browsed(entity=Entity(Kind.BROWSING, one.id), version=VERSION, event=one)
    ),
    st.builds(
        StockChanged,
        entity=ids.map(lambda one: Entity(Kind.PRODUCT, one)),
        at=st.just(AT),
        variant_id=ids,
        default=st.booleans(),
        stock=st.none() | st.integers(-5, 10**9),
    ),
    st.builds(
        ConsentChanged,
        entity=st.just(Entity(Kind.PERSON, "7")),
        at=st.just(AT),
        person_id=ids,
        subscribed=st.booleans(),
    ),
)
changes_with_state = changes.flatmap(lambda one: st.tuples(st.just(one), known_states(one)))
