"""Messages too large for SQS, and pointers to other objects."""

from __future__ import annotations

import json

import pytest

from shared.errors import NotUnderstood
from shared.queue.envelope import Envelope, encode
from tests.queue.conftest import stores as stores  # noqa: PLC0414 - a fixture of another folder
from tests.queue.stores import BUCKET, Stores
from tests.queue.test_envelope import envelope

LARGE = 1_040_001


def test_a_pointer_outside_the_bodies_is_not_followed(stores: Stores) -> None:
    stores.s3.put_object(Bucket=BUCKET, Key="privacy/w1.json", Body=encode(envelope()))

    for key in ("privacy/w1.json", "bodies/../privacy/w1.json", "bodiesx"):
        with pytest.raises(NotUnderstood, match="not an envelope"):
            stores.queue().open(json.dumps({"pointer": key}))


def test_only_a_part_of_a_too_large_object_is_read(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.queue.sqs.MAX_OBJECT", 2000)
    large = encode(envelope()) + b" " * 5000 + b"and more that is never read"
    stores.s3.put_object(Bucket=BUCKET, Key="bodies/large", Body=large)

    assert stores.queue().open('{"pointer": "bodies/large"}') == envelope()


@pytest.mark.parametrize(("size", "keys"), [(1_040_000, 0), (1_040_001, 1), (1_048_577, 1)])
def test_a_message_above_the_limit_is_a_pointer(stores: Stores, size: int, keys: int) -> None:
    one = _of_size(size)
    queue = stores.queue()

    queue.park(one, 0)

    (message,) = stores.messages(stores.retry)
    assert (len(stores.keys()), len(message["Body"]) > 1_000_000) == (keys, keys == 0)
    assert queue.open(message["Body"]) == one


def _of_size(size: int) -> Envelope:
    """Return an envelope whose message has exactly this many bytes, with a long entity."""
    empty = len(encode(envelope(entity="product:")))
    return envelope(entity="product:" + "1" * (size - empty))


@pytest.mark.parametrize(
    "token", ["t" * 3000, "\u0442\u043e\u043a\u0435\u043d", "a\r\nx-amz-acl: public-read", "\x00"]
)
def test_an_entity_that_is_no_valid_s3_metadata_is_parked(stores: Stores, token: str) -> None:
    one = _of_size(LARGE)
    odd = envelope(entity=f"cart:{token}", body=b"", trail=one.trail, version=one.entity)

    stores.queue().park(odd, 0)

    (message,) = stores.messages(stores.retry)
    assert stores.queue().open(message["Body"]) == odd
