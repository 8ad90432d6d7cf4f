"""Bodies to start from: those of ``events/``, and the corpus where it is beside the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from shared.sources.shopify.topics import HANDLED

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "events" / "shopify"
CORPUS = ROOT.parent / "shared" / "corpus" / "shopify"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A body and the topic it came under; ``name`` is its file's, without the folders above."""

    name: str
    topic: str
    body: bytes = field(repr=False)


@cache
def events() -> tuple[Sample, ...]:
    """The bodies that are committed."""
    return tuple(
        Sample(name=path.name, topic="/".join(path.stem.split("__")[:2]), body=path.read_bytes())
        for path in sorted(EVENTS.glob("*.json"))
    )


@cache
def corpus() -> tuple[Sample, ...]:
    """The bodies of the corpus; none where it is absent."""
    return tuple(
        Sample(
            name=f"{path.parent.name}/{path.name}",
            topic=_topic(path.parent.name),
            body=path.read_bytes(),
        )
        for path in sorted(CORPUS.glob("*/*.json"))
    )


def handled(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Those whose topic means something."""
    return tuple(one for one in samples if one.topic in HANDLED)


def _topic(folder: str) -> str:
    """The corpus names derived bodies ``_derived__products__update``."""
    bare = folder.removeprefix("_derived__").removeprefix("_shapes__")
    return bare.replace("__", "/")
