"""What every store of visitors must do; one suite for DynamoDB (moto) and for its stand-in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from cli.local.moto_gaps import sweep
from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.visitor import NOBODY, Campaign, Visitor
from shared.state.ledger import DynamoLedger
from shared.state.ports import Visitors
from shared.state.row import DAY
from shared.state.visitor_item import LINKS
from shared.state.visitors import DynamoVisitors
from tests.fakes.clock import Clock
from tests.fakes.visitors import MemoryVisitors
from tests.state.conftest import NUMBERS
from tests.state.ledgers import SHOE, claim, counting, table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ADA, BEN = Entity(Kind.PERSON, "777"), Entity(Kind.PERSON, "778")
GUEST = Entity(Kind.PERSON, "email:0a1b")
CART = Entity.of_token(Kind.CART, "c-1")
CHECKOUT = Entity.of_token(Kind.CHECKOUT, "k-1")
ORDER = Entity(Kind.ORDER, "450789469")
PHONE = Visitor(
    tracker_cookie="SC-PHONE", device_id="d-phone", session_id="s-1", seen_at="2026-11-21T09:00:00Z"
)
DESK = Visitor(tracker_cookie="SC-DESK")
CAMPAIGN = Campaign(origin="utm_source", code="spring", at="2026-11-20T09:00:00Z")


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A store of visitors, and its clock."""

    store: DynamoVisitors | MemoryVisitors
    clock: Clock

    def known(self, *names: Entity) -> set[Entity]:
        return set(self.store.find(names))


@pytest.fixture(params=["memory", "dynamodb"])
def desk(request: pytest.FixtureRequest) -> Desk:
    clock = Clock()
    if request.param == "memory":
        return Desk(store=MemoryVisitors(clock=clock), clock=clock)
    store = on_dynamodb(request.getfixturevalue("aws"), clock)[0]
    return Desk(store=store, clock=clock)


def on_dynamodb(client: DynamoDBClient, clock: Clock) -> tuple[DynamoVisitors, str]:
    name = f"visitors-{next(NUMBERS)}"
    table(client, name)
    return DynamoVisitors(client, name, lambda one: f"hash-of-{one}", clock), name


def test_nobody_is_found_who_was_not_remembered(desk: Desk) -> None:
    assert desk.store.find([ADA, CART]) == {}
    assert desk.store.find([]) == {}


def test_a_visitor_is_found_under_every_name_with_all_that_is_known(desk: Desk) -> None:
    whole = Visitor(
        tracker_cookie="SC",
        device_id="d",
        session_id="s",
        seen_at="2026-11-21T09:00:00Z",
        segment="A",
        campaign=CAMPAIGN,
    )

    desk.store.keep([CART, CHECKOUT, ORDER, ADA, GUEST], whole)

    found = desk.store.find([CART, CHECKOUT, ORDER, ADA, GUEST, BEN])
    assert found == {CART: whole, CHECKOUT: whole, ORDER: whole, ADA: whole, GUEST: whole}


def test_who_is_remembered_takes_the_place_of_whoever_was_there(desk: Desk) -> None:
    desk.store.keep([ADA], PHONE)

    desk.store.keep([ADA], DESK)

    assert desk.store.find([ADA]) == {ADA: DESK}


def test_a_name_that_is_given_twice_is_remembered_once(desk: Desk) -> None:
    desk.store.keep([ADA, ADA, CART], PHONE)

    assert desk.store.find([ADA, ADA]) == {ADA: PHONE}


@pytest.mark.parametrize("nobody", [NOBODY, Visitor(segment="A")], ids=["nothing", "a segment"])
def test_one_of_whom_nothing_is_known_takes_nobodys_place(desk: Desk, nobody: Visitor) -> None:
    desk.store.keep([ADA], PHONE)

    desk.store.keep([ADA, CART], nobody)

    assert desk.store.find([ADA, CART]) == {ADA: PHONE}


@pytest.mark.parametrize(
    ("name", "days"), [(CART, 60), (CHECKOUT, 60), (ORDER, 60), (GUEST, 400), (ADA, 400)]
)
def test_a_visitor_is_known_for_their_names_lifetime_and_not_longer(
    desk: Desk, name: Entity, days: int
) -> None:
    desk.store.keep([name], PHONE)

    desk.clock.pass_(days * DAY - 1)
    assert desk.known(name) == {name}
    desk.clock.pass_(1)
    assert desk.known(name) == set()


def test_who_is_remembered_again_is_known_for_longer(desk: Desk) -> None:
    desk.store.keep([CART], PHONE)
    desk.clock.pass_(59 * DAY)

    desk.store.keep([CART], PHONE)

    desk.clock.pass_(59 * DAY)
    assert desk.known(CART) == {CART}


