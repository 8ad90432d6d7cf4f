"""The original bodies: those of ``events/``, and the corpus if it is beside the checkout."""

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
    """A body and its topic; ``name`` is its file name, without the path."""

    name: str
    topic: str
    body: bytes = field(repr=False)


@cache
def events() -> tuple[Sample, ...]:
    """Return the committed bodies."""
    return tuple(
        Sample(name=path.name, topic="/".join(path.stem.split("__")[:2]), body=path.read_bytes())
        for path in sorted(EVENTS.glob("*.json"))
    )


@cache
def corpus() -> tuple[Sample, ...]:
    """Return the bodies of the corpus; none without it."""
    return tuple(
        Sample(
            name=f"{path.parent.name}/{path.name}",
            topic=_topic(path.parent.name),
            body=path.read_bytes(),
        )
        for path in sorted(CORPUS.glob("*/*.json"))
    )


def handled(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """Return the samples of handled topics."""
    return tuple(one for one in samples if one.topic in HANDLED)


def _topic(folder: str) -> str:
    """Return a folder's topic; the corpus names derived bodies ``_derived__products__update``."""
    bare = folder.removeprefix("_derived__").removeprefix("_shapes__")
    return bare.replace("__", "/")
