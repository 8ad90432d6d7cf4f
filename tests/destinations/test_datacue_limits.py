from __future__ import annotations

import json

import pytest

from shared.destinations.building.fields import Body
from shared.destinations.datacue.api import Api
from shared.destinations.datacue.calls import MAX_BYTES, Act, CallContext, Collection, write
from shared.destinations.datacue.order_payloads import Order, OrderId, User, UserId
from shared.errors import NotExpressible
from tests.destinations.sample_shop import (
    NEW,
    OLD,
    Profile,
    api,
    known,
    planned,
    product_saved,
    variant,
)


def users(count: int) -> tuple[User, ...]:
    return tuple(User(user_id=f"u{number}", first_name="Ada") for number in range(count))


def sizes(own: Api, rows: tuple[Body, ...]) -> list[int]:
    calls = write(own, CallContext(collection=Collection.USERS, act=Act.CREATE, rows=rows))
    bodies = [json.loads(call.body) for call in calls]
    return [len(body if own.newer else body["batch"]) for body in bodies]


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(
    ("count", "expected"), [(2, [2]), (500, [500]), (501, [500, 1]), (1001, [500, 500, 1])]
)
def test_a_batch_has_at_most_five_hundred_items(
    profile: Profile, count: int, expected: list[int]
) -> None:
    assert sizes(api(profile), users(count)) == expected


@pytest.mark.parametrize("profile", [OLD, NEW])
def test_a_batch_has_at_most_five_mebibytes(profile: Profile) -> None:
    big = tuple(User(user_id=f"u{number}", first_name="A" * 1_300_000) for number in range(6))

    calls = write(api(profile), CallContext(collection=Collection.USERS, act=Act.CREATE, rows=big))

    assert [len(call.body) <= MAX_BYTES for call in calls] == [True, True]
    assert sizes(api(profile), big) == [4, 2]


@pytest.mark.parametrize("profile", [OLD, NEW])
@pytest.mark.parametrize(("over", "expected"), [(0, [2]), (1, [1, 1])])
def test_a_batch_may_be_exactly_full(profile: Profile, over: int, expected: list[int]) -> None:
    frame = {OLD: len('{"type":"users","batch":[]}'), NEW: len("[]")}[profile]
    bare = len('{"first_name":"","user_id":"u0"}')
    room = MAX_BYTES - frame - 2 * bare - len(",")
    rows = (
        User(user_id="u0", first_name="A" * 1_000_000),
        User(user_id="u1", first_name="A" * (room - 1_000_000 + over)),
    )

    assert sizes(api(profile), rows) == expected


@pytest.mark.parametrize("others", [0, 1])
def test_a_row_larger_than_any_batch_is_rejected_with_its_path(others: int) -> None:
    change = product_saved(
        *(variant(str(number)) for number in range(1 + others)), description="x" * MAX_BYTES
    )

    with pytest.raises(NotExpressible, match="larger than 5 MiB") as error:
        planned(change)

    assert error.value.path == ("$.batch[0]" if others else "$")


def test_2018_wraps_batches_and_updates_and_deletes_at_the_bare_path() -> None:
    rows, ids = users(2), (UserId(user_id="u0"), UserId(user_id="u1"))
    made = [
        write(api(), CallContext(collection=Collection.USERS, act=act, rows=rows))[0]
        for act, rows in ((Act.CREATE, rows), (Act.UPDATE, rows), (Act.DELETE, ids))
    ]

    assert [(call.method, call.url.partition("/v1")[2]) for call in made] == [
        ("POST", "/batch/users"),
        ("PUT", "/batch"),
        ("DELETE", "/batch"),
    ]
    assert made[1].body == (
        b'{"type":"users","batch":[{"first_name":"Ada","user_id":"u0"},'
        b'{"first_name":"Ada","user_id":"u1"}]}'
    )
    assert made[2].body == b'{"type":"users","batch":[{"user_id":"u0"},{"user_id":"u1"}]}'


def test_2021_sends_bare_arrays_to_the_path_of_their_type() -> None:
    rows, ids = users(2), (UserId(user_id="u0"), UserId(user_id="u1"))
    made = [
        write(api(NEW), CallContext(collection=Collection.USERS, act=act, rows=rows))[0]
        for act, rows in ((Act.CREATE, rows), (Act.UPDATE, rows), (Act.DELETE, ids))
    ]

    assert [(call.method, call.url.partition("/v1")[2]) for call in made] == [
        ("POST", "/batch/users"),
        ("PUT", "/batch/users"),
        ("DELETE", "/batch/users"),
    ]
    assert made[2].body == b'[{"user_id":"u0"},{"user_id":"u1"}]'


def orders() -> tuple[Order, ...]:
    return tuple(
        Order(
            order_id=name,
            user_id="no-user",
            order_status="cancelled",
            cart=(),
            timestamp="2026-11-21T09:00:00Z",
        )
        for name in ("o1", "o2")
    )


def test_orders_are_batched_only_to_create_them() -> None:
    ids = (OrderId(order_id="o1"), OrderId(order_id="o2"))
    made = [
        [
            call.label
            for call in write(api(), CallContext(collection=Collection.ORDERS, act=act, rows=it))
        ]
        for act, it in ((Act.CREATE, orders()), (Act.UPDATE, orders()), (Act.DELETE, ids))
    ]

    assert made == [
        ["POST batch/orders x2"],
        ["PUT orders", "PUT orders"],
        ["DELETE orders", "DELETE orders"],
    ]


def test_nothing_to_send_is_no_call() -> None:
    assert write(api(), CallContext(collection=Collection.USERS, act=Act.CREATE)) == ()


def test_a_path_under_the_hosts_own_path_is_kept() -> None:
    own = Api(url="http://127.0.0.1:1/datacue/api/", events_url="http://h/e/", profile=OLD)

    assert own.path("users", "a") == "http://127.0.0.1:1/datacue/api/v1/users/a"
    assert own.events == "http://h/e/"


def test_planning_many_variants_chunks_them() -> None:
    change = product_saved(*(variant(str(number)) for number in range(501)))

    labels = [call.label for call in planned(change, known("9999")).calls]

    assert labels == ["POST batch/products x500", "POST batch/products x1", "DELETE products"]
