"""Bugs of naive WooCommerce adapters; the machine must find each when it is planted."""

from __future__ import annotations

import pytest

from shared.model.change import ProductRemoved, Removed
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.documents import read
from shared.sources.woocommerce import deletes, headers, product_payloads, products
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.product_assembly import assemble, is_variable
from shared.sources.woocommerce.topics import HANDLED
from tests.model_based.planted import Bug


def _trusted_hints(patch: pytest.MonkeyPatch) -> None:
    """A hint of a removal removes, without a query."""

    def removed(context: Context) -> Translated:
        name = read(context.body, product_payloads.Hint).id
        version = Version.at(context.envelope.received_at)
        removal = ProductRemoved(entity=Entity(Kind.PRODUCT, name), version=version)
        return Translated(changes=(removal,))

    patch.setitem(HANDLED, "product.deleted", removed)


def _delivery_id(patch: pytest.MonkeyPatch) -> None:
    """The store's Delivery-ID, the webhook and the second, identifies a delivery."""
    patch.setattr(
        headers,
        "_delivery_id",
        lambda webhook, _topic, _raw, received: f"{webhook} {received[:19]}",
    )


def _parents_body(patch: pytest.MonkeyPatch) -> None:
    """The body of a variable product counts as its current state, however old it is."""
    for topic in ("product.created", "product.updated", "product.published", "product.restored"):
        patch.setitem(HANDLED, topic, _from_the_body)


def _from_the_body(context: Context) -> Translated:
    body = read(context.body, product_payloads.Product)
    if context.store is None or not is_variable(body) or body.status == "trash":
        return products.saved(context)
    queried_at = deletes.query_time(context)
    variations = context.store.variations(body.id, context.deadline)
    return assemble(context, body, variations, Version.at(queried_at))


def _trusted_bodies(patch: pytest.MonkeyPatch) -> None:
    """A body is the newest state when it arrives, although the store could be queried."""
    for topic in ("product.created", "product.updated", "product.published", "product.restored"):
        patch.setitem(HANDLED, topic, _received)


def _received(context: Context) -> Translated:
    body = read(context.body, product_payloads.Product)
    return products._from_body(context, body)  # noqa: SLF001 - the bug is planted inside


def _no_tombstone(patch: pytest.MonkeyPatch) -> None:
    """The removal of an unknown entity leaves no tombstone: a late body restores it."""
    gone = deletes.confirmed_removal

    def without_a_trace(context: Context, removal: Removed) -> Translated:
        found = gone(context, removal)
        return Translated(ignored="unknown") if found.counts else found

    patch.setattr(deletes, "confirmed_removal", without_a_trace)


SIMPLE = ("simple", "trash", "restore")
PARTS = ("variable", "variation", "variation gone")

WOO_BUGS = (
    Bug("hints are trusted", _trusted_hints, SIMPLE),
    Bug("bodies are trusted", _trusted_bodies, ("simple",), reads=True),
    Bug("the Delivery-ID names a delivery", _delivery_id, ("simple",), seed=2),
    Bug(
        "the body of a variable product is its newest state",
        _parents_body,
        ("variable",),
        reads=False,
    ),
    Bug(
        "the removal of an unknown entity leaves no tombstone",
        _no_tombstone,
        ("simple", "gone"),
        seed=2,
        reads=False,
    ),
)
