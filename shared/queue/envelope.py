"""
The message of the queues: the webhook itself, never a rendered call, so that inbound, retry and
replay are one function on one object, and a mapping that is fixed today applies to yesterday's dead
letters.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Mapping

import msgspec
from msgspec import field

from shared.errors import NotUnderstood
from shared.model.value import Hidden, Value, replace

# A webhook body is at most 6 MB (Lambda's limit on a synchronous event); a body that unpacks to
# more was not written by Shoprelay.
MAX_BODY = 16 * 1024 * 1024


# What msgspec raises: RecursionError for a value of an unknown field that is nested too deeply.
INVALID_JSON = (msgspec.DecodeError, RecursionError)
# No message has a field of this name: `encode` writes the unknown fields beside the known ones.
_UNKNOWN = "(unknown)"


class Attempt(Value):
    """
    One attempt at one destination. ``at`` is an `instant`, ``verdict`` a `word`, ``status`` the
    HTTP status where there was one.
    """

    at: str
    verdict: str
    status: int | None = None
    reason: str = ""


class Envelope(Value, omit_defaults=True):
    """
    One webhook, and its form in the queue: JSON with the body gzipped and in base64.

    ``entity`` and ``version`` are texts of `Entity` and `Version`, empty before the first
    translation and for webhooks that belong to none. ``destination`` is None in the receiver and
    for a message that must still reach every destination. ``first_failed_at`` starts the time for
    which a webhook is retried; ``not_before`` is when a parked envelope is due. ``forced`` ignores
    the hash of what a destination already has; ``confirms`` marks the one re-send after an unknown
    outcome. ``unsent_tokens`` are the lease tokens of earlier attempts that surely sent nothing: an
    event that one of them recorded as intended may still be sent. ``task`` is empty for webhooks
    that go to destinations, or names work on our own stores (see `shared.privacy.requests`).

    The field names in the queue are those of release 0.1; a renamed field keeps its name there.
    ``unknown`` are the fields of a newer release, which was rolled back after it wrote the message:
    they are kept as they are when the envelope is written again.
    """

    id: str
    source: str
    topic: str
    triggered_at: str
    received_at: str
    headers: Hidden[Mapping[str, str]]
    body: Hidden[bytes] = b""
    entity: str = ""
    version: str = ""
    destination: str | None = None
    task: str = field(name="duty", default="")
    first_failed_at: str | None = None
    not_before: str | None = None
    forced: bool = False
    confirms: bool = False
    unsent_tokens: tuple[str, ...] = field(name="untold", default=())
    replays: int = 0
    trail: tuple[Attempt, ...] = ()
    unknown: Hidden[Mapping[str, msgspec.Raw]] = field(name=_UNKNOWN, default_factory=dict)

    def tried(self, attempt: Attempt) -> Envelope:
        """Return the envelope with one more attempt; the first failure starts the retry time."""
        return replace(
            self,
            trail=(*self.trail, attempt),
            first_failed_at=self.first_failed_at or attempt.at,
        )


_DECODER = msgspec.json.Decoder(Envelope)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KNOWN = frozenset(Envelope.__struct_encode_fields__)


def encode(envelope: Envelope) -> bytes:
    """Return an envelope as JSON, with its body gzipped and in base64."""
    packed = gzip.compress(envelope.body, 6, mtime=0)
    known = msgspec.json.encode(replace(envelope, body=packed, unknown={}))
    if not envelope.unknown:
        return known
    return msgspec.json.encode({**envelope.unknown, **_FIELDS.decode(known)})


def decode(data: bytes) -> Envelope:
    """
    Read what `encode` wrote.

    Raise NotUnderstood for anything else, also for a body that unpacks to more than ``MAX_BODY``.
    """
    try:
        packed = _DECODER.decode(data)
        fields = _FIELDS.decode(data)
        # A copy: a Raw keeps the whole message in memory.
        unknown = {name: fields[name].copy() for name in fields.keys() - _KNOWN}
        return replace(packed, body=_unpack(packed.body), unknown=unknown)
    except (*INVALID_JSON, OSError, EOFError, ValueError, zlib.error) as error:
        msg = "this message is not an envelope"
        raise NotUnderstood(msg) from error


def _unpack(packed: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        body = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        msg = "the body is too large"
        raise ValueError(msg)
    return body
