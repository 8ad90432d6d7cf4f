"""
The dead letters: search, replay and delete them. The operator's command, `functions/replay` and
privacy requests all use this module.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shared.errors import NotUnderstood, QueueUnavailable
from shared.queue.dead_letter import DeadLetter, DeadLetterFilter, matches, read
from shared.queue.envelope import Envelope
from shared.queue.replay import RateLimiter, Replay, read_request, renewed, replay_key
from shared.queue.scan import WAIT, Scan, scanning
from shared.queue.scan_report import LIMIT, TIME, ScanReport, ScanResult, count_matched, report
from shared.queue.sqs import RetryQueue, pointer_of
from shared.queue.sweep import START, Sweep, Sweeper

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# The time that the replay function reserves for its end, in seconds.
RESERVE = 10.0

Action = Callable[[DeadLetter, Scan], ScanResult]
Watch = Callable[[DeadLetter, ScanResult], None]
Match = Callable[[Envelope], bool]


class _EndedError(Exception):
    """The scan ends here, without an error."""


def _unwatched(_dead_letter: DeadLetter, _result: ScanResult) -> None:
    """Do nothing."""


class DeadLetters:
    """
    The dead-letter queue. ``clock`` and every ``deadline`` are in epoch seconds.

    ``watch`` is called with every dead letter of a scan and its result.
    """

    def __init__(  # noqa: PLR0913 - the last two are what a test replaces
        self,
        sqs: SQSClient,
        queue: RetryQueue,
        *,
        url: str,
        clock: Callable[[], float],
        sleep: Callable[[float], None] = time.sleep,
        wait: int = WAIT,
    ) -> None:
        self._sqs = sqs
        self._queue = queue
        self._url = url
        self._clock = clock
        self._sleep = sleep
        self._wait = wait
        self._sweeper = Sweeper(sqs=sqs, url=url, clock=clock, sleep=sleep, wait=wait)

    def count(self) -> int:
        """Return about how many dead letters are visible."""
        return Scan(self._sqs, self._url, self._clock).visible

    def find(
        self, criteria: DeadLetterFilter, watch: Watch = _unwatched, deadline: float = math.inf
    ) -> ScanReport:
        """Search the dead letters and change nothing."""
        return self._scan(criteria, lambda _letter, _scan: ScanResult.MATCHED, watch, deadline)

    def replay(
        self,
        criteria: DeadLetterFilter,
        replay: Replay,
        watch: Watch = _unwatched,
        deadline: float = math.inf,
    ) -> ScanReport:
        """
        Send dead letters back to the retry queue; each is deleted only after its send succeeded.

        A webhook that is dead-lettered again meanwhile is not replayed twice. A send that fails
        ends the replay.
        """
        limiter = RateLimiter(rate=replay.rate, clock=self._clock, sleep=self._sleep)
        sent: set[bytes] = set()

        def replay_one(dead_letter: DeadLetter, scan: Scan) -> ScanResult:
            envelope = self.open(dead_letter)
            if envelope is None:
                return ScanResult.UNREADABLE
            if replay_key(envelope) in sent:
                return ScanResult.RETURNED
            if replay.dry:
                return ScanResult.MATCHED
            if not limiter.wait(deadline):
                raise _EndedError(TIME)
            again = renewed(envelope, force=replay.force)
            self._queue.park(again, 0)
            sent.add(replay_key(again))
            scan.delete(dead_letter.message_id)
            self._queue.discard(dead_letter.body, envelope)
            return ScanResult.DONE

        return self._scan(criteria, replay_one, watch, deadline)

    def drop(
        self,
        criteria: DeadLetterFilter,
        *,
        dry: bool,
        watch: Watch = _unwatched,
        deadline: float = math.inf,
    ) -> ScanReport:
        """Delete dead letters; ``dry`` changes nothing."""

        def drop_one(dead_letter: DeadLetter, scan: Scan) -> ScanResult:
            if dry:
                return ScanResult.MATCHED
            large = self.open(dead_letter) if pointer_of(dead_letter.body) else None
            scan.delete(dead_letter.message_id)
            if large is not None:
                self._queue.discard(dead_letter.body, large)
            return ScanResult.DONE

        return self._scan(criteria, drop_one, watch, deadline)

    def purge(self, match: Match | None, deadline: float, sweep: Sweep = START) -> Sweep:
        """
        Resume a sweep that deletes the matching dead letters, or all if there is no match.

        Raise QueueUnavailable.
        """

        def purge_one(message: MessageTypeDef, scan: Scan) -> ScanResult:
            if match is not None and not self._matches(message, match):
                return ScanResult.PASSED
            scan.delete(message["MessageId"])
            return ScanResult.DONE

        return self._sweeper.resume(purge_one, deadline, sweep)

    def count_matching(self, match: Match, deadline: float, sweep: Sweep = START) -> Sweep:
        """Resume a sweep that counts the matching dead letters. Raise QueueUnavailable."""

        def count_one(message: MessageTypeDef, _scan: Scan) -> ScanResult:
            return ScanResult.MATCHED if self._matches(message, match) else ScanResult.PASSED

        return self._sweeper.resume(count_one, deadline, sweep)

    def serve(self, event: Mapping[str, Any], remaining: float) -> dict[str, Any]:
        """
        Return the response of `functions/replay`; ``remaining`` is its time in seconds.

        Raise NotUnderstood for an invalid event, with the path of the wrong key.
        """
        now = self._clock()
        criteria, replay = read_request(event, now)
        done = self.replay(criteria, replay, deadline=now + remaining - RESERVE)
        return {
            "matched": done.matched,
            "replayed": done.done,
            "left": done.left,
            "unreadable": done.unreadable,
            "in_flight_elsewhere": done.in_flight_elsewhere,
            "dry_run": replay.dry,
            "stopped": done.stopped,
            "error": done.error,
        }

    def open(self, dead_letter: DeadLetter) -> Envelope | None:
        """Read a dead letter's envelope; None if it has none, or if S3 has deleted it."""
        return self._envelope(dead_letter.body)

    def _envelope(self, body: str) -> Envelope | None:
        try:
            return self._queue.open(body)
        except NotUnderstood:
            return None

    def _matches(self, message: MessageTypeDef, match: Match) -> bool:
        envelope = self._envelope(message["Body"])
        return envelope is not None and match(envelope)

    def _scan(
        self, criteria: DeadLetterFilter, action: Action, watch: Watch, deadline: float
    ) -> ScanReport:
        results: Counter[ScanResult] = Counter()
        stopped = error = ""
        with scanning(self._sqs, self._url, self._clock, self._wait) as scan:
            try:
                for dead_letter in self._dead_letters(scan, deadline):
                    result = _result(dead_letter, criteria, lambda one: action(one, scan), results)
                    watch(dead_letter, result)
                    if count_matched(results) == criteria.limit:
                        raise _EndedError(LIMIT)  # noqa: TRY301 - the one way in which a scan ends
            except _EndedError as ended:
                stopped = str(ended)
            except QueueUnavailable as failure:
                error = str(failure)
        return report(results, scan, stopped, error)

    def _dead_letters(self, scan: Scan, deadline: float) -> Iterator[DeadLetter]:
        for message in scan.messages():
            if self._clock() + scan.release_seconds() >= deadline:
                raise _EndedError(TIME)
            yield read(message, self._queue.open)


def _result(
    dead_letter: DeadLetter,
    criteria: DeadLetterFilter,
    action: Callable[[DeadLetter], ScanResult],
    results: Counter[ScanResult],
) -> ScanResult:
    result = ScanResult.PASSED
    if matches(criteria, dead_letter):
        # Count it as matched before it is processed: after a failure it is still a dead letter.
        results[ScanResult.MATCHED] += 1
        result = action(dead_letter)
        results[ScanResult.MATCHED] -= 1
    results[result] += 1
    return result
