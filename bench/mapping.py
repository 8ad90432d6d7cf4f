"""
(a) The cost of understanding a webhook: verify the signature, read the body, translate it, and
write the bodies of a platform's calls. The floor verifies the signature, and reads and writes the
same JSON with the standard library.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from itertools import cycle

from bench import demo
from bench.bodies import Body, bodies
from bench.measure import Effort, Figure, Work, alternate, compared
from cli.docs.field_probe import Still
from cli.sandbox.shopify.sender import sign
from shared.destinations.contract import KnownState, Plan
from shared.destinations.registry import DESTINATIONS
from shared.model.visitor import Visitor
from shared.sources.registry import SOURCES

GOAL = 1.0
NOW = 1_795_251_600.0
# Destination -> its title in the table, and the kinds of bodies that are measured for it.
PLATFORMS = {
    "datacue": ("DataCue", range(5)),
    "yespo": ("Yespo", (0, 2)),
    "personaclick": ("PersonaClick", (0,)),
}
# The shopper as the ledger remembers them. DataCue does not need it.
_VISITOR = Visitor(
    tracker_cookie="3b6e2d9a7f1c4850a4e8c7d15b90f263",
    device_id="Vx8kQ2mTzL",
    session_id="r4NpW9sYbC",
    seen_at="2026-11-21T08:55:00Z",
)


def figures(effort: Effort) -> Iterator[Figure]:
    """Measure every body as new to the platform: all of it becomes calls."""
    for destination, (title, kinds) in PLATFORMS.items():
        for body in (bodies()[kind] for kind in kinds):
            rounds = alternate(calls(body, destination), floor(body), effort)
            yield compared("a", f"{body.name} to {title}'s calls", "µs", rounds, goal=GOAL)


def calls(body: Body, destination: str = "datacue") -> Work[list[Plan]]:
    """Return the work from a webhook to the plans of its calls, as the receiver does it."""
    merchant, secrets = demo.settings()
    source = SOURCES["shopify"](merchant, secrets, Still())
    platform = DESTINATIONS[destination](merchant, secrets)
    webhooks = cycle(demo.webhooks(body))
    memory = KnownState(visitor=_VISITOR)

    def work() -> list[Plan]:
        raw, headers = next(webhooks)
        source.verify(raw, headers)
        envelope = source.to_envelope(raw, headers, NOW)
        translated = source.translate(envelope, NOW + 3)
        return [platform.plan(change, memory) for change in translated.changes]

    return work


def floor(body: Body) -> Work[str]:
    """Return the least work: verify the same bytes, read them, and write them again."""
    key = demo.SECRET.encode()
    webhooks = cycle([(raw, sign(raw, demo.SECRET)) for raw in body.copies])

    def work() -> str:
        raw, signature = next(webhooks)
        digest = base64.b64encode(hmac.new(key, raw, hashlib.sha256).digest()).decode()
        if not hmac.compare_digest(digest, signature):
            raise ValueError("the signature is wrong")
        return json.dumps(json.loads(raw))

    return work
