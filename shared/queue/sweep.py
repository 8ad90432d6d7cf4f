"""
Looking at every dead letter, also at more of them than one invocation has time for.

SQS gives messages in no order, so the only mark of what was looked at is that it is hidden. A sweep
that runs out of time leaves hidden what it has looked at, until one moment for all of it, and is
carried on with what can still be seen. It is over when nothing is left to see and no more is hidden
than it has hidden itself. One that is not over by that moment starts again, and hides for twice as
long: so it ends, however many there are (SQS itself hides 120,000 at most).
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
# An invocation must end, in seconds, before what earlier ones looked at is seen again.
MARGIN = 60.0
# The pause before another look, in seconds: others that look at the same time end soon.
PAUSE = (1.0, 5.0)


class Sweep(Value):
    """
    How far a sweep is. ``held`` letters were looked at and are hidden ``until`` a moment (epoch
    seconds), which is ``span`` seconds after it began. ``done`` letters were deleted, ``matched``
    were meant and are still there.
    """

    until: float = 0.0
    span: float = HOLD
    held: int = 0
    done: int = 0
    matched: int = 0
    over: bool = False


START = Sweep()


class Sweeper(Value):
    """A queue that is swept. ``clock`` is in epoch seconds."""

    sqs: SQSClient
    url: str
    clock: Callable[[], float]
    sleep: Callable[[float], None]
    wait: int = WAIT

    def go_on(
        self, look: Callable[[MessageTypeDef, Scan], ScanResult], deadline: float, sweep: Sweep
    ) -> Sweep:
        """
        Look at what was not looked at yet, for as long as there is time (epoch seconds).

        ``look`` gives DONE when it took the message out. Raises QueueUnavailable; the sweep that
        was given can then be gone on with.
        """
        sweep = _begun(sweep, self.clock())
        while True:
            end = min(deadline, sweep.until)
            sweep, others = self._pass(look, end, sweep)
            if not others or self.clock() + PAUSE[1] >= end:
                return sweep
            self.sleep(random.uniform(*PAUSE))  # noqa: S311 - two scans must not meet again

    def _pass(
        self, look: Callable[[MessageTypeDef, Scan], ScanResult], deadline: float, sweep: Sweep
    ) -> tuple[Sweep, bool]:
        """Scan once; True when others hold what must still be looked at."""
        fates: dict[str, ScanResult] = {}
        with scanning(self.sqs, self.url, self.clock, self.wait, sweep.until) as scan:
            for message in scan.messages():
                if self.clock() + scan.release_takes() >= deadline:
                    scan.leave(
                        [name for name, fate in fates.items() if fate is not ScanResult.DONE]
                    )
                    return _grown(sweep, fates), False
                fates[message["MessageId"]] = look(message, scan)
        if scan.elsewhere > sweep.held or scan.visible > len(fates):
            return replace(sweep, done=_count(sweep.done, fates, ScanResult.DONE)), True
        return replace(_grown(sweep, fates), over=True), False


def _begun(sweep: Sweep, now: float) -> Sweep:
    """Start again when no time is left before what was looked at is seen again."""
    if sweep.until - now > MARGIN:
        return sweep
    span = min(LONGEST, 2 * sweep.span) if sweep.held else sweep.span
    return replace(sweep, until=now + span, span=span, held=0, matched=0)


def _grown(sweep: Sweep, fates: dict[str, ScanResult]) -> Sweep:
    return replace(
        sweep,
        held=sweep.held + sum(fate is not ScanResult.DONE for fate in fates.values()),
        done=_count(sweep.done, fates, ScanResult.DONE),
        matched=_count(sweep.matched, fates, ScanResult.MATCHED),
    )


def _count(before: int, fates: dict[str, ScanResult], fate: ScanResult) -> int:
    return before + sum(one is fate for one in fates.values())
