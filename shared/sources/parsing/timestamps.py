"""
Plausibility of the timestamps that a shop sends. A time in the body is signed, one in a header is
not: whoever has recorded a webhook can send it again with any header.
"""

from __future__ import annotations

from datetime import timedelta

from shared.model.version import instant, moment

# A state is older than its webhook, apart from the difference of two clocks. One from the year 9999
# would supersede everything until then, one from tomorrow everything until tomorrow.
MAX_CLOCK_DIFFERENCE = timedelta(minutes=5)
# A shop triggers a webhook within seconds of the change.
MAX_TRIGGER_DELAY = timedelta(minutes=1)


def plausible_time(when: str, received: str) -> str:
    """Return a moment, or the time of receipt if it is minutes later than that; `instant`s."""
    # Nearly always it is earlier, and the addition is not needed.
    ahead = when > received and when > instant(moment(received) + MAX_CLOCK_DIFFERENCE)
    return received if ahead else when


def plausible_trigger(triggered: str, modified: str | None) -> str:
    """
    Return when a webhook was triggered, at most a minute after the signed time of its body.

    Otherwise an old body with a new trigger time would be newer than what came since. Without a
    signed time the trigger time is all there is.
    """
    if modified is None or triggered <= modified:
        return triggered
    return min(triggered, instant(moment(modified) + MAX_TRIGGER_DELAY))
