"""The result of a scan of the dead letters."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from shared.model.value import Value
from shared.queue.scan import Scan

LIMIT = "the limit is reached"
TIME = "no time is left"


class ScanResult(StrEnum):
    """
    The result of a scan for one dead letter: not selected; replayed in this scan and dead-lettered
    again; selected, and still there; selected, but it cannot be replayed; replayed or deleted.
    """

    PASSED = "passed"
    RETURNED = "returned"
    MATCHED = "matched"
    UNREADABLE = "unreadable"
    DONE = "done"


class ScanReport(Value):
    """
    The numbers of a scan. ``matched`` were selected, ``done`` of them were replayed or deleted,
    ``unreadable`` could not be. ``returned`` were replayed and dead-lettered again meanwhile.

    ``in_flight_elsewhere`` were hidden at the start because other receivers held them, ``unseen``
    is about how many SQS counted and never returned, ``hidden`` become visible by themselves within
    ten minutes. ``stopped`` is why the scan ended early, ``error`` what failed.
    """

    seen: int
    matched: int
    done: int
    unreadable: int
    returned: int
    in_flight_elsewhere: int
    unseen: int
    hidden: int
    stopped: str
    error: str

    @property
    def left(self) -> int:
        """How many were selected and are still dead letters."""
        return self.matched - self.done


def count_matched(results: Counter[ScanResult]) -> int:
    """Return how many dead letters were selected."""
    return results.total() - results[ScanResult.PASSED] - results[ScanResult.RETURNED]


def report(results: Counter[ScanResult], scan: Scan, stopped: str, error: str) -> ScanReport:
    """Summarise a scan that has ended."""
    complete = not (stopped or error)
    return ScanReport(
        seen=results.total(),
        matched=count_matched(results),
        done=results[ScanResult.DONE],
        unreadable=results[ScanResult.UNREADABLE],
        returned=results[ScanResult.RETURNED],
        in_flight_elsewhere=scan.elsewhere,
        unseen=max(0, scan.visible - results.total()) if complete else 0,
        hidden=scan.hidden,
        stopped=stopped,
        error=error,
    )
