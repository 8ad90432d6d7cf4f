"""The bugs of naive WooCommerce adapters, each of which the machine must find in ours."""

from __future__ import annotations

import pytest

from shared.model.change import ProductRemoved, Removed
from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.scalars import read
from shared.sources.woocommerce import deletes, headers, product_payloads, products
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.product_assembly import assemble, is_variable
from shared.sources.woocommerce.topics import HANDLED
from tests.model_based.planted import Bug


def _believed_hints(patch: pytest.MonkeyPatch) -> None:
    """What a hint is about is gone, without a question."""

    def removed(job: Context) -> Translated:
        name = read(job.body, product_payloads.Hint).id
        version = Version.at(job.envelope.received_at)
        removal = ProductRemoved(entity=Entity(Kind.PRODUCT, name), version=version)
        return Translated(changes=(removal,))

    patch.setitem(HANDLED, "product.deleted", removed)


def _delivery_id(patch: pytest.MonkeyPatch) -> None:
    """A delivery is known by the store's Delivery-ID: the webhook and the second."""
    patch.setattr(
        headers,
        "_delivery_id",
        lambda webhook, _topic, _raw, received: f"{webhook} {received[:19]}",
    )


def _parents_body(patch: pytest.MonkeyPatch) -> None:
    """The body of a variable product passes for what the store would say now, however old."""
    for topic in ("product.created", "product.updated", "product.published", "product.restored"):
        patch.setitem(HANDLED, topic, _from_the_body)


def _from_the_body(job: Context) -> Translated:
    body = read(job.body, product_payloads.Product)
    if job.store is None or not is_variable(body) or body.status == "trash":
        return products.saved(job)
    asked = deletes.query_time(job)
    variations = job.store.variations(body.id, job.deadline)
    return assemble(job, body, variations, Version.at(asked))


def _believed_bodies(patch: pytest.MonkeyPatch) -> None:
    """A body is the newest state when it arrives, although the store could be queried."""
    for topic in ("product.created", "product.updated", "product.published", "product.restored"):
        patch.setitem(HANDLED, topic, _received)


def _received(job: Context) -> Translated:
    body = read(job.body, product_payloads.Product)
    return products._from_body(job, body)  # noqa: SLF001 - the bug is planted inside


def _no_tombstone(patch: pytest.MonkeyPatch) -> None:
    """What no platform knows leaves no trace when it is gone: a late body brings it to life."""
    gone = deletes.confirmed_removal

    def forgetful(job: Context, removal: Removed) -> Translated:
        found = gone(job, removal)
        return Translated(ignored="never heard of it") if found.counts else found

    patch.setattr(deletes, "confirmed_removal", forgetful)


SIMPLE = ("simple", "trash", "restore")
PARTS = ("variable", "variation", "variation gone")

WOO_BUGS = (
    Bug("hints are believed", _believed_hints, SIMPLE),
    Bug("bodies are believed", _believed_bodies, ("simple",), reads=True),
    Bug("the Delivery-ID names a delivery", _delivery_id, ("simple",), seed=2),
    Bug(
        "the body of a variable product is its newest state",
        _parents_body,
        ("variable",),
        reads=False,
    ),
    Bug(
        "what is gone and unknown leaves no trace",
        _no_tombstone,
        ("simple", "gone"),
        seed=2,
        reads=False,
    ),
)
