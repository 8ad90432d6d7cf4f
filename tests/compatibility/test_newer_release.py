"""
Messages and items that a newer release wrote before it was rolled back: they have fields that this
release does not know. Each is read, and the fields are kept when it is written again.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.queue import dead_letter
from shared.queue.envelope import decode, encode
from shared.queue.replay import renewed
from shared.queue.sqs import pointer_of
from shared.state import item, journal, visitor_item
from shared.state.row import Ending
from tests.compatibility.test_release_0_1 import PRODUCT, never, written

MORE = {"a": None, "region": {"name": "eu", "ids": [1, 2.50, "é"]}, "x#y": True}


def newer(name: str, more: Any) -> Any:
    return {**written(name), **more}


@pytest.mark.parametrize("name", ["envelope", "envelope_small", "envelope_privacy"])
def test_an_envelope_keeps_what_is_unknown_also_in_a_retry_and_a_replay(name: str) -> None:
    there = newer(name, MORE)
    envelope = decode(json.dumps(there).encode())

    assert replace(envelope, unknown={}) == decode(json.dumps(written(name)).encode())
    assert json.loads(encode(envelope)) == there
    again = json.loads(encode(renewed(envelope, force=True)))
    assert {key: again[key] for key in MORE} == MORE


def test_an_attempt_with_an_unknown_field_is_read() -> None:
    there = written("envelope")
    there["trail"][0]["region"] = "eu"

    assert len(decode(json.dumps(there).encode()).trail) == 2


def test_a_pointer_with_an_unknown_field_is_read() -> None:
    assert pointer_of(json.dumps(newer("pointer", MORE))) == "bodies/2026-11-21/6f1c"


def test_a_dead_letter_with_an_unknown_attribute_is_read() -> None:
    there = written("dead_letter")
    there["MessageAttributes"]["region"] = {"DataType": "String", "StringValue": "eu"}

    assert dead_letter.read(there, never).topic == "orders/updated"


ATTRIBUTES = {
    "region": {"M": {"name": {"S": "eu"}}},
    "x#datacue": {"N": "1"},
    "x#another": {"BOOL": True},
}


def test_a_row_keeps_the_attributes_that_are_unknown() -> None:
    there = {key: value for key, value in written("row").items() if not key.startswith("tomb")}
    row = item.read({**there, **ATTRIBUTES}, PRODUCT)

    assert replace(row, unknown={}) == item.read(there, PRODUCT)
    again = item.write(item.key(PRODUCT), row.with_done("w3"), many=False)
    assert {key: again[key] for key in ATTRIBUTES} == ATTRIBUTES


def test_the_row_of_a_redacted_person_keeps_nothing_that_is_unknown() -> None:
    row = item.read(newer("row", ATTRIBUTES), Entity(Kind.PERSON, "1"))

    assert row.tombstone is not None
    assert row.tombstone.end is Ending.REDACTED
    assert not ATTRIBUTES.keys() & item.write("entity#person:1", row, many=False).keys()


def test_a_visitor_and_an_entry_of_the_journal_with_unknown_attributes_are_read() -> None:
    visitor = visitor_item.read(newer("visitor", ATTRIBUTES))
    entry = journal._read(newer("journal", ATTRIBUTES))  # noqa: SLF001 - the form at rest is private

    assert visitor == visitor_item.read(written("visitor"))
    assert entry == journal._read(written("journal"))  # noqa: SLF001 - as above
