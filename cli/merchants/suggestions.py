"""What was probably meant, where a merchant's file says something that it cannot."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from shared.errors import NotConfigured
from shared.settings import DestinationName, SourceName

_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_NO_WORD = re.compile(r"Invalid enum value '([^']*)'")
_PATTERN = re.compile(r"Expected `str` matching regex '.*'")
_LISTS = {"$.sources": get_args(SourceName), "$.destinations": get_args(DestinationName)}
# What is written in a way of its own, by an example of it.
EXAMPLES = {
    "name": "acme",
    "storefront": "https://acme.example",
    "currency": "EUR",
    "shopify.shop": "acme.myshopify.com",
    "shopify.api_version": "2026-10",
    "shopify.admin_url": "https://acme.myshopify.com",
    "woocommerce.url": "https://shop.acme.example",
    "personaclick.shop_id": "30 of the letters 0-9 and a-f",
}


def mended(error: NotConfigured) -> NotConfigured:
    """Add to what is wrong what was probably meant, or an example of what is right."""
    key = error.path.removeprefix("$.")
    if _PATTERN.search(error.reason) and key in EXAMPLES:
        # A pattern says nothing to a person.
        return NotConfigured(
            _PATTERN.sub(f"it looks like this: {EXAMPLES[key]}", error.reason), error.path
        )
    hint = _hint(error)
    return NotConfigured(f"{error.reason}; {hint}", error.path) if hint else error


def nearest(word: str, words: Iterable[str]) -> str:
    """Ask whether the nearest word was meant; nothing where none is near."""
    found = get_close_matches(word, list(words), n=1)
    return f"did you mean `{found[0]}`?" if found else ""


def _hint(error: NotConfigured) -> str:
    if unknown := _UNKNOWN.search(error.reason):
        section = error.path.removeprefix("$").strip(".").rpartition(".")[0]
        return nearest(unknown[1], _siblings(section))
    if wrong := _NO_WORD.search(error.reason):
        words = _LISTS.get(error.path.partition("[")[0], ())
        return nearest(wrong[1], words) or (f"there is {', '.join(words)}" if words else "")
    return ""


def _siblings(section: str) -> set[str]:
    from cli.merchants.reference import keys  # noqa: PLC0415 - only a file with a mistake needs them

    below = f"{section}." if section else ""
    return {key.removeprefix(below).partition(".")[0] for key in keys() if key.startswith(below)}
