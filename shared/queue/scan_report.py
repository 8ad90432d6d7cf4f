"""What a scan of the dead letters did."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from shared.model.value import Value
from shared.queue.scan import Scan

LIMIT = "the limit is reached"
TIME = "no time is left"


class ScanResult(StrEnum):
    """
    What became of a dead letter in a scan: not meant; replayed in this scan and died again; meant,
    and still there; meant, but it cannot be replayed; replayed or deleted.
    """

    PASSED = "passed"
    RETURNED = "returned"
    MATCHED = "matched"
    UNREADABLE = "unreadable"
    DONE = "done"


class ScanReport(Value):
    """
    What a scan did. ``matched`` were meant, ``done`` of them were replayed or deleted,
    ``unreadable`` could not be. ``returned`` were replayed and died again meanwhile.

    ``in_flight_elsewhere`` were hidden at the start because others held them, ``unseen`` is about
    how many SQS counted and never gave, ``hidden`` come back by themselves within ten minutes.
    ``stopped`` says why the scan ended early, ``error`` what failed.
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
        """How many were meant and are still dead letters."""
        return self.matched - self.done


def count_matched(fates: Counter[ScanResult]) -> int:
    """Tell how many letters were meant."""
    return fates.total() - fates[ScanResult.PASSED] - fates[ScanResult.RETURNED]


def report(fates: Counter[ScanResult], scan: Scan, stopped: str, error: str) -> ScanReport:
    """Sum up a scan that is over."""
    whole = not (stopped or error)
    return ScanReport(
        seen=fates.total(),
        matched=count_matched(fates),
        done=fates[ScanResult.DONE],
        unreadable=fates[ScanResult.UNREADABLE],
        returned=fates[ScanResult.RETURNED],
        in_flight_elsewhere=scan.elsewhere,
        unseen=max(0, scan.visible - fates.total()) if whole else 0,
        hidden=scan.hidden,
        stopped=stopped,
        error=error,
    )
