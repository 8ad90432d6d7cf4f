"""A product of ours from the documents of the store, and what is remembered along the way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.model.change import ProductSaved
from shared.model.entity import Entity, Kind
from shared.model.product import Product
from shared.model.version import Version
from shared.sources.contract import Translated
from shared.sources.parsing.html import plain
from shared.sources.woocommerce import categories, product_payloads
from shared.sources.woocommerce.context import Context
from shared.sources.woocommerce.variants import alone, chosen, photo

CURRENCY = "woocommerce:currency"
_PRODUCT_OF = "woocommerce:variation:"
_PUBLISHED, _HIDDEN = "publish", "hidden"
# These are never purchasable themselves: another shop, their children, their variations are.
_ELSEWHERE = frozenset({"external", "grouped"})


def is_variable(document: product_payloads.Product) -> bool:
    """Tell whether a product is sold by variations, a plugin's ``variable-subscription`` too."""
    return (document.type or "").startswith("variable") or bool(document.variations)


def parent_of(job: Context, variation_id: str) -> str | None:
    """Give the product that a variation was last told with."""
    name = f"{_PRODUCT_OF}{variation_id}"
    return job.ports.recall(frozenset({name})).get(name)


def assembled(
    job: Context,
    document: product_payloads.Product,
    variations: Sequence[product_payloads.Product],
    version: Version,
) -> Translated:
    """Tell a product as the store has it, with all its variations if it has any."""
    names = frozenset({categories.FACT, CURRENCY, *_products_of(document, variations)})
    facts = job.ports.recall(names) if job.store else {}
    currency = _currency(job, facts)
    variants = (
        chosen(job.shop, document, variations, currency)
        if is_variable(document)
        else alone(job.shop, document, currency)
    )
    product = Product(
        id=document.id,
        name=plain(document.name) or "",
        variants=variants,
        available=bool(variants) and _offered(document),
        description=plain(document.description) or plain(document.short_description),
        brand=next(_names(document.brands), None),
        categories=categories.path(job, facts, document.categories or ()),
        tags=tuple(_names(document.tags)),
        photo=photo(document),
        link=document.permalink or None,
    )
    _remember(job, facts, _products_of(document, variations))
    entity = Entity(Kind.PRODUCT, document.id)
    return Translated(changes=(ProductSaved(entity=entity, version=version, product=product),))


def _offered(document: product_payloads.Product) -> bool:
    # The owner of the webhook may see drafts, and buy them: purchasable says nothing of a status.
    return (
        document.status == _PUBLISHED
        and document.catalog_visibility != _HIDDEN
        and not document.post_password
        and (
            document.purchasable is not False
            or document.type in _ELSEWHERE
            or is_variable(document)
        )
    )


def _names(terms: Sequence[product_payloads.Term] | None) -> Iterator[str]:
    return (name for term in terms or () if (name := plain(term.name)))


def _currency(job: Context, facts: Mapping[str, str]) -> str:
    if job.store is None:
        return job.merchant.currency
    known = facts.get(CURRENCY)
    if known:
        return known
    currency = job.store.currency(job.deadline)
    job.ports.remember({CURRENCY: currency}, categories.LIFETIME)
    return currency


def _products_of(
    document: product_payloads.Product, variations: Sequence[product_payloads.Product]
) -> Mapping[str, str]:
    return {f"{_PRODUCT_OF}{one.id}": document.id for one in variations}


def _remember(job: Context, facts: Mapping[str, str], products: Mapping[str, str]) -> None:
    new = {name: product for name, product in products.items() if facts.get(name) != product}
    if new:
        job.ports.remember(new)
