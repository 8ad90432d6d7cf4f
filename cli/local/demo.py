"""
Shopify's part of the demo: the whole life of a webhook, step by step, each with what must hold
after it, checked against what the platform holds, the queue and the dead letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from cli.local.demo_scene import Scene, Step
from cli.sandbox.shopify.sender import EVENTS, UNINSTALL_TOPICS, Sample, changed, facts, samples
from shared.errors import NotConfigured

_CREATED = "products/create"
_REDACTED = "customers/redact"
# So many steps at the end leave nothing to play with.
FINAL_STEPS = 2


def steps(scene: Scene, folder: Path = EVENTS) -> list[Step]:
    """Give the steps; the last `ENDS` of them forget people, and then everything."""
    sent = samples(folder, datetime.now(UTC))
    first = next((sample for sample in sent if sample.topic == _CREATED), None)
    if first is None:
        raise NotConfigured(f"there is no sample of {_CREATED} in {folder}")
    rest = [sample for sample in sent if sample is not first]
    return [(title, partial(step, scene, first, rest)) for title, step in _STEPS]


def invalid_signature(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Turn a bad signature away."""
    before = scene.calls()
    reply = scene.store.send(first, signature="bm90IHRoZSBzaG9wJ3Mgc2lnbmF0dXJlLCBhdCBhbGw=")
    scene.expect("it is answered 401, with an empty body", (reply.status, reply.body) == (401, b""))
    scene.expect("the platform hears nothing of it", scene.calls() == before)


def new_product(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Deliver a new product."""
    scene.responses(first, "delivered")
    title = facts(first)["title"]
    scene.expect("the platform holds the product", title in scene.product(_id(first)))
    scene.expect("nothing waits in the queue", scene.waiting() == 0)


def duplicate_delivery(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Recognise the same delivery."""
    before = scene.calls()
    scene.responses(first, "duplicate")
    scene.expect("the platform hears nothing of it", scene.calls() == before)


def retry_after_failure(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Park what the platform cannot take, and deliver it from the queue."""
    scene.control.fail(scene.platform, 503, count=1)
    scene.responses(changed(first, "update", later=60, title="Renamed while away"), "queued")
    delivered = scene.wait_until(lambda: "Renamed while away" in scene.product(_id(first)))
    scene.expect("the queue brings it to the platform after a wait", delivered)
    scene.expect("the queue is empty again", scene.wait_until(lambda: scene.waiting() == 0))
    scene.expect("it is no dead letter", scene.dead() == 0)


def late_update(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Leave the newer state alone when an older update comes late."""
    before = scene.product(_id(first))
    scene.responses(changed(first, "late", later=30, title="An older name"), "superseded")
    scene.expect("the platform keeps the newer name", scene.product(_id(first)) == before)


def rejection(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Bury what the platform refuses."""
    scene.control.fail(scene.platform, 422)
    scene.responses(changed(first, "refused", later=90, title="Replayed in the end"), "dead_letter")
    scene.expect("one dead letter is kept", scene.wait_until(lambda: scene.dead() == 1))
    name = scene.product(_id(first))
    scene.expect("the platform keeps what it had", "Renamed while away" in name)


def replay(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Replay the dead letter after its cause is gone."""
    scene.control.clear_faults()
    scene.expect("one dead letter is sent back", scene.replay() == 1)
    delivered = scene.wait_until(lambda: "Replayed in the end" in scene.product(_id(first)))
    scene.expect("the platform holds what was refused before", delivered)
    scene.expect("no dead letter is left", scene.wait_until(lambda: scene.dead() == 0))


def all_topics(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Send what else a shop says."""
    replies = [(it, scene.store.send(it)) for it in rest if it.topic not in {*UNINSTALL_TOPICS, _REDACTED}]
    wrong = [
        f"{sample.id}: {reply.status} {reply.outcome}"
        for sample, reply in replies
        if reply.status != 200 or reply.outcome in {"", "dead_letter"}  # noqa: PLR2004 - HTTP's OK
    ]
    text = f"{len(replies)} webhooks of every topic are answered 200, none is a dead letter"
    scene.expect(" - not so: ".join([text, *wrong]), not wrong)
    scene.expect_drained()
    scene.expect_no_violation()


def customer_redaction(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Forget people; a confirmation each waits until the last call about them has been applied."""
    samples = [sample for sample in rest if sample.topic == _REDACTED]
    for sample in samples:
        scene.responses(sample, "delivered")
    people = scene.control.state(scene.platform)["users"]
    gone = not {str(facts(sample)["customer"]["id"]) for sample in samples} & set(people)
    scene.expect("the platform holds none of them", gone)
    scene.expect("there is no dead letter", scene.dead() == 0)


def uninstall(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Forget the shop when it has left."""
    replies = [scene.store.send(sample) for sample in rest if sample.topic in UNINSTALL_TOPICS]
    scene.expect("it is answered 200", all(reply.status == 200 for reply in replies))  # noqa: PLR2004 - HTTP's OK
    if scene.shops > 1:
        # What waits may be the other shop's, and stays.
        scene.expect("there is no dead letter", scene.dead() == 0)
        return
    scene.expect("the queue is empty at the end", scene.wait_until(lambda: scene.waiting() == 0))


def _id(sample: Sample) -> str:
    return str(facts(sample)["id"])


_STEPS = (
    ("Somebody who is not the Shopify shop knocks", invalid_signature),
    ("A product is made in the shop", new_product),
    ("The shop sends the same webhook again", duplicate_delivery),
    ("The platform is down for a moment, and the product is renamed", retry_after_failure),
    ("An older update comes late", late_update),
    ("The platform refuses an update: a dead letter", rejection),
    ("The platform is mended, and the dead letter is replayed", replay),
    ("A day in the shop", all_topics),
    ("People ask to be forgotten", customer_redaction),
    ("The Shopify shop leaves", uninstall),
)
