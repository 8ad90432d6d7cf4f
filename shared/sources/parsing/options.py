"""
Detection of the option of a product that is its colour or its size. Shops name options freely and
in their own language; Shopify gives no other information about them.
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
    """Return the value of the colour option; ``own`` are the merchant's own names for it."""
    name = _find_option(tuple(options), COLORS, tuple(own))
    return None if name is None else options[name]


def size(options: Mapping[str, str], own: Iterable[str] = ()) -> str | None:
    """Return the value of the size option; ``own`` are the merchant's own names for it."""
    name = _find_option(tuple(options), SIZES, tuple(own))
    return None if name is None else options[name]


# All variants of a product have the same options, as do most products of a shop.
@lru_cache(maxsize=128)
def _find_option(names: tuple[str, ...], known: frozenset[str], own: tuple[str, ...]) -> str | None:
    # The merchant's own names come first. One matching word is enough: "Select Color:" is a colour.
    mine = {_fold(name) for name in own}
    words = {_fold(name) for name in known}
    first = (name for name in names if _fold(name) in mine)
    others = (name for name in names if words & set(_WORDS.findall(_fold(name))))
    return next(chain(first, others), None)


def _fold(name: str) -> str:
    # "Größe" folds to "grösse", and its umlaut may be a separate combining character.
    return unicodedata.normalize("NFC", name).strip().casefold()
