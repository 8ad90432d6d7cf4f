from __future__ import annotations

import json
from typing import Any

import pytest

from shared.destinations.datacue.calls import Act, CallContext, Collection, write
from shared.destinations.datacue.order_payloads import Order
from shared.http.call import Call
from shared.http.verdict import Delivered, FollowUp, Rejected, Response, Retry, Verdict
from shared.model.change import Change, OrderRemoved, PersonRemoved, ProductRemoved, StockChanged
from shared.model.entity import Entity, Kind
from shared.model.order import Status
from tests.destinations.sample_shop import (
    AT,
    NEW,
    OLD,
    VERSION,
    Profile,
    api,
    call_parts,
    customer,
    datacue,
    known,
    order_saved,
    person_saved,
    planned,
    product_saved,
    variant,
)
from tests.destinations.test_datacue_events import cart_saved

NOW = 1_795_251_600.0
TWO = product_saved(variant("1"), variant("2"))


def judged(call: Call, status: int, body: Any = None, profile: Profile = OLD, **more: Any) -> Any:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return datacue(profile).judge(call, Response(status=status, body=raw, **more), NOW)


def follows(verdict: Verdict) -> list[tuple[str, str, Any]]:
    assert isinstance(verdict, FollowUp)
    assert all(call.corrects for call in verdict.calls)
    return [call_parts(call) for call in verdict.calls]


def multi(*errors: str | None) -> dict[str, Any]:
    """Return the body of a 207 as in the document: OK for None, else the error."""
    return {
        "status": [
            {"product_id": "1", "status": "OK"}
            if error is None
            else {"product_id": "1", "status": "error", "error": error}
            for error in errors
        ]
    }


# Single calls.


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_success_without_a_body_is_a_success(status: int) -> None:
    assert judged(planned(TWO).calls[0], status) == Delivered()
    assert judged(planned(person_saved(customer())).calls[0], status) == Delivered()


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_product_that_exists_is_updated_in_the_same_attempt(status: int) -> None:
    create = planned(product_saved(variant("11"))).calls[0]

    verdict = judged(create, status, {"error": "1 already exists"})

    [(method, path, body)] = follows(verdict)
    assert (method, path) == ("PUT", "/v1/products/1/11")
    assert "product_id" not in body
    assert body["name"] == "Moss Shirt"


def test_a_conflict_without_a_text_means_that_the_row_exists() -> None:
    create = planned(person_saved(customer())).calls[0]

    assert [one[:2] for one in follows(judged(create, 409))] == [("PUT", "/v1/users/7")]


@pytest.mark.parametrize(("status", "body"), [(404, None), (410, None), (400, "User not found")])
def test_a_missing_user_is_created_in_the_same_attempt(status: int, body: Any) -> None:
    update = planned(person_saved(customer()), known()).calls[0]

    [(method, path, row)] = follows(judged(update, status, {"error": body}))

    assert (method, path, row["user_id"]) == ("POST", "/v1/users", "7")


def test_a_correction_is_not_corrected_again() -> None:
    create = planned(product_saved(variant("11"))).calls[0]
    first = judged(create, 400, {"error": "1 already exists"})
    assert isinstance(first, FollowUp)

    assert judged(first.calls[0], 404) == Rejected(reason="answered 404", status=404)


def test_the_status_of_an_existing_order_is_updated() -> None:
    create = planned(order_saved(status=Status.CANCELLED)).calls[0]

    assert follows(judged(create, 400, {"error": "900 already exists"})) == [
        ("PUT", "/v1/orders/900", {"order_status": "cancelled"})
    ]


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_the_cancellation_of_a_missing_order_creates_it_cancelled(profile: Profile) -> None:
    cancel = planned(order_saved(status=Status.CANCELLED), known(), profile).calls[-1]

    [(method, path, row)] = follows(judged(cancel, 404, profile=profile))

    assert (method, path) == ("POST", "/v1/orders")
    assert row["order_status"] == "cancelled"
    assert len(row["cart"]) == 1


REMOVALS = (
    ProductRemoved(entity=Entity(Kind.PRODUCT, "1"), version=VERSION),
    PersonRemoved(entity=Entity(Kind.PERSON, "7"), version=VERSION, user_id="7"),
    OrderRemoved(entity=Entity(Kind.ORDER, "900"), version=VERSION),
)


@pytest.mark.parametrize("change", REMOVALS)
@pytest.mark.parametrize(("status", "error"), [(404, ""), (400, "Product not found")])
def test_a_delete_of_a_missing_row_is_delivered(change: Any, status: int, error: str) -> None:
    assert judged(planned(change).calls[0], status, {"error": error}) == Delivered()


def test_the_stock_of_a_missing_variant_is_counted_and_delivered() -> None:
    entity = Entity(Kind.PRODUCT, "1")
    change = StockChanged(entity=entity, at=AT, variant_id="11", default=False, stock=0)
    call = planned(change, known("11")).calls[0]

    assert judged(call, 404) == Delivered(note="stock_of_unknown_variant")


