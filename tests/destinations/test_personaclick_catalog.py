"""Products, which are on another page than the document; people, who have no calls."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.destinations.contract import KnownState, Plan
from shared.destinations.personaclick.destination import build
from shared.errors import NotConfigured
from shared.model.change import (
    CheckoutStarted,
    ConsentChanged,
    PersonRemoved,
    PersonSaved,
    ProductRemoved,
    StockChanged,
)
from shared.model.entity import Entity, Kind
from shared.model.order import Checkout
from shared.model.person import Buyer, Person
from shared.settings import Secrets
from tests.destinations.personaclick_harness import (
    AT,
    SECRET,
    SHOP,
    URL,
    VERSION,
    body_of,
    merchant,
    personaclick,
    usd,
)
from tests.destinations.sample_shop import product_saved, variant

PRODUCT, PERSON = Entity(Kind.PRODUCT, "1"), Entity(Kind.PERSON, "7")
REMOVED = ProductRemoved(entity=PRODUCT, version=VERSION)
STOCK = StockChanged(entity=PRODUCT, at=AT, variant_id="11", default=False, stock=0)
NOTHING = KnownState()


def planned(change: Any, known_state: KnownState = NOTHING, **settings: Any) -> Plan:
    return personaclick(**{"catalog": True} | settings).plan(change, known_state)


def rows(change: Any, known_state: KnownState = NOTHING, **settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = body_of(planned(change, known_state, **settings).calls[0])[
        "items"
    ]
    return found


def test_by_default_no_product_is_sent() -> None:
    for change in (product_saved(variant()), REMOVED):
        assert planned(change, KnownState(variants=frozenset({"11"})), catalog=False) == Plan(
            state=b"nothing"
        )
    assert planned(STOCK, catalog=False) == Plan()


@pytest.mark.parametrize("setting", ["catalog", "order_status"])
def test_catalog_and_order_status_require_the_secret(setting: str) -> None:
    with pytest.raises(NotConfigured) as error:
        build(merchant(**{setting: True}), Secrets())

    assert error.value.path == "$.personaclick.shop_secret"


def test_a_product_is_a_row_for_each_of_its_variants() -> None:
    sale = variant("12", price=usd("20"), full_price=usd("25"), stock=0)
    change = product_saved(
        variant("11", photo="https://acme.example/11.png", link="https://acme.example/11"),
        sale,
        brand="Fern",
        categories=("Clothes", "Shirts"),
    )
    [call] = planned(change).calls

    alike = {
        "group_id": "1", "name": "Moss Shirt", "currency": "USD", "categories": ["Shirts"],
        "brand": "Fern",
    }  # fmt: skip
    assert (call.method, call.url) == ("PUT", f"{URL}import/products")
    assert body_of(call) == {
        "shop_id": SHOP,
        "items": [
            {
                **alike,
                "id": "11",
                "price": Decimal("24.50"),
                "url": "https://acme.example/11",
                "picture": "https://acme.example/11.png",
                "available": True,
                "stock_quantity": 5,
            },
            {
                **alike,
                "id": "12",
                "price": Decimal("20.00"),
                "oldprice": Decimal("25.00"),
                "url": "https://acme.example/products/1",
                "picture": "https://placehold.co/600x600.png",
                "available": False,
                "stock_quantity": 0,
            },
        ],
    }
    assert SECRET.encode() in personaclick(catalog=True).sign(call).call.body


def test_a_variant_with_uncounted_stock_has_no_stock_quantity() -> None:
    [row] = rows(product_saved(variant(stock=None)))

    assert row["available"] is True
    assert "stock_quantity" not in row


def test_the_newest_stock_is_from_the_ledger() -> None:
    [row] = rows(product_saved(variant("11", stock=5)), KnownState(stock={"11": 0}))

    assert (row["available"], row["stock_quantity"]) == (False, 0)


def test_a_product_that_is_not_for_sale_is_not_available() -> None:
    assert rows(product_saved(variant(), available=False))[0]["available"] is False


def test_only_a_sale_has_an_old_price() -> None:
    assert "oldprice" not in rows(product_saved(variant(full_price=usd("24.5"))))[0]


def test_a_feed_of_products_has_one_row_at_the_lowest_available_price() -> None:
    change = product_saved(
        variant("11", price=usd("30")), variant("12", price=usd("20")),
        variant("13", price=usd("10"), stock=0),
    )  # fmt: skip

    [row] = rows(change, feed_id="product")

    assert (row["id"], row["price"]) == ("1", Decimal("20.00"))
    assert "group_id" not in row


def test_a_feed_of_skus_omits_variants_without_one() -> None:
    plan = planned(product_saved(variant("11", sku="MOSS"), variant("12")), feed_id="sku")

    assert [one["id"] for one in body_of(plan.calls[0])["items"]] == ["MOSS"]
    assert plan.counts == ("line_without_feed_id",)


def test_variants_with_one_sku_are_one_row_with_the_lowest_price() -> None:
    change = product_saved(
        variant("11", sku="MOSS", price=usd("20")), variant("12", sku="MOSS", price=usd("30"))
    )
    plan = planned(change, feed_id="sku")

    [row] = rows(change, feed_id="sku")
    assert (row["id"], row["price"]) == ("MOSS", Decimal("20.00"))
    assert plan.counts == ()


def test_a_product_without_variants_is_deleted_in_a_feed_of_products() -> None:
    known_state = KnownState(known=True, variants=frozenset({"11"}))
    [call] = planned(product_saved(), known_state, feed_id="product").calls

    assert (call.method, body_of(call)["items"]) == ("DELETE", ["1"])


def test_a_removed_variant_is_counted_in_a_feed_of_skus() -> None:
    known_state = KnownState(known=True, variants=frozenset({"11", "12"}))
    plan = planned(product_saved(variant("11", sku="MOSS")), known_state, feed_id="sku")

    assert plan.counts == ("removal_by_sku_not_expressible",)


def test_a_removed_variant_is_deleted() -> None:
    known_state = KnownState(known=True, variants=frozenset({"11", "98:default", "99"}))
    _, call = planned(product_saved(variant("11")), known_state).calls

    assert (call.method, call.url) == ("DELETE", f"{URL}import/products")
    assert body_of(call) == {"shop_id": SHOP, "items": ["98", "99"]}
    assert len(planned(product_saved(variant("11"), complete=False), known_state).calls) == 1


@pytest.mark.parametrize(
    ("level", "ids"), [("variant", ["11", "12"]), ("product", ["1"]), ("sku", None)]
)
def test_a_removed_product_is_deleted_by_its_ids(level: str, ids: Any) -> None:
    known_state = KnownState(known=True, variants=frozenset({"12:default", "11"}))
    plan = planned(REMOVED, known_state, feed_id=level)

    assert [body_of(call)["items"] for call in plan.calls] == ([ids] if ids else [])
    assert plan.counts == (() if ids else ("removal_by_sku_not_expressible",))
    assert plan.state == b"gone"


def test_stock_without_its_product_is_counted() -> None:
    assert planned(STOCK) == Plan(counts=("stock_change_not_expressible",))


def test_people_and_checkouts_have_no_call() -> None:
    saved = PersonSaved(entity=PERSON, version=VERSION, person=Person(id="7", email=None))
    consent = ConsentChanged(entity=PERSON, at=AT, person_id="7", subscribed=True)
    removed = PersonRemoved(entity=PERSON, version=VERSION, user_id="7")
    checkout = CheckoutStarted(
        entity=Entity(Kind.CHECKOUT, "c"),
        version=VERSION,
        checkout=Checkout(id="c", buyer=Buyer(), lines=(), at=AT),
    )

    assert [planned(one) for one in (saved, consent, checkout)] == [Plan()] * 3
    assert planned(removed) == Plan(state=b"gone", counts=("person_removal_not_expressible",))


def test_a_redaction_raises_an_alarm() -> None:
    change = PersonRemoved(entity=PERSON, version=VERSION, user_id="7", redacted=True)

    assert personaclick().forgets is False
    assert planned(change) == Plan(
        state=b"gone", counts=("person_removal_not_expressible",), alarms=("EraseByHand",)
    )
