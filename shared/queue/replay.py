"""How dead letters are replayed: the operator's request, the rate, the envelope that is sent."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from shared.errors import NotUnderstood
from shared.model.value import MutableValue, Value, replace
from shared.queue.dead_letter import DeadLetterFilter, parse_time
from shared.queue.envelope import Envelope

# A dead letter is held for ten minutes at a time, so the delay between two must be shorter.
SLOWEST = 0.01


class Replay(Value):
    """
    How to replay: ``dry`` changes nothing; ``force`` also sends what a destination seems to have
    already; ``rate`` is the maximal number per second.
    """

    dry: bool = True
    force: bool = False
    rate: float | None = None


class _Request(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The event of `functions/replay`."""

    id: str | None = None
    ids: tuple[str, ...] = ()
    source: str | None = None
    topic: str | None = None
    destination: str | None = None
    reason: str | None = None
    entity: str | None = None
    before: str | None = None
    after: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    force: bool = False
    dry_run: bool = True
    rate: Annotated[float, msgspec.Meta(ge=SLOWEST)] | None = None


def read_request(event: Mapping[str, Any], now: float) -> tuple[DeadLetterFilter, Replay]:
    """
    Read the event of the replay function. Raise NotUnderstood with the path of the first wrong
    key: a misspelt filter must not replay everything.
    """
    try:
        request = msgspec.convert(event, _Request)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise NotUnderstood(reason, path.strip("`") or "$") from None
    criteria = DeadLetterFilter(
        ids=(*request.ids, *filter(None, (request.id,))),
        source=request.source,
        topic=request.topic,
        destination=request.destination,
        reason=request.reason,
        entity=request.entity,
        before=_time("before", request.before, now),
        after=_time("after", request.after, now),
        limit=request.limit,
    )
    return criteria, Replay(dry=request.dry_run, force=request.force, rate=request.rate)


def _time(name: str, text: str | None, now: float) -> float | None:
    try:
        return None if text is None else parse_time(text, now)
    except ValueError as error:
        raise NotUnderstood(str(error), f"$.{name}") from None


def renewed(envelope: Envelope, *, force: bool) -> Envelope:
    """Return an envelope whose time for retries starts again; it keeps its trail."""
    return replace(
        envelope,
        first_failed_at=None,
        not_before=None,
        confirms=False,
        forced=force,
        replays=envelope.replays + 1,
    )


def replay_key(envelope: Envelope) -> bytes:
    """
    Return the key of one replay of a webhook to a destination, in 16 bytes: tens of thousands are
    kept in memory.
    """
    name = f"{envelope.id} {envelope.destination or envelope.task} {envelope.replays}"
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


class RateLimiter(MutableValue):
    """Spreads work evenly: at most ``rate`` per second; None is without a limit."""

    rate: float | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _next: float = -math.inf

    def wait(self, deadline: float) -> bool:
        """Wait for the next slot; return False without a wait if it is not before the deadline."""
        now = self.clock()
        if self._next >= deadline:
            return False
        if self._next > now:
            self.sleep(self._next - now)
        if self.rate is not None:
            self._next = max(now, self._next) + 1 / self.rate
        return True