# Errors that no correction resolves.


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("change", [TWO, order_saved()])
def test_a_rejected_key_is_a_rejection_of_the_credentials(status: int, change: Change) -> None:
    call = planned(change).calls[0]

    assert judged(call, status, {"error": "not found"}) == Rejected(
        reason=f"answered {status}", status=status, credentials=True
    )


@pytest.mark.parametrize("status", [301, 302, 307, 400, 405, 422, 501])
def test_every_other_status_is_rejected_at_once(status: int) -> None:
    assert isinstance(judged(planned(order_saved()).calls[0], status), Rejected)


@pytest.mark.parametrize("status", [408, 423, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("change", [TWO, order_saved()])
def test_a_temporary_status_is_retried(status: int, change: Change) -> None:
    call = planned(change).calls[0]

    verdict = judged(call, status, {"error": "1 already exists"}, headers={"retry-after": "7"})

    assert verdict == Retry(reason=f"answered {status}", status=status, after=7.0)


def test_a_rejection_has_the_documented_field_and_nothing_else_of_the_response() -> None:
    call = planned(person_saved(customer())).calls[0]

    verdict = judged(call, 400, {"error": "Please specify a first_name for ada@shop.example"})

    assert verdict == Rejected(reason="answered 400", status=400, path="$.first_name")


def test_an_html_page_has_no_field() -> None:
    page = b"<html><title>400</title><link rel=x></html>"

    assert judged(planned(order_saved()).calls[0], 400, page) == Rejected(
        reason="answered 400", status=400
    )


@pytest.mark.parametrize("status", [200, 204])
def test_an_accepted_event_is_delivered(status: int) -> None:
    call = planned(cart_saved()).calls[0]

    assert judged(call, status, {"recent_product_skus": []}) == Delivered()
    assert judged(call, 400, {"error": "not found"}) == Rejected(reason="answered 400", status=400)


# Batches.


def test_a_batch_with_only_accepted_items_is_delivered() -> None:
    assert judged(planned(TWO).calls[0], 207, multi(None, None)) == Delivered()


def test_only_the_items_that_exist_are_updated() -> None:
    change = product_saved(*(variant(str(number)) for number in range(4)))
    call = planned(change).calls[0]
    body = multi(None, "1 already exists", None, "1 already exists")

    verdict = judged(call, 207, body)

    [(method, path, sent)] = follows(verdict)
    assert (method, path) == ("PUT", "/v1/batch")
    assert [row["variant_id"] for row in sent["batch"]] == ["1", "3"]
    assert verdict.then == Delivered()


def test_only_the_items_that_are_missing_are_created() -> None:
    call = planned(TWO, known("1", "2")).calls[0]

    [(method, path, sent)] = follows(judged(call, 207, multi(None, "Product not found")))

    assert (method, path, sent["variant_id"]) == ("POST", "/v1/products", "2")


def test_a_batch_delete_of_missing_items_is_delivered() -> None:
    call = planned(product_saved(variant("1")), known("1", "8", "9")).calls[1]

    assert judged(call, 207, multi("Product not found", None)) == Delivered()


def test_another_rejected_item_is_reported_by_position_and_field() -> None:
    call = planned(TWO).calls[0]

    assert judged(call, 207, multi(None, "Please specify a photo_url")) == Rejected(
        reason="item 1: rejected by the platform", status=207, path="$.batch[1].photo_url"
    )


def test_an_items_error_text_is_never_reported_because_it_may_contain_a_name() -> None:
    call = planned(TWO).calls[0]

    verdict = judged(call, 207, multi("ada@shop.example is no good", None))

    assert verdict == Rejected(
        reason="item 0: rejected by the platform", status=207, path="$.batch[0]"
    )


def test_a_mixed_batch_is_corrected_and_then_rejected() -> None:
    call = planned(TWO).calls[0]

    verdict = judged(call, 207, multi("1 already exists", "bad colour"))

    assert [one[:2] for one in follows(verdict)] == [("PUT", "/v1/products/1/1")]
    assert verdict.then == Rejected(
        reason="item 1: rejected by the platform", status=207, path="$.batch[1]"
    )


def test_a_corrected_batch_is_not_corrected_again() -> None:
    call = planned(TWO).calls[0]
    first = judged(call, 207, multi("1 already exists", "1 already exists"))

    verdict = judged(first.calls[0], 207, multi(None, "Product not found"))

    assert verdict == Rejected(reason="item 1: not found", status=207, path="$.batch[1]")


def test_errors_that_contradict_the_operation_are_rejections() -> None:
    create, update = planned(TWO).calls[0], planned(TWO, known("1", "2")).calls[0]

    assert isinstance(judged(create, 207, multi("not found", None)), Rejected)
    assert isinstance(judged(update, 207, multi("1 already exists", None)), Rejected)


@pytest.mark.parametrize(
    "body",
    [
        multi(None),
        multi(None, None, None),
        {"status": []},
        {"status": "OK"},
        b"",
        b"{",
        b"<html></html>",
        b"\xff\xfe",
        multi(None, None) | {"status": None},
    ],
)
def test_a_response_without_a_status_for_every_item_is_retried(body: Any) -> None:
    verdict = judged(planned(TWO).calls[0], 207, body)

    assert isinstance(verdict, Retry)
    assert verdict.status == 207


def test_an_error_under_another_id_is_not_assigned_to_the_wrong_item() -> None:
    body = {
        "status": [
            {"product_id": "1", "status": "OK"},
            {"product_id": "2", "status": "error", "error": "2 already exists"},
        ]
    }

    verdict = judged(planned(TWO).calls[0], 207, body)

    assert verdict == Retry(reason="item 1 has another id in the response", status=207)


def test_the_documented_wrong_name_of_ids_is_accepted() -> None:
    rows = planned(person_saved(customer())).calls[0].context
    assert isinstance(rows, CallContext)
    context = CallContext(collection=Collection.USERS, act=Act.CREATE, rows=rows.rows * 2)
    [call] = write(api(), context)
    body = {
        "status": [
            {"user_id": "7", "status": "error", "error": "7 already exists"},
            {"product_id": 7, "status": "error", "error": "7 already exists"},
        ]
    }

    assert [one[:2] for one in follows(judged(call, 207, body))] == [("PUT", "/v1/batch")]


@pytest.mark.parametrize("status", [200, 201])
def test_a_success_with_a_list_of_items_is_judged_like_a_207(status: int) -> None:
    assert isinstance(judged(planned(TWO).calls[0], status, multi(None, "bad")), Rejected)
    assert judged(planned(TWO).calls[0], status, {"message": "done"}) == Delivered()


def test_the_status_of_existing_orders_of_a_batch_is_updated_one_by_one() -> None:
    rows = tuple(
        Order(
            order_id=name,
            user_id="no-user",
            order_status="cancelled",
            cart=(),
            timestamp="2026-11-21T09:00:00Z",
        )
        for name in ("o1", "o2")
    )
    [call] = write(api(), CallContext(collection=Collection.ORDERS, act=Act.CREATE, rows=rows))
    body = {
        "status": [
            {"order_id": "o1", "status": "error", "error": "o1 already exists"},
            {"order_id": "o2", "status": "OK"},
        ]
    }

    assert follows(judged(call, 207, body)) == [
        ("PUT", "/v1/orders/o1", {"order_status": "cancelled"})
    ]


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_batch_that_is_too_large_is_sent_in_halves(profile: Profile) -> None:
    change = product_saved(*(variant(str(number)) for number in range(5)))
    call = planned(change, profile=profile).calls[-1]

    verdict = judged(call, 413, profile=profile)

    assert isinstance(verdict, FollowUp)
    assert [one.label for one in verdict.calls] == [
        "POST batch/products x2",
        "POST batch/products x3",
    ]
    # A half may still contain existing rows, or be too large itself.
    assert [one.corrects for one in verdict.calls] == [False, False]
    quarters = judged(verdict.calls[1], 413, profile=profile)
    assert [one.label for one in quarters.calls] == [
        "POST batch/products x1",
        "POST batch/products x2",
    ]
    assert judged(quarters.calls[0], 413, profile=profile) == Rejected(
        reason="answered 413", status=413
    )


def test_a_single_call_that_is_too_large_is_rejected() -> None:
    assert isinstance(judged(planned(order_saved()).calls[0], 413), Rejected)


def test_a_batch_rejected_as_a_whole_for_a_missing_row_is_corrected() -> None:
    call = planned(TWO, known("1", "2")).calls[0]

    assert [one[:2] for one in follows(judged(call, 404))] == [("POST", "/v1/batch/products")]


def test_a_batch_delete_rejected_as_a_whole_is_sent_one_by_one() -> None:
    call = planned(product_saved(variant("1")), known("1", "8", "9"), NEW).calls[-1]

    assert follows(judged(call, 404, profile=NEW)) == [
        ("DELETE", "/v1/products/1/8", None),
        ("DELETE", "/v1/products/1/9", None),
    ]


def test_in_2021_the_path_of_an_item_is_in_the_bare_array() -> None:
    call = planned(TWO, profile=NEW).calls[-1]

    verdict = judged(call, 207, multi(None, "bad price"), NEW)

    assert verdict == Rejected(
        reason="item 1: rejected by the platform", status=207, path="$[1].price"
    )


@pytest.mark.parametrize(
    "error", ["Internal error, please retry", "request timed out", "Temporarily unavailable"]
)
def test_a_batch_with_a_temporary_error_is_retried_as_a_whole(error: str) -> None:
    verdict = judged(planned(TWO).calls[0], 207, multi("1 already exists", error))

    assert verdict == Retry(reason="item 1: temporary error", status=207)
