"""Delayed actions with millisecond precision: one thread and a heap."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable


class Timers:
    """Run short actions when they are due; actions that are not due at the stop never run."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Run an action after some seconds."""
        with self._changed:
            due = time.monotonic() + seconds
            heapq.heappush(self._heap, (due, next(self._order), action))
            self._changed.notify()

    def stop(self) -> None:
        """Stop and wait for the current action."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while (action := self._next()) is not None:
            action()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            while not self._stopped:
                wait = self._heap[0][0] - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._heap)[2]
                self._changed.wait(wait)
        return None
