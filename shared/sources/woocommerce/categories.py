"""
The path of a product's category from the top. A product lists only the categories that are assigned
directly, and no parents. The tree is read from the store and cached for some hours, because no
webhook is sent when a category is renamed or moved. Where the store is read for every change, the
chain of the product's own categories is read again if that is longer than a minute ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from shared.errors import NotUnderstood
from shared.sources.parsing.html import plain
from shared.sources.woocommerce.context import Context, Store
from shared.sources.woocommerce.product_payloads import Term

FACT = "woocommerce:categories"
LIFETIME = 6 * 3600.0
# A fact with this name and the ids of assigned categories: their chains were just read.
_FRESH = "woocommerce:categories:fresh:"
_FRESH_FOR = 60.0

# Category id -> its name and the id of its parent.
Tree = Mapping[str, tuple[str, str | None]]


def facts_of(assigned: Sequence[Term]) -> frozenset[str]:
    """Return the names of the facts that `path` needs."""
    return frozenset({FACT, _fresh(assigned)})


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
    elif context.always_queried is not None and _fresh(assigned) not in facts:
        tree = _with_chains(context, context.always_queried, tree, assigned)
    return max((_names(tree, term) for term in assigned), key=len)


def _fresh(assigned: Sequence[Term]) -> str:
    return _FRESH + ",".join(sorted(term.key for term in assigned))


def _with_chains(context: Context, store: Store, tree: Tree, assigned: Sequence[Term]) -> Tree:
    """Return the tree with the chains of the assigned categories as they are in the store now."""
    chains = frozenset(one for term in assigned for one in _chain(tree, term.key))
    found = store.categories(context.deadline, chains)
    newer = {**tree, **{name: (one.name, one.parent) for name, one in found.items()}}
    if any(one not in newer for term in assigned for one in _chain(newer, term.key)):
        # A category was moved below one that is not cached.
        return _read_tree(context, store, assigned)
    _remember(context, newer if newer != tree else None, assigned)
    return newer


def _chain(tree: Tree, name: str) -> Iterator[str]:
    """Yield the ids from a category to the top; the last may not be in the tree."""
    seen: set[str] = set()
    parent: str | None = name
    while parent is not None and parent not in seen:
        seen.add(parent)
        yield parent
        parent = tree.get(parent, ("", None))[1]


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
    _remember(context, tree, assigned)
    return tree


def _remember(context: Context, tree: Tree | None, assigned: Sequence[Term]) -> None:
    with suppress(NotUnderstood):  # the tree is too large for an item: it is read each time
        if tree is not None:
            context.ports.remember({FACT: msgspec.json.encode(tree).decode()}, LIFETIME)
        if context.always_queried is not None:
            context.ports.remember({_fresh(assigned): ""}, _FRESH_FOR)
