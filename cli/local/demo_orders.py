"""
Purchases in the demo: one webhook, of which each platform of the merchant hears in its own form,
when it can; and who the shopper is in the browser, whether the storefront has told it or not.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from cli.local.demo_scene import Scene, Step
from cli.sandbox.shopify.sender import EVENTS, Sample, changed, facts, samples
from shared.errors import NotConfigured

_KNOWN, _UNKNOWN = "demo-orders-create-with_visitor", "demo-orders-create-guest"
# Who is away in the second step.
_DOWN = "yespo"

State = Mapping[str, Any]


def steps(scene: Scene, folder: Path = EVENTS) -> list[Step]:
    """Give the steps of a merchant who has all four platforms; none of one who has not."""
    if not _PURCHASE_COUNTS.keys() <= set(scene.platforms):
        return []
    sent = {one.id: one for one in samples(folder, datetime.now(UTC))}
    for name in (_KNOWN, _UNKNOWN):
        if name not in sent:
            raise NotConfigured(f"there is no sample {name} in {folder}")
    return [(title, partial(step, scene, sent[name])) for title, step, name in _STEPS]


def known_visitor(scene: Scene, sample: Sample) -> None:
    """Tell four platforms of one order; the storefront has told who the shopper is."""
    requests_before = _id_requests(scene)
    scene.responses(_order_like(sample, 2001), "delivered")
    for platform in _PURCHASE_COUNTS:
        scene.expect(f"{platform} has the purchase, once", _has_purchase_once(scene, platform, 2001))
    attributes = {one["name"]: one["value"] for one in facts(sample)["note_attributes"]}
    cookies = {_cookie(scene, platform, 2001) for platform in ("yespo", "esputnik")}
    scene.expect(
        "the trackers have it of the shopper's cookie", cookies == {attributes["_shoprelay_sc"]}
    )
    device = _device(scene, 2001) == attributes["_shoprelay_did"]
    scene.expect("PersonaClick has it of the shopper's device", device and _id_requests(scene) == requests_before)


def one_platform_down(scene: Scene, sample: Sample) -> None:
    """Tell three platforms at once, and the fourth when it is back."""
    requests_before = _id_requests(scene)
    scene.control.fail(_DOWN, 503, count=1)
    scene.responses(_order_like(sample, 2002, **_GRACE), "queued")
    for platform in _PURCHASE_COUNTS:
        if platform != _DOWN:
            scene.expect(f"{platform} has the purchase, once", _has_purchase_once(scene, platform, 2002))
    scene.expect("PersonaClick was asked who that is, and gave a device", _id_requests(scene) == requests_before + 1)
    again = _order_like(sample, 2003, **_GRACE)
    scene.expect("another order of theirs is taken", scene.store.send(again).status == 200)  # noqa: PLR2004 - HTTP's OK
    delivered = scene.wait_until(lambda: all(_has_purchase_once(scene, _DOWN, one) for one in (2002, 2003)))
    scene.expect(f"{_DOWN} has both, once, when it is back", delivered)
    same = _device(scene, 2003) == _device(scene, 2002)
    scene.expect("PersonaClick was not asked again", same and _id_requests(scene) == requests_before + 1)
    scene.expect_drained()
    scene.expect_no_violation()


_GRACE = {
    "email": "grace@shop.example",
    "contact_email": "grace@shop.example",
    "cart_token": None,
    "checkout_token": None,
}


def _order_like(sample: Sample, number: int, **fields: Any) -> Sample:
    """Place an order like the sample's a moment ago: what is older than a week is no news."""
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
    """Count how often PersonaClick has given ids."""
    return int(scene.control.state("personaclick")["made"])


# How often a platform has an order, by what it holds.
_PURCHASE_COUNTS: Mapping[str, Callable[[State, str], int]] = {
    "datacue": _order,
    "yespo": _purchases,
    "esputnik": _purchases,
    "personaclick": _purchases,
}
_STEPS = (
    ("A shopper buys whom the storefront has told of", known_visitor, _KNOWN),
    ("Somebody unknown buys, twice, while one platform is away", one_platform_down, _UNKNOWN),
)
