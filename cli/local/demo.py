"""
Shopify's part of the demo: the life cycle of a webhook in steps. Each step checks the platform's
state, the queue and the dead letters.
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
# The number of steps at the end that delete the data of the other steps.
FINAL_STEPS = 2


def steps(scene: Scene, folder: Path = EVENTS) -> list[Step]:
    """Return the steps; the last `FINAL_STEPS` redact customers, and then the whole shop."""
    sent = samples(folder, datetime.now(UTC))
    first = next((sample for sample in sent if sample.topic == _CREATED), None)
    if first is None:
        raise NotConfigured(f"there is no sample of {_CREATED} in {folder}")
    rest = [sample for sample in sent if sample is not first]
    return [(title, partial(step, scene, first, rest)) for title, step in _STEPS]


def invalid_signature(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Reject an invalid signature."""
    before = scene.calls()
    reply = scene.store.send(first, signature="bm90IHRoZSBzaG9wJ3Mgc2lnbmF0dXJlLCBhdCBhbGw=")
    scene.expect(
        "the response is 401, with an empty body", (reply.status, reply.body) == (401, b"")
    )
    scene.expect("nothing is sent to the platform", scene.calls() == before)


def new_product(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Deliver a new product."""
    scene.expect_outcome(first, "delivered")
    title = facts(first)["title"]
    scene.expect("the platform has the product", title in scene.product(_id(first)))
    scene.expect("the queue is empty", scene.waiting() == 0)


def duplicate_delivery(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Recognise a repeated delivery."""
    before = scene.calls()
    scene.expect_outcome(first, "duplicate")
    scene.expect("nothing is sent to the platform", scene.calls() == before)


def retry_after_failure(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Park a webhook while the platform is down, and deliver it from the queue."""
    scene.control.fail(scene.platform, 503, count=1)
    scene.expect_outcome(changed(first, "update", later=60, title="Renamed while away"), "queued")
    delivered = scene.wait_until(lambda: "Renamed while away" in scene.product(_id(first)))
    scene.expect("it is delivered from the queue after a wait", delivered)
    scene.expect("the queue is empty again", scene.wait_until(lambda: scene.waiting() == 0))
    scene.expect("it is not a dead letter", scene.dead() == 0)


def late_update(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Keep the newer state when an older update arrives late."""
    before = scene.product(_id(first))
    scene.expect_outcome(changed(first, "late", later=30, title="An older name"), "superseded")
    scene.expect("the platform still has the newer name", scene.product(_id(first)) == before)


def rejection(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Dead-letter what the platform rejects."""
    scene.control.fail(scene.platform, 422)
    scene.expect_outcome(
        changed(first, "refused", later=90, title="Replayed in the end"), "dead_letter"
    )
    scene.expect("there is one dead letter", scene.wait_until(lambda: scene.dead() == 1))
    name = scene.product(_id(first))
    scene.expect("the platform still has the previous state", "Renamed while away" in name)


def replay(scene: Scene, first: Sample, _: Sequence[Sample]) -> None:
    """Replay the dead letter after its cause has been fixed."""
    scene.control.clear_faults()
    scene.expect("one dead letter is replayed", scene.replay() == 1)
    delivered = scene.wait_until(lambda: "Replayed in the end" in scene.product(_id(first)))
    scene.expect("the platform has what it rejected before", delivered)
    scene.expect("no dead letter is left", scene.wait_until(lambda: scene.dead() == 0))


def all_topics(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Send samples of all other topics."""
    replies = [
        (it, scene.store.send(it)) for it in rest if it.topic not in {*UNINSTALL_TOPICS, _REDACTED}
    ]
    wrong = [
        f"{sample.id}: {reply.status} {reply.outcome}"
        for sample, reply in replies
        if reply.status != 200 or reply.outcome in {"", "dead_letter"}  # noqa: PLR2004 - HTTP's OK
    ]
    text = f"{len(replies)} webhooks of all topics get a 200, none is a dead letter"
    scene.expect(" - failed: ".join([text, *wrong]), not wrong)
    scene.expect_drained()
    scene.expect_no_violation()


def customer_redaction(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Redact customers; each redaction is sent once more after all earlier calls about them."""
    samples = [sample for sample in rest if sample.topic == _REDACTED]
    for sample in samples:
        scene.expect_outcome(sample, "delivered")
    people = scene.control.state(scene.platform)["users"]
    gone = not {str(facts(sample)["customer"]["id"]) for sample in samples} & set(people)
    scene.expect("the platform has none of them", gone)
    scene.expect("there is no dead letter", scene.dead() == 0)


def uninstall(scene: Scene, _: Sample, rest: Sequence[Sample]) -> None:
    """Uninstall the app and redact the shop, which is carried out after a hold of hours."""
    replies = [scene.store.send(sample) for sample in rest if sample.topic in UNINSTALL_TOPICS]
    scene.expect("the responses are 200", all(reply.status == 200 for reply in replies))  # noqa: PLR2004 - HTTP's OK
    scene.expect("there is no dead letter", scene.dead() == 0)


def _id(sample: Sample) -> str:
    return str(facts(sample)["id"])


_STEPS = (
    ("A webhook has an invalid signature", invalid_signature),
    ("A product is created in the Shopify shop", new_product),
    ("The shop sends the same webhook again", duplicate_delivery),
    ("The product is renamed while the platform is down", retry_after_failure),
    ("An older update arrives late", late_update),
    ("The platform rejects an update, which becomes a dead letter", rejection),
    ("The platform is fixed, and the dead letter is replayed", replay),
    ("Webhooks of all other Shopify topics", all_topics),
    ("Customers are redacted", customer_redaction),
    ("The app is uninstalled from the Shopify shop", uninstall),
)
