"""
Messages and items that release 0.1 wrote. A parked message lives for 14 days and a row of the
ledger for longer, so newer code must read them. The files are never regenerated.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.queue import dead_letter
from shared.queue.envelope import Envelope, decode, encode
from shared.queue.sqs import pointer_of
from shared.state import item, journal, visitor_item

FOLDER = Path(__file__).parent / "release_0_1"
TRIGGERED = "2026-11-21T09:00:00.123456789Z"
RECEIVED = "2026-11-21T09:05:00.000000000Z"
VERSION = f"{TRIGGERED}/{RECEIVED}"
PRODUCT = Entity(Kind.PRODUCT, "8650100000101")


def written(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def test_an_envelope_in_the_retry_queue_is_read_with_every_field() -> None:
    envelope = decode(json.dumps(written("envelope")).encode())

    assert envelope.id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert (envelope.source, envelope.topic) == ("shopify", "orders/updated")
    assert (envelope.triggered_at, envelope.received_at) == (TRIGGERED, RECEIVED)
    assert envelope.headers["x-shopify-topic"] == "orders/updated"
    assert envelope.body == '{"id":5820000000101,"note":"café"}'.encode()
    assert (envelope.entity, envelope.version) == ("order:5820000000101", VERSION)
    assert envelope.destination == "datacue"
    assert envelope.first_failed_at == RECEIVED
    assert envelope.not_before == "2026-11-21T09:05:30.000000000Z"
    assert envelope.forced
    assert envelope.confirms
    assert envelope.replays == 2
    assert [(one.at, one.verdict, one.status, one.reason) for one in envelope.trail] == [
        (RECEIVED, "TryAgain", 503, "503"),
        (RECEIVED, "Unknown", None, "read timed out"),
    ]


@pytest.mark.parametrize("name", ["envelope", "envelope_small", "envelope_privacy"])
def test_an_envelope_is_written_so_that_release_0_1_reads_it(name: str) -> None:
    """After a rollback the old release reads the envelopes that the new one parked."""
    there = written(name)
    assert json.loads(encode(decode(json.dumps(there).encode()))) == there


def test_a_parked_privacy_request_is_read() -> None:
    envelope = decode(json.dumps(written("envelope_privacy")).encode())
    again = json.loads(encode(envelope))
    assert (envelope.topic, again["duty"]) == ("customers/redact", "forget")


def test_a_pointer_to_a_body_in_s3_is_read() -> None:
    assert pointer_of(json.dumps(written("pointer"))) == "bodies/2026-11-21/6f1c"


def never(body: str) -> Envelope:
    raise AssertionError(body)


def test_a_dead_letter_is_read_only_from_its_attributes() -> None:
    found = dead_letter.read(written("dead_letter"), never)
    assert found.id == "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"
    assert (found.source, found.topic) == ("shopify", "orders/updated")
    assert (found.destination, found.entity) == ("datacue", "order:5820000000101")
    assert (found.reason, found.status) == ("given up: 503", 503)
    assert found.path == "$.line_items[0].price"
    assert decode(found.body.encode()).version == VERSION


def test_a_message_that_sqs_itself_moved_is_read_from_its_body() -> None:
    found = dead_letter.read(written("dead_letter_crashed"), lambda body: decode(body.encode()))
    assert (found.topic, found.destination) == ("orders/updated", "datacue")


@pytest.mark.parametrize("name", ["row", "row_many"])
def test_a_row_of_the_ledger_is_read_with_every_attribute(name: str) -> None:
    there = written(name)
    row = item.read(there, PRODUCT)
    assert row.done == ("w1", "w2")
    assert row.registers["stock:44000000000001"].value == 7
    assert row.registers["stock:44000000000002"].value is None
    assert row.registers["consent"].value is True
    assert (row.stock_at, row.stock_open) == (RECEIVED, frozenset({"44000000000002"}))
    assert row.tombstone is not None
    assert (row.tombstone.end.value, row.tombstone.at) == ("redacted", TRIGGERED)
    assert row.expires == 1829811900
    assert row.many is (name == "row_many")
    assert row.variants == frozenset(there.get("variants", {"SS": []})["SS"])


def test_the_states_of_destinations_are_read() -> None:
    row = item.read(written("row"), PRODUCT)
    datacue, yespo = row.destination_state("datacue"), row.destination_state("yespo")
    assert datacue.applied == Version(TRIGGERED, RECEIVED)
    assert (datacue.digest, datacue.unsure_until) == ("d" * 32, 1795251900.5)
    assert yespo.gone
    assert yespo.intended == f"{VERSION} token-1"


def test_a_lease_is_read() -> None:
    lease = item.read(written("row"), PRODUCT).lease
    assert lease is not None
    assert (lease.token, lease.until) == ("token-9", 1795251999.25)


@pytest.mark.parametrize(("name", "many"), [("row", False), ("row_many", True)])
def test_a_row_is_written_so_that_release_0_1_reads_it(name: str, many: bool) -> None:  # noqa: FBT001 - a case
    there = written(name)
    again = item.write(item.key(PRODUCT), item.read(there, PRODUCT), many=many)
    assert again == {key: value for key, value in there.items() if key not in {"lease", "until"}}


def test_a_visitor_is_read_and_written_alike() -> None:
    there = written("visitor")
    visitor = visitor_item.read(there)
    update = visitor_item.update_visitor(visitor, 1800000000, visitor_item.links(there))
    names = {alias[1:]: name for alias, name in update["ExpressionAttributeNames"].items()}
    again = {
        names.get(alias[1:], alias[1:]): value
        for alias, value in update["ExpressionAttributeValues"].items()
    }
    assert again == {key: value for key, value in there.items() if key != "pk"}


def test_an_entry_of_the_journal_is_read() -> None:
    entry = journal._read(written("journal"))  # noqa: SLF001 - the form at rest is private
    assert (entry.id, entry.topic, entry.entity) == (
        "b54557e4",
        "orders/updated",
        "order:5820000000101",
    )
    assert entry.received_at == TRIGGERED
    assert entry.verdicts == {"datacue": "delivered, unchanged", "yespo": "waits: read timed out"}
    assert (entry.attempts, entry.milliseconds) == (1, 42)
