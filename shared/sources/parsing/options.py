"""
Which option of a product is its colour, which its size. Shops name options freely and in their own
language; Shopify says nothing else about them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import chain

COLORS = frozenset(
    {
        "barva", "cor", "color", "colore", "colors", "colour", "colours", "couleur", "culoare",
        "farba", "farbe", "farge", "farve", "färg", "kleur", "kolor", "renk", "spalva", "szín",
        "väri", "χρώμα", "боя", "колер", "колір", "цвет", "цвят", "צבע", "اللون", "カラー", "色",
        "颜色", "顏色", "색상",
    }
)  # fmt: skip
SIZES = frozenset(
    {
        "beden", "dydis", "größe", "groesse", "koko", "maat", "marime", "mărime", "méret",
        "rozmiar", "size", "sizes", "storlek", "størrelse", "taglia", "taille", "talla",
        "tamanho", "tamaño", "veličina", "velikost", "veľkosť", "μέγεθος", "памер", "размер",
        "розмір", "מידה", "المقاس", "サイズ", "尺寸", "尺码", "尺碼", "사이즈",
    }
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+")


def color(options: Mapping[str, str], own: Iterable[str] = ()) -> str | None:
    """Give the value of the option that is the colour; ``own`` are the merchant's names for it."""
    name = _named(tuple(options), COLORS, tuple(own))
    return None if name is None else options[name]


def size(options: Mapping[str, str], own: Iterable[str] = ()) -> str | None:
    """Give the value of the option that is the size; ``own`` are the merchant's names for it."""
    name = _named(tuple(options), SIZES, tuple(own))
    return None if name is None else options[name]


# All variants of a product have the same options, and most products of a shop.
@lru_cache(maxsize=128)
def _named(names: tuple[str, ...], known: frozenset[str], own: tuple[str, ...]) -> str | None:
    # The merchant's own names come first; a word is enough, "Select Color:" is a colour.
    mine = {_folded(name) for name in own}
    words = {_folded(name) for name in known}
    first = (name for name in names if _folded(name) in mine)
    others = (name for name in names if words & set(_WORDS.findall(_folded(name))))
    return next(chain(first, others), None)


def _folded(name: str) -> str:
    # "Größe" folds to "grösse", and may come with its umlaut as a sign of its own.
    return unicodedata.normalize("NFC", name).strip().casefold()
