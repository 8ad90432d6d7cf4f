"""The bucket: what is deleted, and what stays."""

from __future__ import annotations

import pytest

from shared.delivery.bodies import Bodies
from shared.delivery.envelope import Envelope, encode
from shared.errors import QueueUnavailable
from tests.delivery.stores import BUCKET, Stores
from tests.delivery.test_envelope import envelope


@pytest.fixture
def filled(stores: Stores) -> Stores:
    """Give a bucket with two bodies, something broken, and a record."""
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


def test_matching_bodies_alone_are_deleted(filled: Stores) -> None:
    assert Bodies(filled.s3, BUCKET).remove(first) == 1

    assert filled.keys() == ["bodies/2026-11-21/b", "bodies/2026-11-21/c", "privacy/w0.json"]


def test_a_purge_deletes_every_body_and_no_record(filled: Stores) -> None:
    assert Bodies(filled.s3, BUCKET).purge() == 3

    assert filled.keys() == ["privacy/w0.json"]


def test_more_bodies_than_a_page_are_all_deleted(stores: Stores) -> None:
    for number in range(1001):
        stores.s3.put_object(Bucket=BUCKET, Key=f"bodies/x/{number}", Body=b"")

    assert Bodies(stores.s3, BUCKET).purge() == 1001


def test_a_record_for_the_merchant_is_written(stores: Stores) -> None:
    Bodies(stores.s3, BUCKET).record("w1", b'{"a": 1}')

    found = stores.s3.get_object(Bucket=BUCKET, Key="privacy/w1.json")
    assert found["ContentType"] == "application/json"
    assert found["Body"].read() == b'{"a": 1}'


def test_a_bucket_out_of_reach_is_unavailable(stores: Stores) -> None:
    lost = Bodies(stores.s3, "no-such-bucket")

    with pytest.raises(QueueUnavailable, match="S3 did not answer: NoSuchBucket"):
        lost.remove(first)
    with pytest.raises(QueueUnavailable):
        lost.purge()
    with pytest.raises(QueueUnavailable):
        lost.record("w1", b"{}")
