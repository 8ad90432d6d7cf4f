"""
A circuit breaker per destination and container.

Without it each of ten thousand edits of a bulk import would wait for a platform that is down until
its timeout; with it they are parked at once, and one probe in ten seconds detects the recovery.
"""

from __future__ import annotations

from threading import Lock

from msgspec import field

from shared.model.value import MutableValue

FAILURES = 3
PROBE_EVERY = 10.0


class CircuitBreaker(MutableValue, kw_only=False):
    """Counts consecutive failures per destination. Shared by the threads of a container."""

    _failures: dict[str, int] = field(default_factory=dict)
    _probe_at: dict[str, float] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def admits(self, destination: str, now: float) -> bool:
        """Return whether to call; an open breaker allows one probe every ten seconds."""
        with self._lock:
            if self._failures.get(destination, 0) < FAILURES:
                return True
            # If the next probe is further away than one interval, the clock was set back since.
            if 0 < self._probe_at[destination] - now <= PROBE_EVERY:
                return False
            self._probe_at[destination] = now + PROBE_EVERY
            return True

    def succeeded(self, destination: str) -> None:
        """Record a response that shows that the platform is up, whatever it says of the call."""
        with self._lock:
            self._failures.pop(destination, None)

    def failed(self, destination: str, now: float) -> None:
        """Record a time-out, a broken connection or a 5xx."""
        with self._lock:
            self._failures[destination] = self._failures.get(destination, 0) + 1
            self._probe_at[destination] = now + PROBE_EVERY
