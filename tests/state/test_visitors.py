"""The contract of every store of visitors: one suite for DynamoDB (moto) and for its fake."""

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
class VisitorStore:
    """A store of visitors, and its clock."""

    store: DynamoVisitors | MemoryVisitors
    clock: Clock

    def known(self, *names: Entity) -> set[Entity]:
        return set(self.store.find(names))


@pytest.fixture(params=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest) -> VisitorStore:
    clock = Clock()
    if request.param == "memory":
        return VisitorStore(store=MemoryVisitors(clock=clock), clock=clock)
    store = on_dynamodb(request.getfixturevalue("aws"), clock)[0]
    return VisitorStore(store=store, clock=clock)


def on_dynamodb(client: DynamoDBClient, clock: Clock) -> tuple[DynamoVisitors, str]:
    name = f"visitors-{next(NUMBERS)}"
    table(client, name)
    return DynamoVisitors(client, name, lambda one: f"hash-of-{one}", clock), name


def test_an_unknown_visitor_is_not_found(store: VisitorStore) -> None:
    assert store.store.find([ADA, CART]) == {}
    assert store.store.find([]) == {}


def test_a_visitor_is_found_under_every_name_with_all_fields(store: VisitorStore) -> None:
    whole = Visitor(
        tracker_cookie="SC",
        device_id="d",
        session_id="s",
        seen_at="2026-11-21T09:00:00Z",
        segment="A",
        campaign=CAMPAIGN,
    )

    store.store.keep([CART, CHECKOUT, ORDER, ADA, GUEST], whole)

    found = store.store.find([CART, CHECKOUT, ORDER, ADA, GUEST, BEN])
    assert found == {CART: whole, CHECKOUT: whole, ORDER: whole, ADA: whole, GUEST: whole}


def test_a_stored_visitor_replaces_the_one_before(store: VisitorStore) -> None:
    store.store.keep([ADA], PHONE)

    store.store.keep([ADA], DESK)

    assert store.store.find([ADA]) == {ADA: DESK}


def test_a_repeated_name_is_stored_once(store: VisitorStore) -> None:
    store.store.keep([ADA, ADA, CART], PHONE)

    assert store.store.find([ADA, ADA]) == {ADA: PHONE}


@pytest.mark.parametrize("empty", [NOBODY, Visitor(segment="A")], ids=["nothing", "a segment"])
def test_an_empty_visitor_replaces_none(store: VisitorStore, empty: Visitor) -> None:
    store.store.keep([ADA], PHONE)

    store.store.keep([ADA, CART], empty)

    assert store.store.find([ADA, CART]) == {ADA: PHONE}


@pytest.mark.parametrize(
    ("name", "days"), [(CART, 60), (CHECKOUT, 60), (ORDER, 60), (GUEST, 400), (ADA, 400)]
)
def test_a_visitor_expires_with_the_lifetime_of_their_name(
    store: VisitorStore, name: Entity, days: int
) -> None:
    store.store.keep([name], PHONE)

    store.clock.pass_(days * DAY - 1)
    assert store.known(name) == {name}
    store.clock.pass_(1)
    assert store.known(name) == set()


def test_storing_a_visitor_again_extends_the_lifetime(store: VisitorStore) -> None:
    store.store.keep([CART], PHONE)
    store.clock.pass_(59 * DAY)

    store.store.keep([CART], PHONE)

    store.clock.pass_(59 * DAY)
    assert store.known(CART) == {CART}


def test_the_first_registered_device_stays(store: VisitorStore) -> None:
    first = Visitor(device_id="d-1", session_id="s-1", seen_at="2026-11-21T09:00:00Z")

    assert store.store.register(ADA, first) == first
    assert store.store.register(ADA, Visitor(device_id="d-2", session_id="s-2")) == first
    assert store.store.register(ADA, Visitor(device_id="d-2", session_id="s-2"), "d-0") == first

    assert store.store.find([ADA]) == {ADA: first}


