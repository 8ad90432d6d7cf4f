"""
Which variants a product has lost, though some platform may still have them. Their availability is
told to nobody: where they were told as gone already, they would be for sale again.
"""

from __future__ import annotations

from shared.model.change import ProductSaved
from shared.model.value import replace
from shared.state.row import Register, Row

_LOST = "lost:"


def variants_not_lost(row: Row) -> frozenset[str]:
    """Name the known variants (`variant_key`) that the product has not lost."""
    return row.variants - _lost(row)


def with_lost_variants(row: Row, before: frozenset[str], change: ProductSaved) -> Row:
    """
    Note what the newest full row seen lacks. Rows come in any order: what an older one brings that
    was not known ``before`` was lost since. Each is forgotten as soon as its variant is.
    """
    there = frozenset(variant.key for variant in change.product.variants)
    since = row.stock_at or change.version.tie
    if change.version.tie < since:
        lost = _lost(row) | (there - before)
    elif change.complete:
        lost = row.variants - there
    else:
        lost = _lost(row) - there
    others = {name: one for name, one in row.registers.items() if not name.startswith(_LOST)}
    marks = {f"{_LOST}{name}": Register(at=since, value=None) for name in lost & row.variants}
    return replace(row, registers=others | marks)


def _lost(row: Row) -> frozenset[str]:
    return frozenset(name.removeprefix(_LOST) for name in row.registers if name.startswith(_LOST))
