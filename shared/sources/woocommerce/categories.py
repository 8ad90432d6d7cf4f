"""
The path of a product's category from the top. A product names what it is assigned to directly, and
no parent; the tree is read from the store, and remembered for some hours, for no webhook ever says
that a category was renamed or moved.
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

# Category -> its name, and its parent.
Tree = Mapping[str, tuple[str, str | None]]


def path(job: Context, facts: Mapping[str, str], assigned: Sequence[Term]) -> tuple[str, ...]:
    """
    Give the path of the deepest category that is assigned, of several the first; names are plain.

    ``facts`` are what was remembered. Without a store it is the first category alone. Raises
    StoreUnavailable.
    """
    if not assigned:
        return ()
    if job.store is None:
        return _names({}, assigned[0])
    tree = _remembered(facts)
    if not all(term.id in tree for term in assigned):
        tree = _read(job, job.store, assigned)
    return max((_names(tree, term) for term in assigned), key=len)


def _names(tree: Tree, term: Term) -> tuple[str, ...]:
    # The product's own word for it is newer than what was remembered.
    name, parent = tree.get(term.id, ("", None))
    names, seen = [plain(term.name) or name], {term.id}
    while parent is not None and parent in tree and parent not in seen:
        seen.add(parent)
        name, parent = tree[parent]
        names.append(name)
    return tuple(name for name in reversed(names) if name)


def _remembered(facts: Mapping[str, str]) -> Tree:
    try:
        return msgspec.json.decode(facts.get(FACT, "{}"), type=dict[str, tuple[str, str | None]])
    except msgspec.DecodeError:
        return {}


def _read(job: Context, store: Store, assigned: Sequence[Term]) -> Tree:
    # One that the store does not list (deleted since, or hidden by a plugin) is remembered too, at
    # the top: it would be asked for again with every webhook.
    tree: dict[str, tuple[str, str | None]] = {
        term.id: (plain(term.name) or "", None) for term in assigned
    }
    found = store.categories(job.deadline)
    tree |= {name: (category.name, category.parent) for name, category in found.items()}
    with suppress(NotUnderstood):  # more categories than an item holds: they are read each time
        job.ports.remember({FACT: msgspec.json.encode(tree).decode()}, LIFETIME)
    return tree
