"""
The dead letters: look through them, send them back, delete them. The same for the operator's
command, for `functions/replay`, and for what the law wants deleted.
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
from shared.queue.replay import RateLimiter, Replay, life, read_request, renewed
from shared.queue.scan import WAIT, Scan, scanning
from shared.queue.scan_report import LIMIT, TIME, ScanReport, ScanResult, count_matched, report
from shared.queue.sqs import RetryQueue, pointer_of
from shared.queue.sweep import START, Sweep, Sweeper

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# What the replay function keeps of its time for an orderly end, in seconds.
RESERVE = 10.0

Act = Callable[[DeadLetter, Scan], ScanResult]
Watch = Callable[[DeadLetter, ScanResult], None]
Match = Callable[[Envelope], bool]


class _EndedError(Exception):
    """The scan ends here, in good order."""


def _nobody(_letter: DeadLetter, _fate: ScanResult) -> None:
    """Watch nothing."""


class DeadLetters:
    """
    The dead-letter queue. ``clock`` is in epoch seconds; a ``deadline`` too.

    ``watch`` is told of every letter that a scan looks at, and what became of it.
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
        """Tell about how many dead letters can be looked at."""
        return Scan(self._sqs, self._url, self._clock).visible

    def find(
        self, choice: DeadLetterFilter, watch: Watch = _nobody, deadline: float = math.inf
    ) -> ScanReport:
        """Look through the dead letters and change nothing."""
        return self._walk(choice, lambda _letter, _scan: ScanResult.MATCHED, watch, deadline)

    def replay(
        self,
        choice: DeadLetterFilter,
        replay: Replay,
        watch: Watch = _nobody,
        deadline: float = math.inf,
    ) -> ScanReport:
        """
        Send dead letters back to the retry queue; each is deleted only after its send succeeded.

        What dies again meanwhile is not replayed twice. A send that fails ends the replay.
        """
        pace = RateLimiter(rate=replay.rate, clock=self._clock, sleep=self._sleep)
        sent: set[bytes] = set()

        def act(letter: DeadLetter, scan: Scan) -> ScanResult:
            envelope = self.open(letter)
            if envelope is None:
                return ScanResult.UNREADABLE
            if life(envelope) in sent:
                return ScanResult.RETURNED
            if replay.dry:
                return ScanResult.MATCHED
            if not pace.wait(deadline):
                raise _EndedError(TIME)
            again = renewed(envelope, force=replay.force)
            self._queue.park(again, 0)
            sent.add(life(again))
            scan.delete(letter.message_id)
            self._queue.discard(letter.body, envelope)
            return ScanResult.DONE

        return self._walk(choice, act, watch, deadline)

    def drop(
        self,
        choice: DeadLetterFilter,
        *,
        dry: bool,
        watch: Watch = _nobody,
        deadline: float = math.inf,
    ) -> ScanReport:
        """Delete dead letters for good; ``dry`` only looks."""

        def act(letter: DeadLetter, scan: Scan) -> ScanResult:
            if dry:
                return ScanResult.MATCHED
            large = self.open(letter) if pointer_of(letter.body) else None
            scan.delete(letter.message_id)
            if large is not None:
                self._queue.discard(letter.body, large)
            return ScanResult.DONE

        return self._walk(choice, act, watch, deadline)

    def purge(self, match: Match | None, deadline: float, sweep: Sweep = START) -> Sweep:
        """
        Go on with a sweep: delete the dead letters that match, all without a match.

        Raises QueueUnavailable.
        """

        def look(message: MessageTypeDef, scan: Scan) -> ScanResult:
            if match is not None and not self._is(message, match):
                return ScanResult.PASSED
            scan.delete(message["MessageId"])
            return ScanResult.DONE

        return self._sweeper.go_on(look, deadline, sweep)

    def holds(self, match: Match, deadline: float, sweep: Sweep = START) -> Sweep:
        """Go on with a sweep that counts the dead letters that match. Raises QueueUnavailable."""

        def look(message: MessageTypeDef, _scan: Scan) -> ScanResult:
            return ScanResult.MATCHED if self._is(message, match) else ScanResult.PASSED

        return self._sweeper.go_on(look, deadline, sweep)

    def serve(self, event: Mapping[str, Any], remaining: float) -> dict[str, Any]:
        """
        Answer the event of `functions/replay`; ``remaining`` is its time in seconds.

        Raises NotUnderstood for an event that is wrong, with the path of the wrong key.
        """
        now = self._clock()
        choice, replay = read_request(event, now)
        done = self.replay(choice, replay, deadline=now + remaining - RESERVE)
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

    def open(self, letter: DeadLetter) -> Envelope | None:
        """Read a letter's envelope; None when it has none, or when S3 has forgotten it."""
        return self._opened(letter.body)

    def _opened(self, body: str) -> Envelope | None:
        try:
            return self._queue.open(body)
        except NotUnderstood:
            return None

    def _is(self, message: MessageTypeDef, match: Match) -> bool:
        envelope = self._opened(message["Body"])
        return envelope is not None and match(envelope)

    def _walk(
        self, choice: DeadLetterFilter, act: Act, watch: Watch, deadline: float
    ) -> ScanReport:
        fates: Counter[ScanResult] = Counter()
        stopped = error = ""
        with scanning(self._sqs, self._url, self._clock, self._wait) as scan:
            try:
                for letter in self._letters(scan, deadline):
                    fate = _fate(letter, choice, lambda one: act(one, scan), fates)
                    watch(letter, fate)
                    if count_matched(fates) == choice.limit:
                        raise _EndedError(LIMIT)  # noqa: TRY301 - the one way in which a scan ends
            except _EndedError as ended:
                stopped = str(ended)
            except QueueUnavailable as failure:
                error = str(failure)
        return report(fates, scan, stopped, error)

    def _letters(self, scan: Scan, deadline: float) -> Iterator[DeadLetter]:
        for message in scan.messages():
            if self._clock() + scan.release_takes() >= deadline:
                raise _EndedError(TIME)
            yield read(message, self._queue.open)


def _fate(
    letter: DeadLetter,
    choice: DeadLetterFilter,
    act: Callable[[DeadLetter], ScanResult],
    fates: Counter[ScanResult],
) -> ScanResult:
    fate = ScanResult.PASSED
    if matches(choice, letter):
        # Counted as it stands while it is worked on: what fails is still a dead letter.
        fates[ScanResult.MATCHED] += 1
        fate = act(letter)
        fates[ScanResult.MATCHED] -= 1
    fates[fate] += 1
    return fate
