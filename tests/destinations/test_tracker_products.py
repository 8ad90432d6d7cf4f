"""Products, as they are sent to both trackers: rows of the feed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli.sandbox.tracker.storage import save_products
from shared.destinations.contract import KnownState
from shared.model.change import ProductRemoved, StockChanged
from shared.model.entity import Entity, Kind
from tests.destinations.sample_shop import AT, VERSION, known, product_saved, usd, variant
from tests.destinations.tracker_harness import BOTH, SEEN, SITE, esputnik, rows, sent_bodies, yespo

PRODUCT = Entity(Kind.PRODUCT, "1")
REMOVED = ProductRemoved(entity=PRODUCT, version=VERSION)


def stock_changed(stock: int | None, own: str = "11", *, default: bool = False) -> StockChanged:
    return StockChanged(entity=PRODUCT, at=AT, variant_id=own, default=default, stock=stock)


@pytest.mark.parametrize("build", BOTH)
def test_a_product_is_an_update_of_the_feed_without_a_visitor(build: Any) -> None:
    [body] = sent_bodies(product_saved(variant()), to=build())

    assert body == {
        "GeneralInfo": {"eventName": "ProductUpdate", "siteId": SITE},
        "ProductUpdate": [
            {
                "product_id": "11",
                "isInStock": "1",
                "unit_price": "24.50",
                "price_currency_code": "USD",
                "name": "Moss Shirt",
            }
        ],
    }


def whole() -> Any:
    one = variant(full_price=usd("30"), photo="https://a.example/v.png", link="https://a.example/v")
    return product_saved(
        one,
        variant("12"),
        brand="Lumen",
        description="A <b>shirt</b>",
        categories=("Men", "Shirts", "Linen"),
        tags=("moss", "green"),
        photo="https://a.example/p.png",
        link="https://a.example/p",
    )


def test_every_field_of_a_product_is_sent() -> None:
    alike = {
        "isInStock": "1",
        "unit_price": "24.50",
        "price_currency_code": "USD",
        "name": "Moss Shirt",
        "brand": "Lumen",
        "description": "A <b>shirt</b>",
        "category": "Men > Shirts > Linen",
        "tag_tags": ["moss", "green"],
    }

    assert rows(whole()) == [
        {
            "product_id": "11",
            "tag_oldprice": ["30.00"],
            "tag_discount": ["18"],
            "imgurl": "https://a.example/v.png",
            "url": "https://a.example/v",
        }
        | alike,
        {"product_id": "12", "imgurl": "https://a.example/p.png", "url": "https://a.example/p"}
        | alike,
    ]


def test_only_yespo_has_the_link_of_a_product() -> None:
    assert [set(row) & {"url"} for row in rows(whole(), to=esputnik())] == [set(), set()]


@pytest.mark.parametrize(
    ("price", "full", "discount"),
    [
        ("270", "300", ["10"]),
        ("24.50", "24.50", None),
        ("30", "24.50", None),
        ("99.60", "100", None),
        ("99.50", "100", ["1"]),
        ("0", "10", ["100"]),
    ],
)
def test_a_sale_has_both_tags_or_neither(price: str, full: str, discount: list[str] | None) -> None:
    [row] = rows(product_saved(variant(price=usd(price), full_price=usd(full))))

    assert row.get("tag_discount") == discount
    assert ("tag_oldprice" in row) is (discount is not None)


@pytest.mark.parametrize("build", BOTH)
def test_the_end_of_a_sale_is_the_documents_form_of_a_product_without_a_discount(
    build: Any,
) -> None:
    # "And if the product has not a discount, than": price and currency without the two tags.
    on_sale, ended = (
        product_saved(variant(price=usd(price), full_price=usd("300"))) for price in ("270", "300")
    )
    state: dict[str, Any] = {"products": {}}
    for change in (on_sale, ended):
        save_products(state, rows(change, to=build()))

    [row] = rows(ended, to=build())
    assert (row["unit_price"], row["price_currency_code"]) == ("300.00", "USD")
    assert build().plan(ended, SEEN).state != build().plan(on_sale, SEEN).state
    assert not {"tag_oldprice", "tag_discount"} & state["products"]["11"].keys()


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        ({"stock": 5}, "1"),
        ({"stock": 0}, "0"),
        ({"stock": None}, "1"),
        # an assumption that the source makes
        ({"stock": 0, "stock_known": False}, "0"),
        ({"stock": None, "stock_known": False}, "1"),
    ],
)
def test_an_available_variant_is_in_stock(facts: dict[str, Any], flag: str) -> None:
    [row] = rows(product_saved(variant(**facts)))

    assert row["isInStock"] == flag


def test_a_product_that_is_not_for_sale_is_not_in_stock() -> None:
    [row] = rows(product_saved(variant(stock=5), available=False))

    assert row["isInStock"] == "0"


@pytest.mark.parametrize("stock", [5, None, 0])
def test_a_variant_of_a_product_that_is_not_for_sale_is_not_in_stock(stock: int | None) -> None:
    [row] = rows(stock_changed(stock), known("11", for_sale=False))

    assert row == {"product_id": "11", "isInStock": "0"}


@pytest.mark.parametrize(("newer", "flag"), [(0, "0"), (3, "1"), (None, "1")])
def test_the_stock_in_the_ledger_is_newer(newer: int | None, flag: str) -> None:
    [row] = rows(product_saved(variant(stock=1)), KnownState(stock={"11": newer}))

    assert row["isInStock"] == flag


def test_a_feed_of_products_has_the_cheapest_available_variant() -> None:
    cheap, dear = variant("11", price=usd("10"), stock=0), variant("12", price=usd("20"))
    dearest = variant("13", price=usd("30"))

    [row] = rows(product_saved(cheap, dearest, dear), to=yespo(feed_id="product"))

    assert (row["product_id"], row["unit_price"], row["isInStock"]) == ("1", "20.00", "1")


def test_a_feed_of_products_has_the_cheapest_variant_if_all_are_sold_out() -> None:
    dear, cheap = variant("11", price=usd("20"), stock=0), variant("12", price=usd("10"), stock=0)

    [row] = rows(product_saved(dear, cheap), to=yespo(feed_id="product"))

    assert (row["product_id"], row["unit_price"], row["isInStock"]) == ("1", "10.00", "0")


def test_a_feed_of_skus_omits_and_counts_variants_without_one() -> None:
    change = product_saved(variant("11", sku=" MOSS-S "), variant("12"))
    plan = yespo(feed_id="sku").plan(change, KnownState())

    assert [row["product_id"] for row in rows(change, to=yespo(feed_id="sku"))] == ["MOSS-S"]
    assert plan.counts == ("variant_without_feed_id",)


def test_a_default_variant_has_its_own_id_in_the_feed() -> None:
    [row] = rows(product_saved(variant("11", default=True)))

    assert row["product_id"] == "11"


def test_a_removed_variant_is_unavailable() -> None:
    sent_rows = rows(product_saved(variant("11")), known("11", "12", "13:default"))

    assert sent_rows[1:] == [
        {"product_id": "12", "isInStock": "0"},
        {"product_id": "13", "isInStock": "0"},
    ]


def test_a_variant_whose_options_were_added_or_removed_is_not_removed() -> None:
    assert len(rows(product_saved(variant("11")), known("11:default"))) == 1


def test_no_variant_of_an_incomplete_product_counts_as_lost() -> None:
    change = product_saved(variant("11"), complete=False)

    assert [row["product_id"] for row in rows(change, known("11", "12"))] == ["11"]


def test_a_product_feed_has_no_rows_of_lost_variants() -> None:
    change = product_saved(variant("11"))

    assert len(rows(change, known("11", "12"), yespo(feed_id="product"))) == 1


def test_a_product_without_variants_is_unavailable() -> None:
    to = yespo(feed_id="product")

    assert rows(product_saved(), known("11"), to) == [{"product_id": "1", "isInStock": "0"}]
    assert rows(product_saved(), known(), to) == []
    assert rows(product_saved(complete=False), known("11"), to) == []


def test_a_lost_sku_is_counted_because_it_is_not_stored() -> None:
    plan = yespo(feed_id="sku").plan(product_saved(variant(sku="A")), known("11", "12"))

    assert plan.counts == ("removal_by_sku_not_expressible",)


@pytest.mark.parametrize("build", BOTH)
def test_a_removed_product_is_unavailable(build: Any) -> None:
    assert rows(REMOVED, known("11", "12:default"), build()) == [
        {"product_id": "11", "isInStock": "0"},
        {"product_id": "12", "isInStock": "0"},
    ]


def test_a_removed_product_in_a_feed_of_products_is_one_row() -> None:
    assert rows(REMOVED, known("11", "12"), yespo(feed_id="product")) == [
        {"product_id": "1", "isInStock": "0"}
    ]


def test_a_removed_product_in_a_feed_of_skus_is_counted() -> None:
    plan = yespo(feed_id="sku").plan(REMOVED, known("11"))

    assert (plan.calls, plan.state, plan.counts) == (
        (),
        b"gone",
        ("removal_by_sku_not_expressible",),
    )


@pytest.mark.parametrize(("stock", "flag"), [(0, "0"), (2, "1"), (None, "1")])
def test_the_stock_of_a_known_variant_is_sent(stock: int | None, flag: str) -> None:
    assert rows(stock_changed(stock), known("11")) == [{"product_id": "11", "isInStock": flag}]
    assert rows(stock_changed(stock, default=True), known("11:default")) == [
        {"product_id": "11", "isInStock": flag}
    ]


def test_the_newest_stock_is_sent() -> None:
    [row] = rows(stock_changed(5), known("11", stock={"11": 0}))

    assert row["isInStock"] == "0"


@pytest.mark.parametrize(
    ("level", "keys", "count"),
    [
        ("variant", (), "stock_of_unknown_variant"),
        ("variant", ("11:default",), "stock_of_unknown_variant"),
        ("product", ("11",), "stock_by_product_not_expressible"),
        ("sku", ("11",), "stock_by_sku_not_expressible"),
    ],
)
def test_stock_without_a_row_of_its_own_is_counted(
    level: str, keys: tuple[str, ...], count: str
) -> None:
    plan = yespo(feed_id=level).plan(stock_changed(1), known(*keys))

    assert (plan.calls, plan.state, plan.counts) == ((), b"", (count,))


def test_a_call_has_at_most_a_hundred_rows() -> None:
    many = product_saved(*(variant(str(number)) for number in range(201)))

    assert [len(body["ProductUpdate"]) for body in sent_bodies(many)] == [100, 100, 1]
    assert [call.label for call in yespo().plan(many, KnownState()).calls] == [
        "POST ProductUpdate x100",
        "POST ProductUpdate x100",
        "POST ProductUpdate x1",
    ]


def test_a_call_has_at_most_256_kilobytes() -> None:
    long = product_saved(*(variant(str(one)) for one in range(5)), description="x" * 100_000)
    calls = yespo().plan(long, KnownState()).calls

    assert [len(json.loads(call.body)["ProductUpdate"]) for call in calls] == [2, 2, 1]
    assert all(len(call.body) <= 256 * 1024 for call in calls)


def test_the_state_changes_only_with_the_rows() -> None:
    def state(known_state: KnownState = KnownState(), **more: Any) -> bytes:  # noqa: B008 - frozen
        return yespo().plan(product_saved(variant(**more)), known_state).state

    assert state() == state(known("11", "12"))
    assert state() != state(stock=0)
    assert state() != state(price=usd("1"))
    # One of five was sold: the feed has only the availability.
    assert state() == state(stock=4)
