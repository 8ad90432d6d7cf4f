"""One input, generated only from a seed and a number, so that it can be reproduced."""

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
from tests.fuzz.fake_platform import FAILURES
from tests.fuzz.harness import SECRET, StackConfig
from tests.fuzz.samples import Sample, corpus, events, handled

# This many inputs share a stack, whose ledger and circuit breaker keep their state between them.
INPUTS_PER_STACK = 50
_TOPICS = sorted(HANDLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An event and its mutations; ``kind`` is the body's, ``request_mutation`` that of the rest."""

    number: int
    kind: str
    request_mutation: str
    topic: str
    event: dict[str, Any] = field(repr=False)


@cache
def samples() -> tuple[Sample, ...]:
    """Return every sample, with canaries; only a few are large, and these are slow."""
    aviary = CanaryRegistry()
    return tuple(aviary.plant(one) for one in (*events(), *corpus()))


def choose_config(seed: int, block: int) -> StackConfig:
    """Return the configuration of a block's stack."""
    rng = random.Random(f"{seed} block {block}")
    return StackConfig(
        profile=rng.choice(("2018-09", "2021-02")),
        carts=rng.choice(("known-visitors", "cart-token")),
        mode=rng.choices(("inline", "queued"), (5, 1))[0],
        failures=tuple(FAILURES),
        failure_rate=rng.choice((0.0, 0.0, 0.2, 0.6)),
        seed=rng.randrange(2**32),
    )


def make_input(seed: int, number: int, secret: str = SECRET) -> Input:
    """Return an input; most inputs are signed with the secret."""
    rng = random.Random(f"{seed} input {number}")
    sample = _chosen(samples(), rng)
    kind, body = bodies.mutate(sample.body, rng)
    topic = rng.choice(_TOPICS) if rng.random() < 0.08 else sample.topic
    good = rng.random() < 0.95
    delivery = str(uuid.UUID(int=rng.getrandbits(128))) if rng.random() < 0.97 else "the same"
    sent = webhooks.headers(topic, delivery, body, secret if good else "another")
    request_mutation = "none" if good else "signature"
    if rng.random() < 0.15:
        request_mutation = rng.choice(tuple(webhooks.MUTATIONS))
        webhooks.MUTATIONS[request_mutation](sent, rng)
    event = webhooks.event(body, sent, encoded=rng.random() < 0.3)
    if rng.random() < 0.03:
        request_mutation = "event"
        webhooks.mutate_event(event, rng)
    return Input(
        number=number, kind=kind, request_mutation=request_mutation, topic=topic, event=event
    )


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
