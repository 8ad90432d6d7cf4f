from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import NotExpressible
from shared.model.change import ProductRemoved, StockChanged
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.product import Variant
from tests.destinations.sample_shop import (
    AT,
    NEW,
    NOTHING,
    OLD,
    VERSION,
    Profile,
    known,
    planned,
    product_saved,
    sent,
    usd,
    variant,
)

FULL = product_saved(
    Variant(
        id="11",
        default=False,
        price=usd("20"),
        full_price=usd("25"),
        sku="MOSS-S",
        title="Green / S",
        stock=5,
        color="Green",
        size="S",
        options={"Color": "Green", "Size": "S"},
        photo="https://cdn.example/moss-green.jpg",
        link="https://acme.example/products/moss?variant=11",
    ),
    description="Soft as moss.",
    brand="Fern & Co",
    categories=("Men", "Shirts", "Casual", "Linen", "Summer", "Sale"),
    tags=("soft", "new"),
    photo="https://cdn.example/moss.jpg",
    link="https://acme.example/products/moss",
)
IDS = {"product_id": "1", "variant_id": "11"}
ROW_2018: dict[str, Any] = {
    "category_1": "Men",
    "category_2": "Shirts",
    "category_3": "Casual",
    "category_4": "Linen",
    "category_extra": {"category_5": "Summer", "category_6": "Sale"},
    "name": "Moss Shirt",
    "brand": "Fern & Co",
    "description": "Soft as moss.",
    "color": "Green",
    "size": "S",
    "price": 20,
    "available": True,
    "stock": 5,
    "extra": {
        "sku": "MOSS-S",
        "tags": ["soft", "new"],
        "full_price": 25,
        "discount": "20%",
        "options": {"Color": "Green", "Size": "S"},
    },
    "photo_url": "https://cdn.example/moss-green.jpg",
    "link": "https://acme.example/products/moss?variant=11",
}
ROW_2021: dict[str, Any] = {
    "category_ids": [
        "Men",
        "Men > Shirts",
        "Men > Shirts > Casual",
        "Men > Shirts > Casual > Linen",
        "Men > Shirts > Casual > Linen > Summer",
        "Men > Shirts > Casual > Linen > Summer > Sale",
    ],
    "name": "Moss Shirt",
    "brand": "Fern & Co",
    "description": "Soft as moss.",
    "color": "Green",
    "size": "S",
    "price": 20,
    "full_price": 25,
    "available": True,
    "stock": 5,
    "extra": {
        "sku": "MOSS-S",
        "tags": ["soft", "new"],
        "options": {"Color": "Green", "Size": "S"},
    },
    "photo_url": "https://cdn.example/moss-green.jpg",
    "link": "https://acme.example/products/moss?variant=11",
}


def row(change: Any, known_state: Any = NOTHING, profile: Profile = OLD) -> dict[str, Any]:
    """Return the only product row that a plan creates."""
    posts = [
        body for _, path, body in sent(planned(change, known_state, profile)) if "products" in path
    ]
    assert len(posts) == 1
    return dict(posts[0])


def test_a_new_variant_is_created_with_every_field_of_the_table() -> None:
    assert sent(planned(FULL)) == [("POST", "/v1/products", ROW_2018 | IDS)]


def test_a_known_variant_is_updated_without_ids_in_the_body() -> None:
    assert sent(planned(FULL, known("11"))) == [("PUT", "/v1/products/1/11", ROW_2018)]


def test_the_bytes_are_compact_and_prices_are_numbers_with_their_decimals() -> None:
    plan = planned(product_saved(variant(price=usd("24.5"))))

    assert plan.calls[0].body == (
        b'{"category_1":"uncategorised","category_extra":{},"name":"Moss Shirt","price":24.50,'
        b'"available":true,"stock":5,"extra":{},'
        b'"photo_url":"https://acme.example/placeholder.png",'
        b'"link":"https://acme.example/products/1","product_id":"1","variant_id":"11"}'
    )


def test_in_2021_categories_are_sent_before_the_products_that_have_their_ids() -> None:
    categories, products = sent(planned(FULL, profile=NEW))

    assert categories[:2] == ("POST", "/v1/batch/categories")
    assert categories[2][:2] == [
        {"name": "Men", "link": "https://acme.example", "category_id": "Men"},
        {"name": "Shirts", "link": "https://acme.example", "category_id": "Men > Shirts"},
    ]
    assert products == ("POST", "/v1/products", ROW_2021 | IDS)


def test_in_2021_a_create_also_updates_so_that_all_rows_are_one_batch() -> None:
    change = product_saved(variant("11"), variant("12"), categories=("Men",))

    calls = sent(planned(change, known("11"), NEW))

    assert [call[:2] for call in calls] == [
        ("POST", "/v1/categories"),
        ("POST", "/v1/batch/products"),
    ]
    assert [item["variant_id"] for item in calls[1][2]] == ["11", "12"]


