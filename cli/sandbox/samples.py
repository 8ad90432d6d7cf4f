"""The samples in ``events/``: raw bodies, each in a file named for its topic and its case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
# What the REST API of the samples' WooCommerce store gives, one file for each call.
DOCUMENTS = EVENTS / "woocommerce" / "store"
# Shapes of their own: their samples are not put together with others of the resource.
_APART = frozenset({"delete", "redact", "merge", "data_request"})
_BY_HAND, _CART = "shoprelay", "woocommerce_add_to_cart"
# A kind of WooCommerce's webhooks: those that only say what to ask the store for.
HINTS = "hints"
# What is told of before anything else, in this order.
_FIRST = ("products", "variations", "orders", "customers", HINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Samples that one table can tell of: (topic, body read as JSON)."""

    heading: str
    kind: str
    samples: tuple[tuple[str, Any], ...]


def topic_of(file: Path) -> str:
    """
    Give a sample's topic: the file's name up to its case, which is the last part. A topic's own
    slash is written ``__``; WooCommerce's topics have a dot.
    """
    return "/".join(file.stem.split("__")[:-1])


def samples(source: str) -> list[tuple[str, str, bytes]]:
    """Give (file's name without its ending, topic, body) of every sample of a source."""
    files = sorted((EVENTS / source).glob("*.json"))
    return [(file.stem, topic_of(file), file.read_bytes()) for file in files]


def groups(source: str) -> list[Group]:
    """Put samples together whose topics are of one kind and have the same shape."""
    kind_of, heading = _KINDS[source]
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for _, topic, text in samples(source):
        body = json.loads(text)
        found[kind_of(topic, body)].append((topic, body))
    return [
        Group(heading=heading.format(kind, _topics(those)), kind=kind, samples=tuple(those))
        for kind, those in sorted(found.items(), key=lambda one: _place(one[0]))
    ]


def _place(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _topics(those: list[tuple[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(topic for topic, _ in those))


def _of_shopify(topic: str, _: Any) -> str:
    resource, _, action = topic.partition("/")
    return f"{resource}/{action if action in _APART else ''}"


def _of_woocommerce(topic: str, body: Any) -> str:
    resource, _, event = topic.partition(".")
    if resource == _BY_HAND:
        return "by hand"
    if event == _CART:
        return "carts"
    if resource == "action" or event == "deleted":
        return HINTS
    return "variations" if body.get("type") == "variation" else f"{resource}s"


# Source -> how the kind of a sample is found, by topic and body, and how the kind is headed.
_KINDS: Mapping[str, tuple[Callable[[str, Any], str], str]] = {
    "shopify": (_of_shopify, "Shopify: {1}"),
    "woocommerce": (_of_woocommerce, "WooCommerce {0}: {1}"),
}
