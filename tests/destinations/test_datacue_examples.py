"""
The example requests in DataCue's two documents, built from changes and compared field by field.

Contradictions in a document are resolved here: ``variant_id`` for the sample's ``variant``,
``anonymous_id`` for ``anonymous_ids``, ``user_agent`` for ``user-agent``, timestamps in UTC to the
second. Fields that no shop provides are in no row: they are listed in ``NOT_SENT``, and
``docs/coverage.md`` has the reasons.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.destinations.datacue import banners, rows
from shared.destinations.datacue.calls import Act, CallContext, Collection, write
from shared.destinations.datacue.order_payloads import UserId
from shared.destinations.datacue.payloads import Banner, BannerUpdate
from shared.model.browsing import (
    BannerClicked,
    BrowsingEvent,
    CategoryViewed,
    Goods,
    LoggedIn,
    PageViewed,
    ProductClicked,
    ProductViewed,
    Searched,
    WishlistAdded,
    WishlistRemoved,
)
from shared.model.browsing_check import browsed
from shared.model.change import (
    CartSaved,
    Change,
    CheckoutStarted,
    OrderRemoved,
    PersonRemoved,
    ProductRemoved,
)
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Checkout, Line, Order, Status, Visit
from shared.model.person import Buyer, Person
from shared.model.product import Product, Variant
from shared.model.version import instant
from tests.destinations.sample_shop import (
    NOTHING,
    VERSION,
    api,
    call_parts,
    datacue,
    known,
    order_saved,
    person_saved,
    product_saved,
    usd,
)

NOT_SENT = ("anonymous_id", "cart", "owner_id", "title", "extra_feature", "sex", "segment")
PROFILE = {"sex": "female", "location": "Santiago", "segment": "platinum"}
EARLY = PROFILE | {
    "dob": "1980-01-23",
    "income": "high",
    "occupation": "engineer",
    "marital_status": "married",
}
AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_12_6) AppleWebKit/604.5.6 "
    "(KHTML, like Gecko) Version/11.0.3 Safari/604.5.6"
)
SHOPPER = Buyer(id="019mr8mf4r", anonymous="07d35b1a-5776-4ddf-8f1c-dd0d2db9c502")
WHO = {"user_id": "019mr8mf4r", "anonymous_id": "07d35b1a-5776-4ddf-8f1c-dd0d2db9c502"}
P1, P2 = Goods(product_id="p1", variant_id="v1"), Goods(product_id="p2")
WISHED = Goods(product_id="p1", variant_id="v2")


def line(product: str, variant: str, quantity: int = 1, price: str = "24") -> Line:
    return Line(
        product_id=product,
        variant_id=variant,
        default=False,
        quantity=quantity,
        price=Money(Decimal(price), "USD"),
    )


def sent(change: Change, known_state: KnownState = NOTHING) -> tuple[str, str, Any]:
    [call] = datacue().plan(change, known_state).calls
    return call_parts(call)


def event_body(action: Any, **more: Any) -> Any:
    facts: dict[str, Any] = {"buyer": SHOPPER, "profile": PROFILE} | more
    return _event(
        browsed(BrowsingEvent(id="1", at="2018-01-23T00:30:08.276Z", action=action, **facts))
    )


def _event(change: Change) -> Any:
    method, url, body = sent(change)
    assert (method, url) == ("POST", "https://events.datacue.co/")
    return body


def cart_saved(*lines: Line) -> CartSaved:
    cart = Cart(id="c1", buyer=SHOPPER, lines=lines, at=instant("2018-01-23T00:30:08Z"))
    return CartSaved(entity=Entity(Kind.CART, "c1"), version=VERSION, cart=cart)


def checkout_started(*lines: Line) -> CheckoutStarted:
    checkout = Checkout(id="o1", buyer=SHOPPER, lines=lines, at=instant("2018-01-23T00:30:08Z"))
    entity = Entity(Kind.CHECKOUT, "o1")
    return CheckoutStarted(entity=entity, version=VERSION, checkout=checkout)


def test_the_typical_browser_event_with_its_context_and_its_timestamp() -> None:
    assert event_body(PageViewed(home=True), visit=Visit(ip="12.34.56.78", user_agent=AGENT)) == {
        "user": WHO | {"profile": PROFILE},
        "event": {"type": "pageview", "subtype": "home"},
        "context": {"ip": "12.34.56.78", "user_agent": AGENT},
        "timestamp": "2018-01-23T00:30:08Z",
    }


def test_home_pageview() -> None:
    assert event_body(PageViewed(home=True))["event"] == {"type": "pageview", "subtype": "home"}


def test_product_pageview() -> None:
    assert event_body(ProductViewed(goods=P1))["event"] == {
        "type": "pageview",
        "subtype": "product",
        "product_id": "p1",
        "variant_id": "v1",
    }


def test_category_pageview() -> None:
    assert event_body(CategoryViewed(id="7", names=("living-room",)))["event"] == {
        "type": "pageview",
        "subtype": "category",
        "category_name": "living-room",
    }


def test_cart_update() -> None:
    assert _event(cart_saved(line("p1", "v1"), line("p2", "v1"), line("p3", "v1")))["event"] == {
        "type": "cart",
        "subtype": "update",
        "cart": [
            {"product_id": "p1", "variant_id": "v1"},
            {"product_id": "p2", "variant_id": "v1"},
            {"product_id": "p3", "variant_id": "v1"},
        ],
    }


def test_search() -> None:
    assert event_body(Searched(query="tables"))["event"] == {"type": "search", "term": "tables"}


def test_add_product_to_wishlist() -> None:
    assert event_body(WishlistAdded(goods=WISHED))["event"] == {
        "type": "wishlist",
        "subtype": "add",
        "product_id": "p1",
        "variant_id": "v2",
    }


def test_remove_product_from_wishlist() -> None:
    assert event_body(WishlistRemoved(goods=WISHED))["event"] == {
        "type": "wishlist",
        "subtype": "remove",
        "product_id": "p1",
        "variant_id": "v2",
    }


def test_banner_click() -> None:
    assert event_body(BannerClicked(banner_id="b1"))["event"] == {
        "type": "click",
        "subtype": "banner",
        "banner_id": "b1",
    }


def test_product_click() -> None:
    assert event_body(ProductClicked(goods=P2))["event"] == {
        "type": "click",
        "subtype": "product",
        "product_id": "p2",
    }


def test_checkout_started() -> None:
    assert _event(checkout_started(line("p1", "v1")))["event"] == {
        "type": "checkout",
        "subtype": "started",
        "cart": [
            {
                "product_id": "p1",
                "variant_id": "v1",
                "quantity": 1,
                "price": 24,
                "currency": "USD",
            }
        ],
    }


def test_user_login() -> None:
    assert event_body(LoggedIn())["event"] == {"type": "login"}


JEANS = Product(
    id="p1",
    name="cool jeans",
    brand="zara",
    description="very fashionable jeans",
    categories=("men", "jeans", "skinny", "c4", "c5"),
    available=True,
    variants=(
        Variant(
            id="v1",
            default=False,
            price=usd("25000"),
            stock=5,
            color="blue",
            size="M",
            photo="https://s3.amazon.com/image.png",
            link="/product/p1",
        ),
    ),
)
IDS = {"product_id": "p1", "variant_id": "v1"}
ROW = {
    "category_1": "men",
    "category_2": "jeans",
    "category_3": "skinny",
    "category_4": "c4",
    "category_extra": {"category_5": "c5"},
    "name": "cool jeans",
    "brand": "zara",
    "description": "very fashionable jeans",
    "color": "blue",
    "size": "M",
    "price": 25000,
    "stock": 5,
    "extra": {},
    "photo_url": "https://s3.amazon.com/image.png",
    "link": "/product/p1",
}


def jeans(**more: Any) -> Change:
    facts = {name: getattr(JEANS, name) for name in JEANS.__struct_fields__} | more
    variants = facts.pop("variants")
    return product_saved(*variants, **facts)


def test_create_product() -> None:
    # "available" is always sent; the example omits it. The content of "extra" is free: it has the
    # shop's SKU, tags and options, and this product has none of them.
    assert sent(jeans()) == ("POST", "/v1/products", IDS | ROW | {"available": True})


def test_update_product() -> None:
    method, path, body = sent(jeans(available=False), known("v1"))

    assert (method, path) == ("PUT", "/v1/products/p1/v1")
    # A whole row; the example has a part of it. Sent twice, it is the same row.
    assert body == ROW | {"available": False}


def test_delete_product() -> None:
    removed = ProductRemoved(entity=Entity(Kind.PRODUCT, "p1"), version=VERSION)

    assert sent(removed) == ("DELETE", "/v1/products/p1", None)


def test_delete_a_variant() -> None:
    [_, delete] = datacue().plan(jeans(), known("v1", "v2")).calls

    assert call_parts(delete) == ("DELETE", "/v1/products/p1/v2", None)


BANNER = Banner(
    banner_id="b1",
    type="sub",
    name="friendly name for b1",
    category_1="women",
    category_2="summer",
    category_3="dresses",
    category_4="casual",
    photo_url="/photos/b1.jpg",
    other_photos={
        "mobile": "http://s3.amazon.com/photoMobile.png",
        "desktop": "http://s3.amazon.com/photoDesktop.png",
    },
    link="path/to/anything",
    extra={"meta": "any field you want to store"},
)


def test_create_banner() -> None:
    [call] = banners.create(api(), BANNER)

    assert call_parts(call) == (
        "POST",
        "/v1/banners",
        {
            "banner_id": "b1",
            "type": "sub",
            "name": "friendly name for b1",
            "category_1": "women",
            "category_2": "summer",
            "category_3": "dresses",
            "category_4": "casual",
            "photo_url": "/photos/b1.jpg",
            "other_photos": {
                "mobile": "http://s3.amazon.com/photoMobile.png",
                "desktop": "http://s3.amazon.com/photoDesktop.png",
            },
            "link": "path/to/anything",
            "extra": {"meta": "any field you want to store"},
        },
    )


def test_update_banner() -> None:
    [call] = banners.change(api(), "b1", BannerUpdate(link="/new-link"))

    assert call_parts(call) == ("PUT", "/v1/banners/b1", {"link": "/new-link"})


def test_delete_banner() -> None:
    [call] = banners.remove(api(), "b1")

    assert call_parts(call) == ("DELETE", "/v1/banners/b1", None)


JOHN = Person(
    id="u1",
    email="xyz@abc.com",
    first_name="John",
    last_name="Smith",
    location="santiago",
    subscribed=True,
    registered=instant("2018-04-04T23:29:04-03:00"),
)


def test_create_user() -> None:
    assert sent(person_saved(JOHN)) == (
        "POST",
        "/v1/users",
        {
            "user_id": "u1",
            "email": "xyz@abc.com",
            "first_name": "John",
            "last_name": "Smith",
            "profile": {"location": "santiago"},
            "email_subscriber": True,
            "timestamp": "2018-04-05T02:29:04Z",
        },
    )


def test_update_user() -> None:
    moved = Person(id="u1", email=None, first_name="John", location="singapore")

    assert sent(person_saved(moved), KnownState(known=True)) == (
        "PUT",
        "/v1/users/u1",
        {"first_name": "John", "profile": {"location": "singapore"}},
    )


def test_delete_user() -> None:
    removed = PersonRemoved(entity=Entity(Kind.PERSON, "u1"), version=VERSION, user_id="u1")

    assert sent(removed) == ("DELETE", "/v1/users/u1", None)


def order(name: str, user: str, *lines: Line) -> Order:
    return Order(
        id=name,
        number=None,
        buyer=Buyer(id=user),
        lines=lines,
        status=Status.COMPLETED,
        placed_at=instant("2018-04-04 23:29:04Z"),
        currency="USD",
    )


BOUGHT = (line("p1", "v1"), line("p3", "v2", 9, "42"))
CART = [
    {"product_id": "p1", "variant_id": "v1", "quantity": 1, "unit_price": 24, "currency": "USD"},
    {"product_id": "p3", "variant_id": "v2", "quantity": 9, "unit_price": 42, "currency": "USD"},
]


def test_create_order() -> None:
    whole = order("o123", "u456", *BOUGHT)
    facts = {name: getattr(whole, name) for name in whole.__struct_fields__}

    assert sent(order_saved(**facts)) == (
        "POST",
        "/v1/orders",
        {
            "order_id": "o123",
            "user_id": "u456",
            "order_status": "completed",
            "cart": CART,
            "timestamp": "2018-04-04T23:29:04Z",
        },
    )


def test_cancel_order() -> None:
    cancelled = order_saved(id="o123", status=Status.CANCELLED)

    assert sent(cancelled, KnownState(known=True)) == (
        "PUT",
        "/v1/orders/o123",
        {"order_status": "cancelled"},
    )


def test_delete_order() -> None:
    removed = OrderRemoved(entity=Entity(Kind.ORDER, "o123"), version=VERSION)

    assert sent(removed) == ("DELETE", "/v1/orders/o123", None)


def test_batch_of_products() -> None:
    two = tuple(
        Variant(
            id=own,
            default=False,
            price=usd(price),
            stock=1,
            photo="/products/p1.jpg",
            link="/products/p1",
        )
        for own, price in (("V1", "50"), ("V2", "30"))
    )
    saved = product_saved(*two, id="P1", name="Jeans", categories=("jeans",))
    method, path, body = sent(saved)

    assert (method, path, body["type"]) == ("POST", "/v1/batch/products", "products")
    printed = ("product_id", "variant_id", "category_1", "price", "photo_url", "link")
    assert [{name: row[name] for name in printed} for row in body["batch"]] == [
        {
            "product_id": "P1",
            "variant_id": own,
            "category_1": "jeans",
            "price": price,
            "photo_url": "/products/p1.jpg",
            "link": "/products/p1",
        }
        for own, price in (("V1", 50), ("V2", 30))
    ]


def test_batch_of_orders() -> None:
    made = (
        rows.order(order("O123", "U1", line("P1", "V1"), line("P3", "V2", 9, "42"))),
        rows.order(order("O124", "U2", line("P4", "V1", 1, "12"))),
    )
    [call] = write(api(), CallContext(collection=Collection.ORDERS, act=Act.CREATE, rows=made))
    method, path, body = call_parts(call)

    assert (method, path) == ("POST", "/v1/batch/orders")
    assert body["batch"][1] == {
        "order_id": "O124",
        "user_id": "U2",
        "order_status": "completed",
        "cart": [
            {
                "product_id": "P4",
                "variant_id": "V1",
                "quantity": 1,
                "unit_price": 12,
                "currency": "USD",
            }
        ],
        "timestamp": "2018-04-04T23:29:04Z",
    }
    assert [one["order_id"] for one in body["batch"]] == ["O123", "O124"]


def users(*names: str) -> list[dict[str, str]]:
    return [{"user_id": f"u{n}", "email": f"u{n}@abc.com", "first_name": n} for n in names]


@pytest.mark.parametrize(
    ("act", "method", "path"),
    [(Act.CREATE, "POST", "/v1/batch/users"), (Act.UPDATE, "PUT", "/v1/batch")],
)
def test_batch_of_users(act: Act, method: str, path: str) -> None:
    # Each has a first name, which the table requires, and an id, which an update needs.
    people = [Person(id=f"u{n}", email=f"u{n}@abc.com", first_name=n) for n in ("1", "2", "3")]
    made = tuple(rows.user(one, subscribed=None) for one in people)
    [call] = write(api(), CallContext(collection=Collection.USERS, act=act, rows=made))

    assert call_parts(call) == (method, path, {"type": "users", "batch": users("1", "2", "3")})


def test_batch_delete_of_users() -> None:
    ids = tuple(UserId(user_id=one) for one in ("u1", "u2", "u3"))
    [call] = write(api(), CallContext(collection=Collection.USERS, act=Act.DELETE, rows=ids))

    assert call_parts(call) == (
        "DELETE",
        "/v1/batch",
        {"type": "users", "batch": [{"user_id": "u1"}, {"user_id": "u2"}, {"user_id": "u3"}]},
    )


def early_event(action: Any, profile: dict[str, str]) -> Any:
    """Return the event of an example in the early document; all have equal outer fields."""
    body = event_body(
        action,
        buyer=Buyer(id="019mr8mf4r", anonymous="a1"),
        profile=profile,
        visit=Visit(ip="24.5.68.47", user_agent=AGENT),
    )
    assert body["user"] == {"user_id": "019mr8mf4r", "anonymous_id": "a1", "profile": profile}
    assert body["context"] == {"ip": "24.5.68.47", "user_agent": AGENT}
    return body["event"]


def test_early_home_page_view() -> None:
    assert early_event(PageViewed(home=True), EARLY) == {"type": "pageview", "subtype": "home"}


def test_early_product_page_view() -> None:
    assert early_event(ProductViewed(goods=P1), EARLY) == {
        "type": "pageview",
        "subtype": "product",
        "product_id": "p1",
        "variant_id": "v1",
    }


def test_early_shopping_cart_is_the_later_cart_update() -> None:
    # "viewcart" with only ids was renamed before the later document was written.
    event = _event(cart_saved(line("p1", "v1"), line("p2", "v1"), line("p3", "v1")))["event"]

    assert event["subtype"] == "update"
    assert [one["product_id"] for one in event["cart"]] == ["p1", "p2", "p3"]


def test_early_search_page_view() -> None:
    assert early_event(Searched(query="blue jeans"), {"sex": "female"}) == {
        "type": "search",
        "term": "blue jeans",
    }


def test_early_banner_click() -> None:
    assert early_event(BannerClicked(banner_id="b1"), {"sex": "mujer"}) == {
        "type": "click",
        "subtype": "banner",
        "banner_id": "b1",
    }


def test_early_product_click() -> None:
    assert early_event(ProductClicked(goods=P2), {"sex": "mujer"}) == {
        "type": "click",
        "subtype": "product",
        "product_id": "p2",
    }


def test_early_check_out_is_the_later_checkout_started() -> None:
    event = _event(checkout_started(line("p1", "v1")))["event"]

    assert (event["type"], event["subtype"]) == ("checkout", "started")
    assert event["cart"][0]["price"] == 24


def test_early_complete_order_is_an_order() -> None:
    whole = order("o1", "019mr8mf4r", line("p1", "v1", 1, "24000"))
    facts = {name: getattr(whole, name) for name in whole.__struct_fields__}
    method, path, body = sent(order_saved(**facts))

    assert (method, path, body["order_id"]) == ("POST", "/v1/orders", "o1")
    assert body["cart"] == [
        {
            "product_id": "p1",
            "variant_id": "v1",
            "quantity": 1,
            "unit_price": 24000,
            "currency": "USD",
        }
    ]


def test_early_user_login() -> None:
    assert early_event(LoggedIn(), {"sex": "female"}) == {"type": "login"}


def test_fields_that_no_shop_provides_are_in_no_body() -> None:
    bodies = json.dumps([sent(jeans())[2], sent(person_saved(JOHN))[2]])

    assert [name for name in NOT_SENT if f'"{name}"' in bodies] == []
