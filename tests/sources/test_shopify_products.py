from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.errors import NotUnderstood
from shared.model.change import ProductRemoved, ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.money import Money
from shared.model.version import Version
from shared.sources.parsing.documents import read
from shared.sources.shopify.context import Fetched
from shared.sources.shopify.payloads import Product
from tests.sources.shop import (
    TRIGGERED,
    FakeStore,
    envelope,
    product,
    product_of,
    source,
    translate,
    variant,
)


def saved(**fields: Any) -> ProductSaved:
    (change,) = translate("products/update", product(**fields)).changes
    assert isinstance(change, ProductSaved)
    return change


def whole(count: int) -> dict[str, Any]:
    return product(variants=[variant(id=100 + index) for index in range(count)])


def fetched(body: dict[str, Any]) -> FakeStore:
    text = envelope("products/update", body).body
    return FakeStore(
        Fetched(
            product=read(text, Product), tracked={"31": True}, at="2026-11-21T09:30:00.000000000Z"
        )
    )


def test_a_product_is_saved_with_its_modified_time_and_the_trigger_as_tie() -> None:
    change = saved()

    assert change.entity == Entity(Kind.PRODUCT, "11")
    assert change.version == Version(
        "2026-11-20T13:00:00.000000000Z", "2026-11-20T13:01:00.000000000Z"
    )
    assert change.complete


def test_the_fields_of_a_product_are_mapped() -> None:
    found = saved().product

    assert found.id == "11"
    assert found.name == "Tee"
    assert found.description == "Soft."
    assert found.brand == "Acme"
    assert found.tags == ("summer", "sale")
    assert found.photo == "https://cdn.example/a.jpg?v=1"
    assert found.link == "https://demo-store.example/products/tee"


def test_the_fields_of_a_variant_are_mapped() -> None:
    (found,) = saved().product.variants

    assert found.id == "21"
    assert not found.default
    assert found.price == Money(Decimal("20.00"), "USD")
    assert found.full_price is None
    assert found.sku == "TEE-RM"
    assert found.title == "Red / M"
    assert (found.stock, found.stock_known) == (5, True)
    assert (found.color, found.size) == ("Red", "M")
    assert found.options == {"Color": "Red", "Size": "M"}
    assert found.photo == "https://cdn.example/a.jpg?v=1"
    assert found.link == "https://demo-store.example/products/tee?variant=21"


@pytest.mark.parametrize(
    ("status", "published_at", "available"),
    [
        ("active", "2026-01-01T00:00:00Z", True),
        (None, "2026-01-01T00:00:00Z", True),
        ("active", None, False),
        ("draft", "2026-01-01T00:00:00Z", False),
        ("archived", "2026-01-01T00:00:00Z", False),
        ("unlisted", "2026-01-01T00:00:00Z", False),
    ],
)
def test_only_active_and_published_products_are_available(
    status: str | None, published_at: str | None, *, available: bool
) -> None:
    assert saved(status=status, published_at=published_at).product.available is available


def test_a_body_without_a_status_counts_as_active() -> None:
    body = product()
    del body["status"]

    assert product_of(translate("products/update", body)).available


@pytest.mark.parametrize(
    ("category", "kind", "expected"),
    [
        ({"full_name": "Furniture > Benches"}, "Shirts", ("Furniture", "Benches")),
        ({"full_name": None}, "Shirts", ("Shirts",)),
        (None, " Shirts ", ("Shirts",)),
        (None, "", ()),
        (None, None, ()),
    ],
)
def test_categories_come_from_the_taxonomy_then_from_the_type(
    category: object, kind: str | None, expected: tuple[str, ...]
) -> None:
    assert saved(category=category, product_type=kind).product.categories == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("25.00", Money(Decimal("25.00"), "USD")),
        ("20.00", None),
        ("19.00", None),
        ("0.00", None),
        ("", None),
        (None, None),
    ],
)
def test_only_a_higher_compare_at_price_is_a_full_price(
    before: str | None, expected: Money | None
) -> None:
    (found,) = saved(variants=[variant(compare_at_price=before)]).product.variants

    assert found.full_price == expected


def test_a_single_variant_titled_default_represents_the_product() -> None:
    only = variant(title="Default Title", option1="Default Title", option2=None)
    (found,) = saved(variants=[only], options=[{"name": "Title"}]).product.variants

    assert found.default
    assert found.title is None
    assert found.options == {}
    assert found.link == "https://demo-store.example/products/tee"


