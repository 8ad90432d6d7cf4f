"""Mutations of bodies: of their bytes, or of values at random places."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.fuzz.values import LARGEST, MUTATIONS, spelled

Mutation = Callable[[bytes, random.Random], bytes]


def _untouched(body: bytes, _: random.Random) -> bytes:
    return body


def _noise(_: bytes, rng: random.Random) -> bytes:
    return rng.randbytes(rng.randrange(0, 400))


def _truncated(body: bytes, rng: random.Random) -> bytes:
    return body[: rng.randrange(len(body) + 1)]


def _flipped(body: bytes, rng: random.Random) -> bytes:
    mutated = bytearray(body or b"{}")
    for _ in range(rng.randrange(1, 8)):
        mutated[rng.randrange(len(mutated))] = rng.randrange(256)
    return bytes(mutated)


def _spliced(body: bytes, rng: random.Random) -> bytes:
    start, end = sorted((rng.randrange(len(body) + 1), rng.randrange(len(body) + 1)))
    return body[:end] + body[start:]


def _not_utf8(body: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(body) + 1)
    bad = rng.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf8\x88\x80\x80", b"\x00", b"\xc0\xaf"))
    return body[:at] + bad + body[at:]


def _other_charset(body: bytes, rng: random.Random) -> bytes:
    text = body.decode(errors="replace")
    charset = rng.choice(("utf-16", "utf-32", "utf-16-le", "utf-8-sig", "utf-7"))
    return text.encode(charset)


def _framed(body: bytes, rng: random.Random) -> bytes:
    left, right = rng.choice(
        ((b"[", b"]"), (b"\xef\xbb\xbf", b""), (b"", b"{}"), (b"//x\n", b""), (b" " * 9999, b"\n"),
         (b'"', b'"'), (b"", b","), (b"\x00", b""), (b'{"data":', b"}"))
    )  # fmt: skip
    return left + body + right


def _deep(body: bytes, rng: random.Random) -> bytes:
    depth = rng.choice((100, 1000, 5000, 200_000))
    left, right = rng.choice((("[", "]"), ('{"id":', "}"), ('{"line_items":[', "]}")))
    inside = (left * depth + "1" + right * depth * rng.randrange(2)).encode()
    if rng.random() < 0.5:
        return inside
    return body.replace(b"null", inside, 1) if b"null" in body else b'{"id":1,"x":' + inside + b"}"


def _scalar(_: bytes, rng: random.Random) -> bytes:
    return rng.choice(
        (b"", b"{}", b"[]", b"null", b"0", b'""', b"true", b'{"id":1}', b"[[]]", b"{")
    )


def _large(body: bytes, rng: random.Random) -> bytes:
    size = rng.choice((70_000, 300_000, 1_100_000, LARGEST))
    rest = max(0, size - len(body) - 20)
    filler = rng.choice(
        (b"x" * rest, rng.randbytes(rest // 2).hex().encode(), b"<p a='" * (rest // 6))
    )
    return (
        body.replace(b'"title": "', b'"title": "' + filler, 1)
        if b'"title"' in body
        else (b'{"filler": "' + filler.replace(b"'", b" ") + b'",' + body[1:])
    )


BYTES: Mapping[str, Mutation] = {
    "untouched": _untouched,
    "noise": _noise,
    "truncated": _truncated,
    "flipped": _flipped,
    "spliced": _spliced,
    "not UTF-8": _not_utf8,
    "another charset": _other_charset,
    "framed": _framed,
    "deep": _deep,
    "scalar": _scalar,
}
LARGE = "large"
KINDS = (*BYTES, LARGE, *MUTATIONS)
# Most mutations are of values: a body that is not JSON always takes the same path.
_WEIGHTS = tuple(1 if kind in BYTES else 0.03 if kind == LARGE else 4 for kind in KINDS)


def mutate(body: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Mutate a body; return the kind of mutation and the bytes, at most 6 MB."""
    kind = rng.choices(KINDS, _WEIGHTS)[0]
    if kind == LARGE:
        return kind, _large(body, rng)[:LARGEST]
    if kind in BYTES:
        return kind, BYTES[kind](body, rng)[:LARGEST]
    return kind, _in_values(kind, body, rng)[:LARGEST]


def _in_values(kind: str, body: bytes, rng: random.Random) -> bytes:
    try:
        document: Any = json.loads(body)
    except (ValueError, RecursionError):
        return body
    for _ in range(rng.choice((1, 1, 2, 4))):
        document = MUTATIONS[kind](document, rng)
    return spelled(document)
