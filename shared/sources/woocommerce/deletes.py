"""
What a delete becomes. It is a hint and no more: it may be late, of something else, or overtaken by
a restore, so that the store is asked what there is.
"""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import Removed
from shared.model.value import replace
from shared.model.version import Version, instant, instant_at, moment
from shared.sources.contract import Translated
from shared.sources.woocommerce.context import Context

# Deletes of what no platform was told of: other plugins' posts, or webhooks that were lost.
PHANTOM = "phantom_delete"
# WC_REST_Authentication takes a timestamp that is 15 minutes off.
_AHEAD = timedelta(minutes=15)
_UNASKED = "no platform was told of it, and without a consumer key the store cannot be asked"


def asking(job: Context) -> str:
    """Give the moment, an `instant`, than which the store's next answer is not older."""
    return instant_at(job.ports.now())


def found(modified: str | None, seen: str) -> Version:
    """
    Give the version of a state that was ``seen`` then, in an answer of the store or in a webhook,
    whose body is built when it is sent. What says that it is newer has a clock ahead of ours, or is
    a product whose publication is scheduled (`wp_insert_post` writes that day), and would outlive
    its own end: that is as old as when it was seen.
    """
    return Version(min(modified, seen) if modified else seen, seen)


def ended(asked: str) -> Version:
    """
    Give the version of the end of what the store has no more. Its ids never come back; so the end
    is newer than whatever a store may say whose clock is ahead, as far as it bears one itself.
    """
    return Version(instant(moment(asked) + _AHEAD), asked)


def gone(job: Context, removal: Removed) -> Translated:
    """
    Tell that the store has no such thing any more. Of what no platform knows the end is counted and
    written down all the same: a late body of it must not bring it back.
    """
    if removal.entity in job.ports.known(frozenset({removal.entity})):
        return Translated(changes=(removal,))
    return Translated(changes=(replace(removal, phantom=True),), counts=(PHANTOM,))


def unasked(job: Context, removal: Removed) -> Translated:
    """Remove what platforms know, where the store cannot be asked: for want of a key."""
    if removal.entity in job.ports.known(frozenset({removal.entity})):
        return Translated(changes=(removal,))
    return Translated(ignored=_UNASKED, counts=(PHANTOM,))
