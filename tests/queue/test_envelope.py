"""The message of the queues: it survives a round trip, and invalid data is rejected."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import NotUnderstood
from shared.model.value import replace
from shared.queue.envelope import Attempt, Envelope, decode, encode
from shared.queue.sqs import FORGOTTEN, placeholder

TEXTS = st.text(max_size=20)
ATTEMPTS = st.builds(
    Attempt, at=TEXTS, verdict=TEXTS, status=st.none() | st.integers(100, 599), reason=TEXTS
)
ENVELOPES = st.builds(
    Envelope,
    id=TEXTS,
    source=TEXTS,
    topic=TEXTS,
    triggered_at=TEXTS,
    received_at=TEXTS,
    headers=st.dictionaries(TEXTS, TEXTS, max_size=5),
    body=st.binary(max_size=2000),
    entity=TEXTS,
    version=TEXTS,
    destination=st.none() | TEXTS,
    task=TEXTS,
    first_failed_at=st.none() | TEXTS,
    not_before=st.none() | TEXTS,
    forced=st.booleans(),
    confirms=st.booleans(),
    replays=st.integers(0, 100),
    trail=st.lists(ATTEMPTS, max_size=3).map(tuple),
)
AT = "2026-11-21T09:00:00.000000000Z"


def envelope(**more: Any) -> Envelope:
    values: dict[str, Any] = {
        "id": "w1",
        "source": "shopify",
        "topic": "products/update",
        "triggered_at": AT,
        "received_at": AT,
        "headers": {"x-shopify-topic": "products/update"},
        "body": b'{"id": 1}',
    }
    return Envelope(**{**values, **more})


def wire(**more: Any) -> bytes:
    return json.dumps(json.loads(encode(envelope())) | more).encode()


def packed(data: bytes) -> str:
    return base64.b64encode(data).decode()


@given(ENVELOPES)
def test_every_envelope_survives_a_round_trip(one: Envelope) -> None:
    assert decode(encode(one)) == one


def test_the_wire_form_has_the_compressed_body_and_no_empty_field() -> None:
    seen = json.loads(encode(envelope()))

    assert gzip.decompress(base64.b64decode(seen.pop("body"))) == b'{"id": 1}'
    assert seen == {
        "id": "w1",
        "source": "shopify",
        "topic": "products/update",
        "triggered_at": AT,
        "received_at": AT,
        "headers": {"x-shopify-topic": "products/update"},
    }


def test_equal_envelopes_are_equal_bytes() -> None:
    assert encode(envelope()) == encode(envelope())


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_not_understood(data: bytes) -> None:
    with pytest.raises(NotUnderstood):
        decode(data)


@given(st.binary(max_size=300))
def test_an_arbitrary_body_is_decoded_or_not_understood(data: bytes) -> None:
    good = gzip.compress(data, mtime=0)

    assert decode(wire(body=packed(good))).body == data
    if data:
        with pytest.raises(NotUnderstood):
            decode(wire(body=packed(data)))


@given(st.data())
def test_a_damaged_body_is_never_decoded_as_another(data: st.DataObject) -> None:
    body = b'{"id": 1, "title": "shoe"}' * 20
    good = bytearray(gzip.compress(body, mtime=0))
    good[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        seen = decode(wire(body=packed(bytes(good)))).body
    except NotUnderstood:
        return

    assert seen == body  # some bits of the format have no meaning


def test_a_broken_stream_is_not_understood() -> None:
    good = bytearray(gzip.compress(b"hello", mtime=0))
    good[10:15] = b"\xff" * 5

    with pytest.raises(NotUnderstood):
        decode(wire(body=packed(bytes(good))))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        wire(id=7),
        wire(headers=[]),
        wire(headers={"a": 1}),
        wire(body="not base64!"),
        wire(body=packed(b"not gzip")),
        wire(body=packed(gzip.compress(b"whole", mtime=0)[:-4])),
        wire(body=packed(gzip.compress(b"one", mtime=0) + b"trailing")),
        wire(trail=[{"at": AT}]),
        wire(replays="many"),
    ],
)
def test_data_that_is_no_envelope_is_not_understood(data: bytes) -> None:
    with pytest.raises(NotUnderstood, match=r"^this message is not an envelope - at `\$`$"):
        decode(data)


@given(st.dictionaries(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists)))
def test_unknown_fields_are_kept_as_they_are(more: dict[str, Any]) -> None:
    # A newer release wrote the message, and was rolled back.
    known = json.loads(encode(envelope()))
    written = {**more, **known}

    read = decode(json.dumps(written).encode())

    assert json.loads(encode(read)) == written
    assert replace(read, unknown={}) == envelope()
    tried = read.tried(Attempt(at="t1", verdict="TryAgain"))
    assert {**more, **known}.items() <= json.loads(encode(tried)).items()


def test_a_placeholder_has_no_unknown_fields() -> None:
    # They may name somebody.
    assert placeholder(decode(wire(buyer="Ann")), FORGOTTEN).unknown == {}


def test_an_envelope_shows_no_unknown_field() -> None:
    assert "Ann" not in repr(decode(wire(buyer="Ann")))


def test_a_body_that_unpacks_to_too_much_is_not_understood() -> None:
    bomb = packed(gzip.compress(b"\0" * (16 * 1024 * 1024 + 1)))
    assert len(bomb) < 40_000

    with pytest.raises(NotUnderstood):
        decode(wire(body=bomb))


def test_a_body_of_the_maximal_size_is_decoded() -> None:
    large = b"\0" * (16 * 1024 * 1024)

    assert decode(encode(envelope(body=large))).body == large


def test_only_the_first_failure_starts_the_retry_time() -> None:
    first, second = Attempt(at="t1", verdict="TryAgain"), Attempt(at="t2", verdict="Unknown")

    one = envelope().tried(first).tried(second)

    assert one.first_failed_at == "t1"
    assert one.trail == (first, second)


def test_an_envelope_shows_no_body_and_no_headers() -> None:
    shown = repr(envelope(body=b"ann@shop.example", headers={"x": "secret-value"}))

    assert "ann@" not in shown
    assert "secret-value" not in shown
