"""Assembly of a product from the store's documents, and the facts that are stored with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.model.change import ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.product import Product
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.html import description, plain
from shared.sources.parsing.urls import absolute
from shared.sources.woocommerce import categories, product_payloads
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.variants import of_simple_product, of_variations, photo

CURRENCY = "woocommerce:currency"
_PRODUCT_OF = "woocommerce:variation:"
_PUBLISHED, _HIDDEN = "publish", "hidden"
# These are never purchasable themselves: another shop sells them, or their children are sold.
_NEVER_PURCHASABLE = frozenset({"external", "grouped"})


def is_variable(document: product_payloads.Product) -> bool:
    """Return whether a product has variations, like a plugin's ``variable-subscription``."""
    return (document.type or "").startswith("variable") or bool(document.variations)


def parent_of(context: Context, variation_id: str) -> str | None:
    """Return the product that a variation was last sent with."""
    name = f"{_PRODUCT_OF}{variation_id}"
    return context.ports.recall(frozenset({name})).get(name)


def assemble(
    context: Context,
    document: product_payloads.Product,
    variations: Sequence[product_payloads.Product],
    version: Version,
) -> Translated:
    """Translate a product as it is in the store, with all its variations if it has any."""
    own = categories.facts_of(document.categories or ())
    names = own | {CURRENCY, *_products_of(document, variations)}
    facts = context.ports.recall(names) if context.store else {}
    currency = _currency(context, facts)
    variants = (
        of_variations(context.shop, document, variations, currency)
        if is_variable(document)
        else of_simple_product(context.shop, document, currency)
    )
    product = Product(
        id=document.id,
        name=plain(document.name) or "",
        variants=variants,
        available=bool(variants) and _is_available(document),
        description=description(document.description) or description(document.short_description),
        brand=next(_names(document.brands), None),
        categories=categories.path(context, facts, document.categories or ()),
        tags=tuple(_names(document.tags)),
        photo=photo(context.shop, document),
        link=absolute(document.permalink, context.shop.url),
    )
    _remember_products(context, facts, _products_of(document, variations))
    entity = Entity(Kind.PRODUCT, document.id)
    return Translated(changes=(ProductSaved(entity=entity, version=version, product=product),))


def _is_available(document: product_payloads.Product) -> bool:
    # The webhook's owner may see and buy drafts: ``purchasable`` is independent of the status.
    return (
        document.status == _PUBLISHED
        and document.catalog_visibility != _HIDDEN
        and not document.post_password
        and (
            document.purchasable is not False
            or document.type in _NEVER_PURCHASABLE
            or is_variable(document)
        )
    )


def _names(terms: Sequence[product_payloads.Term] | None) -> Iterator[str]:
    return (name for term in terms or () if (name := plain(term.name)))


def _currency(context: Context, facts: Mapping[str, str]) -> str:
    if context.store is None:
        return context.merchant.currency
    known = facts.get(CURRENCY)
    if known:
        return known
    currency = context.store.currency(context.deadline)
    context.ports.remember({CURRENCY: currency}, categories.LIFETIME)
    return currency


def _products_of(
    document: product_payloads.Product, variations: Sequence[product_payloads.Product]
) -> Mapping[str, str]:
    return {f"{_PRODUCT_OF}{one.id}": document.id for one in variations}


def _remember_products(
    context: Context, facts: Mapping[str, str], products: Mapping[str, str]
) -> None:
    new = {name: product for name, product in products.items() if facts.get(name) != product}
    if new:
        context.ports.remember(new)
