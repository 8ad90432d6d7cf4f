"""The bucket: which objects are deleted, and which stay."""

from __future__ import annotations

import pytest

from shared.errors import QueueUnavailable
from shared.queue.envelope import Envelope, encode
from shared.queue.payload_store import Cursor, PayloadStore
from tests.fakes.clock import Clock
from tests.queue.stores import BUCKET, Stores
from tests.queue.test_envelope import envelope


@pytest.fixture
def filled(stores: Stores) -> Stores:
    """Return a bucket with two bodies, an invalid object, and a record."""
    for key, data in {
        "bodies/2026-11-20/a": encode(envelope(id="w1")),
        "bodies/2026-11-21/b": encode(envelope(id="w2")),
        "bodies/2026-11-21/c": b"broken",
        "privacy/w0.json": b"{}",
    }.items():
        stores.s3.put_object(Bucket=BUCKET, Key=key, Body=data)
    return stores


def first(one: Envelope) -> bool:
    return one.id == "w1"


def test_a_matching_body_becomes_a_placeholder_without_personal_data(filled: Stores) -> None:
    assert PayloadStore(filled.s3, BUCKET).remove(first) == Cursor(
        after="bodies/2026-11-21/c", done=1, over=True
    )

    left = filled.queue().open('{"pointer": "bodies/2026-11-20/a"}')
    assert (left.id, left.task, left.body, left.entity) == ("w1", "forgotten", b"", "")
    assert filled.queue().open('{"pointer": "bodies/2026-11-21/b"}').body == b'{"id": 1}'


def test_a_placeholder_is_not_replaced_again(filled: Stores) -> None:
    bodies = PayloadStore(filled.s3, BUCKET)

    assert [bodies.remove(first).done, bodies.remove(first).done] == [1, 0]


def test_a_scan_out_of_time_is_continued_where_it_stopped(stores: Stores) -> None:
    clock = Clock()
    for number in range(7):
        data = encode(envelope(id=f"w{number}"))
        stores.s3.put_object(Bucket=BUCKET, Key=f"bodies/x/{number}", Body=data)
    seen: list[str] = []

    def match(one: Envelope) -> bool:
        clock.pass_(1)
        seen.append(one.id)
        return one.id in {"w1", "w5"}

    store, cursor = PayloadStore(stores.s3, BUCKET, clock), Cursor()
    while not cursor.over:
        cursor = store.remove(match, clock() + 3, cursor)

    assert seen == ["w0", "w1", "w2", "w3", "w4", "w5", "w6"]
    assert cursor.done == 2


def test_only_matching_records_are_deleted(filled: Stores) -> None:
    filled.s3.put_object(Bucket=BUCKET, Key="privacy/w9.json", Body=b'{"a": 9}')

    assert PayloadStore(filled.s3, BUCKET).remove_records(lambda data: b"9" in data).done == 1
    assert filled.keys()[-1] == "privacy/w0.json"


def test_a_purge_deletes_every_body_and_every_record(filled: Stores) -> None:
    assert PayloadStore(filled.s3, BUCKET).purge() == 4

    assert filled.keys() == []


def test_a_purge_out_of_time_raises_and_the_next_one_completes_it(filled: Stores) -> None:
    clock = Clock()
    bodies = PayloadStore(filled.s3, BUCKET, clock)

    with pytest.raises(QueueUnavailable, match="no time is left"):
        bodies.purge(clock())
    assert bodies.purge(clock() + 1) == 4


def test_more_bodies_than_a_page_are_all_deleted(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "5")
    for number in range(11):
        stores.s3.put_object(Bucket=BUCKET, Key=f"bodies/x/{number}", Body=b"")

    assert PayloadStore(stores.s3, BUCKET).purge() == 11


def test_a_record_for_the_merchant_is_written(stores: Stores) -> None:
    PayloadStore(stores.s3, BUCKET).record("w1", b'{"a": 1}')

    found = stores.s3.get_object(Bucket=BUCKET, Key="privacy/w1.json")
    assert found["ContentType"] == "application/json"
    assert found["Body"].read() == b'{"a": 1}'


def test_an_error_of_the_bucket_is_unavailable(stores: Stores) -> None:
    lost = PayloadStore(stores.s3, "no-such-bucket")

    with pytest.raises(QueueUnavailable, match="S3 did not answer: NoSuchBucket"):
        lost.remove(first)
    with pytest.raises(QueueUnavailable):
        lost.purge()
    with pytest.raises(QueueUnavailable):
        lost.record("w1", b"{}")
