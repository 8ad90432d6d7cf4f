"""
Purchases in the demo: one webhook, which is sent to each of the merchant's platforms in its own
form; with and without the storefront's visitor ids in the order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from cli.local.demo_scene import Scene, Step
from cli.sandbox.shopify.sender import EVENTS, Sample, changed, facts, samples
from shared.errors import NotConfigured

_KNOWN, _UNKNOWN = "demo-orders-create-with_visitor", "demo-orders-create-guest"
# The platform that is down in the second step.
_DOWN = "yespo"

State = Mapping[str, Any]


def steps(scene: Scene, folder: Path = EVENTS) -> list[Step]:
    """Return the steps of a merchant who has all four platforms; none for other merchants."""
    if not _PURCHASE_COUNTS.keys() <= set(scene.platforms):
        return []
    sent = {one.id: one for one in samples(folder, datetime.now(UTC))}
    for name in (_KNOWN, _UNKNOWN):
        if name not in sent:
            raise NotConfigured(f"there is no sample {name} in {folder}")
    return [(title, partial(step, scene, sent[name])) for title, step, name in _STEPS]


def known_visitor(scene: Scene, sample: Sample) -> None:
    """Send one order to four platforms; it has the storefront's visitor ids."""
    requests_before = _id_requests(scene)
    scene.expect_outcome(_order_like(sample, 2001), "delivered")
    for platform in _PURCHASE_COUNTS:
        scene.expect(
            f"{platform} has the purchase, once", _has_purchase_once(scene, platform, 2001)
        )
    attributes = {one["name"]: one["value"] for one in facts(sample)["note_attributes"]}
    cookies = {_cookie(scene, platform, 2001) for platform in ("yespo", "esputnik")}
    scene.expect(
        "the trackers have it with the visitor's cookie", cookies == {attributes["_shoprelay_sc"]}
    )
    device = _device(scene, 2001) == attributes["_shoprelay_did"]
    scene.expect(
        "PersonaClick has it with the visitor's device",
        device and _id_requests(scene) == requests_before,
    )


def one_platform_down(scene: Scene, sample: Sample) -> None:
    """Send orders to three platforms at once, and to the fourth when it is up again."""
    requests_before = _id_requests(scene)
    scene.control.fail(_DOWN, 503, count=1)
    scene.expect_outcome(_order_like(sample, 2002, **_GRACE), "queued")
    for platform in _PURCHASE_COUNTS:
        if platform != _DOWN:
            scene.expect(
                f"{platform} has the purchase, once", _has_purchase_once(scene, platform, 2002)
            )
    scene.expect(
        "PersonaClick was asked for a device once", _id_requests(scene) == requests_before + 1
    )
    again = _order_like(sample, 2003, **_GRACE)
    scene.expect(
        "another order of the same customer is accepted",
        scene.store.send(again).status == HTTPStatus.OK,
    )
    delivered = scene.wait_until(
        lambda: all(_has_purchase_once(scene, _DOWN, one) for one in (2002, 2003))
    )
    scene.expect(f"{_DOWN} has both, once, when it is up again", delivered)
    same = _device(scene, 2003) == _device(scene, 2002)
    scene.expect(
        "PersonaClick was not asked again", same and _id_requests(scene) == requests_before + 1
    )
    scene.expect_drained()
    scene.expect_no_violation()


_GRACE = {
    "email": "grace@shop.example",
    "contact_email": "grace@shop.example",
    "cart_token": None,
    "checkout_token": None,
}


def _order_like(sample: Sample, number: int, **fields: Any) -> Sample:
    """Return an order like the sample, placed just now: an event older than a week is not sent."""
    at = sample.at.isoformat()
    own = {"id": number, "name": f"#{number}", "number": number, "order_number": number}
    when = {"created_at": at, "processed_at": at, "updated_at": at}
    order = changed(sample, f"order-{number}", later=0, **own, **when, **fields)
    return dataclasses.replace(order, topic=sample.topic)


def _has_purchase_once(scene: Scene, platform: str, number: int) -> bool:
    return _PURCHASE_COUNTS[platform](scene.control.state(platform), str(number)) == 1


def _order(state: State, number: str) -> int:
    return int(number in state["orders"])


def _purchases(state: State, number: str) -> int:
    return len(state["purchases"].get(number, ()))


def _cookie(scene: Scene, platform: str, number: int) -> str | None:
    purchases = scene.control.state(platform)["purchases"].get(str(number), ())
    return next((one["GeneralInfo"]["cookies"]["sc"] for one in purchases), None)


def _device(scene: Scene, number: int) -> str | None:
    purchases = scene.control.state("personaclick")["purchases"].get(str(number), ())
    return next((one["did"] for one in purchases), None)


def _id_requests(scene: Scene) -> int:
    """Return how often PersonaClick has issued ids."""
    return int(scene.control.state("personaclick")["made"])


# For each platform: how often its state contains an order.
_PURCHASE_COUNTS: Mapping[str, Callable[[State, str], int]] = {
    "datacue": _order,
    "yespo": _purchases,
    "esputnik": _purchases,
    "personaclick": _purchases,
}
_STEPS = (
    ("A customer with visitor ids buys", known_visitor, _KNOWN),
    (
        "A customer without visitor ids buys twice while a platform is down",
        one_platform_down,
        _UNKNOWN,
    ),
)
