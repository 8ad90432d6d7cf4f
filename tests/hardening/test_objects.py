"""Messages too large for SQS, and pointers that lead where they should not."""

from __future__ import annotations

import json

import pytest

from shared.errors import NotUnderstood
from shared.queue.envelope import Envelope, encode
from tests.queue.conftest import stores as stores  # noqa: PLC0414 - a fixture of another folder
from tests.queue.stores import BUCKET, Stores
from tests.queue.test_envelope import envelope

LARGE = 1_040_001


def test_a_pointer_out_of_the_bodies_was_followed(stores: Stores) -> None:
    stores.s3.put_object(Bucket=BUCKET, Key="privacy/w1.json", Body=encode(envelope()))

    for key in ("privacy/w1.json", "bodies/../privacy/w1.json", "bodiesx"):
        with pytest.raises(NotUnderstood, match="not an envelope"):
            stores.queue().open(json.dumps({"pointer": key}))


def test_of_an_object_that_is_too_large_only_so_much_is_read(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.queue.sqs.MAX_OBJECT", 2000)
    large = encode(envelope()) + b" " * 5000 + b"and more that is never read"
    stores.s3.put_object(Bucket=BUCKET, Key="bodies/large", Body=large)

    assert stores.queue().open('{"pointer": "bodies/large"}') == envelope()


@pytest.mark.parametrize(("size", "keys"), [(1_040_000, 0), (1_040_001, 1), (1_048_577, 1)])
def test_a_message_just_below_a_mebibyte_is_one_and_just_above_it_a_pointer(
    stores: Stores, size: int, keys: int
) -> None:
    one = _of_size(size)
    queue = stores.queue()

    queue.park(one, 0)

    (message,) = stores.messages(stores.retry)
    assert (len(stores.keys()), len(message["Body"]) > 1_000_000) == (keys, keys == 0)
    assert queue.open(message["Body"]) == one


def _of_size(size: int) -> Envelope:
    """Give an envelope whose message has exactly this many bytes: its entity fills it up."""
    empty = len(encode(envelope(entity="product:")))
    return envelope(entity="product:" + "1" * (size - empty))


@pytest.mark.parametrize(
    "token", ["t" * 3000, "\u0442\u043e\u043a\u0435\u043d", "a\r\nx-amz-acl: public-read", "\x00"]
)
def test_the_name_of_an_entity_that_s3_takes_for_no_metadata_stopped_the_webhook(
    stores: Stores, token: str
) -> None:
    one = _of_size(LARGE)
    odd = envelope(entity=f"cart:{token}", body=b"", trail=one.trail, version=one.entity)

    stores.queue().park(odd, 0)

    (message,) = stores.messages(stores.retry)
    assert stores.queue().open(message["Body"]) == odd