def test_a_device_that_its_platform_does_not_know_is_replaced(store: VisitorStore) -> None:
    store.store.register(ADA, Visitor(device_id="d-1", session_id="s-1"))
    fresh = Visitor(device_id="d-2", session_id="s-2")

    assert store.store.register(ADA, fresh, "d-1") == fresh
    assert store.store.register(ADA, Visitor(device_id="d-3", session_id="s-3"), "d-1") == fresh


def test_the_same_device_may_be_registered_again(store: VisitorStore) -> None:
    store.store.register(ADA, Visitor(device_id="d-1", session_id="s-1"))
    again = Visitor(device_id="d-1", session_id="s-2")

    assert store.store.register(ADA, again) == again

    assert store.store.find([ADA]) == {ADA: again}


def test_a_visitor_without_a_device_is_replaced_by_one_with_a_device(store: VisitorStore) -> None:
    store.store.keep([ADA], DESK)
    whole = Visitor(tracker_cookie=DESK.tracker_cookie, device_id="d-1")

    assert store.store.register(ADA, whole) == whole

    assert store.store.find([ADA]) == {ADA: whole}


def test_a_registered_visitor_without_a_device_replaces_no_device(store: VisitorStore) -> None:
    assert store.store.register(ADA, DESK) == DESK
    store.store.keep([BEN], PHONE)

    assert store.store.register(BEN, DESK) == PHONE

    assert store.store.find([ADA, BEN]) == {ADA: DESK, BEN: PHONE}


def test_an_expired_device_is_replaced(store: VisitorStore) -> None:
    store.store.register(ADA, PHONE)
    store.clock.pass_(400 * DAY)
    fresh = Visitor(device_id="d-new", session_id="s-new")

    assert store.store.register(ADA, fresh) == fresh

    assert store.store.find([ADA]) == {ADA: fresh}


def test_names_stored_together_are_erased_together(store: VisitorStore) -> None:
    store.store.keep([CART, CHECKOUT, ORDER, ADA], PHONE)
    store.store.keep([BEN], DESK)

    assert store.store.forget([ADA]) == 4

    assert store.known(CART, CHECKOUT, ORDER, ADA, BEN) == {BEN}


def test_a_person_is_erased_with_all_carts_of_a_year(store: VisitorStore) -> None:
    carts = [Entity.of_token(Kind.CART, f"c-{number}") for number in range(5)]
    for cart in carts:
        store.store.keep([cart, ADA], PHONE)
        store.clock.pass_(10 * DAY)

    assert store.store.forget([ADA]) == 6

    assert store.known(ADA, *carts) == set()


def test_names_stored_later_with_a_persons_cart_are_erased_too(store: VisitorStore) -> None:
    store.store.keep([CART, ADA], PHONE)
    store.store.keep([CART, CHECKOUT], PHONE)
    store.store.keep([CHECKOUT, ORDER], PHONE)

    store.store.forget([ADA])

    assert store.known(CART, CHECKOUT, ORDER, ADA) == set()


def test_a_registration_keeps_the_links(store: VisitorStore) -> None:
    store.store.keep([CART, ADA], DESK)
    store.store.register(ADA, Visitor(device_id="d-1"))

    store.store.forget([ADA])

    assert store.known(CART, ADA) == set()


def test_an_order_is_erased_with_its_cart_and_the_person_stays(store: VisitorStore) -> None:
    store.store.keep([CART, ORDER, ADA], PHONE)

    store.store.forget([ORDER])

    assert store.known(CART, ORDER, ADA) == {ADA}


def test_two_people_with_a_shared_cart_are_not_erased_together(store: VisitorStore) -> None:
    other = Entity.of_token(Kind.CART, "c-2")
    store.store.keep([CART, ADA], PHONE)
    store.store.keep([CART, BEN], PHONE)
    store.store.keep([other, BEN], DESK)

    store.store.forget([ADA])

    assert store.known(CART, ADA, BEN, other) == {BEN, other}


def test_erasing_an_unknown_visitor_is_no_error(store: VisitorStore) -> None:
    assert store.store.forget([ADA, CART]) == 0
    assert store.store.forget([]) == 0


