"""
What the machine found, each as the shortest program that shows it: what happens, in what order, and
then the check of the machine's end.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model_based.machine import Machine, Post


class Play(Machine):
    """The machine, moved by hand."""

    def makes(self, kind: str, **facts: object) -> Post:
        """Record a fact of the shop a moment later; its webhook is not delivered yet."""
        self.system.advance(0.3)
        self.happens(kind, **{"id": "1", **facts})
        return self.posts[-1]

    def arrives(self, post: Post) -> None:
        """Deliver a webhook without failures."""
        self.post(post)
        self._end(self.system.processes.alive[-1:])

    def stands(self, post: Post, *outcomes: str) -> None:
        """Deliver a webhook up to some port call, with the ``outcomes`` of the calls before it."""
        self.post(post)
        process = self.system.processes.alive[-1]
        for outcome in outcomes:
            self.system.processes.resume(process, process.waiting()[0], outcome)


@pytest.fixture
def play() -> Iterator[Play]:
    one = Play()
    yield one
    one.teardown()


def test_a_redaction_was_not_sent_where_the_person_had_been_deleted_before(play: Play) -> None:
    play.arrives(play.makes("person", name="A"))
    play.arrives(play.makes("person gone"))
    late = play.makes("order", name="A", who="1")
    redaction = play.makes("redact", people=("1",))
    play.arrives(late)
    play.arrives(redaction)


def test_an_order_in_flight_made_a_person_known_again_whom_the_redaction_had_removed(
    play: Play,
) -> None:
    order = play.makes("order", name="A", who="1")
    redaction = play.makes("redact", people=("1",))
    play.stands(order, "succeeds", "succeeds")
    play.arrives(redaction)


def test_a_consent_that_came_with_a_late_row_was_lost_because_the_newer_row_had_none(
    play: Play,
) -> None:
    late = play.makes("person", name="A", consent=True)
    play.arrives(play.makes("person", name="A"))
    play.arrives(late)


def test_a_late_redaction_removed_a_newer_consent(play: Play) -> None:
    redaction = play.makes("redact", people=("1",))
    play.system.advance(2)
    play.arrives(play.makes("person", name="A"))
    play.arrives(play.makes("consent", consent=False))
    play.arrives(redaction)
    play.arrives(play.makes("person", name="B"))


def test_a_redaction_counted_as_older_than_a_state_of_the_same_second(play: Play) -> None:
    # At a whole second: the person's modified time, in whole seconds, is not before it.
    play.happens("redact", id="1", people=("1",))
    play.arrives(play.makes("person", name="A"))
    play.arrives(play.posts[0])


def test_a_redaction_was_not_sent_where_the_person_was_deleted_after_it(play: Play) -> None:
    order = play.makes("order", name="A", who="1")
    redaction = play.makes("redact", people=("1",))
    play.system.advance(2)
    play.arrives(play.makes("person gone"))
    play.arrives(order)
    play.arrives(redaction)


def test_a_copy_of_a_cart_that_found_the_intent_of_another_made_the_other_a_duplicate(
    play: Play,
) -> None:
    cart = play.makes("cart")
    play.stands(cart)
    play.stands(cart, "fails after")
    play.system.processes.finish()


def test_a_checkout_that_was_about_to_be_sent_superseded_itself(play: Play) -> None:
    first = play.makes("checkout")
    play.stands(first, "fails after")
    play.system.processes.finish()
    play.arrives(play.makes("checkout"))


def test_a_cart_that_was_refused_and_could_not_be_recorded_was_never_sent(play: Play) -> None:
    play.system.platforms["one"].behaviour = "unavailable"
    play.stands(play.makes("cart"), "succeeds", "succeeds", "succeeds", "succeeds", "fails before")
    play.system.platforms["one"].behaviour = "healthy"


def test_a_product_without_variants_left_no_version_and_a_late_state_restored_it(
    play: Play,
) -> None:
    """Found in a review: the products of the machine's shop always have variants."""
    late = play.makes("product", name="A", variants=("a",))
    play.system.advance(2)
    play.arrives(play.makes("product", name="B", variants=()))
    play.arrives(late)


def test_two_counts_of_one_instant_depended_on_their_order(play: Play) -> None:
    play.arrives(play.makes("product", name="A", variants=("a",)))
    play.system.advance(2)
    play.happens("stock", id="1", variant="a", stock=2)
    play.happens("stock", id="1", variant="a", stock=3)
    for post in play.posts[-2:]:
        play.arrives(post)


def test_two_answers_of_one_instant_depended_on_their_order(play: Play) -> None:
    play.arrives(play.makes("person", name="A"))
    play.system.advance(2)
    play.happens("consent", id="1", consent=False)
    play.happens("consent", id="1", consent=True)
    for post in play.posts[-2:]:
        play.arrives(post)


def test_a_count_and_a_row_of_one_instant_ended_as_the_last_of_them_arrived(play: Play) -> None:
    play.happens("product", id="1", name="A", variants=("a",), stock=3)
    play.happens("stock", id="1", variant="a", stock=0)
    row, count = play.posts
    play.arrives(count)
    play.arrives(row)
