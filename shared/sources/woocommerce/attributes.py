"""
Attributes of products: a variation's options, and the names by which its colour and size are found.
An attribute that a variation leaves open ("any") is not in its list.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from shared.sources.parsing.html import plain
from shared.sources.woocommerce.product_payloads import Attribute, Product

# WooCommerce's prefix for the slug of a global attribute; the slug of a custom one is its name.
_GLOBAL = "pa_"

Choice = tuple[Attribute, str]


def chosen_options(variation: Product) -> dict[str, str]:
    """Return the options that define a variation, attribute -> option, in the shop's order."""
    return {name: value for one, value in _chosen(variation) if (name := plain(one.name))}


def options_by_name(product: Product, variation: Product | None = None) -> dict[str, str]:
    """
    Return the option of every attribute under each of its names: its name, then its slug.

    These are the options of the variation, and the attributes of the product that have only one
    option and are no choice: all its variations are blue.
    """
    choices = [*(_chosen(variation) if variation else ()), *_fixed(product, of=variation)]
    found: dict[str, str] = {}
    for one, value in choices:
        found.setdefault(plain(one.name) or "", value)
    for one, value in choices:
        for slug in _slugs(one):
            found.setdefault(slug, value)
    return found


def _chosen(variation: Product) -> Iterator[Choice]:
    for one in variation.attributes or ():
        if value := plain(one.option):
            yield one, value


def _fixed(product: Product, of: Product | None) -> Iterator[Choice]:
    for one in product.attributes or ():
        only = one.options[0] if one.options and len(one.options) == 1 else None
        # An attribute that a variation could choose and leaves open is "any".
        if not (of and one.variation) and (value := plain(only)):
            yield one, value


def _slugs(attribute: Attribute) -> tuple[str, ...]:
    # "pa_%d1%86%d0%b2%d0%b5%d1%82" is pa_цвет.
    slug = unquote(attribute.slug or "")
    return (slug.removeprefix(_GLOBAL), slug)