def test_in_2021_without_a_sale_the_full_price_is_the_price() -> None:
    assert row(product_saved(variant()), profile=NEW)["full_price"] == 24.5


def test_fifty_new_variants_are_one_call() -> None:
    plan = planned(product_saved(*(variant(str(number)) for number in range(50))))

    assert [(call.label, call.url) for call in plan.calls] == [
        ("POST batch/products x50", "https://api.datacue.co/v1/batch/products")
    ]
    body = json.loads(plan.calls[0].body)
    assert body["type"] == "products"
    assert len(body["batch"]) == 50


def test_new_variants_are_created_known_ones_updated_and_removed_ones_deleted_last() -> None:
    change = product_saved(variant("1"), variant("2"), variant("3"), variant("4"))

    calls = sent(planned(change, known("1", "2", "8", "9")))

    assert [(call[0], call[1]) for call in calls] == [
        ("POST", "/v1/batch/products"),
        ("PUT", "/v1/batch"),
        ("DELETE", "/v1/batch"),
    ]
    assert [item["variant_id"] for item in calls[0][2]["batch"]] == ["3", "4"]
    assert [item["variant_id"] for item in calls[1][2]["batch"]] == ["1", "2"]
    assert calls[2][2] == {
        "type": "products",
        "batch": [
            {"product_id": "1", "variant_id": "8"},
            {"product_id": "1", "variant_id": "9"},
        ],
    }


def test_one_removed_variant_is_deleted_by_its_path_without_a_body() -> None:
    calls = sent(planned(product_saved(variant("1")), known("1", "9")))

    assert calls[1] == ("DELETE", "/v1/products/1/9", None)


def test_nothing_is_removed_because_of_a_truncated_list() -> None:
    calls = sent(planned(product_saved(variant("1"), complete=False), known("1", "9")))

    assert [call[0] for call in calls] == ["PUT"]


def test_a_complete_list_is_sent_also_after_a_truncated_one_with_the_same_variants() -> None:
    truncated = planned(product_saved(variant("1"), complete=False), known("1", "9"))
    complete = planned(product_saved(variant("1")), known("1", "9"))

    assert truncated.state != complete.state


def test_the_state_does_not_depend_on_the_known_variants() -> None:
    change = product_saved(variant("1"), variant("2"))

    assert planned(change).state == planned(change, known("1", "9")).state


def test_variants_of_a_product_that_may_not_exist_are_created() -> None:
    known_state = known("11")
    unsure = type(known_state)(known=False, variants=known_state.variants)

    assert sent(planned(FULL, unsure))[0][:2] == ("POST", "/v1/products")


def test_a_default_variant_has_the_fixed_id() -> None:
    assert row(product_saved(variant(default=True)))["variant_id"] == "no-variants"


def test_when_options_are_added_the_row_with_the_fixed_id_is_deleted() -> None:
    calls = sent(planned(product_saved(variant("11"), variant("12")), known("11:default")))

    assert [call[:2] for call in calls] == [
        ("POST", "/v1/batch/products"),
        ("DELETE", "/v1/products/1/no-variants"),
    ]


def test_another_default_variant_keeps_the_fixed_id() -> None:
    change = product_saved(variant("12", default=True))

    calls = sent(planned(change, known("11:default")))

    assert [call[:2] for call in calls] == [("PUT", "/v1/products/1/no-variants")]


@pytest.mark.parametrize("blank", ["", "   ", None])
def test_an_empty_value_gets_a_fallback_or_is_omitted(blank: str | None) -> None:
    change = product_saved(
        variant(sku=blank, color=blank, size=blank, photo=blank, link=blank, options={"A": " "}),
        name=blank or "",
        brand=blank,
        description=blank,
        photo=blank,
        link=blank,
        categories=tuple(part for part in (blank,) if part is not None),
        tags=tuple(part for part in (blank,) if part is not None),
    )

    assert row(change) == IDS | {
        "category_1": "uncategorised",
        "category_extra": {},
        "name": "Product 1",
        "price": 24.5,
        "available": True,
        "stock": 5,
        "extra": {},
        "photo_url": "https://acme.example/placeholder.png",
        "link": "https://acme.example/products/1",
    }


def test_a_variant_without_photo_and_link_has_those_of_the_product() -> None:
    found = row(product_saved(variant(), photo="https://p.example/1.jpg", link="https://l.example"))

    assert (found["photo_url"], found["link"]) == ("https://p.example/1.jpg", "https://l.example")


