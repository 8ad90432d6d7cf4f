"""Variable products of WooCommerce and their variations: assembled from the store."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from shared.errors import StoreUnavailable
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.product import Product, Variant
from shared.model.version import Version
from shared.sources.contract import Translated
from tests.sources import woo
from tests.sources.shop import FakePorts
from tests.sources.woo import FakeStore

QUERIED_AT = Version.at(woo.QUERIED_AT)
PRODUCT = Entity(Kind.PRODUCT, "11")


def store(*variations: dict[str, Any], **parent: Any) -> FakeStore:
    return FakeStore(
        products={11: woo.variable(**parent)},
        children={11: list(variations)},
        tree={15: ("Uncategorized", None)},
    )


def assembled(fake_store: FakeStore, fake_ports: FakePorts | None = None, **shop: Any) -> Product:
    body = woo.product(id=21, parent_id=11, type="variation")
    return woo.product_of(woo.translate("product.updated", body, fake_ports, fake_store, **shop))


def of_capture(number: int, parent: int, *variations: Any, **fields: Any) -> Translated:
    fake_store = FakeStore(
        products={parent: woo.variable(id=parent, **fields)}, children={parent: list(variations)}
    )
    return woo.translate(*woo.capture(number), store=fake_store)


def test_a_variable_product_is_saved_with_all_its_variations() -> None:
    red = woo.variation(
        id=21,
        price="15.00",
        on_sale=True,
        manage_stock=True,
        stock_quantity=4,
        image={"id": 5, "src": "https://demo-store.example/rot.jpg"},
    )
    large = woo.variation(
        id=22, attributes=[{"id": 0, "name": "Größe", "slug": "grose", "option": "L"}]
    )

    found = woo.translate(
        "product.updated",
        woo.variable(price="1.00"),
        store=store(red, large, images=[{"src": "https://demo-store.example/tee.jpg"}]),
    )

    page = "https://demo-store.example/product/tee/"
    assert found.changes == (
        ProductSaved(
            entity=PRODUCT,
            version=QUERIED_AT,
            product=Product(
                id="11",
                name="Tee",
                available=True,
                description="Soft.",
                categories=("Uncategorized",),
                photo="https://demo-store.example/tee.jpg",
                link=page,
                variants=(
                    Variant(
                        id="21",
                        default=False,
                        price=Money(Decimal("15.00"), "EUR"),
                        full_price=Money(Decimal("20.00"), "EUR"),
                        sku="TEE-21",
                        title="Rot / M",
                        stock=4,
                        color="Rot",
                        size="M",
                        options={"Farbe": "Rot", "Größe": "M"},
                        photo="https://demo-store.example/rot.jpg",
                        link=f"{page}?variation=21",
                    ),
                    Variant(
                        id="22",
                        default=False,
                        price=Money(Decimal("20.00"), "EUR"),
                        sku="TEE-22",
                        title="L",
                        size="L",
                        options={"Größe": "L"},
                        photo="https://demo-store.example/tee.jpg",
                        link=f"{page}?variation=22",
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize(
    "number",
    [96, 143, 144, 145, 146, 148, 209],
    ids=["new", "price", "sale", "sold out", "disabled", "enabled", "restored"],
)
def test_a_variation_is_only_a_hint_that_its_product_changed(number: int) -> None:
    found = of_capture(number, 24, woo.variation(id=25, price="34.90"))

    product = woo.product_of(found)
    assert product.id == "24"
    assert [(one.id, one.price.amount) for one in product.variants] == [("25", Decimal("34.90"))]


@pytest.mark.parametrize("number", [94, 149, 158, 276, 304, 979])
def test_the_body_of_a_variable_product_is_only_a_hint(number: int) -> None:
    # 94: none yet; 149: renamed; 158: an option removed; 276: restored; 304: a global attribute;
    # 979: 120 variations.
    name = {94: 24, 149: 24, 158: 24, 276: 24, 304: 49, 979: 140}[number]

    product = woo.product_of(of_capture(number, name, woo.variation(), name="Newer"))

    assert (product.id, product.name) == (str(name), "Newer")
    assert [one.id for one in product.variants] == ["21"]


def test_a_late_body_of_the_product_is_not_mixed_with_current_variations() -> None:
    fake_store = store(woo.variation(), name="New name", status="private")

    late = woo.variable(name="Old name", date_modified_gmt="2026-11-19T08:00:00")
    product = woo.product_of(woo.translate("product.updated", late, store=fake_store))

    assert (product.name, product.available) == ("New name", False)
    assert fake_store.queries == ["product 11", "variations 11", "currency", "categories"]


def test_the_list_of_ids_in_the_product_is_not_used() -> None:
    # wc/v3 still answered [50] for product 49 when it had 51 again.
    documents = {one["id"]: one for one in woo.rest("products__page1")}
    fake_store = FakeStore(products=documents, children={49: woo.rest("products__49__variations")})

    product = woo.product_of(woo.translate(*woo.capture(306), store=fake_store))

    assert documents[49]["variations"] == [50]
    assert sorted(one.id for one in product.variants) == ["50", "51"]
    assert {one.title: one.color for one in product.variants} == {"Blau": "Blau", "Rot": "Rot"}


def test_a_product_with_120_variations_has_them_all() -> None:
    topic, body = woo.capture(979)
    names = woo.json_of(body)["variations"]
    fake_store = FakeStore(
        {140: woo.variable(id=140)}, {140: [woo.variation(id=one) for one in names]}
    )

    product = woo.product_of(woo.translate(topic, body, store=fake_store))

    assert [one.id for one in product.variants] == [str(one) for one in range(141, 261)]


@pytest.mark.parametrize(
    "hidden",
    [{"status": "private"}, {"price": "", "regular_price": ""}, {"status": "draft"}],
    ids=["disabled", "without a price", "draft"],
)
def test_a_variation_that_the_page_does_not_offer_is_omitted(hidden: dict[str, Any]) -> None:
    product = assembled(store(woo.variation(id=21, **hidden), woo.variation(id=22)))

    assert [one.id for one in product.variants] == ["22"]
    assert product.available is True


def test_a_product_whose_variations_are_all_hidden_is_not_available() -> None:
    product = assembled(store(woo.variation(price="", regular_price="")))

    assert product.variants == ()
    assert product.available is False


def test_a_free_variation_is_free() -> None:
    (variant,) = assembled(store(woo.variation(price="0", regular_price="0"))).variants

    assert variant.price == Money(Decimal(0), "EUR")


def test_a_variable_product_is_never_purchasable_itself() -> None:
    assert assembled(store(woo.variation(), purchasable=False)).available is True


@pytest.mark.parametrize(
    "hidden",
    [{"status": "draft"}, {"catalog_visibility": "hidden"}, {"post_password": "geheim"}],
    ids=["draft", "hidden", "password"],
)
def test_a_hidden_product_hides_its_variations(hidden: dict[str, Any]) -> None:
    product = assembled(store(woo.variation(), **hidden))

    assert len(product.variants) == 1
    assert product.available is False


@pytest.mark.parametrize(
    ("fields", "stock"),
    [
        ({"manage_stock": "parent", "stock_quantity": 77}, 77),
        ({"manage_stock": True, "stock_quantity": 4}, 4),
        ({"manage_stock": True, "stock_quantity": 0, "stock_status": "outofstock"}, 0),
        ({"manage_stock": False, "stock_quantity": None}, None),
        ({"manage_stock": "parent", "stock_quantity": -2, "stock_status": "onbackorder"}, None),
        ({"purchasable": False, "manage_stock": True, "stock_quantity": 4}, 0),
    ],
    ids=["parent's count", "own count", "none left", "not counted", "to be ordered", "withheld"],
)
def test_a_variation_has_its_own_stock_or_its_parents(
    fields: dict[str, Any], stock: int | None
) -> None:
    (variant,) = assembled(store(woo.variation(**fields))).variants

    assert variant.stock == stock


def test_the_parents_count_of_a_real_variation_is_read() -> None:
    topic, body = woo.capture(207)
    # The variation as the webhook has it is what `products/<id>/variations` has.
    fake_store = store()
    fake_store.children = {24: [woo.json_of(body)]}
    fake_store.products = {24: woo.variable(id=24)}

    (variant,) = woo.product_of(woo.translate(topic, body, store=fake_store)).variants

    assert variant.stock == 77
    assert (variant.title, variant.color, variant.size) == ("Grün / XL / Regular", "Grün", "XL")
    assert variant.link == (
        "http://127.0.0.1:8088/product/hemd-b0626f/"
        "?attribute_farbe=Gr%C3%BCn&attribute_grose=XL&attribute_schnitt=Regular"
    )


def test_open_attributes_of_a_variation_are_omitted() -> None:
    topic, body = woo.capture(98)
    fake_store = FakeStore(products={24: woo.variable(id=24)}, children={24: [woo.json_of(body)]})

    (variant,) = woo.product_of(woo.translate(topic, body, store=fake_store)).variants

    assert variant.options == {"Farbe": "Blau", "Größe": "M"}
    assert variant.title == "Blau / M"


def test_names_and_options_are_plain_text() -> None:
    attributes = [{"id": 1, "name": "Farbe &amp; Ton", "slug": "pa_f", "option": "Rot &amp; Blau"}]

    (variant,) = assembled(store(woo.variation(attributes=attributes))).variants

    assert variant.options == {"Farbe & Ton": "Rot & Blau"}
    assert (variant.title, variant.color) == ("Rot & Blau", "Rot & Blau")


def test_a_variation_with_only_open_attributes_has_no_title() -> None:
    (variant,) = assembled(store(woo.variation(attributes=[]))).variants

    assert (variant.title, variant.options, variant.color, variant.size) == (None, {}, None, None)


def test_fixed_attributes_of_the_product_apply_to_each_variation() -> None:
    size = {"id": 0, "name": "Größe", "slug": "grose", "option": "M"}
    shared = [
        {"id": 1, "name": "Farbe", "slug": "pa_farbe", "variation": False, "options": ["Blau"]}
    ]

    (variant,) = assembled(store(woo.variation(attributes=[size]), attributes=shared)).variants

    assert (variant.color, variant.size) == ("Blau", "M")
    assert variant.options == {"Größe": "M"}


def test_a_variations_own_colour_comes_before_the_products() -> None:
    own = {"id": 2, "name": "Druck", "slug": "pa_color", "option": "Rot"}
    shared = [
        {"id": 1, "name": "Stoff", "slug": "pa_color", "variation": False, "options": ["Blau"]}
    ]

    (variant,) = assembled(store(woo.variation(attributes=[own]), attributes=shared)).variants

    assert variant.color == "Rot"


@pytest.mark.parametrize(
    "body",
    [
        woo.product(id=21, parent_id=11, type="subscription_variation"),
        woo.variable(type="variable-subscription", variations=[]),
        woo.variable(type="configured", variations=[21]),
    ],
    ids=["variation", "product", "of a type that has variations"],
)
def test_a_plugins_variable_type_is_assembled_too(body: dict[str, Any]) -> None:
    fake_store = store(woo.variation(), type="variable-subscription")

    product = woo.product_of(woo.translate("product.updated", body, store=fake_store))

    assert [one.id for one in product.variants] == ["21"]
    assert product.variants[0].default is False


def test_a_variation_of_a_now_simple_product_saves_the_simple_product() -> None:
    fake_store = FakeStore(products={11: woo.product(price="3.00")})

    (variant,) = assembled(fake_store).variants

    assert (variant.default, variant.price.amount) == (True, Decimal("3.00"))
    assert "variations 11" not in fake_store.queries


def test_a_variation_of_a_deleted_product_removes_the_product() -> None:
    found = woo.translate(
        "product.updated",
        woo.product(id=21, parent_id=11, type="variation"),
        woo.ports(sent=frozenset({PRODUCT})),
        FakeStore(),
    )

    assert found.changes == (ProductRemoved(entity=PRODUCT, version=woo.REMOVED),)


def test_a_variation_of_a_trashed_product_removes_the_product() -> None:
    found = woo.translate(
        "product.updated",
        woo.product(id=21, parent_id=11, type="variation"),
        store=store(woo.variation(), status="trash"),
    )

    assert found.changes == (ProductRemoved(entity=PRODUCT, version=QUERIED_AT),)


def test_a_trashed_body_of_a_variable_product_queries_the_store() -> None:
    found = woo.translate(
        "product.updated", woo.variable(status="trash"), store=store(woo.variation())
    )

    assert [one.id for one in woo.product_of(found).variants] == ["21"]


@pytest.mark.parametrize("parent", [{}, {"type": "variation", "parent_id": 5}])
def test_a_variation_without_a_product_is_ignored(parent: dict[str, Any]) -> None:
    body = woo.product(id=21, type="variation", parent_id=11 if parent else 0)

    found = woo.translate("product.updated", body, store=store(**parent))

    assert found.changes == ()
    assert found.ignored == "a variation without a product is not for sale"


@pytest.mark.parametrize(
    ("number", "path"), [(143, "$.parent_id"), (149, "$.variations"), (209, "$.parent_id")]
)
def test_without_a_consumer_key_neither_is_translated(number: int, path: str) -> None:
    assert woo.failure(*woo.capture(number)) == path


def test_a_store_without_a_response_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        woo.translate("product.updated", woo.variable(), store=FakeStore(down=True))


def test_a_removed_variation_makes_a_newer_version_of_the_product() -> None:
    # Trashing a variation does not change its product's date_modified_gmt.
    old, new = woo.variation(), woo.variation(id=22, date_modified_gmt="2026-11-20T09:00:00")
    fake_ports = woo.ports()

    (both,) = woo.translate("product.updated", woo.variable(), fake_ports, store(old, new)).changes
    fake_ports.time += 1
    (one,) = woo.translate("product.deleted", {"id": 11}, fake_ports, store(old)).changes

    assert isinstance(both, ProductSaved)
    assert isinstance(one, ProductSaved)
    assert both.version < one.version


def test_the_product_of_a_variation_is_stored_once() -> None:
    fake_ports = woo.ports()
    variations = (woo.variation(), woo.variation(id=22, status="private"))

    assembled(store(*variations), fake_ports)

    remembered = {
        name: fact for name, (fact, _) in fake_ports.facts.items() if "variation:" in name
    }
    assert remembered == {"woocommerce:variation:21": "11", "woocommerce:variation:22": "11"}
    assert {until for name, (_, until) in fake_ports.facts.items() if "variation:" in name} == {
        float("inf")
    }
    written: list[tuple[Mapping[str, str], float | None]] = []

    class Watched(FakePorts):
        def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
            written.append((facts, seconds))

    fake_ports.facts.pop("woocommerce:variation:22")
    assembled(store(*variations), Watched(time=woo.NOW, facts=fake_ports.facts))
    assert written == [({"woocommerce:variation:22": "11"}, None)]
