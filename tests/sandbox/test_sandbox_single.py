"""Create, update and delete one object; the result depends on what exists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, banner, modern, order, product, user

CREATED: dict[str, Any] = {
    "products": product(),
    "users": user(),
    "orders": order(),
    "banners": banner(),
}


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("products", "p1 already exists"),
        ("users", "u1 already exists"),
        ("orders", "o1 already exists"),
        ("banners", "b1 already exists"),
    ],
)
def test_2018_rejects_the_create_of_an_existing_id_without_a_violation(
    old: Client, path: str, error: str
) -> None:
    old.call("POST", path, CREATED[path])
    response = old.call("POST", path, CREATED[path])

    assert (response.status_code, response.json()) == (400, {"error": error})
    assert old.violation_texts == []
    assert [call["applied"] for call in old.box.calls()] == [True, False]


@pytest.mark.parametrize(
    ("path", "part", "error"),
    [
        ("products/p1/v1", {"stock": 1}, "Product not found"),
        ("users/u1", {"title": "Ms"}, "User not found"),
        ("orders/o1", {"order_status": "cancelled"}, "Order not found"),
        ("banners/b1", {"link": "/new"}, "Banner not found"),
    ],
)
def test_an_unknown_id_can_be_neither_updated_nor_deleted(
    old: Client, path: str, part: dict[str, Any], error: str
) -> None:
    for response in (old.call("PUT", path, part), old.call("DELETE", path)):
        assert (response.status_code, response.json()) == (404, {"error": error})
    assert old.violation_texts == []
    assert old.state["applied"] == 0


@pytest.mark.parametrize(
    ("path", "part", "kind"),
    [
        ("users/u1", {"profile": {"location": "Lima"}}, "users"),
        ("banners/b1", {"link": "/new"}, "banners"),
        ("orders/o1", {"order_status": "cancelled"}, "orders"),
    ],
)
def test_an_update_changes_the_given_fields_and_a_delete_removes_the_row(
    old: Client, path: str, part: dict[str, Any], kind: str
) -> None:
    old.call("POST", kind, CREATED[kind])
    name = path.rpartition("/")[2]

    assert (old.call("PUT", path, part).status_code, old.violation_texts) == (204, [])
    assert old.state[kind][name] == CREATED[kind] | part
    assert old.call("DELETE", path).status_code == 204
    assert old.state[kind] == {}
    assert old.state["applied"] == 3


def test_an_update_of_one_variant_keeps_the_others(old: Client) -> None:
    old.call("POST", "products", product())
    old.call("POST", "products", product(variant_id="v2"))

    assert old.call("PUT", "products/p1/v2", {"stock": 0, "available": False}).status_code == 204
    assert old.state["products"]["p1"] == {
        "v1": product(),
        "v2": product(variant_id="v2", stock=0, available=False),
    }


def test_a_variant_is_deleted_alone_and_a_product_with_all_of_them(old: Client) -> None:
    for variant in ("v1", "v2", "v3"):
        old.call("POST", "products", product(variant_id=variant))

    assert old.call("DELETE", "products/p1/v2").status_code == 204
    assert sorted(old.state["products"]["p1"]) == ["v1", "v3"]
    assert old.call("DELETE", "products/p1/v2").status_code == 404
    assert old.call("DELETE", "products/p1").status_code == 204
    assert old.state["products"] == {}


def test_a_product_without_variants_is_removed(old: Client) -> None:
    old.call("POST", "products", product())
    old.call("DELETE", "products/p1/v1")

    assert old.state["products"] == {}
    assert old.call("DELETE", "products/p1").status_code == 404


@pytest.mark.parametrize(
    ("path", "part", "wrong"),
    [
        ("products/p1/v1", {"product_id": "p1", "stock": 1}, "unknown field product_id"),
        ("products/p1/v1", {"price": "1"}, "price: must be a number"),
        ("products/p1/v1", {}, "nothing to update"),
        ("users/u1", {"user_id": "u1"}, "unknown field user_id"),
        ("users/u1", {"first_name": ""}, "first_name: empty string"),
        (
            "users/A%40b.c",
            {"title": "Mr"},
            "user_id: an e-mail address must be trimmed and lower-case",
        ),
        ("orders/o1", {"order_status": "completed", "cart": []}, "unknown field cart"),
        ("orders/o1", {}, "Please specify a order_status"),
    ],
)
def test_an_invalid_update_is_rejected(
    old: Client, path: str, part: dict[str, Any], wrong: str
) -> None:
    assert old.call("PUT", path, part).status_code == 400
    assert old.violation_texts == [wrong]


def test_an_order_is_completed_by_default_and_can_change_back(old: Client) -> None:
    old.call("POST", "orders", order())

    assert old.state["orders"]["o1"]["order_status"] == "completed"
    old.call("PUT", "orders/o1", {"order_status": "cancelled"})
    assert old.state["orders"]["o1"]["order_status"] == "cancelled"
    old.call("PUT", "orders/o1", {"order_status": "completed"})
    assert old.state["orders"]["o1"]["order_status"] == "completed"


def test_2021_updates_on_a_repeated_create(new: Client) -> None:
    kind = {"category_id": "c1", "name": "Lamps"}
    for row, again in (
        (modern(brand="Lumen"), modern(stock=0)),
        (user(title="Ms"), user(first_name="Anna")),
        (kind, {**kind, "link": "/lamps"}),
    ):
        path = {"p": "products", "u": "users", "c": "categories"}[next(iter(row.values()))[0]]
        assert new.call("POST", path, row).status_code == 201
        assert new.call("POST", path, again).status_code == 201

    assert new.state["products"]["p1"]["v1"] == modern(brand="Lumen", stock=0)
    assert new.state["users"]["u1"] == user(title="Ms", first_name="Anna")
    assert new.state["categories"]["c1"] == {**kind, "link": "/lamps"}


def test_2021_replaces_an_order_as_a_whole(new: Client) -> None:
    new.call("POST", "orders", order(order_status="cancelled"))

    assert new.call("POST", "orders", order(cart=[])).status_code == 201
    assert new.state["orders"]["o1"] == order(cart=[], order_status="completed")


def test_2021_cancels_at_the_status_path_of_an_order(new: Client) -> None:
    new.call("POST", "orders", order())
    part = {"order_status": "cancelled"}

    assert new.call("PATCH", "orders/o1/status", part).status_code == 204
    assert new.state["orders"]["o1"]["order_status"] == "cancelled"
    assert new.call("PATCH", "orders/o2/status", part).status_code == 404
    assert new.call("DELETE", "orders/o1").status_code == 204


def test_2021_updates_and_deletes_only_existing_ids_by_path(new: Client) -> None:
    new.call("POST", "categories", {"category_id": "c1", "name": "Lamps"})

    assert new.call("PUT", "categories/c1", {"name": "Lights"}).status_code == 204
    assert new.state["categories"]["c1"]["name"] == "Lights"
    assert new.call("PUT", "categories/c2", {"name": "Lights"}).status_code == 404
    assert new.call("PUT", "products/p1/v1", {"stock": 1}).status_code == 404
    assert new.call("DELETE", "categories/c1").status_code == 204
    assert new.call("DELETE", "categories/c1").json() == {"error": "Category not found"}


def test_the_overview_lists_and_counts(new: Client) -> None:
    new.call("POST", "products", modern())
    new.call("POST", "products", modern(variant_id="v2"))
    new.call("POST", "users", user())

    assert new.call("GET", "overview").json() == {
        "products": {"products": 1, "variants": 2},
        "orders": 0,
        "users": 1,
    }
    assert new.call("GET", "overview/products").json() == {"ids": ["p1"], "count": 1}
    assert new.call("GET", "overview/orders").json() == {"ids": [], "count": 0}
    assert new.violation_texts == []
