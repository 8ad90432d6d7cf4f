"""Verdicts on the platform's responses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.http.call import Call
from shared.http.verdict import Delivered, Identified, Rejected, Response, Retry
from shared.model.browsing import CategoryViewed, Custom, ProductViewed
from shared.model.change import ProductRemoved
from shared.model.entity import Entity, Kind
from shared.model.order import Status
from shared.model.visitor import NOBODY, Visitor
from tests.destinations.personaclick_harness import (
    AT,
    VERSION,
    browsed,
    goods,
    order,
    personaclick,
    planned,
)

NOW = 1_795_251_600.0
CATEGORY = planned(browsed(CategoryViewed(id="146"))).calls[0]
VIEW = planned(browsed(ProductViewed(goods=goods()))).calls[0]
CUSTOM = planned(browsed(Custom(name="quiz"))).calls[0]
STATUS = planned(order(status=Status.CANCELLED), order_status=True).calls[0]
WRONG = {"status": "error", "message": "ada@shop.example is wrong"}


def init() -> Call:
    call = personaclick().identify(order(), NOBODY)
    assert isinstance(call, Call)
    return call


def judged(call: Call, status: int, body: Any = None) -> Any:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return personaclick().judge(call, Response(status=status, body=raw), NOW)


@pytest.mark.parametrize(
    ("call", "status", "body"),
    [
        (VIEW, 200, {"status": "success", "payload": {}}),
        (VIEW, 200, None),
        (VIEW, 200, b"OK"),
        (CUSTOM, 204, None),
        (CATEGORY, 200, {"status": "success"}),
        (STATUS, 200, {"status": "success"}),
    ],
)
def test_a_success_is_delivered(call: Call, status: int, body: Any) -> None:
    assert judged(call, status, body) == Delivered()


@pytest.mark.parametrize("call", [VIEW, CUSTOM, STATUS])
def test_an_error_under_a_success_is_a_rejection_without_the_platforms_text(call: Call) -> None:
    assert judged(call, 200, WRONG) == Rejected(
        reason='the response has the status "error"', status=200
    )


@pytest.mark.parametrize(("status", "body"), [(400, WRONG), (422, None), (200, WRONG)])
def test_an_unknown_category_is_counted(status: int, body: Any) -> None:
    assert judged(CATEGORY, status, body) == Delivered(note="unknown_category")
    assert isinstance(judged(VIEW, status, body or WRONG), Rejected)


@pytest.mark.parametrize("status", [401, 403, 404])
def test_other_errors_of_a_category_are_rejections(status: int) -> None:
    assert isinstance(judged(CATEGORY, status), Rejected)


def test_a_rejected_store_key_is_an_alarm() -> None:
    assert judged(VIEW, 403) == Rejected(reason="answered 403", status=403, credentials=True)


def test_at_endpoints_with_a_secret_a_bad_request_is_a_wrong_secret() -> None:
    assert judged(STATUS, 400) == Rejected(reason="answered 400", status=400, credentials=True)
    assert judged(VIEW, 400) == Rejected(reason="answered 400", status=400)


def test_an_html_page_instead_of_a_response_is_retried() -> None:
    assert judged(VIEW, 200, b"\n<!doctype html>") == Retry(
        reason="an HTML page instead of a response", status=200
    )


def test_an_event_of_an_unknown_device_is_rejected_with_that_reason() -> None:
    unknown = Rejected(reason="the platform does not know the device", status=404)

    assert judged(VIEW, 404) == unknown
    assert judged(STATUS, 404) == Rejected(reason="answered 404", status=404)


@pytest.mark.parametrize("status", [404, 410])
def test_a_delete_of_a_missing_product_is_delivered(status: int) -> None:
    entity = Entity(Kind.PRODUCT, "1")
    removed = ProductRemoved(entity=entity, version=VERSION)
    [call] = planned(removed, catalog=True, feed_id="product").calls

    assert judged(call, status) == Delivered()
    assert isinstance(judged(VIEW, status), Rejected)


@pytest.mark.parametrize("name", ["seance", "sid"])
def test_the_ids_in_the_response_are_the_visitors(name: str) -> None:
    verdict = judged(init(), 200, {"did": " d1 ", name: "s1", "snippets": [], "currency": "USD"})

    assert verdict == Identified(visitor=Visitor(device_id="d1", session_id="s1", seen_at=AT))


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"{",
        [],
        {"did": "d1"},
        {"seance": "s1"},
        {"did": "", "seance": "s1"},
        {"did": "d1", "seance": " "},
        {"did": 7, "seance": "s1"},
        {"did": "d1", "seance": "s1", "status": "error"},
    ],
)
def test_a_response_without_ids_is_a_rejection(body: Any) -> None:
    assert judged(init(), 200, body) == Rejected(reason="the response has no ids", status=200)


@pytest.mark.parametrize(("status", "kind"), [(403, Rejected), (503, Retry), (429, Retry)])
def test_a_failed_query_for_ids_is_retried_or_rejected(status: int, kind: type) -> None:
    assert isinstance(judged(init(), status), kind)


def test_no_verdict_contains_the_platforms_text() -> None:
    for call in (VIEW, CATEGORY, CUSTOM, STATUS, init()):
        for status in (200, 400, 403, 404, 422):
            assert "ada" not in repr(judged(call, status, WRONG))
