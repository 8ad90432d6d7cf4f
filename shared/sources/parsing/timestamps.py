"""Plausibility of the timestamps that a shop sends."""

from __future__ import annotations

from datetime import timedelta

from shared.model.version import instant, moment

# A state is older than its webhook, apart from the difference of two clocks. One from the year 9999
# would supersede everything until then; and no header with a timestamp is signed.
MAX_CLOCK_DIFFERENCE = timedelta(days=1)


def plausible_time(when: str, received: str) -> str:
    """Return a moment, or the time of receipt if the moment is over a day later; `instant`s."""
    # Nearly always the moment is earlier: then the time of a day later is not computed.
    ahead = when > received and when > instant(moment(received) + MAX_CLOCK_DIFFERENCE)
    return received if ahead else when
