"""A rule of EventBridge that invokes a function at a fixed rate."""

from __future__ import annotations

import logging
import threading

from cli.local.function import Function, HandlerFailed, HandlerTimedOut

log = logging.getLogger(__name__)

# The fields of the event that a function may read ("Scheduled Event", EventBridge user guide).
EVENT = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
_JOIN_TIMEOUT = 2.0


class Schedule:
    """Invokes a function every so many seconds until stopped."""

    def __init__(self, function: Function, seconds: float) -> None:
        self._function = function
        self._seconds = seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedule", daemon=True)

    def start(self) -> None:
        """Start; the first invocation is after the first period."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait briefly for an invocation."""
        self._stopped.set()
        self._thread.join(_JOIN_TIMEOUT)

    def _run(self) -> None:
        while not self._stopped.wait(self._seconds):
            try:
                self._function.invoke(EVENT)
            except (HandlerFailed, HandlerTimedOut):
                log.exception("the %s function failed on schedule", self._function.name)