def test_a_single_variant_with_the_default_option_represents_the_product() -> None:
    options = [{"name": "Title", "position": 1, "values": ["Default Title"]}]

    assert saved(variants=[variant(title="")], options=options).product.variants[0].default


def test_the_only_variant_of_a_product_with_options_is_not_the_default() -> None:
    assert not saved(variants=[variant(title="Red / M")]).product.variants[0].default


def test_one_of_two_variants_is_never_the_default() -> None:
    both = [variant(title="Default Title"), variant(id=22, title="Blue / M")]

    assert [one.default for one in saved(variants=both).product.variants] == [False, False]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"image_id": 42}, "https://cdn.example/b.jpg"),
        ({"id": 22}, "https://cdn.example/c.jpg"),
        ({"id": 23}, "https://cdn.example/d.jpg"),
        ({"image_id": 99}, "https://cdn.example/a.jpg"),
    ],
)
def test_the_picture_is_the_variants_own_or_the_products(
    fields: dict[str, Any], expected: str
) -> None:
    images = [
        {"id": 41, "src": "https://cdn.example/a.jpg", "variant_ids": []},
        {"id": 42, "src": "//cdn.example/b.jpg", "variant_ids": []},
        {"id": 43, "src": "https://cdn.example/c.jpg", "variant_ids": [22]},
    ]
    media = [{"variant_ids": [23], "preview_image": {"src": "https://cdn.example/d.jpg"}}]
    body = saved(variants=[variant(**fields)], images=images, image=images[0], media=media)

    assert body.product.variants[0].photo == expected


@pytest.mark.parametrize(
    ("image", "images", "expected"),
    [
        ({"src": "https://cdn.example/main.jpg"}, [{"src": "x"}], "https://cdn.example/main.jpg"),
        (None, [{"src": "https://cdn.example/first.jpg"}], "https://cdn.example/first.jpg"),
        (None, [], "https://cdn.example/film.jpg"),
    ],
)
def test_the_picture_of_a_product_is_its_main_image_then_the_first_then_media(
    image: object, images: list[object], expected: str
) -> None:
    media = [{"preview_image": None}, {"preview_image": {"src": "https://cdn.example/film.jpg"}}]

    assert saved(image=image, images=images, media=media).product.photo == expected


def test_a_product_without_pictures_has_none() -> None:
    found = saved(image=None, images=[], media=None).product

    assert found.photo is None
    assert found.variants[0].photo is None


def test_a_handle_in_another_script_is_escaped() -> None:
    assert saved(handle="чай").product.link == (
        "https://demo-store.example/products/%D1%87%D0%B0%D0%B9"
    )


def test_a_product_without_a_handle_has_no_link() -> None:
    found = saved(handle=None).product

    assert (found.link, found.variants[0].link) == (None, None)


def test_options_are_ordered_by_position() -> None:
    options = [{"name": "Size", "position": 2}, {"name": "Color", "position": 1}]

    assert saved(options=options).product.variants[0].options == {"Color": "Red", "Size": "M"}


def test_tags_may_be_a_list_and_contain_blanks() -> None:
    assert saved(tags=["a ", "", "b"]).product.tags == ("a", "b")
    assert saved(tags=" a,, b ,").product.tags == ("a", "b")
    assert saved(tags="").product.tags == ()


def test_a_delete_is_a_removal_at_the_trigger_time() -> None:
    found = translate("products/delete", {"id": 788032119674292922})

    entity = Entity(Kind.PRODUCT, "788032119674292922")
    assert found.changes == (ProductRemoved(entity=entity, version=Version(TRIGGERED, TRIGGERED)),)


@pytest.mark.parametrize("key", ["title", "handle", "published_at", "options", "variants"])
def test_a_trimmed_body_is_not_understood_without_a_token(key: str) -> None:
    body = {name: value for name, value in product().items() if name != key}

    with pytest.raises(NotUnderstood, match="include_fields") as caught:
        translate("products/update", body)

    assert caught.value.path == f"$.{key}"


def test_a_variant_without_a_price_is_not_understood_without_a_token() -> None:
    body = product(variants=[variant(), {"id": 22}])

    with pytest.raises(NotUnderstood) as caught:
        translate("products/update", body)

    assert caught.value.path == "$.variants[1].price"


