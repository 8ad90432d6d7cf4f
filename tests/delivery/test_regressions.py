"""What a hostile reader found: each test is one sequence that once went wrong."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared.delivery.deliver import Deadline
from shared.delivery.settlement import Status
from shared.destinations.contract import Destination
from shared.errors import LedgerUnavailable, NotUnderstood, QueueUnavailable
from shared.http.call import Call
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import Response
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.model.version import Version, instant_at, moment
from shared.queue.dead_letters import DeadLetters
from shared.queue.envelope import Envelope, decode, encode
from shared.queue.sqs import RetryQueue
from shared.retry_worker import RetryWorker
from shared.sources.contract import ShopRedacted, Translated
from shared.state.ledger import DynamoLedger
from shared.state.ports import Claimed
from tests.delivery.harness import Killed, World, at, webhook
from tests.delivery.people_harness import (
    FaultyPeopleWorld,
    PeopleWorld,
    StoredMessages,
    order,
    person,
    privacy,
    source,
)
from tests.fakes.parking import MemoryParking
from tests.queue.stores import BUCKET, REGION
from tests.state.ledgers import MANY, NOW, SHOE, TABLE, claim, dynamo

SEEDS = 40


def _moods(*moods: str) -> Callable[[int], str]:
    return lambda call: moods[call - 1] if call <= len(moods) else "well"


def _redact(second: int, people: list[str], orders: list[str] | None = None) -> Envelope:
    return webhook("redact", 1, second, people=people, orders=orders or [])


def _parked(world: World) -> list[Envelope]:
    return [decode(data) for _, data in world.parked]


# -- privacy ---------------------------------------------------------------------------------------


def test_the_deletion_of_a_shop_waits_for_hours_and_an_alarm_says_how_to_cancel_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    town = PeopleWorld()
    now = town.clock()
    leaves = Translated(notice=ShopRedacted())
    pipeline = replace(
        town.pipeline(), sources={"shop": replace(source(), translate=lambda *_: leaves)}
    )

    pipeline.deliver(
        webhook("shop/redact", 1, 1), Deadline(deadline=now + 3, longest=3, lease=now + 11)
    )

    [task] = town.duties
    assert task.task == "purge"
    assert task.not_before == instant_at(now + 24 * 3600)
    assert "keep-shop" in caplog.text


def test_forgetting_does_not_delete_the_dead_letter_of_the_redaction_itself() -> None:
    town = PeopleWorld()
    town.platforms["one"].mood = _moods("well", "locked")
    town.deliver(webhook("person", 1, 1, guest="ann"))
    assert town.deliver(_redact(2, ["ann"])) is Status.DEAD_LETTER
    [task] = town.duties
    dead = StoredMessages([envelope for envelope, _ in town.dead])

    privacy(town, dead).perform(task, town.clock() + 60)

    assert [one.topic for one in dead.envelopes] == ["redact"]


def test_forgetting_starts_after_the_last_attempt_that_may_still_know_the_person() -> None:
    town = PeopleWorld()

    town.deliver(_redact(2, ["ann"]))

    [task] = town.duties
    # The longest life of a function, and the time in which a platform may apply its last call.
    assert task.not_before == instant_at(town.clock() + 60 + 30)


def test_forgetting_spares_what_a_person_did_after_the_redaction() -> None:
    town = PeopleWorld()
    dead = StoredMessages(
        [
            replace(webhook("order", 1, 1, guest="ann"), destination="one"),
            replace(webhook("order", 2, 9, guest="ann"), destination="one"),
        ]
    )

    privacy(town, dead).perform(replace(_redact(5, ["ann"]), task="forget"), town.clock() + 60)

    assert [one.id for one in dead.envelopes] == ["order-2-9"]


def test_a_dead_letter_that_our_own_bug_made_does_not_stop_forgetting() -> None:
    town = PeopleWorld()
    dead = StoredMessages([webhook("product", 1, 1, bug=True), webhook("order", 1, 1, guest="ann")])

    privacy(town, dead).perform(replace(_redact(5, ["ann"]), task="forget"), town.clock() + 60)

    assert [one.topic for one in dead.envelopes] == ["product"]


def test_a_dead_letter_of_a_source_that_was_taken_away_does_not_stop_forgetting() -> None:
    town = PeopleWorld()
    other = replace(webhook("product", 1, 1), source="gone")
    dead = StoredMessages([other, webhook("order", 1, 1, guest="ann")])

    privacy(town, dead).perform(replace(_redact(5, ["ann"]), task="forget"), town.clock() + 60)

    assert dead.envelopes == [other]


def test_forgetting_waits_for_the_ledger_and_takes_nobody_for_a_stranger_meanwhile() -> None:
    town = PeopleWorld()
    translate = source().translate

    def unreachable_for_orders(envelope: Envelope, deadline: float) -> object:
        if envelope.topic == "order":
            raise LedgerUnavailable("the key of the pseudonyms is out of reach")
        return translate(envelope, deadline)

    read = replace(source(), translate=unreachable_for_orders)  # type: ignore[arg-type]
    dead = StoredMessages([webhook("order", 1, 1, guest="ann")])
    task = replace(_redact(5, ["ann"]), task="forget")

    with pytest.raises(LedgerUnavailable):
        privacy(town, dead, read).perform(task, town.clock() + 60)


def test_a_redaction_that_must_wait_asks_only_once_to_be_forgotten() -> None:
    town = PeopleWorld()
    town.ledger.out_of_reach = True
    town.deliver(_redact(5, ["ann"]))
    town.drain(hours=0.1)
    town.ledger.out_of_reach = False
    town.drain()

    assert len(town.duties) == 1


def test_a_shop_that_is_purged_leaves_no_dead_letter_that_nobody_can_read() -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name=REGION)
        s3 = boto3.client("s3", region_name=REGION)
        url = sqs.create_queue(QueueName="dead")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody='{"email": "jo@shop.example"}')
        queue = RetryQueue(sqs, s3, retry=url, dead=url, bucket=BUCKET)
        letters = DeadLetters(sqs, queue, url=url, clock=lambda: 0.0, wait=0)

        assert letters.purge(None, 60.0).done == 1


@pytest.mark.parametrize("late", ["order", "person"])
def test_a_redacted_person_is_not_back_by_a_late_order_in_whatever_order_they_come(
    late: str,
) -> None:
    for step in itertools.count(1):
        town = PeopleWorld()
        before = webhook(late, 1, 1, guest="ann")
        town.platforms["one"].mood = _moods("late", "late", "down")
        town.kill_at = step
        try:
            town.deliver(before)
            survived = True
        except Killed:
            survived = False
        town.kill_at = None
        town.deliver(_redact(5, ["ann"], ["1"]))
        town.clock.pass_(5)
        town.deliver(before)
        town.drain()
        town.platforms["one"].catch_up()
        assert (town.sent(person("ann")), town.sent(order("1"))) == ("", ""), step
        if survived:
            break


# -- several entities ------------------------------------------------------------------------------


def test_a_person_in_doubt_is_confirmed_although_their_order_was_refused() -> None:
    town = PeopleWorld()
    town.platforms["one"].mood = _moods("late", "well", "refuses", "well", "refuses")
    town.deliver(webhook("person", 1, 1, guest="ann"))
    town.clock.pass_(1)
    town.deliver(webhook("order", 1, 2, guest="ann"))
    town.platforms["one"].catch_up()
    town.drain()

    assert town.sent(person("ann")) == "v2"
    assert [envelope.topic for envelope, _ in town.dead] == ["order"]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_people_orders_and_redactions_converge_though_every_port_fails_at_random(seed: int) -> None:
    storm = _stormed(seed, _people(again=seed % 2 == 1))
    back = "v9" if seed % 2 else ""

    for name in storm.platforms:
        assert storm.sent(person("ann"), name) == back, name
        assert storm.sent(order("1"), name) == back, name
        assert storm.sent(order("2"), name) == "", name
        assert storm.sent(order("3"), name) == "", name
    assert not storm.dead


def _people(*, again: bool) -> list[Envelope]:
    """A guest and a customer, their orders, a redaction; and the guest may come again."""
    return [
        *(webhook("order", 1, second, guest="ann") for second in (1, 3, 9 if again else 4)),
        webhook("order", 2, 2, guest="ann"),
        webhook("order", 3, 3, customer="7"),
        webhook("person", 5, 2, guest="ann"),
        _redact(6, ["ann", "7"], ["1", "2", "3"]),
    ]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_products_and_events_converge_though_every_port_fails_at_random(seed: int) -> None:
    gone = seed % 3 == 0
    storm = _stormed(seed, _goods(gone=gone))

    for name, platform in storm.platforms.items():
        rows = {one: (row["name"], row["stock"]) for one, row in platform.rows["1"].items()}
        assert rows == ({} if gone else {"a": ("v6", 9), "b": ("v6", 5)}), name
        assert len(platform.events) == len(set(platform.events)), name
        assert len([one for one in platform.events if one in CHECKOUTS]) <= 1, name
    assert not storm.dead


def _goods(*, gone: bool) -> list[Envelope]:
    return [
        *(
            webhook("product", 1, second, variants=["a", "bc"[second % 2]])
            for second in range(1, 7)
        ),
        *(webhook("stock", 1, second, variant="a", n=second) for second in (3, 9)),
        *([webhook("gone", 1, 8)] if gone else []),
        *(webhook("cart", 1, second) for second in (1, 2, 3)),
        *(webhook("checkout", 1, second) for second in (11, 12)),
    ]


MOODS = ("well", "down", "late", "silent after", "unreachable", "asks for time", "refuses")
CHECKOUTS = {str(Version.at(at(second))) for second in (11, 12)}


def _stormed(seed: int, sent: list[Envelope]) -> FaultyPeopleWorld:
    """Send everything twice, in any order, while everything fails; then let all come to rest."""
    rng = random.Random(seed)
    storm = FaultyPeopleWorld(rng, "one", "two")
    for platform in storm.platforms.values():
        platform.mood = _moods(*(rng.choice(MOODS) for _ in range(rng.randrange(25))))
    for one in rng.sample(sent * 2, len(sent) * 2):
        storm.clock.pass_(rng.random() * 20)
        storm.shop_sends(one)
        if rng.random() < 0.3:
            storm.work(hours=0.01)
        if rng.random() < 0.3:
            _catch_up(storm)
    storm.calm = True
    for platform in storm.platforms.values():
        platform.mood = _moods()
    for _ in range(3):
        storm.work(hours=30)
        storm.replay()
    storm.work(hours=30)
    _catch_up(storm)
    return storm


def _catch_up(storm: FaultyPeopleWorld) -> None:
    for platform in storm.platforms.values():
        platform.catch_up()


# -- the rest --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kinds", [("product", "gone"), ("gone", "product")])
def test_what_is_gone_is_not_back_by_a_state_of_the_same_instant(kinds: tuple[str, str]) -> None:
    world = World()
    world.deliver(webhook("product", 1, 1))
    for kind in kinds:
        world.deliver(webhook(kind, 1, 5))

    assert world.platforms["one"].names(1) == {}


def test_a_bug_in_one_destination_neither_repeats_nor_buries_the_delivery_to_another() -> None:
    class Buggy(World):
        def _destination(self, name: str) -> Destination:
            def judge(*_: object) -> object:
                raise KeyError("jo@shop.example")

            found = super()._destination(name)
            return replace(found, judge=judge) if name == "bad" else found  # type: ignore[arg-type]

    world = Buggy("good", "bad")
    world.deliver(webhook("product", 1, 1))

    assert [(one.destination, death.reason) for one, death in world.dead] == [
        ("bad", "internal error: KeyError")
    ]
    world.deliver(webhook("product", 1, 1))
    assert world.platforms["good"].asked == 1


class _Full(CircuitBreaker):
    """Is open, and others take its probes."""

    def admits(self, _destination: str, _now: float) -> bool:
        return False


def test_behind_an_open_breaker_retry_time_ends_too() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "down"
    world.breaker = _Full()
    world.deliver(webhook("product", 1, 1))
    world.drain(hours=72)

    assert len(world.dead) == 1


def test_a_gateway_that_gave_up_waiting_leaves_the_outcome_in_doubt() -> None:
    world = World()
    send = world.send

    def gives_up(call: Call, *_: object) -> Response:
        world.send = send  # type: ignore[method-assign]
        world.platforms["one"].late.append((world.clock(), call.body))
        return Response(status=504)

    world.send = gives_up  # type: ignore[method-assign,assignment]
    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    world.clock.pass_(1)
    world.deliver(webhook("product", 1, 2))
    world.platforms["one"].catch_up()
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_many_variants_that_a_killed_process_may_have_sent_are_known() -> None:
    with mock_aws():
        ledger = DynamoLedger(dynamo(), TABLE)
        ledger.claim(claim(variants=MANY, token="killed"))
        again = ledger.claim(claim(variants=frozenset({"v1"}), token="next", now=NOW + 60))

    assert isinstance(again, Claimed)
    assert again.row.variants == MANY


def test_what_the_ledger_can_never_hold_is_a_dead_letter_and_not_asked_for_ever() -> None:
    with mock_aws():
        ledger = DynamoLedger(dynamo(), TABLE)
        with pytest.raises(NotUnderstood, match="DynamoDB cannot hold a claim"):
            ledger.claim(claim(replace(SHOE, id="9" * 3000)))


def test_a_redaction_of_many_orders_does_not_keep_the_shop_waiting() -> None:
    town = PeopleWorld()
    numbers = [str(number) for number in range(100)]
    assert town.deliver(_redact(5, ["ann"], numbers)) is Status.QUEUED
    assert town.platforms["one"].asked == 0
    town.drain()

    # Each twice: at once, and when whoever was at work meanwhile has made their last call.
    assert town.platforms["one"].asked == 202
    assert len(town.duties) == 1


def test_a_message_for_which_no_time_is_left_comes_no_nearer_to_the_dead_letters() -> None:
    world = World()
    world.platforms["one"].mood = _moods("down")
    world.deliver(webhook("product", 1, 1))
    [envelope] = _parked(world)
    parking = MemoryParking()
    worker = RetryWorker(
        queue=_Opened(parking),  # type: ignore[arg-type]  # only what a worker asks
        pipeline=world.pipeline(),
        settlement=world.pipeline().settlement,
        privacy=privacy(PeopleWorld(), StoredMessages()),
        clock=lambda: world.clock() + 100,
        longest=10.0,
    )
    worker.handle(encode(envelope).decode(), 14.0)

    assert [one.id for one, _ in parking.parked] == ["product-1-1"]
    assert world.platforms["one"].asked == 1


@pytest.mark.parametrize(("hours", "sent"), [(0.9, False), (1.1, True)])
def test_a_duty_that_one_of_our_stores_keeps_waiting_for_an_hour_calls_for_a_person(
    hours: float,
    sent: bool,  # noqa: FBT001 - a case of the table
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, parking = World(), MemoryParking()
    task = replace(_redact(5, ["ann"]), task="forget")
    settlement = replace(world.pipeline().settlement, parking=parking)
    worker = RetryWorker(
        queue=_Opened(parking),  # type: ignore[arg-type]  # only what a worker asks
        pipeline=world.pipeline(),
        settlement=settlement,
        privacy=replace(privacy(PeopleWorld(), StoredMessages()), dead=_Unreachable()),  # type: ignore[arg-type]
        clock=lambda: moment(task.received_at).timestamp() + hours * 3600,
        longest=10.0,
    )

    worker.handle(encode(task).decode(), 60.0)
    settlement.observer.flush()

    assert [one.task for one, _ in parking.parked] == ["forget"]
    assert ('"DutyWaits":[1.0]' in "".join(capsys.readouterr().out.split())) is sent


class _Unreachable:
    def purge(self, *_: object) -> None:
        raise QueueUnavailable("SQS did not answer")


class _Opened:
    def __init__(self, parking: MemoryParking) -> None:
        self.park = parking.park

    def open(self, body: str) -> Envelope:
        return decode(body.encode())


def test_what_ends_without_a_call_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    town = PeopleWorld()
    for second, name in ((3, "same"), (3, "same"), (1, "old"), (4, "same")):
        town.deliver(webhook("product", 1, second, name=name))
    town.deliver(webhook("cart", 1, 1))
    town.deliver(replace(webhook("cart", 1, 1), id="another"))
    town.observer.flush()

    sent = "".join(capsys.readouterr().out.split())
    for metric in ("duplicate", "superseded", "unchanged", "told_already"):
        assert f'"{metric}":[1.0]' in sent, metric


def test_a_cart_whose_claim_got_no_answer_is_sent_all_the_same() -> None:
    world = World()
    claim = world.claim

    def loses_its_response(request: object) -> object:
        world.claim = claim  # type: ignore[method-assign]
        claim(request)
        raise LedgerUnavailable("the response was lost")

    world.claim = loses_its_response  # type: ignore[method-assign,assignment]
    assert world.deliver(webhook("cart", 1, 1)) is Status.QUEUED
    world.drain()

    assert len(world.platforms["one"].events) == 1


# -- what only the rules' own tests noticed when a bug was planted ---------------------------------


def test_after_a_redaction_no_late_order_of_that_person_arrives_listed_or_not() -> None:
    town = PeopleWorld()
    town.deliver(_redact(5, ["ann", "7"], ["1"]))
    late = [
        webhook("order", 1, 1, guest="ann"),
        webhook("order", 2, 2, guest="ann"),
        webhook("order", 3, 3, customer="7"),
        webhook("order", 1, 4),
    ]

    assert {town.deliver(one) for one in late} == {Status.SUPERSEDED}
    assert all(not rows for rows in town.platforms["one"].rows.values())


@pytest.mark.parametrize("killed", [False, True])
@pytest.mark.parametrize("times", [1, 2])
def test_a_state_that_returns_is_sent_while_another_may_still_be_applied(
    *, killed: bool, times: int
) -> None:
    world = World()
    world.platforms["one"].mood = _moods("well", "late")
    world.deliver(webhook("product", 1, 1, name="A"))
    world.kill_at = world.steps + 4 if killed else None
    try:
        world.deliver(webhook("product", 1, 2, name="B"))
    except Killed:
        world.clock.pass_(12)
    world.kill_at = None
    for second in range(3, 3 + times):
        world.clock.pass_(1)
        world.deliver(webhook("product", 1, second, name="A"))
    world.platforms["one"].catch_up()
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "A"}


def test_what_one_platform_has_taken_supersedes_nothing_at_another() -> None:
    world = World("good", "bad")
    world.platforms["bad"].mood = _moods("refuses")
    world.deliver(webhook("product", 1, 2))
    world.deliver(webhook("product", 1, 1))

    assert world.platforms["good"].names(1) == {"a": "v2"}
    assert world.platforms["bad"].names(1) == {"a": "v1"}


def test_a_process_that_outlives_its_lease_records_nothing_and_the_newest_state_stays() -> None:
    world = World()
    send = world.send

    def outlives(*call: Any) -> Any:
        world.send = send  # type: ignore[method-assign]
        world.clock.pass_(12)
        assert world.deliver(webhook("product", 1, 2)) is Status.DELIVERED
        return send(*call)

    world.send = outlives  # type: ignore[method-assign,assignment]
    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    applied = world.ledger.rows[Entity(Kind.PRODUCT, "1")].destination_state("one").applied
    assert applied == Version.at(at(2))
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v2"}


# -- what an audit found ---------------------------------------------------------------------------


@pytest.mark.parametrize("forced", [False, True])
def test_a_redaction_that_is_replayed_by_force_is_sent_twice_like_any_other(
    *, forced: bool
) -> None:
    town = PeopleWorld()
    town.deliver(replace(_redact(5, ["ann"]), destination="one", forced=forced))
    town.drain()

    assert town.platforms["one"].asked == 2


def test_what_waits_for_a_busy_entity_remembers_the_try_that_sent_nothing() -> None:
    world = World()
    world.kill_at = 3
    with pytest.raises(Killed):
        world.deliver(webhook("cart", 1, 1))
    world.kill_at = None

    world.deliver(webhook("cart", 1, 2))
    world.clock.pass_(3)
    [waiting] = _parked(world)
    world.deliver(waiting)

    assert [len(one.unsent_tokens) for one in _parked(world)] == [1, 2]
