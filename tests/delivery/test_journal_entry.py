"""What the journal says of a delivery, through the real pipeline."""

from __future__ import annotations

from shared.model.value import replace
from tests.delivery.harness import World, webhook


def verdicts(world: World) -> list[dict[str, str]]:
    return [dict(note.verdicts) for note in world.ledger.notes]


def test_what_every_destination_took_is_delivered() -> None:
    world = World("one", "two")

    world.deliver(webhook("product", 1, 1))

    [note] = world.ledger.notes
    assert note.verdicts == {"one": "delivered", "two": "delivered"}
    assert (note.id, note.source, note.topic) == ("product-1-1", "shop", "product")
    assert note.entity == "product:1"
    assert note.received_at == webhook("product", 1, 1).received_at


def test_a_destination_that_is_down_is_waited_for_and_the_retry_says_how_it_ended() -> None:
    world = World("one", "two")
    world.platforms["two"].mood = lambda call: "down" if call == 1 else "well"

    world.deliver(webhook("product", 1, 1))
    world.drain()

    assert verdicts(world) == [
        {"one": "delivered", "two": "waits: answered 503"},
        {"two": "delivered"},
    ]


def test_a_refusal_is_a_dead_letter_with_its_status() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "refuses"

    world.deliver(webhook("product", 1, 1))

    assert verdicts(world) == [{"one": "dead letter: answered 422"}]


def test_what_was_overtaken_is_superseded_and_what_is_unchanged_says_so() -> None:
    world = World()
    world.deliver(webhook("product", 1, 5, name="n"))

    world.deliver(webhook("product", 1, 1, name="old"))
    world.deliver(webhook("product", 1, 9, name="n"))

    assert verdicts(world) == [
        {"one": "delivered"},
        {"one": "superseded"},
        {"one": "delivered, unchanged"},
    ]


def test_an_unknown_outcome_says_that_it_waits() -> None:
    world = World()
    world.platforms["one"].mood = lambda _: "silent after"

    world.deliver(webhook("product", 1, 1))

    assert verdicts(world) == [{"one": "waits: no answer in time"}]


def test_what_nobody_understands_is_noted_for_all_destinations() -> None:
    world = World()

    world.deliver(webhook("product", 1, 1, mangled=True))

    [note] = world.journal.notes
    assert note.verdicts == {"all": "dead letter: a test mangled it - at $.mangled"}
    assert note.entity == ""


def test_an_event_that_was_sent_already_says_so() -> None:
    world = World()
    world.deliver(webhook("cart", 1, 1))

    world.deliver(replace(webhook("cart", 1, 1), id="another"))

    assert verdicts(world) == [{"one": "delivered"}, {"one": "delivered, told_already"}]


def test_a_paused_destination_is_named_as_the_reason_of_the_wait() -> None:
    world = World()
    world.paused.add("one")

    world.deliver(webhook("product", 1, 1))

    assert verdicts(world) == [{"one": "waits: paused"}]


def test_a_duplicate_leaves_no_note_of_its_own() -> None:
    world = World()
    world.deliver(webhook("product", 1, 1))

    world.deliver(webhook("product", 1, 1))

    assert len(verdicts(world)) == 1
