from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sources.parsing.urls import absolute
from tests.sources import shop, woo

BASE = "https://shop.example/blog"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://cdn.example/a b.jpg?v=1", "https://cdn.example/a b.jpg?v=1"),
        ("http://cdn.example/a.jpg", "http://cdn.example/a.jpg"),
        ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
        ("/wp-content/a.jpg", "https://shop.example/wp-content/a.jpg"),
        ("wp-content/a.jpg", "https://shop.example/blog/wp-content/a.jpg"),
        ("?p=7", "https://shop.example/blog/?p=7"),
        (" /a ", "https://shop.example/a"),
        ("data:image/gif;base64,R0lGOD", None),
        ("javascript:alert(1)", None),
        ("#", None),
        ("//[", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_absolute(url: str | None, expected: str | None) -> None:
    assert absolute(url, BASE) == expected


@given(st.text(max_size=20))
def test_any_address_is_absolute_or_none(url: str) -> None:
    found = absolute(url, BASE)

    assert found is None or found.lower().startswith(("https://", "http://"))


def test_relative_addresses_of_a_woocommerce_store_are_sent_with_its_address() -> None:
    body = woo.product(
        permalink="/product/tee/", images=[{"src": "data:,"}, {"src": "//cdn.example/tee.jpg"}]
    )

    product = woo.product_of(woo.translate("product.updated", body))

    assert product.link == product.variants[0].link == "https://demo-store.example/product/tee/"
    assert product.photo == product.variants[0].photo == "https://cdn.example/tee.jpg"


def test_relative_addresses_of_a_variation_are_sent_with_the_stores_address() -> None:
    one = woo.variation(permalink="/p/?v=21", image={"src": "/a.jpg"})
    store = woo.FakeStore(
        products={11: woo.variable()}, children={11: [one]}, tree={15: ("Top", None)}
    )

    [variant] = woo.product_of(
        woo.translate("product.updated", woo.variable(), store=store)
    ).variants

    assert variant.link == "https://demo-store.example/p/?v=21"
    assert variant.photo == "https://demo-store.example/a.jpg"


def test_relative_pictures_of_a_shopify_shop_are_sent_with_its_address() -> None:
    body = shop.product(image=None, images=[{"id": 41, "src": "/cdn/a.jpg", "variant_ids": [21]}])

    product = shop.product_of(shop.translate("products/update", body))

    assert product.photo == product.variants[0].photo == "https://demo-store.example/cdn/a.jpg"
