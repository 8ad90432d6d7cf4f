"""Which of the times that a shop tells are believed."""

from __future__ import annotations

from datetime import timedelta

from shared.model.version import instant, moment

# A state is older than its webhook, up to what clocks differ. One from the year 9999 would
# supersede everything that comes until then; and no header that says when is signed.
AHEAD = timedelta(days=1)


def believed(when: str, received: str) -> str:
    """Give a moment, or when it was heard of if that is more than a day before it; `instant`s."""
    # Nearly always it is before: then nothing is to be counted.
    ahead = when > received and when > instant(moment(received) + AHEAD)
    return received if ahead else when
