"""
The retry delays as a table: how long a webhook waits after a failure, by the time since its first
failure. Short at first, because most failures are brief; half an hour at most, so that a platform
that was down all night receives everything soon after it is back.
"""

from __future__ import annotations

from collections.abc import Callable

MINUTE, HOUR = 60.0, 3600.0

# (minimal time since the first failure, delay), in seconds
WAITS = (
    (0.0, 5.0),
    (15.0, 15.0),
    (MINUTE, 30.0),
    (5 * MINUTE, MINUTE),
    (15 * MINUTE, 5 * MINUTE),
    (HOUR, 10 * MINUTE),
    (4 * HOUR, 20 * MINUTE),
    (12 * HOUR, 30 * MINUTE),
)
# A delay grows by up to this share, at random: webhooks that failed together must not be retried
# together.
JITTER = 0.25
LONGEST_RETRY_AFTER = 6 * HOUR
# Another delivery of the same entity holds its lease: not a failure, and soon over.
BUSY = 3.0
# One of our own stores is unavailable: this is no failure of the webhook either.
PORT = 20.0
# A paused destination is checked again after this long, so that a resume soon takes effect.
PAUSED = 5 * MINUTE


def wait(elapsed: float, retry_after: float | None, random: Callable[[], float]) -> float:
    """
    Return how many seconds to wait before the next attempt.

    ``elapsed`` is the time since the first failure; ``retry_after`` is what the response requested,
    honoured up to six hours; ``random`` returns a number from 0 to 1.
    """
    planned = max(delay for since, delay in WAITS if elapsed >= since)
    requested = min(retry_after or 0.0, LONGEST_RETRY_AFTER)
    return max(planned, requested) * (1 + JITTER * random())
