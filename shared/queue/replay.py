"""How dead letters are sent back: the wish of an operator, the pace, the renewed envelope."""

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

# A dead letter is held for ten minutes at a time, so the pause between two must be shorter.
SLOWEST = 0.01


class Replay(Value):
    """
    How to replay: ``dry`` only looks; ``force`` sends what a destination seems to have already;
    ``rate`` is at most so many per second.
    """

    dry: bool = True
    force: bool = False
    rate: float | None = None


class _Request(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The event of `functions/replay`."""

    id: str | None = None
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
    Read the event of the replay function. Raises NotUnderstood with the path of the first wrong
    key: a filter that is misspelt must not replay everything.
    """
    try:
        asked = msgspec.convert(event, _Request)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at ")
        raise NotUnderstood(reason, path.strip("`") or "$") from None
    choice = DeadLetterFilter(
        id=asked.id,
        source=asked.source,
        topic=asked.topic,
        destination=asked.destination,
        reason=asked.reason,
        entity=asked.entity,
        before=_moment("before", asked.before, now),
        after=_moment("after", asked.after, now),
        limit=asked.limit,
    )
    return choice, Replay(dry=asked.dry_run, force=asked.force, rate=asked.rate)


def _moment(name: str, text: str | None, now: float) -> float | None:
    try:
        return None if text is None else parse_time(text, now)
    except ValueError as error:
        raise NotUnderstood(str(error), f"$.{name}") from None


def renewed(envelope: Envelope, *, force: bool) -> Envelope:
    """Start an envelope's clock of patience anew; its trail goes with it."""
    return replace(
        envelope,
        first_failed_at=None,
        not_before=None,
        confirms=False,
        forced=force,
        replays=envelope.replays + 1,
    )


def life(envelope: Envelope) -> bytes:
    """Name one life of a webhook at a destination in 16 bytes: tens of thousands are remembered."""
    name = f"{envelope.id} {envelope.destination or envelope.task} {envelope.replays}"
    return hashlib.blake2b(name.encode(), digest_size=16).digest()


class RateLimiter(MutableValue):
    """Spreads work evenly: at most ``rate`` per second; None is as fast as it goes."""

    rate: float | None
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    _next: float = -math.inf

    def wait(self, deadline: float) -> bool:
        """Wait for the next turn; False, and no wait, when it is not before the deadline."""
        now = self.clock()
        if self._next >= deadline:
            return False
        if self._next > now:
            self.sleep(self._next - now)
        if self.rate is not None:
            self._next = max(now, self._next) + 1 / self.rate
        return True
