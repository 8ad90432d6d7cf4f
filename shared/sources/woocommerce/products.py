"""
Products. What a body says of a simple product is enough; of a variable one, or of a variation, it
is a hint, and the store is asked for the product with all its variations.
"""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import ProductRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant, moment
from shared.sources.contract import Translated
from shared.sources.parsing.scalars import absent, read
from shared.sources.woocommerce import deletes
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.product_assembly import assembled, is_variable, parent_of
from shared.sources.woocommerce.product_payloads import Action, Hint, Product

# What a translation needs. A webhook that was made through wc/v1 or wc/v2 goes on sending those
# shapes, without stock_status, and plugins filter.
_WHOLE = (
    "status", "name", "permalink", "description", "price", "regular_price", "on_sale",
    "purchasable", "catalog_visibility", "manage_stock", "stock_quantity", "stock_status",
    "categories", "tags", "images", "attributes", "date_modified_gmt",
)  # fmt: skip
_TRASH, _RESTORED = "trash", "product.restored"
_NOBODY = "0"
_HOLE = "missing; was the webhook made through wc/v3?"
_NO_KEY = "the store must be asked for its variations, and the secret has no consumer key"
_ORPHAN = "a variation without a product is not for sale"
_UNKNOWN = "no product was ever told with this variation"


def saved(job: Context) -> Translated:
    """product.created, updated, published and restored: the product as it is, whichever of them."""
    body = read(job.body, Product)
    if _is_variation(body):
        return _parent(job, body, "$.parent_id")
    if body.status == _TRASH and not (job.store and is_variable(body)):
        return _removed(body.id, _received(job, body))
    if is_variable(body):
        return _reread(job, body.id, _NO_KEY, "$.variations")
    hole = absent(job.keys, _WHOLE)
    if hole:
        return _reread(job, body.id, _HOLE, f"$.{hole}")
    return assembled(job, body, (), _received(job, body))


def hinted(job: Context) -> Translated:
    """product.deleted: something of that id went to the trash, and may be back by now."""
    return _whatever_is(job, read(job.body, Hint).id, "$.id")


def deleted(job: Context) -> Translated:
    """action.woocommerce_before_delete_product: by now it should be gone for good."""
    return _whatever_is(job, read(job.body, Action).arg, "$.arg")


def variation_deleted(job: Context) -> Translated:
    """action.woocommerce_delete_product_variation: the product is told without it."""
    parent = parent_of(job, read(job.body, Action).arg)
    if parent is None:
        return Translated(ignored=_UNKNOWN, counts=(deletes.PHANTOM,))
    return _reread(job, parent, _NO_KEY, "$.arg")


def _whatever_is(job: Context, name: str, path: str) -> Translated:
    entity = Entity(Kind.PRODUCT, name)
    if job.store is None:
        received = Version.at(job.envelope.received_at)
        return deletes.unasked(job, ProductRemoved(entity=entity, version=received))
    asked = deletes.asking(job)
    there = job.store.product(name, job.deadline)
    if there is not None:
        is_part = _is_variation(there)
        return _parent(job, there, path) if is_part else _found(job, job.store, there, asked)
    parent = parent_of(job, name)
    if parent is not None:
        return _reread(job, parent, _NO_KEY, path)
    return deletes.gone(job, ProductRemoved(entity=entity, version=deletes.ended(asked)))


def _parent(job: Context, variation: Product, path: str) -> Translated:
    if variation.parent_id == _NOBODY:
        return Translated(ignored=_ORPHAN)
    return _reread(job, variation.parent_id, _NO_KEY, path)


def _reread(job: Context, name: str, reason: str, path: str) -> Translated:
    if job.store is None:
        raise NotUnderstood(reason, path)
    asked = deletes.asking(job)
    there = job.store.product(name, job.deadline)
    if there is None:
        return _removed(name, deletes.ended(asked))
    return _found(job, job.store, there, asked)


def _found(job: Context, store: Store, there: Product, asked: str) -> Translated:
    if _is_variation(there):
        return Translated(ignored=_ORPHAN)
    if there.status == _TRASH:
        return _removed(there.id, _seen(there, asked))
    variations = store.variations(there.id, job.deadline) if is_variable(there) else ()
    return assembled(job, there, variations, _seen(there, asked))


def _removed(name: str, version: Version) -> Translated:
    entity = Entity(Kind.PRODUCT, name)
    return Translated(changes=(ProductRemoved(entity=entity, version=version),))


def _is_variation(document: Product) -> bool:
    # Plugins have theirs: subscription_variation.
    return (document.type or "").endswith("variation")


def _received(job: Context, body: Product) -> Version:
    if job.store is None and job.envelope.topic == _RESTORED:
        # A removal on a hint alone is as new as the hint, which is later than this was modified.
        return Version.at(job.envelope.received_at)
    return deletes.found(body.date_modified_gmt, job.envelope.received_at)


def _seen(document: Product, asked: str) -> Version:
    if is_variable(document):
        # Not when it was modified: a variation in the trash leaves no trace in its product, and the
        # newest of those that are left may be older than what was told before. In whole seconds, as
        # the store counts: it may become a simple product within the same one.
        return Version(instant(moment(asked).replace(microsecond=0)), asked)
    return deletes.found(document.date_modified_gmt, asked)
