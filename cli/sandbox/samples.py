"""The samples in ``events/``: raw bodies, each in a file named after its topic and its case."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events"
# Responses of the REST API of the samples' WooCommerce store, one file for each call.
DOCUMENTS = EVENTS / "woocommerce" / "store"
# Actions whose bodies have another form: their samples are not grouped with the resource's others.
_SEPARATE_ACTIONS = frozenset({"delete", "redact", "merge", "data_request"})
_FORGET_SOURCE, _CART = "shoprelay", "woocommerce_add_to_cart"
# A kind of WooCommerce webhook that only names what to fetch from the store.
HINTS = "hints"
# The kinds that come first, in this order.
_FIRST = ("products", "variations", "orders", "customers", HINTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Samples that one table documents: (topic, body parsed as JSON)."""

    heading: str
    kind: str
    samples: tuple[tuple[str, Any], ...]


def topic_of(file: Path) -> str:
    """
    Return a sample's topic: the file's name without its last part, the case. The slash of a topic
    is written ``__``; WooCommerce's topics have a dot.
    """
    return "/".join(file.stem.split("__")[:-1])


def samples(source: str) -> list[tuple[str, str, bytes]]:
    """Return (file name without extension, topic, body) of every sample of a source."""
    files = sorted((EVENTS / source).glob("*.json"))
    return [(file.stem, topic_of(file), file.read_bytes()) for file in files]


def groups(source: str) -> list[Group]:
    """Return the samples grouped by kind: topics of one resource with bodies of one form."""
    kind_of, heading = _KINDS[source]
    found: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for _, topic, text in samples(source):
        body = json.loads(text)
        found[kind_of(topic, body)].append((topic, body))
    return [
        Group(
            heading=heading.format(kind, _topics(samples_of_kind)),
            kind=kind,
            samples=tuple(samples_of_kind),
        )
        for kind, samples_of_kind in sorted(found.items(), key=lambda one: _place(one[0]))
    ]


def _place(kind: str) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _topics(samples_of_kind: list[tuple[str, Any]]) -> str:
    return ", ".join(dict.fromkeys(topic for topic, _ in samples_of_kind))


def _of_shopify(topic: str, _: Any) -> str:
    resource, _, action = topic.partition("/")
    return f"{resource}/{action if action in _SEPARATE_ACTIONS else ''}"


def _of_woocommerce(topic: str, body: Any) -> str:
    resource, _, event = topic.partition(".")
    if resource == _FORGET_SOURCE:
        return "by hand"
    if event == _CART:
        return "carts"
    if resource == "action" or event == "deleted":
        return HINTS
    return "variations" if body.get("type") == "variation" else f"{resource}s"


# Source -> the function that returns a sample's kind from topic and body, and the kind's heading.
_KINDS: Mapping[str, tuple[Callable[[str, Any], str], str]] = {
    "shopify": (_of_shopify, "Shopify: {1}"),
    "woocommerce": (_of_woocommerce, "WooCommerce {0}: {1}"),
}
