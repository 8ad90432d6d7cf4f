"""Invariants 1 to 5, on the real pipeline between stand-ins."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest

from shared.delivery.settlement import Status
from shared.errors import QueueUnavailable
from shared.model.entity import Entity, Kind
from shared.queue.envelope import Envelope, decode
from tests.delivery.harness import Killed, World, webhook


def _moods(*moods: str) -> Callable[[int], str]:
    return lambda call: moods[call - 1] if call <= len(moods) else "well"


@pytest.mark.parametrize("mood", ["well", "down", "refuses", "silent after", "late", "unreachable"])
def test_a_process_killed_at_any_step_loses_nothing_when_the_shop_tries_again(mood: str) -> None:
    for step in itertools.count(1):
        world = World()
        world.platforms["one"].mood = _moods(mood)
        world.kill_at = step
        sent = webhook("product", 1, 1)
        try:
            world.deliver(sent)
            survived = True
        except Killed:
            survived = False
        world.kill_at = None
        if not survived:
            world.clock.pass_(60)
            world.deliver(sent)
        world.platforms["one"].catch_up()
        world.drain()
        world.replay()
        world.drain()

        assert world.platforms["one"].names(1) == {"a": "v1"}, f"killed at step {step}"
        assert not world.dead
        if survived:
            break


@pytest.mark.parametrize("mood", ["down", "late", "silent after"])
def test_a_worker_killed_at_any_step_loses_nothing_when_its_message_comes_again(mood: str) -> None:
    for step in itertools.count(1):
        world = World()
        world.platforms["one"].mood = _moods("down", mood)
        assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
        waiting = list(world.parked)
        world.kill_at = world.steps + step
        try:
            world.drain()
            survived = True
        except Killed:
            survived = False
            world.kill_at = None
            world.parked += waiting  # SQS shows it again: it was never deleted
        world.clock.pass_(360)
        world.platforms["one"].catch_up()
        world.drain()

        assert world.platforms["one"].names(1) == {"a": "v1"}, f"killed at step {step}"
        if survived:
            break


def test_a_delivery_that_is_done_is_a_duplicate() -> None:
    world = World()
    sent = webhook("product", 1, 1)

    assert [world.deliver(sent), world.deliver(sent)] == [Status.DELIVERED, Status.DUPLICATE]
    assert world.platforms["one"].asked == 1


def test_without_a_queue_the_shop_hears_of_it_and_its_next_try_is_no_duplicate() -> None:
    world = World()
    world.platforms["one"].mood = _moods("down")
    world.queue_down = True
    sent = webhook("product", 1, 1)
    with pytest.raises(QueueUnavailable):
        world.deliver(sent)
    world.queue_down = False

    assert world.deliver(sent) is Status.DELIVERED


def test_without_a_ledger_the_webhook_is_parked() -> None:
    world = World()
    world.ledger.out_of_reach = True

    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    assert world.platforms["one"].asked == 0
    world.ledger.out_of_reach = False
    world.drain()
    assert world.platforms["one"].names(1) == {"a": "v1"}


def test_a_ledger_that_goes_away_before_the_commit_makes_it_be_sent_again() -> None:
    world = World()
    send = world.send

    def sends_and_loses_the_ledger(*args: object) -> object:
        world.ledger.out_of_reach = True
        return send(*args)  # type: ignore[arg-type]

    world.send = sends_and_loses_the_ledger  # type: ignore[method-assign,assignment]
    assert world.deliver(webhook("product", 1, 2)) is Status.QUEUED
    world.send = send  # type: ignore[method-assign]
    world.ledger.out_of_reach = False
    world.clock.pass_(60)
    world.deliver(webhook("product", 1, 1))
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_a_late_update_does_not_overwrite_a_newer_one() -> None:
    world = World()
    world.deliver(webhook("product", 1, 2))

    assert world.deliver(webhook("product", 1, 1)) is Status.SUPERSEDED
    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_what_was_only_seen_supersedes_nothing() -> None:
    world = World()
    world.platforms["one"].mood = _moods("refuses")
    assert world.deliver(webhook("product", 1, 2)) is Status.DEAD_LETTER

    assert world.deliver(webhook("product", 1, 1)) is Status.DELIVERED
    world.replay()
    world.drain()
    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_what_is_gone_stays_gone_when_an_older_update_comes_late() -> None:
    world = World()
    world.deliver(webhook("product", 1, 1))
    world.deliver(webhook("gone", 1, 5))

    assert world.deliver(webhook("product", 1, 3)) is Status.SUPERSEDED
    assert world.platforms["one"].names(1) == {}


def test_a_variant_that_left_the_product_leaves_the_platform() -> None:
    world = World()
    world.deliver(webhook("product", 1, 1, variants=["a", "b"]))
    world.deliver(webhook("product", 1, 2, variants=["b"]))

    assert world.platforms["one"].names(1) == {"b": "v2"}


def test_a_variant_whose_creation_was_not_answered_leaves_too_however_late_it_was_made() -> None:
    world = World()
    world.platforms["one"].mood = _moods("well", "late")
    world.deliver(webhook("product", 1, 1))
    world.deliver(webhook("product", 1, 2, variants=["a", "b"]))
    world.clock.pass_(2)
    world.deliver(webhook("product", 1, 3))
    world.platforms["one"].catch_up()
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v3"}


def test_a_call_applied_after_our_time_out_does_not_win_over_a_newer_state() -> None:
    world = World()
    world.platforms["one"].mood = _moods("late")
    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    world.clock.pass_(1)
    assert world.deliver(webhook("product", 1, 2)) is Status.DELIVERED
    world.platforms["one"].catch_up()
    assert world.platforms["one"].names(1) == {"a": "v1"}
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_an_unchanged_product_is_not_sent_again_and_an_uncertain_one_is() -> None:
    world = World()
    world.deliver(webhook("product", 1, 1, name="same"))
    world.deliver(webhook("product", 1, 2, name="same"))
    assert world.platforms["one"].asked == 1

    world.platforms["one"].mood = lambda call: "down" if call == 2 else "well"
    world.deliver(webhook("product", 1, 3, name="other"))
    world.deliver(webhook("product", 1, 4, name="same"))
    assert world.platforms["one"].asked == 3


def test_one_platform_that_fails_neither_delays_nor_repeats_another() -> None:
    world = World("good", "bad")
    world.platforms["bad"].mood = lambda _: "refuses"
    sent = webhook("product", 1, 1)

    assert world.deliver(sent) is Status.DEAD_LETTER
    assert world.platforms["good"].names(1) == {"a": "v1"}
    assert [(one.destination, death.status) for one, death in world.dead] == [("bad", 422)]
    world.platforms["bad"].mood = lambda _: "well"
    world.replay()
    world.drain()
    assert world.platforms["bad"].names(1) == {"a": "v1"}
    assert world.platforms["good"].asked == 1


def test_a_variant_is_forgotten_only_after_every_platform_deleted_it() -> None:
    world = World("good", "bad")
    world.deliver(webhook("product", 1, 1, variants=["a", "b"]))
    world.platforms["bad"].mood = lambda call: "refuses" if call == 2 else "well"
    world.deliver(webhook("product", 1, 2, variants=["b"]))
    world.deliver(webhook("product", 1, 3, variants=["b"]))

    for platform in world.platforms.values():
        assert platform.names(1) == {"b": "v3"}
    assert world.ledger.rows[Entity(Kind.PRODUCT, "1")].variants == {"b"}


def test_it_is_patient_for_a_day_and_then_a_dead_letter_with_its_whole_trail() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "down"
    start = world.clock()
    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    world.drain(hours=40)

    [(envelope, death)] = world.dead
    assert world.clock() - start >= 24 * 3600
    assert world.clock() - start < 25 * 3600
    assert death.status == 503
    assert len(envelope.trail) > 40


def test_a_wait_that_was_asked_for_is_kept() -> None:
    world = World()
    world.platforms["one"].mood = _moods("asks for time")
    start = world.clock()
    world.deliver(webhook("product", 1, 1))
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v1"}
    assert world.clock() - start >= 7200


def test_a_refusal_is_a_dead_letter_at_once_that_names_status_and_destination() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "refuses"

    assert world.deliver(webhook("product", 1, 1)) is Status.DEAD_LETTER
    [(envelope, death)] = world.dead
    assert (envelope.destination, death.status, envelope.entity) == ("one", 422, "product:1")
    assert [line.verdict for line in envelope.trail] == ["Refused"]


def test_a_mangled_webhook_is_a_dead_letter_that_names_the_path() -> None:
    world = World()

    assert world.deliver(webhook("product", 1, 1, mangled=True)) is Status.DEAD_LETTER
    assert world.dead[0][1].path == "$.mangled"


def test_a_bug_of_ours_is_a_dead_letter_without_what_the_error_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world = World()

    assert world.deliver(webhook("product", 1, 1, bug=True)) is Status.DEAD_LETTER
    assert world.dead[0][1].reason == "internal error: KeyError"
    assert "jo@shop.example" not in capsys.readouterr().out


def test_a_paused_platform_is_parked_and_its_retry_time_does_not_run() -> None:
    world = World()
    world.paused.add("one")
    assert world.deliver(webhook("product", 1, 1)) is Status.QUEUED
    world.drain(hours=72)
    assert world.platforms["one"].asked == 0
    assert not world.dead
    world.paused.clear()
    world.drain()

    assert world.platforms["one"].names(1) == {"a": "v1"}


def test_after_three_failures_a_dead_platform_is_not_called_but_probed() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "silent after"
    for number in range(10):
        world.deliver(webhook("product", number, 1))
    assert world.platforms["one"].asked == 3

    world.platforms["one"].mood = lambda _: "well"
    world.drain()
    assert all(world.platforms["one"].names(number) == {"a": "v1"} for number in range(10))


def test_a_busy_entity_is_waited_for_and_that_is_no_attempt() -> None:
    world = World()
    sent = webhook("product", 1, 2)
    world.kill_at = 3
    with pytest.raises(Killed):
        world.deliver(webhook("product", 1, 1))
    world.kill_at = None

    assert world.deliver(sent) is Status.QUEUED
    assert [one.trail for one in _parked(world)] == [()]
    world.drain()
    assert world.platforms["one"].names(1) == {"a": "v2"}


def test_a_webhook_that_names_an_entity_twice_does_not_wait_for_itself() -> None:
    world = World()

    assert world.deliver(webhook("product", 1, 1, times=2)) is Status.DELIVERED
    assert world.platforms["one"].asked == 1


def _parked(world: World) -> list[Envelope]:
    return [decode(data) for _, data in world.parked]


# -- events ----------------------------------------------------------------------------------------


def test_a_cart_state_is_sent_once_even_when_the_answer_was_lost() -> None:
    world = World()
    world.platforms["one"].mood = _moods("silent after")
    sent = webhook("cart", 1, 1)

    assert world.deliver(sent) is Status.DELIVERED
    world.drain()
    assert len(world.platforms["one"].events) == 1


@pytest.mark.parametrize("step", range(1, 12))
def test_a_cart_is_never_sent_twice_wherever_the_process_was_killed(step: int) -> None:
    world = World()
    world.kill_at = step
    sent = webhook("cart", 1, 1)
    try:
        world.deliver(sent)
    except Killed:
        world.kill_at = None
        world.clock.pass_(60)
        world.deliver(sent)
    world.drain()

    assert len(world.platforms["one"].events) <= 1


def test_a_cart_that_the_platform_could_not_take_is_sent_later() -> None:
    world = World()
    world.platforms["one"].mood = _moods("down")
    assert world.deliver(webhook("cart", 1, 1)) is Status.QUEUED
    world.drain()

    assert len(world.platforms["one"].events) == 1


def test_each_state_of_a_cart_is_sent_and_an_older_one_is_not_sent_after_a_newer() -> None:
    world = World()
    world.deliver(webhook("cart", 1, 1))
    world.deliver(webhook("cart", 1, 3))
    assert world.deliver(webhook("cart", 1, 2)) is Status.SUPERSEDED

    assert len(world.platforms["one"].events) == 2


def test_a_checkout_is_sent_once_whatever_comes_after() -> None:
    world = World()
    for second in (1, 2, 3):
        world.deliver(webhook("checkout", 1, second))

    assert len(world.platforms["one"].events) == 1


# -- partial updates -------------------------------------------------------------------------------


def test_an_availability_is_merged_into_a_full_row_that_is_older() -> None:
    world = World()
    world.platforms["one"].mood = _moods("well", "well", "down")
    world.deliver(webhook("product", 1, 1))
    world.deliver(webhook("stock", 1, 9, variant="a", n=0))
    world.deliver(webhook("product", 1, 5))
    world.drain()

    assert world.platforms["one"].rows["1"]["a"] == {"name": "v5", "stock": 0}


def test_a_newer_full_row_wins_over_an_older_availability_that_was_delayed() -> None:
    world = World()
    world.deliver(webhook("product", 1, 1))
    world.platforms["one"].mood = lambda call: "down" if call == 2 else "well"
    world.deliver(webhook("stock", 1, 3, variant="a", n=0))
    world.deliver(webhook("product", 1, 5))
    world.drain()

    assert world.platforms["one"].rows["1"]["a"] == {"name": "v5", "stock": 5}


def test_the_newest_of_two_availabilities_wins_in_any_order() -> None:
    for order in itertools.permutations((3, 4)):
        world = World()
        world.deliver(webhook("product", 1, 1))
        for second in order:
            world.deliver(webhook("stock", 1, second, variant="a", n=second))
        assert world.platforms["one"].rows["1"]["a"]["stock"] == 4


# -- all at once -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(150))
def test_however_it_is_shuffled_doubled_and_disturbed_the_newest_state_wins(seed: int) -> None:
    rng = random.Random(seed)
    world = World("one", "two")
    for platform in world.platforms.values():
        platform.mood = _moods(*(rng.choice(MOODS) for _ in range(rng.randrange(25))))
    for one in _shuffled(rng, gone=seed % 3 == 0):
        world.clock.pass_(rng.random() * 20)
        _deliver_or_die(world, one, rng)
        if rng.random() < 0.3:
            for platform in world.platforms.values():
                platform.catch_up()
        if rng.random() < 0.3:
            world.drain(hours=0.01)
    for platform in world.platforms.values():
        platform.mood = lambda _: "well"
    world.drain()
    world.replay()
    world.drain()

    newest = {} if seed % 3 == 0 else {"a": ("v6", 9), "b": ("v6", 5)}
    for name, platform in world.platforms.items():
        platform.catch_up()
        rows = {one: (row["name"], row["stock"]) for one, row in platform.rows["1"].items()}
        assert rows == newest, name
    assert not world.dead


MOODS = ("well", "down", "late", "silent after", "unreachable", "asks for time", "refuses")


def _shuffled(rng: random.Random, *, gone: bool) -> list[Envelope]:
    sent = [
        webhook("product", 1, second, variants=["a", "bc"[second % 2]]) for second in range(1, 7)
    ]
    sent += [webhook("stock", 1, second, variant="a", n=second) for second in (3, 9)]
    sent += [webhook("gone", 1, 8)] if gone else []
    sent *= 2
    rng.shuffle(sent)
    return sent


def _deliver_or_die(world: World, envelope: Envelope, rng: random.Random) -> None:
    """Deliver; now and then the process is killed at some step, and the shop tries again."""
    if rng.random() < 0.3:
        world.kill_at = world.steps + rng.randrange(1, 15)
    try:
        world.deliver(envelope)
        world.kill_at = None
    except Killed:
        world.kill_at = None
        world.clock.pass_(60)
        world.deliver(envelope)
