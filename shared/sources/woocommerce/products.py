"""
Products. The body of a simple product is sufficient. That of a variable product or of a variation
is only a hint, and the store is queried for the product with all its variations.
"""

from __future__ import annotations

from shared.errors import NotUnderstood
from shared.model.change import ProductRemoved
from shared.model.entity import Entity, Kind
from shared.model.version import Version, instant, moment
from shared.sources.contract import Translated
from shared.sources.parsing.documents import first_missing, read
from shared.sources.woocommerce import deletes
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.product_assembly import assemble, is_variable, parent_of
from shared.sources.woocommerce.product_payloads import Action, Hint, Product

# The keys that a translation requires. A webhook that was created through wc/v1 or wc/v2 still
# sends those shapes, without stock_status, and plugins remove keys.
_REQUIRED = (
    "status", "name", "permalink", "description", "price", "regular_price", "on_sale",
    "purchasable", "catalog_visibility", "manage_stock", "stock_quantity", "stock_status",
    "categories", "tags", "images", "attributes", "date_modified_gmt",
)  # fmt: skip
_TRASH, _RESTORED = "trash", "product.restored"
_NO_ID = "0"
_MISSING = "missing; was the webhook created through wc/v3?"
_NO_KEY = "the store must be queried for its variations, and the secret has no consumer key"
_ORPHAN = "a variation without a product is not for sale"
_UNKNOWN = "no product with this variation was ever sent"


def saved(context: Context) -> Translated:
    """Translate product.created, updated, published and restored alike: the current product."""
    body = read(context.body, Product)
    if _is_variation(body):
        return _translate_parent(context, body, "$.parent_id")
    if body.status == _TRASH and not (context.store and is_variable(body)):
        return _removed(body.id, _received_version(context, body))
    if is_variable(body):
        return _from_store(context, body.id, _NO_KEY, "$.variations")
    missing = first_missing(context.keys, _REQUIRED)
    if missing:
        return _from_store(context, body.id, _MISSING, f"$.{missing}")
    return assemble(context, body, (), _received_version(context, body))


def hinted(context: Context) -> Translated:
    """Translate product.deleted: a post with that id was trashed, and may be restored by now."""
    return _translate_current(context, read(context.body, Hint).id, "$.id")


def deleted(context: Context) -> Translated:
    """Translate action.woocommerce_before_delete_product: it should be deleted by now."""
    return _translate_current(context, read(context.body, Action).arg, "$.arg")


def variation_deleted(context: Context) -> Translated:
    """Translate action.woocommerce_delete_product_variation: save the product without it."""
    parent = parent_of(context, read(context.body, Action).arg)
    if parent is None:
        return Translated(ignored=_UNKNOWN, counts=(deletes.PHANTOM,))
    return _from_store(context, parent, _NO_KEY, "$.arg")


def _translate_current(context: Context, product_id: str, path: str) -> Translated:
    entity = Entity(Kind.PRODUCT, product_id)
    if context.store is None:
        received = Version.at(context.envelope.received_at)
        return deletes.unverified_removal(context, ProductRemoved(entity=entity, version=received))
    queried_at = deletes.query_time(context)
    document = context.store.product(product_id, context.deadline)
    if document is not None:
        if _is_variation(document):
            return _translate_parent(context, document, path)
        return _translate_document(context, context.store, document, queried_at)
    parent = parent_of(context, product_id)
    if parent is not None:
        return _from_store(context, parent, _NO_KEY, path)
    return deletes.confirmed_removal(
        context, ProductRemoved(entity=entity, version=deletes.removal_version(queried_at))
    )


def _translate_parent(context: Context, variation: Product, path: str) -> Translated:
    if variation.parent_id == _NO_ID:
        return Translated(ignored=_ORPHAN)
    return _from_store(context, variation.parent_id, _NO_KEY, path)


def _from_store(context: Context, product_id: str, reason: str, path: str) -> Translated:
    if context.store is None:
        raise NotUnderstood(reason, path)
    queried_at = deletes.query_time(context)
    document = context.store.product(product_id, context.deadline)
    if document is None:
        return _removed(product_id, deletes.removal_version(queried_at))
    return _translate_document(context, context.store, document, queried_at)


def _translate_document(
    context: Context, store: Store, document: Product, queried_at: str
) -> Translated:
    if _is_variation(document):
        return Translated(ignored=_ORPHAN)
    if document.status == _TRASH:
        return _removed(document.id, _queried_version(document, queried_at))
    variations = store.variations(document.id, context.deadline) if is_variable(document) else ()
    return assemble(context, document, variations, _queried_version(document, queried_at))


def _removed(product_id: str, version: Version) -> Translated:
    entity = Entity(Kind.PRODUCT, product_id)
    return Translated(changes=(ProductRemoved(entity=entity, version=version),))


def _is_variation(document: Product) -> bool:
    # Plugins have their own types: subscription_variation.
    return (document.type or "").endswith("variation")


def _received_version(context: Context, body: Product) -> Version:
    if context.store is None and context.envelope.topic == _RESTORED:
        # Without a store the removal has the time of its hint, which is later than the modified
        # time of the restored product. So the restored state has its time of receipt.
        return Version.at(context.envelope.received_at)
    return deletes.version_of(body.date_modified_gmt, context.envelope.received_at)


def _queried_version(document: Product, queried_at: str) -> Version:
    if is_variable(document):
        # Not its modified time: trashing a variation does not change its product, and the newest of
        # the remaining ones may be older than the state that was sent before. In whole seconds,
        # like the store's times: it may become a simple product within the same second.
        return Version(instant(moment(queried_at).replace(microsecond=0)), queried_at)
    return deletes.version_of(document.date_modified_gmt, queried_at)
