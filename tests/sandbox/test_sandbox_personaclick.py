"""PersonaClick's stand-in: each rule of its pages in process, and once over HTTP."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from cli.sandbox.exchange import Plan, Request, State
from cli.sandbox.personaclick import personaclick
from cli.sandbox.server import Sandbox

SHOP, SECRET = "0d42fd8b713d0752776ca589cc0056", "secret-of-tests"
CREDENTIALS = {"shop_id": SHOP, "shop_secret": SECRET, "devices": "d1, d2", "categories": "146,7"}
WHO = {"shop_id": SHOP, "did": "d1", "seance": "s1", "stream": "web"}
ONE = [{"id": "p1"}]


@dataclass
class PlatformHarness:
    """The platform without a server: its rules and its state."""

    state: State = field(default_factory=lambda: personaclick(CREDENTIALS, None).blank())

    def plan(self, method: str, path: str, body: Any = None, **more: Any) -> Plan:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if raw else {}
        request = Request(method=method, path=path, body=raw, **{"headers": headers} | more)
        return personaclick(CREDENTIALS, None).plan(request)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        response = self.plan(method, path, body, **more).act(self.state)
        return response.status, json.loads(response.body) if response.body else None

    def push(self, event: str, **own: Any) -> tuple[int, Any]:
        return self.call("POST", "/push", {**WHO, "event": event, **own})

    def wrong(self, body: Any, path: str = "/push", method: str = "POST") -> tuple[int, str]:
        plan = self.plan(method, path, body)
        assert plan.violation is not None
        return plan.act(self.state).status, plan.violation


@pytest.fixture
def platform() -> PlatformHarness:
    return PlatformHarness()


SUCCESS = (200, {"status": "success"})


def test_an_unknown_visitor_gets_a_device_and_a_session(platform: PlatformHarness) -> None:
    status, response = platform.call("GET", "/init", query=f"shop_id={SHOP}&stream=web")

    assert status == 200
    assert (response["did"], response["seance"]) == ("device0001", "session0001")
    assert platform.state["devices"]["device0001"] == ["session0001"]


def test_a_known_device_keeps_its_id_and_gets_sessions(platform: PlatformHarness) -> None:
    first = platform.call("GET", "/init", query=f"shop_id={SHOP}&did=d1")[1]
    again = platform.call("GET", "/init", query=f"shop_id={SHOP}&did=d1&seance={first['seance']}")[
        1
    ]
    later = platform.call("GET", "/init", query=f"shop_id={SHOP}&did=d1")[1]

    assert (first["did"], later["did"]) == ("d1", "d1")
    assert again["seance"] == first["seance"] != later["seance"]


@pytest.mark.parametrize(
    ("query", "status", "wrong"),
    [
        ("", 403, "unknown shop"),
        ("shop_id=1", 403, "unknown shop"),
        (f"shop_id={SHOP}&did=", 422, "an empty parameter"),
        (f"shop_id={SHOP}&who=x", 422, "unknown query"),
        (f"shop_id={SHOP}&stream=a-b", 422, "stream: must be letters and numbers, 16 at most"),
    ],
)
def test_an_invalid_init_request_gets_no_ids(
    platform: PlatformHarness, query: str, status: int, wrong: str
) -> None:
    plan = platform.plan("GET", "/init", query=query)

    assert (plan.act(platform.state).status, plan.violation) == (status, wrong)
    assert sorted(platform.state["devices"]) == ["d1", "d2"]


def test_a_pushed_event_is_recorded_with_its_session(platform: PlatformHarness) -> None:
    assert (
        platform.push("view", items=ONE, recommended_by="dynamic", recommended_code="x") == SUCCESS
    )
    assert platform.state["devices"]["d1"] == ["s1"]
    assert [one["event"] for one in platform.state["events"]] == ["view"]


def test_a_cart_is_added_to_removed_from_and_replaced(platform: PlatformHarness) -> None:
    platform.push("cart", items=[{"id": "p1", "amount": 2}])
    platform.push("cart", items=[{"id": "p1", "amount": 1}])
    platform.push("cart", items=[{"id": "p2", "amount": 1}])
    assert platform.state["carts"]["d1"] == [
        {"id": "p1", "quantity": 3},
        {"id": "p2", "quantity": 1},
    ]
    platform.push("remove_from_cart", items=ONE)
    assert platform.state["carts"]["d1"] == [{"id": "p2", "quantity": 1}]
    platform.push("cart", items=[{"id": "p3", "quantity": 7}], full_cart=True)
    assert platform.state["carts"]["d1"] == [{"id": "p3", "quantity": 7}]


@pytest.mark.parametrize("emptied", [{}, {"items": []}])
def test_a_cart_and_a_wishlist_are_cleared_without_items(
    platform: PlatformHarness, emptied: dict[str, Any]
) -> None:
    platform.push("cart", items=[{"id": "p1", "quantity": 1}], full_cart=True)
    platform.push("wish", items=ONE)
    platform.push("cart", full_cart=True, **emptied)
    platform.push("wish", full_wish=True, **emptied)

    assert (platform.state["carts"], platform.state["wishlists"]) == ({}, {})


def test_a_wishlist_is_added_to_removed_from_and_replaced(platform: PlatformHarness) -> None:
    platform.push("wish", items=ONE)
    platform.push("wish", items=[{"id": "p2"}])
    platform.push("remove_wish", items=ONE)
    assert platform.state["wishlists"] == {"d1": ["p2"]}
    platform.push("wish", items=[*ONE, {"id": "p3"}], full_wish=True)
    assert platform.state["wishlists"] == {"d1": ["p1", "p3"]}


def test_a_purchase_sent_twice_to_personaclick_is_recorded_twice(platform: PlatformHarness) -> None:
    bought = {"items": [{"id": "p1", "amount": 1, "price": 2.5}], "order_id": "1001"}
    assert platform.push("purchase", **bought) == SUCCESS
    assert platform.push("purchase", **bought) == SUCCESS

    assert [one["order_id"] for one in platform.state["purchases"]["1001"]] == ["1001", "1001"]


def test_an_unknown_category_is_an_error_but_no_violation(platform: PlatformHarness) -> None:
    assert platform.push("category", category_id=146) == SUCCESS
    plan = platform.plan("POST", "/push", {**WHO, "event": "category", "category_id": "9"})

    assert (plan.act(platform.state).status, plan.violation) == (400, None)


def test_an_unknown_device_is_rejected(platform: PlatformHarness) -> None:
    status, body = platform.push("view", items=ONE, did="invented")

    assert (status, body["status"]) == (404, "error")
    assert platform.state["events"] == []


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"shop_id": "other"}, 403, "unknown shop"),
    ({"did": None}, 401, "the did is missing"),
    ({"did": "a b"}, 422, "did: malformed"),
    ({"did": 7}, 422, "did: must be a string"),
    ({"seance": None}, 422, "one of seance and sid is required"),
    ({"sid": "s1"}, 422, "one of seance and sid is required"),
    ({"stream": None}, 422, "Please specify a stream"),
    ({"stream": ""}, 422, "stream: empty string"),
    ({"stream": "my-shop"}, 422, "stream: must be letters and numbers, 16 at most"),
    ({"segment": ""}, 422, "segment: must be A or B"),
    ({"referer": ""}, 422, "referer: empty string"),
    ({"source": {"from": "a", "code": "b"}}, 422, "source: must be a string"),
    ({"source": '{"from":"a"}'}, 422, "source: Please specify a code"),
    ({"event": "look"}, 422, "event: unknown"),
    ({"event": None}, 422, "Please specify a event"),
    ({"who": "ada"}, 422, "unknown field who"),
    ({"items": None}, 422, "Please specify a items"),
    ({"items": []}, 422, "items: wrong number of items"),
    ({"items": [*ONE, {"id": "p2"}]}, 422, "items: wrong number of items"),
    ({"items": [{"id": 1}]}, 422, "items[0].id: must be a string"),
    ({"items": [{"id": "1" * 256}]}, 422, "items[0].id: longer than 255"),
    ({"items": [{"id": "1", "amount": 1}]}, 422, "items[0]: unknown field amount"),
    (
        {"recommended_by": "dynamic"},
        422,
        "recommended_by and recommended_code go together",
    ),
    ({"full_cart": True}, 422, "unknown field full_cart"),
    ({"event": "cart", "full_cart": False}, 422, 'full_cart: should always be "true"'),
    ({"event": "cart", "full_cart": True}, 422, "items[0]: Please specify a quantity"),
    ({"event": "cart"}, 422, "items[0]: Please specify a amount"),
    ({"event": "cart", "items": [{"id": "1", "amount": 0}]}, 422, "items[0].amount: out of range"),
    (
        {"event": "cart", "items": [{"id": "1", "amount": 1001}]},
        422,
        "items[0].amount: out of range",
    ),
    (
        {"event": "purchase", "items": [{"id": "1", "amount": 1, "price": 2}] * 2},
        422,
        "items: duplicate id",
    ),
    (
        {"event": "purchase", "items": [{"id": "1", "amount": 1}]},
        422,
        "items[0]: Please specify a price",
    ),
    (
        {"event": "purchase", "items": [{"id": "1", "amount": 1, "price": -1}]},
        422,
        "items[0].price: out of range",
    ),
    (
        {"event": "purchase", "items": [{"id": "1", "amount": 1, "price": "1"}]},
        422,
        "items[0].price: must be a number",
    ),
    ({"event": "search", "items": None}, 422, "Please specify a search_query"),
    ({"event": "category", "items": None}, 422, "Please specify a category_id"),
]


@pytest.mark.parametrize(("other", "status", "wrong"), BAD)
def test_a_violation_of_the_documented_page_is_rejected(
    platform: PlatformHarness, other: dict[str, Any], status: int, wrong: str
) -> None:
    body = {**WHO, "event": "view", "items": ONE, **other}

    response = platform.wrong({name: value for name, value in body.items() if value is not None})

    assert response == (status, wrong)
    assert platform.state["events"] == []


@pytest.mark.parametrize(
    ("order", "wrong"),
    [
        ("c2a1c6de-3f5b-4c8e-9d51-0d4c2f1e7a90", "order_id: a UUID is displayed as ---"),
        ("1" * 256, "order_id: longer than 255"),
    ],
)
def test_an_order_id_must_be_displayable(platform: PlatformHarness, order: str, wrong: str) -> None:
    body = {
        **WHO,
        "event": "purchase",
        "items": [{"id": "1", "amount": 1, "price": 0}],
        "order_id": order,
    }

    assert platform.wrong(body) == (422, wrong)


def test_a_custom_event_has_an_empty_response(platform: PlatformHarness) -> None:
    body = {**WHO, "event": "quiz", "value": 7}

    assert platform.call("POST", "/push/custom", body) == (204, None)
    assert platform.wrong({**body, "value": 7.5}, "/push/custom") == (
        422,
        "value: must be an integer",
    )
    assert platform.wrong({**body, "items": ONE}, "/push/custom") == (422, "unknown field items")


MESSAGE = {"shop_id": SHOP, "code": "c", "type": "bulk", "stream": "ios"}


@pytest.mark.parametrize("act", ["received", "clicked", "closed"])
def test_the_outcome_of_a_message_has_no_person_id(platform: PlatformHarness, act: str) -> None:
    assert platform.call("POST", f"/track/{act}", MESSAGE) == (200, None)
    assert platform.state["messages"] == [{"act": act, **MESSAGE}]
    assert platform.wrong({**MESSAGE, "did": "d1"}, f"/track/{act}") == (422, "unknown field did")


def test_the_sms_stream_is_allowed_for_clicks_only(platform: PlatformHarness) -> None:
    sms = {**MESSAGE, "stream": "sms"}

    assert platform.call("POST", "/track/clicked", sms) == (200, None)
    assert platform.wrong(sms, "/track/closed") == (422, "stream: sms is allowed for a click only")


KEYS = {"shop_id": SHOP, "shop_secret": SECRET}
LAMP = {
    "id": "p1", "group_id": "g1", "name": "Lamp", "price": 24.5, "url": "https://a.example/p1",
    "picture": "https://a.example/p1.png", "available": True, "categories": ["Lamps"],
}  # fmt: skip


def test_products_are_written_and_deleted(platform: PlatformHarness) -> None:
    assert platform.call("PUT", "/import/products", {**KEYS, "items": [LAMP]}) == (204, None)
    assert platform.state["products"]["p1"]["name"] == "Lamp"
    assert platform.push("category", category_id="Lamps") == SUCCESS
    assert platform.call("DELETE", "/import/products", {**KEYS, "items": ["p1", "p2"]}) == (
        204,
        None,
    )
    assert platform.state["products"] == {}


def test_orders_get_a_status(platform: PlatformHarness) -> None:
    body = {**KEYS, "orders": [{"id": "1001", "status": "cancelled"}]}

    assert platform.call("POST", "/sync/orders", body) == SUCCESS
    assert platform.state["orders"] == {"1001": "cancelled"}
    assert platform.wrong({**KEYS, "orders": []}, "/sync/orders") == (
        422, "orders: wrong number of items"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "rows"),
    [
        ("PUT", "/import/products", {"items": [LAMP]}),
        ("DELETE", "/import/products", {"items": ["p1"]}),
        ("POST", "/sync/orders", {"orders": [{"id": "1", "status": "x"}]}),
    ],
)
def test_these_paths_require_the_secret(
    platform: PlatformHarness, method: str, path: str, rows: Any
) -> None:
    for keys in ({"shop_id": SHOP}, {**KEYS, "shop_secret": "other"}, {**KEYS, "shop_id": "x"}):
        assert platform.wrong({**keys, **rows}, path, method) == (400, "authorization failed")


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("POST", "/nowhere", {}, 404),
        ("GET", "/push", {}, 405),
        ("POST", "/init", {}, 405),
        ("POST", "/push", {"query": "a=b"}, 400),
        ("POST", "/push", {"headers": {"content-type": "text/plain"}}, 400),
        ("POST", "/push", {"headers": {"transfer-encoding": "chunked"}}, 411),
    ],
)
def test_a_request_requires_a_known_path_method_and_type(
    platform: PlatformHarness, method: str, path: str, more: Any, status: int
) -> None:
    assert platform.call(method, path, {}, **more)[0] == status


def test_a_shop_key_has_thirty_hexadecimal_digits() -> None:
    with pytest.raises(ValueError, match="30 hexadecimal digits"):
        personaclick({"shop_id": "acme", "shop_secret": SECRET}, None)


def test_personaclick_is_served_under_its_name() -> None:
    with Sandbox({"personaclick": CREDENTIALS}, {}) as sandbox:
        url = f"{sandbox.url}/personaclick"
        session = requests.get(f"{url}/init?shop_id={SHOP}", timeout=5).json()
        body = {**WHO, "did": session["did"], "event": "view", "items": ONE}
        pushed = requests.post(f"{url}/push", json=body, timeout=5)

        assert pushed.json() == {"status": "success"}
        assert sandbox.violations() == []
        assert sandbox.state()["personaclick"]["events"] == [body]
