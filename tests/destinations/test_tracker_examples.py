"""
Every example request in the two documents, built from a change and compared field by field. Each
test has the differences. Their reasons:

* telephone numbers are digits, prices are decimal texts with two places, `isInStock` is text (the
  documents have all of these both ways; so do the platforms' own modules);
* `user_es_contact_id` is an id of the platform, which no shop has;
* lines of carts and orders, and the carts and orders themselves, have no custom tags (`Tags`,
  `tag_...`), because no webhook has any; a product's custom tags are its tags, and `category_id`
  requires ids of the platform.
"""

from __future__ import annotations

import copy
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from shared.destinations.contract import KnownState
from shared.model.browsing import (
    BrowsingAction,
    BrowsingEvent,
    CategoryViewed,
    Custom,
    Goods,
    Impressions,
    ProductViewed,
    Searched,
    Shown,
    WishlistAdded,
)
from shared.model.browsing_check import browsed
from shared.model.change import CartSaved, Change, OrderSaved, PersonSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.order import Cart, Line, Order, Status
from shared.model.person import Buyer, Person
from shared.model.version import Version
from shared.model.visitor import Visitor
from tests.destinations import tracker_documents
from tests.destinations.sample_shop import product_saved, usd, variant
from tests.destinations.tracker_harness import BOTH, esputnik, rows, sent_bodies, yespo

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
AT = "2020-01-21T15:56:23.208000000Z"
VERSION = Version.at(AT)
WHO = Buyer(
    id="1234509876",
    email=tracker_documents.EMAIL,
    entity=Entity(Kind.PERSON, "1234509876"),
    name=tracker_documents.NAME,
    phone="1-541-754-3010",
)
VISITOR = Visitor(tracker_cookie=tracker_documents.SC)
KNOWN_STATE = KnownState(visitor=VISITOR)
TWO_TAGS = {"some_tags": ("1", "a2"), "some_tags1": ("4", "gg")}
SOME_TAGS = {"some_tags": ("some_tag1", "some_tag2")}
# The differences in the general information of every event.
DIGITS = {"GeneralInfo.user_phone": "15417543010", "GeneralInfo.user_es_contact_id": None}
CART_TOKEN = "token-1"


