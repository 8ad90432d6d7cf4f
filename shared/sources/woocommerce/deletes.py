"""
The version of a state of the store, and removals. A delete is only a hint: it may be late, of
another type, or older than a restore, so the store is queried for the current state.
"""

from __future__ import annotations

from datetime import timedelta

from shared.model.change import Removed
from shared.model.value import replace
from shared.model.version import Version, instant, instant_at, moment
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.product_payloads import Hint

# Counts deletes of entities that were never sent: posts of other plugins, or lost webhooks.
PHANTOM = "phantom_delete"
# WC_REST_Authentication accepts a timestamp that is 15 minutes off.
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=15)
_NO_KEY = "it was never sent to a platform, and without a consumer key the store cannot be queried"
_BARE = "an id names no type, and without a consumer key the store cannot be queried for it"


def query_time(context: Context) -> str:
    """Return the current `instant`: the store's next response is not older."""
    return instant_at(context.ports.now())


def received_version(context: Context, modified: str | None) -> Version:
    """Return the version of a state that a webhook brought."""
    return _version(modified, context.envelope.received_at)


def queried_version(context: Context, modified: str | None, queried_at: str) -> Version:
    """
    Return the version of a state that the store returned to a query of that `instant`.

    Where the store is read for every change, that is the time of the query, by one clock: a state
    may change without its modified time (an order that is edited while the order tables are off).
    Where bodies are used too, states are compared by the store's clock.
    """
    if context.always_queried is not None:
        return Version.at(queried_at)
    return _version(modified, queried_at)


def _version(modified: str | None, seen: str) -> Version:
    # The body of a webhook is built when it is sent. A modified time after ``seen`` comes from a
    # clock ahead of ours, or from a product whose publication is scheduled (`wp_insert_post` writes
    # that day). It would be newer than a later removal, so it is replaced by ``seen``.
    return Version(min(modified, seen) if modified else seen, seen)


def removal_version(context: Context, queried_at: str) -> Version:
    """
    Return the version of the removal of an entity that the store no longer has.

    The store never reuses an id, so the removal may have a later time: it is newer than any state
    even if the store's clock is ahead by as much as the store itself tolerates.
    """
    if context.always_queried is not None:
        return Version.at(queried_at)
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


def bare_id(context: Context) -> Translated:
    """
    Return that a hint without a key has no effect. Raise NotUnderstood for a body without an id.

    Its body is only an id, and the topic, which names the type, is not signed: the hint of an order
    could remove the product with the same id.
    """
    read(context.body, Hint)
    return Translated(ignored=_BARE, counts=("unverified_delete",))