def test_the_first_device_that_is_introduced_stays(desk: Desk) -> None:
    first = Visitor(device_id="d-1", session_id="s-1", seen_at="2026-11-21T09:00:00Z")

    assert desk.store.register(ADA, first) == first
    assert desk.store.register(ADA, Visitor(device_id="d-2", session_id="s-2")) == first
    assert desk.store.register(ADA, Visitor(device_id="d-2", session_id="s-2"), "d-0") == first

    assert desk.store.find([ADA]) == {ADA: first}


def test_a_device_that_its_platform_knows_no_more_gives_way(desk: Desk) -> None:
    desk.store.register(ADA, Visitor(device_id="d-1", session_id="s-1"))
    fresh = Visitor(device_id="d-2", session_id="s-2")

    assert desk.store.register(ADA, fresh, "d-1") == fresh
    assert desk.store.register(ADA, Visitor(device_id="d-3", session_id="s-3"), "d-1") == fresh


def test_the_same_device_may_be_introduced_again(desk: Desk) -> None:
    desk.store.register(ADA, Visitor(device_id="d-1", session_id="s-1"))
    again = Visitor(device_id="d-1", session_id="s-2")

    assert desk.store.register(ADA, again) == again

    assert desk.store.find([ADA]) == {ADA: again}


def test_a_visitor_without_a_device_gives_way_to_one_who_has_one(desk: Desk) -> None:
    desk.store.keep([ADA], DESK)
    whole = Visitor(tracker_cookie=DESK.tracker_cookie, device_id="d-1")

    assert desk.store.register(ADA, whole) == whole

    assert desk.store.find([ADA]) == {ADA: whole}


def test_who_has_no_device_takes_no_devices_place_when_introduced(desk: Desk) -> None:
    assert desk.store.register(ADA, DESK) == DESK
    desk.store.keep([BEN], PHONE)

    assert desk.store.register(BEN, DESK) == PHONE

    assert desk.store.find([ADA, BEN]) == {ADA: DESK, BEN: PHONE}


def test_a_device_that_is_too_old_keeps_no_new_one_out(desk: Desk) -> None:
    desk.store.register(ADA, PHONE)
    desk.clock.pass_(400 * DAY)
    fresh = Visitor(device_id="d-new", session_id="s-new")

    assert desk.store.register(ADA, fresh) == fresh

    assert desk.store.find([ADA]) == {ADA: fresh}


def test_what_was_remembered_together_is_forgotten_together(desk: Desk) -> None:
    desk.store.keep([CART, CHECKOUT, ORDER, ADA], PHONE)
    desk.store.keep([BEN], DESK)

    assert desk.store.forget([ADA]) == 4

    assert desk.known(CART, CHECKOUT, ORDER, ADA, BEN) == {BEN}


def test_a_person_is_forgotten_with_all_carts_of_a_year_and_not_only_the_last(desk: Desk) -> None:
    carts = [Entity.of_token(Kind.CART, f"c-{number}") for number in range(5)]
    for cart in carts:
        desk.store.keep([cart, ADA], PHONE)
        desk.clock.pass_(10 * DAY)

    assert desk.store.forget([ADA]) == 6

    assert desk.known(ADA, *carts) == set()


def test_what_a_persons_cart_was_remembered_with_later_is_forgotten_too(desk: Desk) -> None:
    desk.store.keep([CART, ADA], PHONE)
    desk.store.keep([CART, CHECKOUT], PHONE)
    desk.store.keep([CHECKOUT, ORDER], PHONE)

    desk.store.forget([ADA])

    assert desk.known(CART, CHECKOUT, ORDER, ADA) == set()


def test_an_introduction_does_not_break_what_belongs_together(desk: Desk) -> None:
    desk.store.keep([CART, ADA], DESK)
    desk.store.register(ADA, Visitor(device_id="d-1"))

    desk.store.forget([ADA])

    assert desk.known(CART, ADA) == set()


def test_an_order_is_forgotten_with_its_cart_and_the_person_stays(desk: Desk) -> None:
    desk.store.keep([CART, ORDER, ADA], PHONE)

    desk.store.forget([ORDER])

    assert desk.known(CART, ORDER, ADA) == {ADA}


def test_two_who_shared_a_cart_are_not_forgotten_together(desk: Desk) -> None:
    other = Entity.of_token(Kind.CART, "c-2")
    desk.store.keep([CART, ADA], PHONE)
    desk.store.keep([CART, BEN], PHONE)
    desk.store.keep([other, BEN], DESK)

    desk.store.forget([ADA])

    assert desk.known(CART, ADA, BEN, other) == {BEN, other}


def test_to_forget_who_is_not_known_is_nothing(desk: Desk) -> None:
    assert desk.store.forget([ADA, CART]) == 0
    assert desk.store.forget([]) == 0


