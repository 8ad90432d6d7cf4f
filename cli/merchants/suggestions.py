"""Suggestions for wrong keys and values in a merchant's file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

from shared.errors import NotConfigured
from shared.settings import DestinationName, SourceName

_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_BAD_ENUM = re.compile(r"Invalid enum value '([^']*)'")
_PATTERN = re.compile(r"Expected `str` matching regex '.*'")
_LISTS = {"$.sources": get_args(SourceName), "$.destinations": get_args(DestinationName)}
# Examples of values that must match a pattern.
EXAMPLES = {
    "name": "acme",
    "storefront": "https://acme.example",
    "currency": "EUR",
    "shopify.shop": "acme.myshopify.com",
    "shopify.api_version": "2026-10",
    "shopify.admin_url": "https://acme.myshopify.com",
    "woocommerce.url": "https://shop.acme.example",
    "personaclick.shop_id": "30 characters of 0-9 and a-f",
}


def with_suggestion(error: NotConfigured) -> NotConfigured:
    """Return the error with a suggestion, or an example of a correct value."""
    key = error.path.removeprefix("$.")
    if _PATTERN.search(error.reason) and key in EXAMPLES:
        # A regular expression does not help an operator.
        return NotConfigured(
            _PATTERN.sub(f"the format is wrong, use for example {EXAMPLES[key]}", error.reason),
            error.path,
        )
    hint = _hint(error)
    return NotConfigured(f"{error.reason}; {hint}", error.path) if hint else error


def nearest(word: str, words: Iterable[str]) -> str:
    """Return a question for the most similar word; empty where none is similar."""
    found = get_close_matches(word, list(words), n=1)
    return f"did you mean `{found[0]}`?" if found else ""


def _hint(error: NotConfigured) -> str:
    if unknown := _UNKNOWN.search(error.reason):
        section = error.path.removeprefix("$").strip(".").rpartition(".")[0]
        return nearest(unknown[1], _siblings(section))
    if wrong := _BAD_ENUM.search(error.reason):
        words = _LISTS.get(error.path.partition("[")[0], ())
        return nearest(wrong[1], words) or (f"use one of {', '.join(words)}" if words else "")
    return ""


def _siblings(section: str) -> set[str]:
    from cli.merchants.reference import keys  # noqa: PLC0415 - only a wrong file needs them

    below = f"{section}." if section else ""
    return {key.removeprefix(below).partition(".")[0] for key in keys() if key.startswith(below)}
