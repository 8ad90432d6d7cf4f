"""One input of the fuzz, made from a seed and a number alone, so that it can be made again."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from shared.sources.shopify.topics import HANDLED
from tests.fuzz import bodies, webhooks
from tests.fuzz.canaries import CanaryRegistry
from tests.fuzz.harness import SECRET, StackConfig
from tests.fuzz.samples import Sample, corpus, events, handled
from tests.fuzz.fake_platform import FAILURES

# So many inputs share a house, whose ledger and breaker remember what came before.
SHARED = 50
_TOPICS = sorted(HANDLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An event and what was done to it; ``kind`` is of the body, ``bend`` of the rest."""

    number: int
    kind: str
    bend: str
    topic: str
    event: dict[str, Any] = field(repr=False)


@cache
def samples() -> tuple[Sample, ...]:
    """Every sample, with canaries; the large ones are few, and slow."""
    aviary = CanaryRegistry()
    return tuple(aviary.planted(one) for one in (*events(), *corpus()))


def choose_config(seed: int, block: int) -> StackConfig:
    """Choose the house of a block."""
    rng = random.Random(f"{seed} block {block}")
    return StackConfig(
        profile=rng.choice(("2018-09", "2021-02")),
        carts=rng.choice(("known-visitors", "cart-token")),
        mode=rng.choices(("inline", "queued"), (5, 1))[0],
        moods=tuple(FAILURES),
        sour=rng.choice((0.0, 0.0, 0.2, 0.6)),
        seed=rng.randrange(2**32),
    )


def make_input(seed: int, number: int, secret: str = SECRET) -> Input:
    """Make an input, most of them signed with the secret."""
    rng = random.Random(f"{seed} input {number}")
    sample = _chosen(samples(), rng)
    kind, body = bodies.mutate(sample.body, rng)
    topic = rng.choice(_TOPICS) if rng.random() < 0.08 else sample.topic
    good = rng.random() < 0.95
    delivery = str(uuid.UUID(int=rng.getrandbits(128))) if rng.random() < 0.97 else "the same"
    sent = webhooks.headers(topic, delivery, body, secret if good else "another")
    bend = "none" if good else "signature"
    if rng.random() < 0.15:
        bend = rng.choice(tuple(webhooks.MUTATIONS))
        webhooks.MUTATIONS[bend](sent, rng)
    event = webhooks.event(body, sent, encoded=rng.random() < 0.3)
    if rng.random() < 0.03:
        bend = "event"
        webhooks.mutate_event(event, rng)
    return Input(number=number, kind=kind, bend=bend, topic=topic, event=event)


def _chosen(every: Sequence[Sample], rng: random.Random) -> Sample:
    if rng.random() < 0.25:
        return rng.choice(every)
    found = _by_topic()
    return rng.choice(found[rng.choice(tuple(found))])


@cache
def _by_topic() -> dict[str, list[Sample]]:
    found: dict[str, list[Sample]] = {}
    for one in handled(samples()):
        found.setdefault(one.topic, []).append(one)
    return found
