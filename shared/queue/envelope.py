"""
The object that travels: the webhook itself, never a rendered call, so that inbound, retry and
replay are one function on one object, and a mapping fixed today heals yesterday's dead letters.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import zlib
from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from shared.errors import NotUnderstood
from shared.model.value import Hidden, Value

# A webhook body is at most 6 MB (Lambda's limit on a synchronous event); what unpacks to more was
# not written by us.
MAX_BODY = 16 * 1024 * 1024


class Attempt(Value):
    """One try at one destination: when (an `instant`), the verdict's name, status, and reason."""

    at: str
    verdict: str
    status: int | None = None
    reason: str = ""


class Envelope(Value):
    """
    One webhook on its way.

    ``entity`` and ``version`` are texts of `Entity` and `Version`, empty before the first
    translation and for webhooks that belong to none. ``destination`` is None at the door and for
    whatever must still reach all of them. ``first_failed_at`` starts the clock of patience;
    ``not_before`` is when a parked envelope is due. ``forced`` ignores the hash of what a
    destination already has; ``confirms`` marks the one re-send after an unknown outcome.
    ``untold`` are tokens of earlier tries that surely told nothing: an event that one of them wrote
    down as intended may still be told.
    ``duty`` is empty for platforms, or names work on our own stores (see `shared/privacy/requests.py`).
    """

    id: str
    source: str
    topic: str
    triggered_at: str
    received_at: str
    headers: Hidden[Mapping[str, str]]
    body: Hidden[bytes]
    entity: str = ""
    version: str = ""
    destination: str | None = None
    duty: str = ""
    first_failed_at: str | None = None
    not_before: str | None = None
    forced: bool = False
    confirms: bool = False
    untold: tuple[str, ...] = ()
    replays: int = 0
    trail: tuple[Attempt, ...] = ()

    def tried(self, attempt: Attempt) -> Envelope:
        """Grow the trail by one line; the first failure starts the clock of patience."""
        return replace(
            self,
            trail=(*self.trail, attempt),
            first_failed_at=self.first_failed_at or attempt.at,
        )


class _Wire(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    id: str
    source: str
    topic: str
    triggered_at: str
    received_at: str
    headers: dict[str, str]
    body: str = ""
    entity: str = ""
    version: str = ""
    destination: str | None = None
    duty: str = ""
    first_failed_at: str | None = None
    not_before: str | None = None
    forced: bool = False
    confirms: bool = False
    untold: tuple[str, ...] = ()
    replays: int = 0
    trail: tuple[Attempt, ...] = ()


_DECODER = msgspec.json.Decoder(_Wire)


def encode(envelope: Envelope) -> bytes:
    """Write an envelope as JSON; the body is gzipped and in base64."""
    values = {name: getattr(envelope, name) for name in _Wire.__struct_fields__}
    values["headers"] = dict(envelope.headers)
    values["body"] = base64.b64encode(gzip.compress(envelope.body, 6, mtime=0)).decode()
    return msgspec.json.encode(_Wire(**values))


def decode(data: bytes) -> Envelope:
    """
    Read what `encode` wrote.

    Raises NotUnderstood for anything else, a body that unpacks to more than ``MAX_BODY`` included.
    """
    try:
        wire = _DECODER.decode(data)
        body = _unpack(base64.b64decode(wire.body, validate=True))
    except (
        msgspec.DecodeError,
        binascii.Error,
        OSError,
        EOFError,
        ValueError,
        zlib.error,
    ) as error:
        msg = "this message is not an envelope"
        raise NotUnderstood(msg) from error
    values = {name: getattr(wire, name) for name in _Wire.__struct_fields__}
    return Envelope(**{**values, "body": body})


def _unpack(packed: bytes) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        body = stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        msg = "the body is too large"
        raise ValueError(msg)
    return body