def test_withheld_variants_are_not_treated_as_removed() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("products/update", product(variants=None, variant_gids=None))

    assert caught.value.path == "$.variants"


@pytest.mark.parametrize("odd", [None, False, [], {}])
def test_a_product_without_a_title_has_an_empty_name(odd: object) -> None:
    # Each destination that requires a name has a fallback.
    assert product_of(translate("products/update", product(title=odd))).name == ""


def test_a_product_without_a_price_in_the_store_is_not_understood() -> None:
    with pytest.raises(NotUnderstood) as caught:
        translate("products/update", {"id": 11}, store=fetched(product(variants=[{"id": 21}])))

    assert caught.value.path == "$.variants[0].price"


def test_a_trimmed_body_is_read_from_the_store() -> None:
    store = fetched(product(updated_at="2026-11-21T09:29:00Z"))

    found = translate(
        "products/update", {"id": 11, "updated_at": "2026-11-20T08:00:00Z"}, store=store
    )

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert store.queries == ["product 11 1000100.0"]
    assert change.product.name == "Tee"
    assert change.version == Version(
        "2026-11-21T09:29:00.000000000Z", "2026-11-21T09:30:00.000000000Z"
    )
    assert found.tracked == {"31": True}


def test_a_whole_body_does_not_query_the_store() -> None:
    store = fetched(product())

    translate("products/update", product(), store=store)

    assert store.queries == []


def test_a_product_that_the_store_no_longer_has_is_ignored() -> None:
    found = translate("products/update", {"id": 11}, store=FakeStore())

    assert found.ignored == "the product is no longer in the store"
    assert found.changes == ()


@pytest.mark.parametrize(("came", "named"), [(3, 4), (100, 250)])
def test_fewer_variants_than_listed_are_marked_as_incomplete(came: int, named: int) -> None:
    body = whole(came) | {"variant_gids": [{"admin_graphql_api_id": "x"}] * named}

    found = translate("products/update", body)

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert not change.complete
    assert len(change.product.variants) == came
    assert found.counts == ("variants_truncated",)


def test_a_full_page_of_variants_without_a_list_may_be_the_first_of_several() -> None:
    body = whole(100)
    del body["variant_gids"]

    assert translate("products/update", body).counts == ("variants_truncated",)


@pytest.mark.parametrize("count", [99, 100])
def test_as_many_variants_as_listed_are_complete(count: int) -> None:
    found = translate("products/update", whole(count))

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert change.complete
    assert found.counts == ()


def test_the_rest_of_the_variants_is_read_from_the_store() -> None:
    body = whole(100) | {"variant_gids": [{"admin_graphql_api_id": "x"}] * 101}

    found = translate("products/update", body, store=fetched(whole(101)))

    (change,) = found.changes
    assert isinstance(change, ProductSaved)
    assert change.complete
    assert len(change.product.variants) == 101
    assert found.counts == ()


def test_an_inventory_item_is_stored_and_ignored_without_a_token() -> None:
    found = translate("inventory_items/update", {"id": 31, "tracked": False})

    assert found.changes == ()
    assert found.ignored
    assert found.counts == ("inventory_without_token",)
    assert found.tracked == {"31": False}


def test_an_inventory_level_is_ignored_without_a_token() -> None:
    found = translate("inventory_levels/update", {"inventory_item_id": 31, "available": None})

    assert found.ignored
    assert found.counts == ("inventory_without_token",)
    assert found.tracked == {}


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("inventory_items/create", {"id": 31, "tracked": True}),
        ("inventory_levels/update", {"inventory_item_id": 31, "available": 2}),
    ],
)
def test_with_a_token_the_product_of_an_item_is_saved(topic: str, body: dict[str, Any]) -> None:
    store = fetched(product())

    found = translate(topic, body, store=store)

    assert store.queries == ["item 31 1000100.0"]
    assert product_of(found).id == "11"
    assert found.tracked == {"31": True}
    assert found.counts == ()


def test_an_item_without_a_product_is_ignored_but_stored() -> None:
    found = translate("inventory_items/update", {"id": 31, "tracked": True}, store=FakeStore())

    assert found.ignored == "the product is no longer in the store"
    assert found.tracked == {"31": True}


def test_the_same_body_has_the_same_translation_twice() -> None:
    webhook = envelope("products/update", product())
    found = source()

    assert found.translate(webhook, 0.0) == found.translate(webhook, 0.0)
