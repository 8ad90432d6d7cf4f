"""Simple products of WooCommerce, from their bodies."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.product import Product, Variant
from shared.model.version import Version
from tests.sources import woo
from tests.sources.woo import FakeStore

SAVES = ("product.created", "product.updated", "product.published", "product.restored")
TREE: dict[int, tuple[str, int | None]] = {
    15: ("Uncategorized", None),
    16: ("Bekleidung", None),
    17: ("Oberteile", 16),
    18: ("T-Shirts & Tops", 17),
}


def store(**fields: Any) -> FakeStore:
    return FakeStore(**{"tree": TREE, **fields})


def captured(number: int) -> Product:
    return woo.product_of(woo.translate(*woo.capture(number), store=store()))


def sole(product: Product) -> Variant:
    (variant,) = product.variants
    return variant


def invented(**fields: Any) -> Product:
    return woo.product_of(woo.translate("product.updated", woo.product(**fields), store=store()))


def version_of(number: int) -> Version:
    (change,) = woo.translate(*woo.capture(number), store=store()).changes
    assert isinstance(change, ProductSaved)
    return change.version


def test_a_simple_product_on_sale_is_mapped_whole() -> None:
    found = woo.translate(*woo.capture(32), store=store())

    page = "http://127.0.0.1:8088/product/gruner-tee-sencha-%f0%9f%8d%b5-grose-l-%e8%8c%b6-fett/"
    assert found.changes == (
        ProductSaved(
            entity=Entity(Kind.PRODUCT, "11"),
            version=Version("2026-11-21T06:43:57.000000000Z", woo.RECEIVED),
            product=Product(
                id="11",
                name="Grüner Tee „Sencha“ 🍵 \u2013 Größe L / 茶 & fett",
                available=True,
                description="Über Fein & frisch. 100 g alert(1) Bio",
                brand="Nordwind",
                categories=("Bekleidung", "Oberteile", "T-Shirts & Tops"),
                tags=("bio-1b7682",),
                photo=None,
                link=page,
                variants=(
                    Variant(
                        id="11",
                        default=True,
                        price=Money(Decimal("8.00"), "EUR"),
                        full_price=Money(Decimal("13.90"), "EUR"),
                        sku="TEE-1b7682",
                        stock=20,
                        link=page,
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize("topic", SAVES)
def test_created_updated_published_and_restored_are_one_upsert(topic: str) -> None:
    found = woo.translate(topic, woo.product(), store=store())

    assert found.changes == woo.translate("product.updated", woo.product(), store=store()).changes


def test_a_save_without_a_change_has_the_same_product() -> None:
    assert captured(37) == captured(38)


def test_the_body_of_a_simple_product_needs_no_product_query() -> None:
    fake_store = store()

    woo.translate("product.updated", woo.product(), store=fake_store)

    assert fake_store.queries == ["currency", "categories"]


@pytest.mark.parametrize(
    ("number", "price", "full"),
    [
        pytest.param(29, "13.90", None, id="no sale"),
        pytest.param(30, "9.99", "13.90", id="a sale without an end"),
        pytest.param(31, "13.90", None, id="a sale that is yet to come"),
        pytest.param(32, "8.00", "13.90", id="a sale with an end"),
        pytest.param(1049, "7", "10", id="a sale that began by itself"),
        pytest.param(1050, "10", None, id="a sale that ended, its price left in the document"),
        pytest.param(91, "1000.00", None, id="a thousand"),
    ],
)
def test_the_price_is_the_one_to_pay_now(number: int, price: str, full: str | None) -> None:
    variant = sole(captured(number))

    assert variant.price == Money(Decimal(price), "EUR")
    assert variant.full_price == (Money(Decimal(full), "EUR") if full else None)


@pytest.mark.parametrize("number", [40, 87], ids=["emptied", "never given"])
def test_a_product_without_a_price_is_not_for_sale_and_never_free(number: int) -> None:
    product = captured(number)

    assert product.variants == ()
    assert product.available is False


def test_a_product_that_is_free_has_a_price() -> None:
    product = invented(price="0", regular_price="0")

    assert sole(product).price == Money(Decimal(0), "EUR")
    assert product.available is True


def test_a_regular_price_is_mapped_only_during_a_sale() -> None:
    # Plugins lower the price for some customers; the shop does not show that as a sale.
    assert sole(invented(price="5", regular_price="9", on_sale=False)).full_price is None


def test_a_regular_price_that_is_no_higher_is_no_sale() -> None:
    assert sole(invented(price="5", regular_price="5", on_sale=True)).full_price is None


@pytest.mark.parametrize(
    ("number", "stock"),
    [
        pytest.param(33, 3, id="counted"),
        pytest.param(34, 0, id="none left"),
        pytest.param(35, None, id="minus two, to be ordered"),
        pytest.param(36, None, id="not counted, to be ordered"),
        pytest.param(37, None, id="not counted, in stock"),
        pytest.param(530, 0, id="not counted, out of stock"),
        pytest.param(378, 0, id="sold out by an order"),
        pytest.param(343, 11, id="given back by a refund"),
    ],
)
def test_the_stock_status_decides_the_stock(number: int, stock: int | None) -> None:
    assert sole(captured(number)).stock == stock


@pytest.mark.parametrize(
    ("fields", "stock"),
    [
        pytest.param({"stock_quantity": 2.5, "manage_stock": True}, 2, id="2.5 is cut down"),
        pytest.param({"stock_quantity": 0.5, "manage_stock": True}, None, id="half of one sells"),
        pytest.param({"stock_quantity": "4", "manage_stock": True}, 4, id="a count as text"),
        pytest.param({"stock_quantity": 7, "manage_stock": False}, None, id="no longer counted"),
        pytest.param({"stock_quantity": 0, "manage_stock": True}, None, id="in stock with none"),
        pytest.param(
            {"stock_quantity": 7, "manage_stock": True, "stock_status": "outofstock"},
            0,
            id="out of stock with seven",
        ),
        pytest.param(
            {"stock_quantity": 7, "manage_stock": True, "stock_status": "onbackorder"},
            None,
            id="to be ordered with seven",
        ),
        pytest.param(
            {"stock_quantity": 7, "manage_stock": True, "stock_status": "lowstock"},
            7,
            id="a plugin's status sells",
        ),
    ],
)
def test_a_count_is_mapped_where_it_is_valid(fields: dict[str, Any], stock: int | None) -> None:
    assert sole(invented(**fields)).stock == stock


@pytest.mark.parametrize(
    ("number", "available"),
    [
        pytest.param(42, False, id="draft"),
        pytest.param(44, True, id="published"),
        pytest.param(45, False, id="private"),
        pytest.param(46, False, id="pending"),
        pytest.param(49, False, id="scheduled"),
        pytest.param(39, False, id="hidden from the catalogue"),
        pytest.param(54, False, id="behind a password"),
        pytest.param(83, True, id="external, never purchasable here"),
        pytest.param(85, True, id="grouped, never purchasable itself"),
        pytest.param(79, True, id="virtual"),
        pytest.param(81, True, id="downloadable"),
        pytest.param(92, False, id="duplicated"),
        pytest.param(1032, False, id="created as a draft"),
        pytest.param(1035, True, id="created once more when it was published"),
        pytest.param(34, True, id="sold out, which is in the stock"),
        pytest.param(596, True, id="scheduled, and its time came"),
    ],
)
def test_products_that_the_shop_offers_are_available(number: int, available: bool) -> None:  # noqa: FBT001 - a table
    product = captured(number)

    assert product.available is available
    assert len(product.variants) == 1


def test_a_simple_product_that_is_not_purchasable_is_not_available() -> None:
    assert invented(purchasable=False).available is False


@pytest.mark.parametrize("visibility", ["search", "catalog"])
def test_a_product_that_is_visible_somewhere_is_available(visibility: str) -> None:
    assert invented(catalog_visibility=visibility).available is True


@pytest.mark.parametrize("number", [75, 1004], ids=["product.updated", "product.created"])
def test_a_body_in_the_trash_removes_the_product_under_any_topic(number: int) -> None:
    found = woo.translate(*woo.capture(number), store=store())

    (change,) = found.changes
    assert isinstance(change, ProductRemoved)
    assert change.version.tie == woo.RECEIVED
    assert change.version.modified < woo.RECEIVED
    assert found.counts == ()


def test_a_missing_name_is_the_stores_default() -> None:
    assert captured(87).name == "Product"


def test_a_long_name_is_not_truncated() -> None:
    assert captured(89).name == "X" * 300


def test_a_name_with_only_tags_is_empty() -> None:
    assert invented(name="<b></b>").name == ""


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"description": "<p>Long.</p>", "short_description": "Short."}, "Long."),
        ({"description": "<p> </p>", "short_description": "<p>A &amp; B</p>"}, "A & B"),
        ({"description": "", "short_description": ""}, None),
    ],
)
def test_a_description_is_plain_text_and_the_short_one_is_the_fallback(
    fields: dict[str, Any], description: str | None
) -> None:
    assert invented(**fields).description == description


def test_the_first_picture_is_the_main_one() -> None:
    product = captured(736)

    assert product.photo == "http://127.0.0.1:8088/wp-content/uploads/2026/11/rot.jpg"
    assert sole(product).photo == product.photo


def test_names_of_brands_and_tags_are_plain_text_and_blank_ones_omitted() -> None:
    terms = [{"id": 1, "name": ""}, {"id": 2, "name": "Nord &amp; Wind"}, {"id": 3, "name": "Eis"}]

    product = invented(brands=terms, tags=terms)

    assert product.brand == "Nord & Wind"
    assert product.tags == ("Nord & Wind", "Eis")


def attribute(name: str, slug: str, *options: str) -> dict[str, Any]:
    return {"id": 1, "name": name, "slug": slug, "variation": False, "options": list(options)}


@pytest.mark.parametrize(
    ("attributes", "color", "size"),
    [
        pytest.param([attribute("Farbe", "Farbe", "Rot")], "Rot", None, id="custom"),
        pytest.param([attribute("Ton", "pa_color", "Rot")], "Rot", None, id="global, by its slug"),
        pytest.param(
            [attribute("Тон", "pa_%d1%86%d0%b2%d0%b5%d1%82", "Красный")],
            "Красный",
            None,
            id="a percent-encoded slug",
        ),
        pytest.param([attribute("Größe", "Größe", "M")], None, "M", id="size"),
        pytest.param([attribute("Farbe", "pa_farbe", "Rot", "Blau")], None, None, id="a choice"),
        pytest.param([attribute("Stoff", "Stoff", "Rot")], None, None, id="neither"),
        pytest.param(
            [attribute("Farbe", "Farbe", "Rosa &amp; Rot")], "Rosa & Rot", None, id="escaped"
        ),
    ],
)
def test_an_attribute_with_one_option_is_the_colour_or_size(
    attributes: list[dict[str, Any]], color: str | None, size: str | None
) -> None:
    variant = sole(invented(attributes=attributes))

    assert (variant.color, variant.size) == (color, size)
    assert variant.options == {}


def test_the_merchant_names_attributes_of_their_own() -> None:
    body = woo.product(
        attributes=[
            attribute("Farbe", "pa_farbe", "Bunt"),
            attribute("Oberfläche", "pa_lack", "Rot"),
            attribute("Weite", "Weite", "38"),
        ]
    )

    found = woo.translate(
        "product.updated",
        body,
        store=store(),
        color_attributes=("lack",),
        size_attributes=("Weite",),
    )

    variant = sole(woo.product_of(found))
    assert (variant.color, variant.size) == ("Rot", "38")


@pytest.mark.parametrize("number", [699, 702], ids=["wc/v1", "wc/v2"])
def test_an_older_shape_is_read_from_the_store(number: int) -> None:
    now = woo.product(id=125, price="5.00")
    fake_store = store(products={125: now})

    found = woo.translate(*woo.capture(number), store=fake_store)

    assert sole(woo.product_of(found)).price == Money(Decimal("5.00"), "EUR")
    assert fake_store.queries[0] == "product 125"


@pytest.mark.parametrize("number", [699, 702], ids=["wc/v1", "wc/v2"])
def test_an_older_shape_without_a_consumer_key_is_not_understood(number: int) -> None:
    assert woo.failure(*woo.capture(number)) == "$.stock_status"


def test_the_error_for_a_trimmed_body_names_the_missing_key() -> None:
    body = woo.product()
    del body["categories"]

    assert woo.failure("product.updated", body) == "$.categories"


def test_the_error_for_an_invalid_price_names_its_path() -> None:
    assert woo.failure("product.updated", woo.product(price="12,50 EUR")) == "$.price"


def test_a_product_of_a_plugins_type_is_mapped_from_its_body() -> None:
    product = invented(type="bundle", price="49.00")

    assert sole(product).price == Money(Decimal("49.00"), "EUR")
    assert sole(product).default is True


def test_two_states_of_one_second_are_ordered_by_their_receipt() -> None:
    # 0048 and 0047: one publication, sent twice within the second.
    assert version_of(47).modified == version_of(48).modified
    body = woo.product()
    ties = [
        woo.source(store=store())
        .translate(woo.envelope("product.updated", body, received), woo.DEADLINE)
        .changes[0]
        for received in ("2026-11-21T09:00:01.000000000Z", "2026-11-21T09:00:01.500000000Z")
    ]

    first, second = ties
    assert isinstance(first, ProductSaved)
    assert isinstance(second, ProductSaved)
    assert first.version < second.version


@pytest.mark.parametrize("number", [595, 596], ids=["created", "published"])
def test_a_scheduled_product_is_no_newer_than_its_webhook(number: int) -> None:
    # Its date_modified_gmt is the day of its publication, months ahead.
    assert version_of(number) == Version(woo.RECEIVED, woo.RECEIVED)


def test_an_edit_of_a_product_that_is_scheduled_for_tonight_is_newer() -> None:
    tonight = woo.product(status="future", date_modified_gmt="2026-11-21T20:00:00")
    edited = woo.product(status="future", date_modified_gmt="2026-11-21T09:30:00")
    later = woo.envelope("product.updated", edited, "2026-11-21T09:30:40.000000000Z")

    (scheduled,) = woo.translate("product.created", tonight, store=store()).changes
    (change,) = woo.source(store=store()).translate(later, woo.DEADLINE).changes

    assert isinstance(scheduled, ProductSaved)
    assert isinstance(change, ProductSaved)
    assert scheduled.version < change.version


def test_the_currency_is_the_stores_and_cached_for_six_hours() -> None:
    fake_ports, fake_store = woo.ports(), store(money="SEK")

    for after, times in ((0.0, 1), (6 * 3600.0 - 1, 1), (1.0, 2)):
        fake_ports.time += after
        found = woo.translate("product.updated", woo.product(), fake_ports, fake_store)
        assert sole(woo.product_of(found)).price.currency == "SEK"
        assert fake_store.queries.count("currency") == times


def test_without_a_consumer_key_the_merchants_currency_is_used() -> None:
    found = woo.translate("product.updated", woo.product())

    assert sole(woo.product_of(found)).price.currency == "USD"