def differing(example: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return an example with other values at these paths; None removes a field."""
    whole = copy.deepcopy(example)
    for path, value in changes.items():
        *outer, last = path.split(".")
        at: Any = whole
        for name in outer:
            at = at[int(name)] if name.isdigit() else at[name]
        assert last in at or value is not None
        if value is None:
            del at[last]
        else:
            at[last] = value
    return whole


def browsing_event(action: BrowsingAction, at: str = AT, **more: Any) -> Change:
    return browsed(
        BrowsingEvent(id="event-1", at=at, action=action, buyer=WHO, visitor=VISITOR, **more)
    )


def viewed_product() -> Goods:
    facts = {"something": ("abc", "bca")}
    return Goods(
        product_id="1", variant_id="72354", price=usd("754"), in_stock=True, tags=facts
    )  # fmt: skip


def line(own: str, price: str, quantity: int = 1, discount: str = "0") -> Line:
    """Return a line; ``price`` is before the ``discount``, as in the documents' carts."""
    return Line(
        product_id="1",
        variant_id=own,
        default=False,
        quantity=quantity,
        price=usd(price) - usd(discount),
        list_price=usd(price),
    )


def bought(**more: Any) -> OrderSaved:
    order = Order(
        id="123/2017",
        number="1",
        buyer=WHO,
        lines=(line("430738", "201.95"), line("211452", "341.80", 2)),
        status=Status.COMPLETED,
        placed_at=AT,
        currency="USD",
        **more,
    )
    return OrderSaved(entity=Entity(Kind.ORDER, "1"), version=VERSION, order=order)


def cart() -> CartSaved:
    lines = (line("430738", "201.95", discount="180"), line("902339", "596", discount="590"))
    return CartSaved(
        entity=Entity.of_token(Kind.CART, CART_TOKEN),
        version=VERSION,
        cart=Cart(id=CART_TOKEN, buyer=WHO, lines=lines, at=AT),
    )


def uah(amount: str) -> Money:
    return Money(Decimal(amount), "UAH")


def phone(*categories: str) -> Change:
    return product_saved(
        variant("430738", price=uah("201.95"), full_price=uah("224.38")),
        name="iPhone 7",
        brand="Apple",
        description="Some description",
        photo="https://domain.com/apple/product_large.png",
        link="https://domain.com/apple/product_page_example.html",
        categories=categories,
        tags=("aaa", "bbb"),
    )


@pytest.mark.parametrize("build", BOTH)
def test_product_page(build: Any) -> None:
    assert sent_bodies(
        browsing_event(ProductViewed(goods=viewed_product()), tags=SOME_TAGS), KNOWN_STATE, build()
    ) == [
        differing(tracker_documents.PRODUCT_PAGE, DIGITS | {"ProductPage.Product.price": "754.00"})
    ]


@pytest.mark.parametrize("build", BOTH)
def test_status_cart(build: Any) -> None:
    [body] = sent_bodies(cart(), KNOWN_STATE, build())

    # The GUID is generated from the cart's state; any other one is equally valid.
    assert re.fullmatch(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", body["StatusCart"]["GUID"])
    assert body == differing(
        tracker_documents.STATUS_CART,
        DIGITS
        | {
            "StatusCart.GUID": body["StatusCart"]["GUID"],
            "StatusCart.Products.0.price": "201.95",
            "StatusCart.Products.0.discount": "180.00",
            "StatusCart.Products.0.tag_something": None,
            "StatusCart.Products.1.price": "596.00",
            "StatusCart.Products.1.discount": "590.00",
            "StatusCart.Products.1.tag_something": None,
            "StatusCart.Tags": None,
        },
    )


@pytest.mark.parametrize("build", BOTH)
def test_add_to_wishlist(build: Any) -> None:
    assert sent_bodies(
        browsing_event(WishlistAdded(goods=viewed_product()), tags=SOME_TAGS), KNOWN_STATE, build()
    ) == [
        differing(
            tracker_documents.ADD_TO_WISHLIST, DIGITS | {"AddToWishlist.Product.price": "754.00"}
        )
    ]


def test_purchased_items_yespo() -> None:
    assert sent_bodies(bought(), KNOWN_STATE, yespo())[-1] == differing(
        tracker_documents.PURCHASED_ITEMS_YESPO, DIGITS | {"PurchasedItems.Tags": None}
    )


def test_purchased_items_esputnik() -> None:
    [state] = sent_bodies(cart(), KNOWN_STATE, esputnik())
    known_state = KnownState(visitor=VISITOR, cart_sent=str(VERSION))

    # With the products too: the GUID alone is useless for a cart that was never sent.
    assert sent_bodies(bought(cart_token=CART_TOKEN), known_state, esputnik())[-1] == differing(
        tracker_documents.PURCHASED_ITEMS_ESPUTNIK,
        DIGITS
        | {
            "PurchasedItems.GUID": state["StatusCart"]["GUID"],
            "PurchasedItems.Products": tracker_documents.ONE_CLICK_ESPUTNIK["PurchasedItems"][
                "Products"
            ],
            "PurchasedItems.Tags": None,
        },
    )


def test_purchased_items_one_click_esputnik() -> None:
    # `block_id` is for purchases from a recommendation block, which no webhook contains.
    assert sent_bodies(bought(), KNOWN_STATE, esputnik())[-1] == differing(
        tracker_documents.ONE_CLICK_ESPUTNIK, DIGITS | {"PurchasedItems.Tags": None}
    )


@pytest.mark.parametrize("build", BOTH)
def test_product_impressions(build: Any) -> None:
    blocks = {"430968": "1253", "430738": "1254", "429983": "1255"}
    shown = tuple(
        Shown(block=block, goods=Goods(product_id="1", variant_id=own))
        for own, block in blocks.items()
    )

    assert sent_bodies(
        browsing_event(Impressions(shown=shown), tags=TWO_TAGS), KNOWN_STATE, build()
    ) == [differing(tracker_documents.PRODUCT_IMPRESSIONS, DIGITS)]


def test_category_page_yespo() -> None:
    assert sent_bodies(
        browsing_event(CategoryViewed(id="509876"), tags=TWO_TAGS), KNOWN_STATE, yespo()
    ) == [differing(tracker_documents.CATEGORY_PAGE_YESPO, DIGITS)]


def test_category_page_esputnik() -> None:
    assert sent_bodies(
        browsing_event(CategoryViewed(id="Babies"), tags=TWO_TAGS), KNOWN_STATE, esputnik()
    ) == [differing(tracker_documents.CATEGORY_PAGE_ESPUTNIK, DIGITS)]


@pytest.mark.parametrize("build", BOTH)
def test_customer_data(build: Any) -> None:
    person = Person(
        id="1234509876",
        email=tracker_documents.EMAIL,
        first_name="Ada",
        last_name="Moss",
        phone="3801111111111",
    )
    saved = PersonSaved(
        entity=Entity(Kind.PERSON, "1234509876"), version=VERSION, person=person
    )  # fmt: skip
    known_state = KnownState(visitor=Visitor(tracker_cookie="CDA68358-94FB-4D83-9655-3FEB3CGGG1"))

    assert sent_bodies(saved, known_state, build(site_id="8D3869C")) == [
        differing(tracker_documents.CUSTOMER_DATA, {"GeneralInfo.user_es_contact_id": None})
    ]


def test_search_request_yespo() -> None:
    searched = Searched(query="input_value", found=True)
    to = yespo(site_id="CE460EC", searches="all")

    assert sent_bodies(browsing_event(searched, "2022-11-18T17:29:12Z"), KNOWN_STATE, to) == [
        differing(tracker_documents.SEARCH_REQUEST_YESPO, DIGITS)
    ]


def test_search_request_esputnik() -> None:
    # The document has the call of the page's script; by REST it is sent like every other event.
    [body] = sent_bodies(
        browsing_event(Searched(query="input_value", found=False)), KNOWN_STATE, esputnik()
    )

    assert {"SearchRequest": body["SearchRequest"]} == tracker_documents.SEARCH_REQUEST_ESPUTNIK


def test_custom_event_esputnik() -> None:
    # The page's script knows screen and browser, but a server does not; no field is sent empty.
    unknown = (
        "screendim", "adblockEnabled", "device", "browser", "user_client_id", "user_city",
        "user_card_id",
    )  # fmt: skip
    change = browsing_event(
        Custom(name="my_event", tags=TWO_TAGS),
        url="https://example.com/product_id.html",
        referrer="https://example.com",
    )

    assert sent_bodies(change, KNOWN_STATE, esputnik()) == [
        differing(
            tracker_documents.CUSTOM_EVENT_ESPUTNIK,
            DIGITS | {f"GeneralInfo.{name}": None for name in unknown},
        )
    ]


FACTS = {"tag_something": None, "tag_tags": ["aaa", "bbb"], "category_id": None}


def test_product_update_yespo() -> None:
    first, second = tracker_documents.PRODUCT_UPDATE_YESPO["ProductUpdate"]
    to = yespo(site_id="site_id")
    [body] = sent_bodies(phone("level1", "level2", "level3"), KNOWN_STATE, to)

    assert body["GeneralInfo"] == tracker_documents.PRODUCT_UPDATE_YESPO["GeneralInfo"]
    # The second row in the document has no link.
    assert body["ProductUpdate"] == [differing(second, FACTS | {"url": first["url"]})]
    assert rows(phone(), KNOWN_STATE, to) == [differing(first, FACTS)]


def test_product_update_esputnik() -> None:
    first, second = tracker_documents.PRODUCT_UPDATE_ESPUTNIK["ProductUpdate"]
    to = esputnik(site_id="site_id")
    [body] = sent_bodies(phone("level1", "level2", "level3"), KNOWN_STATE, to)

    assert body["GeneralInfo"] == tracker_documents.PRODUCT_UPDATE_ESPUTNIK["GeneralInfo"]
    assert body["ProductUpdate"] == [differing(second, FACTS)]
    assert rows(phone("level3"), KNOWN_STATE, to) == [differing(first, FACTS)]


@pytest.mark.parametrize("build", BOTH)
def test_product_update_row_with_a_discount(build: Any) -> None:
    change = product_saved(variant("1111", price=uah("270"), full_price=uah("300")), name="")

    assert rows(change, KNOWN_STATE, build()) == [
        tracker_documents.SALE_ROW
        | {"isInStock": "1", "unit_price": "270.00", "tag_oldprice": ["300.00"]}
    ]


@pytest.mark.parametrize("build", BOTH)
def test_product_update_row_without_a_discount(build: Any) -> None:
    change = product_saved(variant("1111", price=uah("270")), name="")

    assert rows(change, KNOWN_STATE, build()) == [
        tracker_documents.PLAIN_ROW | {"isInStock": "1", "unit_price": "270.00"}
    ]


def _objects(page: str) -> list[Any]:
    """Parse every object in a document, with an invented person and without trailing commas."""
    # A non-breaking space, and its form in a document that was decoded as Mac Roman.
    plain = page.replace("\u00ac\u2020", " ").replace("\u00a0", " ")
    plain = re.sub(r",(\s*[}\]])", r"\1", plain)
    starts = re.finditer(r"^(?:eS\(.*?, )?(?=\{\n)", plain, re.MULTILINE)
    found = [json.JSONDecoder().raw_decode(plain, start.end())[0] for start in starts]
    for one in found:
        info = one.get("GeneralInfo", {})
        invented = {"user_email": tracker_documents.EMAIL, "user_name": tracker_documents.NAME}
        info.update({name: value for name, value in invented.items() if name in info})
    return found


@pytest.mark.parametrize(
    ("seed", "examples"),
    [
        ("yespo-tracker.md", tracker_documents.YESPO),
        ("esputnik-tracker.txt", tracker_documents.ESPUTNIK),
    ],
)
def test_every_request_in_the_documents_is_compared(seed: str, examples: tuple[Any, ...]) -> None:
    page = SEEDS / seed
    if not page.exists():
        pytest.skip("the documents are not here")

    assert _objects(page.read_text()) == list(examples)
