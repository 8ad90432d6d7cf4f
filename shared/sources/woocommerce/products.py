"""
Products. With a consumer key, a webhook is only a hint, and the store is queried for the product
with all its variations. Otherwise, and where the merchant says so, the body of a simple product is
used; that of a variable product or of a variation never is.
"""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import ProductRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant, moment
from shared.sources.contract import Translated
from shared.sources.parsing.documents import first_missing, read
from shared.sources.woocommerce import deletes
from shared.sources.woocommerce.context import Context, Store, read_once
from shared.sources.woocommerce.product_assembly import assemble, is_variable, parent_of
from shared.sources.woocommerce.product_payloads import Action, Hint, Product, Reference

# The keys that a translation requires. A webhook that was created through wc/v1 or wc/v2 still
# sends those shapes, without stock_status, and plugins remove keys.
_REQUIRED = (
    "status", "name", "permalink", "description", "price", "regular_price", "on_sale",
    "purchasable", "catalog_visibility", "manage_stock", "stock_quantity", "stock_status",
    "categories", "tags", "images", "attributes", "date_modified_gmt",
)  # fmt: skip
_TRASH = "trash"
_NO_ID = "0"
_MISSING = "missing; was the webhook created through wc/v3?"
_NO_KEY = "the store must be queried for its variations, and the secret has no consumer key"
_ORPHAN = "a variation without a product is not for sale"
_UNKNOWN = "no product with this variation was ever sent"


def saved(context: Context) -> Translated:
    """Translate product.created, updated, published and restored alike: the current product."""
    reference = read(context.body, Reference)
    if _is_variation(reference):
        if reference.parent_id == _NO_ID:
            return Translated(ignored=_ORPHAN)
        store = _store(context, _NO_KEY, "$.parent_id")
        return _current(context, store, reference.parent_id, variation=False)
    if context.always_queried is not None:
        return _current(context, context.always_queried, reference.id)
    return _from_body(context, read(context.body, Product))


def _from_body(context: Context, body: Product) -> Translated:
    version = deletes.received_version(context, body.date_modified_gmt)
    if body.status == _TRASH and not (context.store and is_variable(body)):
        return Translated(changes=(_removal(body.id, version),))
    if is_variable(body):
        return _current(context, _store(context, _NO_KEY, "$.variations"), body.id)
    missing = first_missing(context.keys, _REQUIRED)
    if missing:
        return _current(context, _store(context, _MISSING, f"$.{missing}"), body.id)
    return assemble(context, body, (), version)


def hinted(context: Context) -> Translated:
    """Translate product.deleted: a post with that id was trashed, and may be restored by now."""
    name = read(context.body, Hint).id
    if context.store is None:
        return deletes.bare_id(context)
    return _current(context, context.store, parent_of(context, name) or name)


def deleted(context: Context) -> Translated:
    """Translate action.woocommerce_before_delete_product: it should be deleted by now."""
    name = read(context.body, Action).arg
    if context.store is None:
        # Its body names the action: it is signed, and a store never reuses an id.
        removal = _removal(name, Version.at(context.envelope.received_at))
        return deletes.unverified_removal(context, removal)
    return _current(context, context.store, parent_of(context, name) or name)


def variation_deleted(context: Context) -> Translated:
    """Translate action.woocommerce_delete_product_variation: save the product without it."""
    parent = parent_of(context, read(context.body, Action).arg)
    if parent is None:
        return Translated(ignored=_UNKNOWN, counts=(deletes.PHANTOM,))
    return _current(context, _store(context, _NO_KEY, "$.arg"), parent)


def _store(context: Context, reason: str, path: str) -> Store:
    if context.store is None:
        raise NotUnderstood(reason, path)
    return context.store


def _current(context: Context, store: Store, name: str, *, variation: bool = True) -> Translated:
    """Return what the store has under an id; for a ``variation``, its product."""
    entity = Entity(Kind.PRODUCT, name)
    return read_once(context, entity, lambda: _queried(context, store, name, variation=variation))


def _queried(context: Context, store: Store, name: str, *, variation: bool) -> Translated:
    queried_at = deletes.query_time(context)
    document = store.product(name, context.deadline)
    if document is None:
        removal = _removal(name, deletes.removal_version(context, queried_at))
        return deletes.confirmed_removal(context, removal)
    if _is_variation(document):
        if not variation or document.parent_id == _NO_ID:
            return Translated(ignored=_ORPHAN)
        return _queried(context, store, document.parent_id, variation=False)
    version = _queried_version(context, document, queried_at)
    if document.status == _TRASH:
        return Translated(changes=(_removal(name, version),))
    variations = store.variations(name, context.deadline) if is_variable(document) else ()
    return assemble(context, document, variations, version)


def _removal(name: str, version: Version) -> ProductRemoved:
    return ProductRemoved(entity=Entity(Kind.PRODUCT, name), version=version)


def _is_variation(document: Reference) -> bool:
    # Plugins have their own types: subscription_variation.
    return (document.type or "").endswith("variation")


def _queried_version(context: Context, document: Product, queried_at: str) -> Version:
    if is_variable(document) and context.always_queried is None:
        # Not its modified time: trashing a variation does not change its product, and the newest of
        # the remaining ones may be older than the state that was sent before. In whole seconds,
        # like the store's times: it may become a simple product within the same second.
        return Version(instant(moment(queried_at).replace(microsecond=0)), queried_at)
    return deletes.queried_version(context, document.date_modified_gmt, queried_at)
