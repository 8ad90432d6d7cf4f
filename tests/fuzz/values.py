"""Mutations of a document: unexpected values at random places."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

LARGEST = 6 * 1024 * 1024 - 4096
Mutation = Callable[[Any, random.Random], Any]

# JSON that Python cannot represent, or would write differently: kept as text until `spelled`.
_RAW = "@raw@"
_SPELLINGS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1e-999", "-0", "-0.0", "1E400", "0x10",
    "9" * 19, "9" * 40, "-" + "9" * 25, "9" * 5000, "0." + "1" * 5000, "1e99999999999999999999",
    "01",
    "+1",
    "18446744073709551616", "9223372036854775808", "1.5", "1.0", "2e2", "123456789012345.678901",
    '"\\ud800"', '"\\udc00x"', '"\\u0000"', '"\\uFFFE"', "'x'", "undefined", "{,}", "[1,]",
)  # fmt: skip
_RAW_TEXT = re.compile(rf'"{_RAW}(\d+)"')
_TYPES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**53 + 1, "", " ", "0", "x", [], {}, [None], [[]], [{}],
    {"a": {}}, ["x"], {"id": None}, "null", "true",
    {"0": {"id": 1}}, {"2": "x"}, [7], {"term_id": 7, "name": "x"}, "yes", [{"id": "x", "name": 7}],
)  # fmt: skip
_TEXTS = (
    "\u0000", "\u202eabc", "\U0001f600" * 50, "İI\u0307ß\ufb01", "NULL", "a" * 20_000,
    "\x85\x1c\u2028",
    "<script>" * 300, "<" * 5000, "&#" + "9" * 5000 + ";", "'; DROP TABLE", "../..", "%2e%2e", ".",
    "..",
    "a@b", "@", "a b@c d", "ÄÖ@Ü.example", "x@" + "y" * 3000, "\ufeff", "\ufffe", "1e5", "-1",
    "NaN",
    "Infinity", "1,99", "1.999999999999", "9" * 400, "٣", "0x1F", "1_000", " 12 ", "+5", "12.",
    "gid://shopify/Product/1?x", "gid://shopify/Product/" + "9" * 30, "0", "2026-11-21", "usd",
    "US\n",
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "2026-02-30T00:00:00Z", "::1", "1.2.3.4.5",
    "fe80::1%eth0\n", "http://", "//", "javascript:alert(1)", "completed", "Default Title", " > ",
)  # fmt: skip


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key or index) of a document."""
    found: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        one = waiting.pop()
        keys = (
            one.keys()
            if isinstance(one, dict)
            else range(len(one))
            if isinstance(one, list)
            else ()
        )
        for key in keys:
            found.append((one, key))
            if isinstance(one[key], dict | list):
                waiting.append(one[key])
    return found


def _at(document: Any, rng: random.Random) -> tuple[Any, Any]:
    # Top-level places more often: most of the mapped fields are there.
    places = _places(document)
    if not places:
        return [document], 0
    top = [place for place in places if place[0] is document]
    return rng.choice(top if top and rng.random() < 0.4 else places)


def _odd(rng: random.Random) -> Any:
    return json.loads(json.dumps(rng.choice(_TYPES)))  # a copy: the next mutation may extend it


def _wrong_type(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    holder[key] = _odd(rng)
    return document


def _wrong_text(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    holder[key] = rng.choice(_TEXTS)
    return document


def _spelling(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    holder[key] = f"{_RAW}{rng.randrange(len(_SPELLINGS))}"
    return document


def _missing(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    del holder[key]
    return document


def _extra(document: Any, rng: random.Random) -> Any:
    holder, _ = _at(document, rng)
    if isinstance(holder, dict):
        name = rng.choice(
            ("", "id", "\u0000", "x" * 3000, "email", "variants", "\ud7ff", "$", "a.b")
        )
        holder[name] = _odd(rng)
    return document


def _twice(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    if isinstance(holder, dict):
        # A duplicate name, written so that a dict can have both.
        holder[f"{_RAW}{key}"] = _odd(rng)
    return document


def _swapped(document: Any, rng: random.Random) -> Any:
    (one, left), (other, right) = _at(document, rng), _at(document, rng)
    if one is other:
        one[left], one[right] = one[right], one[left]
    else:
        one[left] = json.loads(json.dumps(other[right]))
    return document


def _many(document: Any, rng: random.Random) -> Any:
    lists = [holder[key] for holder, key in _places(document) if isinstance(holder[key], list)]
    full = [one for one in lists if one]
    if full:
        chosen = rng.choice(full)
        one = json.dumps(chosen[0])
        times = min(rng.choice((3, 30, 150, 700)), 500_000 // len(one))
        chosen.extend([json.loads(one) for _ in range(times)])
    return document


def _emptied(document: Any, rng: random.Random) -> Any:
    holder, key = _at(document, rng)
    holder[key] = type(holder[key])() if holder[key] is not None else {}
    return document


MUTATIONS: Mapping[str, Mutation] = {
    "wrong type": _wrong_type,
    "wrong text": _wrong_text,
    "odd spelling": _spelling,
    "missing": _missing,
    "extra": _extra,
    "twice": _twice,
    "swapped": _swapped,
    "many": _many,
    "emptied": _emptied,
}


def spelled(document: Any) -> bytes:
    """Return a document as JSON, with the raw spellings in place of their markers."""
    text = json.dumps(document, ensure_ascii=False)
    text = _RAW_TEXT.sub(lambda match: _SPELLINGS[int(match[1]) % len(_SPELLINGS)], text)
    return text.replace(f'"{_RAW}', '"').encode("utf-8", "surrogatepass")
