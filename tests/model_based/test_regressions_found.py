"""
What the machine found, each as the shortest play that shows it: what happens, in what order, and
then the same look at the end that the machine takes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model_based.machine import Machine, Post


class Play(Machine):
    """The machine, moved by hand."""

    def makes(self, kind: str, **facts: object) -> Post:
        """Something happens in the shop, a moment later; its webhook is still on its way."""
        self.system.pass_(0.3)
        self.happens(kind, **{"id": "1", **facts})
        return self.posts[-1]

    def arrives(self, post: Post) -> None:
        """A webhook is delivered, undisturbed."""
        self.post(post)
        self._end(self.system.processes.alive[-1:])

    def stands(self, post: Post, *hows: str) -> None:
        """A webhook is delivered up to some port call; ``hows`` are its calls until then."""
        self.post(post)
        process = self.system.processes.alive[-1]
        for how in hows:
            self.system.processes.resume(process, process.destination_state()[0], how)


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
    play.stands(order, "well", "well")
    play.arrives(redaction)


def test_a_consent_that_came_with_a_late_row_was_lost_for_the_newer_row_sent_none(
    play: Play,
) -> None:
    late = play.makes("person", name="A", consent=True)
    play.arrives(play.makes("person", name="A"))
    play.arrives(late)


def test_a_late_redaction_took_away_what_the_person_had_agreed_to_since(play: Play) -> None:
    redaction = play.makes("redact", people=("1",))
    play.system.pass_(2)
    play.arrives(play.makes("person", name="A"))
    play.arrives(play.makes("consent", consent=False))
    play.arrives(redaction)
    play.arrives(play.makes("person", name="B"))


def test_a_redaction_passed_for_older_than_a_state_of_the_same_second(play: Play) -> None:
    # On the stroke of the second: the person's own time, in whole seconds, is not before it.
    play.happens("redact", id="1", people=("1",))
    play.arrives(play.makes("person", name="A"))
    play.arrives(play.posts[0])


def test_a_redaction_was_not_sent_where_the_person_was_deleted_after_it(play: Play) -> None:
    order = play.makes("order", name="A", who="1")
    redaction = play.makes("redact", people=("1",))
    play.system.pass_(2)
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


def test_a_cart_that_was_refused_and_could_not_be_recorded_was_sent_to_nobody(play: Play) -> None:
    play.system.platforms["one"].mood = "down"
    play.stands(play.makes("cart"), "well", "well", "well", "well", "fails before")
    play.system.platforms["one"].mood = "well"


def test_a_product_without_variants_left_no_version_and_a_late_one_came_to_life(
    play: Play,
) -> None:
    """Found in review: the machine's shop always has variants."""
    late = play.makes("product", name="A", variants=("a",))
    play.system.pass_(2)
    play.arrives(play.makes("product", name="B", variants=()))
    play.arrives(late)


def test_two_counts_of_one_instant_changed_places_when_they_were_posted_again(play: Play) -> None:
    play.arrives(play.makes("product", name="A", variants=("a",)))
    play.system.pass_(2)
    play.happens("stock", id="1", variant="a", stock=2)
    play.happens("stock", id="1", variant="a", stock=3)
    for post in play.posts[-2:]:
        play.arrives(post)


def test_two_answers_of_one_instant_changed_places_when_they_were_posted_again(play: Play) -> None:
    play.arrives(play.makes("person", name="A"))
    play.system.pass_(2)
    play.happens("consent", id="1", consent=False)
    play.happens("consent", id="1", consent=True)
    for post in play.posts[-2:]:
        play.arrives(post)
