"""
WooCommerce's part of the demo. Its webhooks are parked first. They are incomplete and may be
outdated, so data is queried from the store; each step checks the platform's state.
"""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus

from cli.local.demo_scene import Scene, Step
from cli.sandbox.samples import EVENTS
from cli.sandbox.shopify.sender import Sample
from cli.sandbox.woocommerce.shop import Shop, samples

# A hat in two colours, its red variation, and a page about the shop.
_HAT, _RED, _PAGE = 49, 50, 718
# The order of a customer without an account.
_ORDER = "order.created__guest_with_coupon"
# No store sends it: `shoprelay forget` writes it.
_FORGET_TOPIC = "shoprelay.redact"


def steps(scene: Scene, shop: Shop) -> list[Step]:
    """Return the steps; the scene's own store is the shop."""
    return [(title, partial(step, scene, shop)) for title, step in _STEPS]


def ping(scene: Scene, shop: Shop) -> None:
    """Answer a ping and do nothing else."""
    before = scene.calls()
    reply = shop.ping()
    scene.expect(
        "the response is 200, although it is unsigned", (reply.status, reply.body) == (200, b"")
    )
    quiet = scene.waiting() == 0 and scene.calls() == before
    scene.expect("nothing is queued or sent", quiet)


def variable_product(scene: Scene, shop: Shop) -> None:
    """Complete a product with variations, of which the webhook has only the ids."""
    scene.expect_outcome(shop.webhook("product.created", _HAT), "queued")
    held = scene.wait_until(lambda: sorted(_prices(scene, _HAT)) == ["50", "51"])
    scene.expect("the platform has both variations, fetched from the store", held)


def variation_price(scene: Scene, shop: Shop) -> None:
    """Send the product again when one variation has changed."""
    shop.held.edit(_RED, price="7.50", regular_price="7.50")
    scene.expect_outcome(shop.webhook("product.updated", _RED), "queued")
    held = scene.wait_until(lambda: _prices(scene, _HAT).get("50") == 7.5)  # noqa: PLR2004 - as above
    scene.expect("the platform has the new price of the variation", held)
    scene.expect("and the old price of the other one", _prices(scene, _HAT).get("51") == 9.9)  # noqa: PLR2004 - the document's


def phantom_delete(scene: Scene, shop: Shop) -> None:
    """Ignore the delete of something that is not a product."""
    # Calls to other platforms about the price may still be under way.
    scene.wait_until(lambda: scene.waiting() == 0)
    before = scene.control.state(scene.platform), scene.calls()
    scene.expect_outcome(shop.webhook("product.deleted", _PAGE), "queued")
    scene.expect_drained()
    after = scene.control.state(scene.platform), scene.calls()
    scene.expect("nothing is sent to the platform", after == before)


def trash_and_restore(scene: Scene, shop: Shop) -> None:
    """Remove a product in the trash, and send it again when it is restored."""
    shop.held.trash(_HAT)
    scene.expect_outcome(shop.webhook("product.deleted", _HAT), "queued")
    gone = scene.wait_until(lambda: not scene.product(str(_HAT)))
    scene.expect("in the trash: the platform has it no longer", gone)
    shop.held.restore(_HAT)
    scene.expect_outcome(shop.webhook("product.restored", _HAT), "queued")
    back = scene.wait_until(lambda: sorted(_prices(scene, _HAT)) == ["50", "51"])
    scene.expect("restored: the platform has it again", back)


def guest_order(scene: Scene, shop: Shop) -> None:
    """Send an order of a customer without an account."""
    sample = next(one for one in samples(EVENTS / "woocommerce") if _ORDER in one.id)
    shop.send(sample)
    order, who = _order(sample)

    def order_arrived() -> bool:
        held = scene.control.state(scene.platform)
        return held["orders"].get(order, {}).get("user_id") == who and who in held["users"]

    scene.expect("the platform has the order and its customer", scene.wait_until(order_arrived))
    scene.expect_drained()


def all_topics(scene: Scene, shop: Shop) -> None:
    """Send samples of all topics."""
    sent = [one for one in samples(EVENTS / "woocommerce") if one.topic != _FORGET_TOPIC]
    replies = [(one, shop.send(one)) for one in sent]
    wrong = [
        f"{sample.id}: {reply.status} {reply.outcome}"
        for sample, reply in replies
        if reply.status != HTTPStatus.OK or reply.outcome in {"", "dead_letter"}
    ]
    text = f"{len(replies)} webhooks of all topics get a 200"
    scene.expect(" - failed: ".join([text, *wrong]), not wrong)
    scene.expect_drained()
    scene.expect_no_violation()


def _prices(scene: Scene, product: int) -> dict[str, float]:
    rows = scene.control.state(scene.platform)["products"].get(str(product), {})
    return {variant: float(row["price"]) for variant, row in rows.items()}


def _order(sample: Sample) -> tuple[str, str]:
    body = json.loads(sample.body)
    return str(body["id"]), str(body["billing"]["email"]).lower()


_STEPS = (
    ("A WooCommerce store pings its new webhook", ping),
    ("A product is created; its webhook lacks its variations", variable_product),
    ("A variation gets another price, with a webhook of its own", variation_price),
    ("A page goes to the trash, and its webhook calls it a product", phantom_delete),
    ("The product goes to the trash and is restored", trash_and_restore),
    ("A customer without an account buys", guest_order),
    ("Webhooks of all WooCommerce topics", all_topics),
)
