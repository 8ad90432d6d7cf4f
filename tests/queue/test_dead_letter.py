from __future__ import annotations

import pytest

from shared.errors import NotUnderstood
from shared.model.value import replace
from shared.queue.dead_letter import parse_time, read
from shared.queue.envelope import Envelope
from tests.queue.test_envelope import envelope

MESSAGE = {"MessageId": "m1", "Body": "{}"}
NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", NOON - 90),
        ("15m", NOON - 900),
        ("2h", NOON - 7200),
        (" 3d ", NOON - 259_200),
        ("1w", NOON - 604_800),
        ("2026-11-21", NOON - 43_200),
        ("2026-11-21T12:00", NOON),
        ("2026-11-21T12:00:00Z", NOON),
        ("2026-11-21T13:00:00+01:00", NOON),
    ],
)
def test_a_time_is_an_age_or_a_date_or_iso_8601(text: str, expected: float) -> None:
    assert parse_time(text, NOON) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "3 days", "-2h", "2026-13-01", "1.5h"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="neither an age"):
        parse_time(text, NOON)


@pytest.mark.parametrize(
    ("parked", "destination"),
    [
        (envelope(destination="datacue"), "datacue"),
        (replace(envelope(destination=None), task="forget"), "forget"),
    ],
)
def test_the_facts_of_a_message_that_sqs_moved_are_those_of_its_body(
    parked: Envelope, destination: str
) -> None:
    found = read(MESSAGE, lambda _: parked)  # type: ignore[arg-type]  # a plain dict

    assert (found.id, found.source, found.topic) == (parked.id, parked.source, parked.topic)
    assert (found.destination, found.entity) == (destination, parked.entity)
    assert found.reason == "crashed: received too often"


def test_a_message_whose_body_is_no_envelope_has_empty_facts() -> None:
    def unreadable(_: str) -> Envelope:
        raise NotUnderstood("this message is not an envelope")

    found = read(MESSAGE, unreadable)  # type: ignore[arg-type]  # a plain dict

    facts = (found.id, found.source, found.topic, found.destination, found.entity, found.path)
    assert facts == ("",) * 6
