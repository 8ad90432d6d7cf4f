"""
The path of a product's category from the top. A product lists only the categories that are assigned
directly, and no parents. The tree is read from the store and cached for some hours, because no
webhook is sent when a category is renamed or moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec

from shared.errors import NotUnderstood
from shared.sources.parsing.html import plain
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.product_payloads import Term

FACT = "woocommerce:categories"
LIFETIME = 6 * 3600.0

# Category id -> its name and the id of its parent.
Tree = Mapping[str, tuple[str, str | None]]


def path(context: Context, facts: Mapping[str, str], assigned: Sequence[Term]) -> tuple[str, ...]:
    """
    Return the path of the deepest assigned category, the first of several; names are plain text.

    ``facts`` are the cached facts. Without a store the path is only the first category. Raises
    StoreUnavailable.
    """
    if not assigned:
        return ()
    if context.store is None:
        return _names({}, assigned[0])
    tree = _cached_tree(facts)
    if not all(term.key in tree for term in assigned if term.key):
        tree = _read_tree(context, context.store, assigned)
    return max((_names(tree, term) for term in assigned), key=len)


def _names(tree: Tree, term: Term) -> tuple[str, ...]:
    # The name in the product is newer than the cached one.
    name, parent = tree.get(term.key, ("", None))
    names, seen = [plain(term.name) or name], {term.key}
    while parent is not None and parent in tree and parent not in seen:
        seen.add(parent)
        name, parent = tree[parent]
        names.append(name)
    return tuple(name for name in reversed(names) if name)


def _cached_tree(facts: Mapping[str, str]) -> Tree:
    try:
        return msgspec.json.decode(facts.get(FACT, "{}"), type=dict[str, tuple[str, str | None]])
    except msgspec.DecodeError:
        return {}


def _read_tree(context: Context, store: Store, assigned: Sequence[Term]) -> Tree:
    # A category that the store does not list (deleted since, or hidden by a plugin) is cached too,
    # at the top: otherwise every webhook would query it again.
    tree: dict[str, tuple[str, str | None]] = {
        term.key: (plain(term.name) or "", None) for term in assigned if term.key
    }
    found = store.categories(context.deadline)
    tree |= {name: (category.name, category.parent) for name, category in found.items()}
    with suppress(NotUnderstood):  # a tree that is too large for an item is read each time
        context.ports.remember({FACT: msgspec.json.encode(tree).decode()}, LIFETIME)
    return tree
