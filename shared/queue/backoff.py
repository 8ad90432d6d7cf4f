"""
The waits, as a table: how long a webhook waits after a failure, by how long ago its first failure
was. Short at first, because most failures are a blip; half an hour at most, so that a platform
that was down all night has everything soon after it is back.
"""

from __future__ import annotations

from collections.abc import Callable

MINUTE, HOUR = 60.0, 3600.0

# (since the first failure at least, wait), in seconds
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
# A wait grows by up to this share, at random: what failed together must not return together.
JITTER = 0.25
LONGEST_RETRY_AFTER = 6 * HOUR
# Another delivery of the same entity is at work: not a failure, and soon over.
BUSY = 3.0
# One of our own stores is out of reach: no failure of the webhook's either.
PORT = 20.0
# A paused destination is looked at again after this long, so that a resume is soon felt.
PAUSED = 5 * MINUTE


def wait(elapsed: float, asked: float | None, random: Callable[[], float]) -> float:
    """
    Tell how many seconds to wait before the next try.

    ``elapsed`` is the time since the first failure; ``asked`` is what Retry-After wished, honoured
    up to six hours; ``dice`` gives a number from 0 to 1.
    """
    planned = max(span for since, span in WAITS if elapsed >= since)
    wished = min(asked or 0.0, LONGEST_RETRY_AFTER)
    return max(planned, wished) * (1 + JITTER * random())