def test_a_person_with_very_many_carts_is_forgotten_with_the_newest_of_them() -> None:
    # With the stand-in: in DynamoDB the bound is shown below, by one item.
    clock = Clock()
    desk = Desk(store=MemoryVisitors(clock=clock), clock=clock)
    carts = [Entity.of_token(Kind.CART, f"c-{number}") for number in range(LINKS + 5)]
    for cart in carts:
        desk.store.keep([cart, ADA], PHONE)
        desk.clock.pass_(DAY / 4)

    desk.store.forget([ADA])

    # The person's own name is one of the hundred; carts of one day have no order among them.
    left = desk.known(ADA, *carts)
    assert len(left) == 6
    assert left <= set(carts[:8])
    desk.clock.pass_(60 * DAY)
    assert desk.known(*carts) == set()


def test_a_purge_forgets_everybody(desk: Desk) -> None:
    desk.store.keep([CART, ADA], PHONE)
    desk.store.keep([BEN], DESK)

    assert desk.store.purge(desk.clock() + 1) == 3

    assert desk.known(CART, ADA, BEN) == set()


# ---- What only DynamoDB can show ----------------------------------------------------------------


def test_customers_and_what_is_linked_to_them_stand_under_keyed_hashes(aws: DynamoDBClient) -> None:
    store, name = on_dynamodb(aws, Clock())

    store.keep([CART, ADA, GUEST], PHONE)

    items = aws.scan(TableName=name)["Items"]
    assert {one["pk"]["S"] for one in items} == {
        f"visitor#{CART}",
        "visitor#person:hash-of-777",
        "visitor#person:email:0a1b",
    }
    linked = {link.partition(" ")[2] for one in items for link in one["together"]["SS"]}
    assert linked == {one["pk"]["S"] for one in items}


def test_no_item_grows_without_end(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    # As long as keys of carts are; the second half of what stands there is of the same carts.
    there = [f"{day} visitor#cart:{number:032}" for day in (1, 2) for number in range(LINKS)]
    aws.put_item(
        TableName=name,
        Item={"pk": {"S": "visitor#person:hash-of-777"}, "together": {"SS": there}},
    )

    store.keep([CART, ADA], PHONE)

    key = {"pk": {"S": "visitor#person:hash-of-777"}}
    held = aws.get_item(TableName=name, Key=key)["Item"]["together"]["SS"]
    assert len(held) == LINKS
    assert sorted(one.partition(" ")[0] for one in held)[:-2] == ["2"] * (LINKS - 2)
    assert f"{int(clock()) // DAY} visitor#{CART}" in held


def test_an_ordinary_cart_costs_one_write_for_each_name_and_a_look_one_read(
    aws: DynamoDBClient,
) -> None:
    store, _ = on_dynamodb(aws, Clock())
    seen = counting(aws)

    store.keep([CART, ADA], PHONE)
    store.find([CART, CHECKOUT, ORDER, ADA])

    assert seen == {"UpdateItem": 2, "BatchGetItem": 1}


def test_what_is_too_old_is_swept_by_the_tables_ttl(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    store.keep([CART, ADA], PHONE)
    store.register(BEN, PHONE)

    sweep(aws, name, clock() + 401 * DAY)

    assert aws.scan(TableName=name)["Items"] == []


def test_a_purge_of_the_ledger_takes_the_visitors_along(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    ledger = DynamoLedger(aws, name, str, clock)
    store.keep([CART, ADA], PHONE)

    assert ledger.purge(clock() + 1) == 2

    assert store.find([CART, ADA]) == {}


def test_a_purge_of_visitors_leaves_the_ledger_alone(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    ledger = DynamoLedger(aws, name, str, clock)
    ledger.claim(claim(SHOE))
    store.keep([CART], PHONE)

    assert store.purge(clock() + 1) == 1

    assert ledger.row(SHOE) is not None


def test_a_purge_that_has_no_time_left_says_so(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, _ = on_dynamodb(aws, clock)
    store.keep([CART], PHONE)

    with pytest.raises(LedgerUnavailable, match="not all visitors were forgotten in time"):
        store.purge(clock())


Use = Callable[[Visitors], object]
USES: dict[str, Use] = {
    "find": lambda store: store.find([ADA]),
    "keep": lambda store: store.keep([ADA], PHONE),
    "introduce": lambda store: store.register(ADA, PHONE),
    "forget": lambda store: store.forget([ADA]),
    "purge": lambda store: store.purge(1e12),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_table_that_refuses_is_unavailable(aws: DynamoDBClient, use: Use) -> None:
    store = DynamoVisitors(aws, "no-table", str, Clock())

    with pytest.raises(LedgerUnavailable, match="ResourceNotFoundException"):
        use(store)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_table_that_does_not_answer_is_unavailable(
    use: Use,
) -> None:
    client = boto3.client(
        "dynamodb",
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:9",
        aws_access_key_id="none",
        aws_secret_access_key="none",
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=1),
    )

    with pytest.raises(LedgerUnavailable, match="EndpointConnectionError"):
        use(DynamoVisitors(client, "visitors", str, Clock()))


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_the_stand_in_can_be_out_of_reach(use: Use) -> None:
    with pytest.raises(LedgerUnavailable):
        use(MemoryVisitors(out_of_reach=True))
