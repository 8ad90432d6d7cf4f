"""
A circuit breaker per destination and container.

Without it ten thousand edits of a bulk import would each hang on a dead platform until their time
is over; with it they are parked at once, and one probe in ten seconds finds out when it is back.
"""

from __future__ import annotations

from threading import Lock

from msgspec import field

from shared.model.value import MutableValue

FAILURES = 3
PROBE_EVERY = 10.0


class CircuitBreaker(MutableValue, kw_only=False):
    """Counts failures in a row of each destination. Shared by the threads of a container."""

    _failures: dict[str, int] = field(default_factory=dict)
    _probe_at: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admits(self, destination: str, now: float) -> bool:
        """Tell whether to call; an open breaker lets one probe through every ten seconds."""
        with self._lock:
            if self._failures.get(destination, 0) < FAILURES:
                return True
            # A probe further away was set by a clock that has since been put back.
            if 0 < self._probe_at[destination] - now <= PROBE_EVERY:
                return False
            self._probe_at[destination] = now + PROBE_EVERY
            return True

    def succeeded(self, destination: str) -> None:
        """Note an answer that shows the platform alive, whatever it said of the call."""
        with self._lock:
            self._failures.pop(destination, None)

    def failed(self, destination: str, now: float) -> None:
        """Note a time-out, a broken connection or a 5xx."""
        with self._lock:
            self._failures[destination] = self._failures.get(destination, 0) + 1
            self._probe_at[destination] = now + PROBE_EVERY
