"""
Which optional fields a product's rows have at the platform.

An update changes only the fields in it, and no field can be set to null: a description that the
shop empties would stay. So the ledger remembers which optional fields were sent, and a row that
loses one is deleted and created again. A name is remembered alone where all rows have the field,
else with the id of each variant that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import UNSET

from shared.destinations.datacue.payloads import Product, Product2021

Row = Product | Product2021

# `extra` and `category_extra` are in every row, and replaced whole.
FIELDS = ("category_2", "category_3", "category_4", "brand", "description", "color", "size")
# What is remembered has a limited size: of more rows, fields that only some have are not.
MAX_ROWS = 100
# In the ledger for: it is not known which fields a lost attempt sent.
ANY = "*"


def filled(rows: Iterable[Row]) -> frozenset[str]:
    """Return the optional fields that rows have, as they are remembered."""
    found = tuple(rows)
    names: set[str] = set()
    for name in FIELDS:
        having = [row.variant_id for row in found if _has(row, name)]
        if having and len(having) == len(found):
            names.add(name)
        elif len(found) <= MAX_ROWS:
            names.update(f"{name}:{one}" for one in having)
    return frozenset(names)


def loses_a_field(before: frozenset[str]) -> Callable[[Row], bool]:
    """Return whether a row lacks an optional field that the platform may have of it."""

    def loses(row: Row) -> bool:
        return any(
            not before.isdisjoint({ANY, name, f"{name}:{row.variant_id}"})
            for name in FIELDS
            if hasattr(row, name) and not _has(row, name)
        )

    return loses


def _has(row: Row, name: str) -> bool:
    return getattr(row, name, UNSET) is not UNSET