@pytest.mark.parametrize(
    ("own", "remembered", "expected"),
    [
        ({"stock": 3}, {}, 3),
        ({"stock": 3}, {"11": 0}, 0),
        ({"stock": 3}, {"11": None}, 9999),
        ({"stock": 3}, {"12": 0}, 3),
        ({"stock": None}, {}, 9999),
        ({"stock": -4}, {}, 0),
        ({"stock": 0, "stock_known": False}, {}, 0),
        ({"stock": None, "stock_known": False}, {}, 9999),
        ({"stock": 0, "stock_known": False}, {"11": None}, 9999),
        ({"stock": None, "stock_known": False}, {"11": 0}, 0),
    ],
)
def test_stock_is_the_newest_known_count(
    own: dict[str, Any], remembered: dict[str, int | None], expected: int
) -> None:
    known_state = type(NOTHING)(stock=remembered)

    assert row(product_saved(variant(**own)), known_state)["stock"] == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("24.505", "USD", b'"price":24.51'),
        ("24.504", "USD", b'"price":24.50'),
        ("2500", "JPY", b'"price":2500,'),
        ("2500.5", "JPY", b'"price":2501,'),
        # A dinar has three decimals and the document two; it is rounded once, not twice.
        ("1.0045", "KWD", b'"price":1.00,'),
        ("1.005", "KWD", b'"price":1.01,'),
    ],
)
def test_prices_are_rounded_to_the_decimals_of_currency_and_document(
    amount: str, currency: str, expected: bytes
) -> None:
    change = product_saved(variant(price=Money(Decimal(amount), currency)))

    assert expected in planned(change).calls[0].body


@pytest.mark.parametrize(("full", "discount"), [("25", "2%"), ("24.51", None), ("24.5", None)])
def test_a_discount_is_sent_in_whole_per_cent(full: str, discount: str | None) -> None:
    extra = row(product_saved(variant(full_price=usd(full))))["extra"]

    assert extra.get("discount") == discount


def test_an_unavailable_product_is_sent_as_unavailable() -> None:
    assert row(product_saved(variant(), available=False))["available"] is False


def test_ids_are_percent_encoded_in_paths() -> None:
    change = product_saved(variant("a b"), id="gid://shopify/Product/1")

    assert sent(planned(change, known("a b")))[0][:2] == (
        "PUT",
        "/v1/products/gid%3A%2F%2Fshopify%2FProduct%2F1/a%20b",
    )


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (product_saved(variant(), id=""), "$.product_id"),
        (product_saved(variant(price=usd("-1"))), "$.price"),
        (product_saved(variant(price=usd("NaN"))), "$.price"),
        (product_saved(variant(price=usd("1E+40"))), "$.price"),
        (product_saved(variant("")), "$.variant_id"),
    ],
)
def test_an_invalid_product_is_rejected_with_its_path(change: Any, path: str) -> None:
    with pytest.raises(NotExpressible) as error:
        planned(change)

    assert error.value.path == path


@pytest.mark.parametrize("dots", [".", ".."])
def test_an_id_that_would_change_the_path_is_rejected(dots: str) -> None:
    with pytest.raises(NotExpressible):
        planned(product_saved(variant(dots)), known(dots))


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_removed_product_is_deleted_with_all_its_variants(profile: Profile) -> None:
    change = ProductRemoved(entity=Entity(Kind.PRODUCT, "1"), version=VERSION)

    plan = planned(change, known("11", "12"), profile)

    assert sent(plan) == [("DELETE", "/v1/products/1", None)]
    assert plan.state == b"gone"


def stock(own: str, count: int | None, *, default: bool = False) -> StockChanged:
    entity = Entity(Kind.PRODUCT, "1")
    return StockChanged(entity=entity, at=AT, variant_id=own, default=default, stock=count)


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_stock_is_a_partial_update_that_leaves_no_state(profile: Profile) -> None:
    plan = planned(stock("11", 0), known("11"), profile)

    assert sent(plan) == [("PUT", "/v1/products/1/11", {"stock": 0})]
    assert plan.state == b""


def test_uncounted_stock_is_the_configured_number() -> None:
    plan = planned(stock("11", None, default=True), known("11:default"))

    assert sent(plan) == [("PUT", "/v1/products/1/no-variants", {"stock": 9999})]


def test_a_newer_stock_takes_precedence_over_the_changes() -> None:
    plan = planned(stock("11", 0), known("11", stock={"11": 4}))

    assert sent(plan)[0][2] == {"stock": 4}


def test_the_stock_of_an_unknown_variant_is_sent_with_its_row() -> None:
    plan = planned(stock("11", 0), known("11:default"))

    assert plan.calls == ()
    assert plan.counts == ("stock_of_unknown_variant",)


def test_a_product_without_any_variant_sends_nothing() -> None:
    plan = planned(product_saved(), profile=NEW)

    assert (plan.calls, plan.state) == ((), b"[true,[]]")
