"""
Variants that a product has lost while a platform may still have them. Their availability is not
sent: where they were sent as removed already, they would be for sale again.
"""

from __future__ import annotations

from shared.model.change import ProductSaved
from shared.model.value import replace
from shared.state.row import Register, Row

_LOST = "lost:"


def variants_not_lost(row: Row) -> frozenset[str]:
    """Return the keys (`variant_key`) of the known variants that the product has not lost."""
    return row.variants - _lost(row)


def with_lost_variants(row: Row, before: frozenset[str], change: ProductSaved) -> Row:
    """
    Record the variants that the newest full row lacks. Rows arrive in any order: if an older row
    has a variant that was not known ``before``, the product has lost it since. When a variant is
    removed from the known ones, its mark is removed too.
    """
    present = frozenset(variant.key for variant in change.product.variants)
    since = row.stock_at or change.version.tie
    if change.version.tie < since:
        lost = _lost(row) | (present - before)
    elif change.complete:
        lost = row.variants - present
    else:
        lost = _lost(row) - present
    others = {name: one for name, one in row.registers.items() if not name.startswith(_LOST)}
    marks = {f"{_LOST}{name}": Register(at=since, value=None) for name in lost & row.variants}
    return replace(row, registers=others | marks)


def _lost(row: Row) -> frozenset[str]:
    return frozenset(name.removeprefix(_LOST) for name in row.registers if name.startswith(_LOST))