def test_a_person_with_very_many_carts_is_erased_with_the_newest() -> None:
    # With the fake: in DynamoDB the bound is tested below, with one item.
    clock = Clock()
    store = VisitorStore(store=MemoryVisitors(clock=clock), clock=clock)
    carts = [Entity.of_token(Kind.CART, f"c-{number}") for number in range(LINKS + 5)]
    for cart in carts:
        store.store.keep([cart, ADA], PHONE)
        store.clock.pass_(DAY / 4)

    store.store.forget([ADA])

    # The person's own name is one of the hundred; carts of one day have no order among them.
    left = store.known(ADA, *carts)
    assert len(left) == 6
    assert left <= set(carts[:8])
    store.clock.pass_(60 * DAY)
    assert store.known(*carts) == set()


def test_a_purge_erases_all_visitors(store: VisitorStore) -> None:
    store.store.keep([CART, ADA], PHONE)
    store.store.keep([BEN], DESK)

    assert store.store.purge(store.clock() + 1) == 3

    assert store.known(CART, ADA, BEN) == set()


# ---- Only DynamoDB ------------------------------------------------------------------------------


def test_the_keys_and_links_of_customers_are_keyed_hashes(aws: DynamoDBClient) -> None:
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


def test_the_size_of_an_item_is_bounded(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    # As long as keys of carts are; the second half of what stands there is of the same carts.
    stored = [f"{day} visitor#cart:{number:032}" for day in (1, 2) for number in range(LINKS)]
    aws.put_item(
        TableName=name,
        Item={"pk": {"S": "visitor#person:hash-of-777"}, "together": {"SS": stored}},
    )

    store.keep([CART, ADA], PHONE)

    key = {"pk": {"S": "visitor#person:hash-of-777"}}
    held = aws.get_item(TableName=name, Key=key)["Item"]["together"]["SS"]
    assert len(held) == LINKS
    assert sorted(one.partition(" ")[0] for one in held)[:-2] == ["2"] * (LINKS - 2)
    assert f"{int(clock()) // DAY} visitor#{CART}" in held


def test_an_ordinary_cart_costs_one_write_for_each_name_and_one_read(
    aws: DynamoDBClient,
) -> None:
    store, _ = on_dynamodb(aws, Clock())
    seen = counting(aws)

    store.keep([CART, ADA], PHONE)
    store.find([CART, CHECKOUT, ORDER, ADA])

    assert seen == {"UpdateItem": 2, "BatchGetItem": 1}


def test_expired_visitors_are_deleted_by_the_ttl_of_the_table(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    store.keep([CART, ADA], PHONE)
    store.register(BEN, PHONE)

    sweep(aws, name, clock() + 401 * DAY)

    assert aws.scan(TableName=name)["Items"] == []


def test_a_purge_of_the_ledger_deletes_visitors_too(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    ledger = DynamoLedger(aws, name, str, clock)
    store.keep([CART, ADA], PHONE)

    assert ledger.purge(clock() + 1) == 2

    assert store.find([CART, ADA]) == {}


def test_a_purge_of_visitors_keeps_the_ledger(aws: DynamoDBClient) -> None:
    clock = Clock()
    store, name = on_dynamodb(aws, clock)
    ledger = DynamoLedger(aws, name, str, clock)
    ledger.claim(claim(SHOE))
    store.keep([CART], PHONE)

    assert store.purge(clock() + 1) == 1

    assert ledger.row(SHOE) is not None


def test_a_purge_of_visitors_out_of_time_raises(aws: DynamoDBClient) -> None:
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
def test_an_error_of_the_table_is_unavailable(aws: DynamoDBClient, use: Use) -> None:
    store = DynamoVisitors(aws, "no-table", str, Clock())

    with pytest.raises(LedgerUnavailable, match="ResourceNotFoundException"):
        use(store)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_table_without_a_response_is_unavailable(
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
def test_the_fake_can_be_unavailable(use: Use) -> None:
    with pytest.raises(LedgerUnavailable):
        use(MemoryVisitors(out_of_reach=True))
