"""
A scan of every dead letter, even if one invocation has not enough time for all of them.

SQS returns messages in no order, so the only mark of a processed message is that it is hidden. A
sweep that runs out of time leaves hidden the messages that it has processed, all until the same
time, and is continued with those that are still visible. It is over when no message is visible and
no more are hidden than it has hidden itself. A sweep that is not over by that time starts again,
and hides for twice as long: so it ends, however many there are (SQS itself hides 120,000 at most).
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.model.value import Value, replace
from shared.queue.scan import HOLD, WAIT, Scan, scanning
from shared.queue.scan_report import ScanResult

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# SQS hides a message for 12 hours at most.
LONGEST = 12 * 3600.0
# An invocation must end this many seconds before the messages of earlier ones are visible again.
MARGIN = 60.0
# The pause before another scan, in seconds: other scans at the same time end soon.
PAUSE = (1.0, 5.0)


class Sweep(Value):
    """
    The progress of a sweep. ``held`` dead letters were processed and are hidden ``until`` a time
    (epoch seconds), ``span`` seconds after the sweep began. ``done`` were deleted, ``matched``
    matched and are still there.
    """

    until: float = 0.0
    span: float = HOLD
    held: int = 0
    done: int = 0
    matched: int = 0
    over: bool = False


START = Sweep()


class Sweeper(Value):
    """Sweeps a queue. ``clock`` is in epoch seconds."""

    sqs: SQSClient
    url: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    wait: int = WAIT

    def resume(
        self, process: Callable[[MessageTypeDef, Scan], ScanResult], deadline: float, sweep: Sweep
    ) -> Sweep:
        """
        Process the messages that are left, until the deadline (epoch seconds).

        ``process`` returns DONE if it deleted the message. Raise QueueUnavailable; the given sweep
        can then be resumed.
        """
        sweep = _started(sweep, self.clock())
        while True:
            end = min(deadline, sweep.until)
            sweep, held_elsewhere = self._pass(process, end, sweep)
            if not held_elsewhere or self.clock() + PAUSE[1] >= end:
                return sweep
            self.sleep(random.uniform(*PAUSE))  # noqa: S311 - two scans must not collide again

    def _pass(
        self, process: Callable[[MessageTypeDef, Scan], ScanResult], deadline: float, sweep: Sweep
    ) -> tuple[Sweep, bool]:
        """Scan once; return True too if other receivers hold messages that are left."""
        results: dict[str, ScanResult] = {}
        with scanning(self.sqs, self.url, self.clock, self.wait, sweep.until) as scan:
            for message in scan.messages():
                if self.clock() + scan.release_seconds() >= deadline:
                    scan.leave_hidden(
                        [name for name, result in results.items() if result is not ScanResult.DONE]
                    )
                    return _with_results(sweep, results), False
                results[message["MessageId"]] = process(message, scan)
        if scan.elsewhere > sweep.held or scan.visible > len(results):
            return replace(sweep, done=_count(sweep.done, results, ScanResult.DONE)), True
        return replace(_with_results(sweep, results), over=True), False


def _started(sweep: Sweep, now: float) -> Sweep:
    """Start again if no time is left before the processed messages are visible again."""
    if sweep.until - now > MARGIN:
        return sweep
    span = min(LONGEST, 2 * sweep.span) if sweep.held else sweep.span
    return replace(sweep, until=now + span, span=span, held=0, matched=0)


def _with_results(sweep: Sweep, results: dict[str, ScanResult]) -> Sweep:
    return replace(
        sweep,
        held=sweep.held + sum(result is not ScanResult.DONE for result in results.values()),
        done=_count(sweep.done, results, ScanResult.DONE),
        matched=_count(sweep.matched, results, ScanResult.MATCHED),
    )


def _count(before: int, results: dict[str, ScanResult], result: ScanResult) -> int:
    return before + sum(one is result for one in results.values())
