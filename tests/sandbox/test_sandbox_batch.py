"""Many objects in one call: 207 with a status per item in 2018, all or nothing in 2021."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.client import Client, banner, modern, order, product, user


def wrapped(kind: str, *items: Any) -> dict[str, Any]:
    return {"type": kind, "batch": list(items)}


def test_a_batch_answers_for_each_item_by_position(old: Client) -> None:
    old.call("POST", "orders", order(order_id="O123"))
    response = old.call(
        "POST",
        "batch/orders",
        {"batch": [order(order_id="O123"), order(order_id="O124")]},
    )

    assert response.status_code == 207
    assert response.json() == {
        "status": [
            {"order_id": "O123", "status": "error", "error": "O123 already exists"},
            {"order_id": "O124", "status": "OK"},
        ]
    }
    assert old.violation_texts == []
    assert sorted(old.state["orders"]) == ["O123", "O124"]
    assert (old.box.calls()[-1]["items"], old.box.calls()[-1]["applied"]) == (2, True)


def test_a_batch_of_users_names_successful_ids_product_id_as_documented(old: Client) -> None:
    old.call("POST", "users", user())
    response = old.call("POST", "batch/users", wrapped("users", user(), user(user_id="u2")))

    assert response.json() == {
        "status": [
            {"user_id": "u1", "status": "error", "error": "u1 already exists"},
            {"product_id": "u2", "status": "OK"},
        ]
    }


@pytest.mark.parametrize("path", ["batch", "batch/products"])
def test_a_batch_is_posted_with_or_without_its_type_in_the_path(old: Client, path: str) -> None:
    response = old.call("POST", path, wrapped("products", product(), product(variant_id="v2")))

    assert response.status_code == 207
    assert response.json() == {
        "status": [{"product_id": "p1", "status": "OK"}, {"product_id": "p1", "status": "OK"}]
    }
    assert sorted(old.state["products"]["p1"]) == ["v1", "v2"]


def test_the_same_thing_twice_in_a_batch_exists_the_second_time(old: Client) -> None:
    response = old.call("POST", "batch/products", wrapped("products", product(), product()))

    assert [line["status"] for line in response.json()["status"]] == ["OK", "error"]


def test_a_batch_updates_what_exists(old: Client) -> None:
    old.call("POST", "banners", banner())
    part = {"banner_id": "b1", "link": "/new"}
    response = old.call("PUT", "batch", wrapped("banners", part, {**part, "banner_id": "b2"}))

    assert response.status_code == 207
    assert response.json() == {
        "status": [
            {"banner_id": "b1", "status": "OK"},
            {"banner_id": "b2", "status": "error", "error": "Banner not found"},
        ]
    }
    assert old.state["banners"]["b1"] == banner(link="/new")


def test_a_batch_deletes_what_exists(old: Client) -> None:
    old.call("POST", "products", product())
    ids = {"product_id": "p1", "variant_id": "v1"}
    response = old.call("DELETE", "batch", wrapped("products", ids, ids))

    assert response.json() == {
        "status": [
            {"product_id": "p1", "status": "OK"},
            {"product_id": "p1", "status": "error", "error": "Product not found"},
        ]
    }
    assert old.state["products"] == {}


def test_a_batch_delete_cancels_an_order(old: Client) -> None:
    old.call("POST", "orders", order())
    items = ({"order_id": "o1"}, {"order_id": "o2"})
    response = old.call("DELETE", "batch", wrapped("orders", *items))

    assert response.json() == {
        "status": [
            {"order_id": "o1", "status": "OK"},
            {"order_id": "o2", "status": "error", "error": "Order not found"},
        ]
    }
    assert old.state["orders"]["o1"]["order_status"] == "cancelled"


def test_an_invalid_item_is_rejected_alone_and_is_a_violation(old: Client) -> None:
    items = (banner(photo_url=None), banner(banner_id="b2"), "text", {"banner_id": 7})
    response = old.call("POST", "batch/banners", wrapped("banners", *items))

    assert response.json() == {
        "status": [
            {"banner_id": "b1", "status": "error", "error": "Please specify a photo_url"},
            {"banner_id": "b2", "status": "OK"},
            {"banner_id": "", "status": "error", "error": "must be an object"},
            {"banner_id": "", "status": "error", "error": "banner_id: must be a string"},
        ]
    }
    assert old.violation_texts[0].split("; ") == [
        "batch[0]: Please specify a photo_url",
        "batch[2]: must be an object",
        "batch[3]: banner_id: must be a string",
    ]
    assert sorted(old.state["banners"]) == ["b2"]


@pytest.mark.parametrize(
    ("method", "path", "body", "wrong"),
    [
        ("POST", "batch", {"batch": [user()]}, "Please specify a type"),
        ("POST", "batch", wrapped("things", user()), "type: must be one of"),
        ("POST", "batch/users", wrapped("orders", user()), "type: must be one of users"),
        ("POST", "batch/users", [user()], "must be an object"),
        ("POST", "batch/users", {"type": "users"}, "Please specify a batch"),
        ("POST", "batch/users", wrapped("users"), "the batch is empty"),
        ("POST", "batch/users", {"batch": {}}, "the batch must be an array"),
        ("POST", "batch/users", {"batch": [user()], "x": 1}, "unknown field x"),
        ("PUT", "batch", wrapped("orders", {"order_id": "o1"}), "orders cannot be updated"),
        ("PUT", "batch", wrapped("users", {"title": "Ms"}), "batch[0]: Please specify a user_id"),
        ("DELETE", "batch", wrapped("products", {"product_id": "p"}), "batch[0]: Please specify"),
        ("DELETE", "batch", wrapped("users", user()), "batch[0]: unknown field email"),
    ],
)
def test_an_invalid_batch_is_a_violation(
    old: Client, method: str, path: str, body: Any, wrong: str
) -> None:
    assert old.call(method, path, body).status_code in (207, 400)
    assert len(old.violation_texts) == 1
    assert old.violation_texts[0].startswith(wrong)
    assert old.state["applied"] == 0


def test_a_batch_has_500_items_at_most(old: Client) -> None:
    items = [user(user_id=f"u{number}") for number in range(501)]

    assert old.call("POST", "batch/users", wrapped("users", *items)).status_code == 413
    assert old.violation_texts == ["more than 500 list items"]
    assert old.call("POST", "batch/users", wrapped("users", *items[:500])).status_code == 207
    assert len(old.state["users"]) == 500


def test_2021_accepts_a_bare_array_and_answers_without_a_body(new: Client) -> None:
    response = new.call("POST", "batch/products", [modern(), modern(variant_id="v2")])

    assert (response.status_code, response.content) == (201, b"")
    response = new.call("POST", "batch/products", [modern(stock=0)])
    assert response.status_code == 201
    assert new.state["products"]["p1"]["v1"] == modern(stock=0)
    assert new.box.calls()[0]["items"] == 2


def test_2021_updates_or_adds_in_a_batch(new: Client) -> None:
    new.call("POST", "users", user())
    response = new.call(
        "PUT", "batch/users", [{"user_id": "u1", "title": "Ms"}, user(user_id="u2")]
    )

    assert (response.status_code, response.content) == (204, b"")
    assert new.state["users"] == {"u1": user(title="Ms"), "u2": user(user_id="u2")}


def test_2021_deletes_existing_and_unknown_ids_in_a_batch(new: Client) -> None:
    new.call("POST", "batch/orders", [order(), order(order_id="o2")])
    response = new.call("DELETE", "batch/orders", [{"order_id": "o1"}, {"order_id": "o9"}])

    assert response.status_code == 204
    assert sorted(new.state["orders"]) == ["o2"]


def test_2021_cancels_orders_in_a_wrapped_batch(new: Client) -> None:
    new.call("POST", "orders", order())
    items = [{"order_id": "o1", "order_status": "cancelled"}]

    assert new.call("PATCH", "batch/orders", {"batch": items}).status_code == 204
    assert new.state["orders"]["o1"]["order_status"] == "cancelled"
    assert new.call("PATCH", "batch/orders", items).status_code == 400


def test_2021_deletes_all_of_a_kind(new: Client) -> None:
    new.call("POST", "users", user())
    new.call("POST", "orders", order())

    assert new.call("DELETE", "batch/users/all").status_code == 204
    assert (new.state["users"], len(new.state["orders"])) == ({}, 1)


def test_2021_applies_a_batch_as_a_whole_or_not_at_all(new: Client) -> None:
    response = new.call("POST", "batch/users", [user(), user(user_id="")])

    assert response.status_code == 400
    assert new.violation_texts == ["batch[1]: user_id: empty string"]
    assert new.state["users"] == {}


@pytest.mark.parametrize("body", [{"batch": [user()]}, {"type": "users", "batch": [user()]}, []])
def test_2021_requires_a_non_empty_array(new: Client, body: Any) -> None:
    assert new.call("POST", "batch/users", body).status_code == 400
    assert len(new.violation_texts) == 1


def test_2021_has_the_same_limit(new: Client) -> None:
    rows = [{"user_id": f"u{number}"} for number in range(501)]

    assert new.call("DELETE", "batch/users", rows).status_code == 413
    assert new.call("DELETE", "batch/users", rows[:500]).status_code == 204
