"""
Translation of deletes. A delete is only a hint: it may be late, of another type, or older than a
restore, so the store is queried for the current state.
"""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import Removed
from shared.model.value import replace
from shared.model.version import Version, instant, instant_at, moment
from shared.sources.contract import Translated
from shared.sources.woocommerce.context import Context

# Counts deletes of entities that were never sent: posts of other plugins, or lost webhooks.
PHANTOM = "phantom_delete"
# WC_REST_Authentication accepts a timestamp that is 15 minutes off.
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=15)
_NO_KEY = "it was never sent to a platform, and without a consumer key the store cannot be queried"


def query_time(context: Context) -> str:
    """Return the current `instant`: the store's next response is not older."""
    return instant_at(context.ports.now())


def version_of(modified: str | None, seen: str) -> Version:
    """
    Return the version of a state that was ``seen`` in a response or a webhook at that `instant`.

    The body of a webhook is built when it is sent. A modified time after ``seen`` comes from a
    clock ahead of ours, or from a product whose publication is scheduled (`wp_insert_post` writes
    that day). It would be newer than a later removal, so it is replaced by ``seen``.
    """
    return Version(min(modified, seen) if modified else seen, seen)


def removal_version(queried_at: str) -> Version:
    """
    Return the version of the removal of an entity that the store no longer has.

    The store never reuses an id, so the removal may have a later time: it is newer than any state
    even if the store's clock is ahead by as much as the store itself tolerates.
    """
    return Version(instant(moment(queried_at) + _MAX_CLOCK_DIFFERENCE), queried_at)


def confirmed_removal(context: Context, removal: Removed) -> Translated:
    """
    Return the removal of an entity that the store no longer has.

    If the entity was never sent to a destination, the removal is a phantom: it is counted and
    stored all the same, because a late webhook must not create the entity again.
    """
    if removal.entity in context.ports.known(frozenset({removal.entity})):
        return Translated(changes=(removal,))
    return Translated(changes=(replace(removal, phantom=True),), counts=(PHANTOM,))


def unverified_removal(context: Context, removal: Removed) -> Translated:
    """Return the removal of an entity that was sent; without a key the store cannot be queried."""
    if removal.entity in context.ports.known(frozenset({removal.entity})):
        return Translated(changes=(removal,))
    return Translated(ignored=_NO_KEY, counts=(PHANTOM,))
