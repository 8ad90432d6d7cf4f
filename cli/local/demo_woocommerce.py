"""
WooCommerce's part of the demo. Its webhooks are parked before anything else, say little, and are
not always true: what they do not say is asked of the store, and what must hold after each is
checked against what the platform holds.
"""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus

from cli.local.demo_scene import Scene, Step
from cli.sandbox.samples import EVENTS
from cli.sandbox.shopify.sender import Sample
from cli.sandbox.woocommerce.shop import Shop, samples

# A hat in two colours, the red of them, and a page about the shop.
_HAT, _RED, _PAGE = 49, 50, 718
# The order of somebody without an account.
_ORDER = "order.created__guest_with_coupon"
# No store sends it: it is what `shoprelay forget` writes.
_FORGET_TOPIC = "shoprelay.redact"


def steps(scene: Scene, shop: Shop) -> list[Step]:
    """Give the steps; the scene's own store is the shop."""
    return [(title, partial(step, scene, shop)) for title, step in _STEPS]


def ping(scene: Scene, shop: Shop) -> None:
    """Answer a ping, and do nothing."""
    before = scene.calls()
    reply = shop.ping()
    scene.expect("it is answered 200, unsigned", (reply.status, reply.body) == (200, b""))
    quiet = scene.waiting() == 0 and scene.calls() == before
    scene.expect("nothing follows from it", quiet)


def variable_product(scene: Scene, shop: Shop) -> None:
    """Complete a product with variations, of which its webhook has the ids alone."""
    scene.responses(shop.webhook("product.created", _HAT), "queued")
    held = scene.wait_until(lambda: sorted(_prices(scene, _HAT)) == ["50", "51"])
    scene.expect("the platform holds both variations, as the store was asked for them", held)


def variation_price(scene: Scene, shop: Shop) -> None:
    """Tell the product anew when one variation has changed."""
    shop.held.edit(_RED, price="7.50", regular_price="7.50")
    scene.responses(shop.webhook("product.updated", _RED), "queued")
    held = scene.wait_until(lambda: _prices(scene, _HAT).get("50") == 7.5)  # noqa: PLR2004 - as above
    scene.expect("the platform holds the new price of that one", held)
    scene.expect("and the old one of the other", _prices(scene, _HAT).get("51") == 9.9)  # noqa: PLR2004 - the document's


def phantom_delete(scene: Scene, shop: Shop) -> None:
    """Change nothing for the delete of what is no product."""
    # Other platforms may still be on their way to hear of the price.
    scene.wait_until(lambda: scene.waiting() == 0)
    before = scene.control.state(scene.platform), scene.calls()
    scene.responses(shop.webhook("product.deleted", _PAGE), "queued")
    scene.expect_drained()
    after = scene.control.state(scene.platform), scene.calls()
    scene.expect("the platform hears nothing of it", after == before)


def trash_and_restore(scene: Scene, shop: Shop) -> None:
    """Remove what is in the trash, and tell it anew when it is taken out again."""
    shop.held.trash(_HAT)
    scene.responses(shop.webhook("product.deleted", _HAT), "queued")
    gone = scene.wait_until(lambda: not scene.product(str(_HAT)))
    scene.expect("in the trash: the platform holds it no more", gone)
    shop.held.restore(_HAT)
    scene.responses(shop.webhook("product.restored", _HAT), "queued")
    back = scene.wait_until(lambda: sorted(_prices(scene, _HAT)) == ["50", "51"])
    scene.expect("and back: it holds it again", back)


def guest_order(scene: Scene, shop: Shop) -> None:
    """Tell an order of somebody without an account."""
    sample = next(one for one in samples(EVENTS / "woocommerce") if _ORDER in one.id)
    shop.send(sample)
    order, who = _order(sample)

    def order_arrived() -> bool:
        held = scene.control.state(scene.platform)
        return held["orders"].get(order, {}).get("user_id") == who and who in held["users"]

    scene.expect("the platform holds the order, and who bought", scene.wait_until(order_arrived))
    scene.expect_drained()


def all_topics(scene: Scene, shop: Shop) -> None:
    """Send what else a store says."""
    sent = [one for one in samples(EVENTS / "woocommerce") if one.topic != _FORGET_TOPIC]
    replies = [(one, shop.send(one)) for one in sent]
    wrong = [
        f"{sample.id}: {reply.status} {reply.outcome}"
        for sample, reply in replies
        if reply.status != HTTPStatus.OK or reply.outcome in {"", "dead_letter"}
    ]
    text = f"{len(replies)} webhooks of every topic are answered 200"
    scene.expect(" - not so: ".join([text, *wrong]), not wrong)
    scene.expect_drained()
    scene.expect_no_violation()


def _prices(scene: Scene, product: int) -> dict[str, float]:
    rows = scene.control.state(scene.platform)["products"].get(str(product), {})
    return {variant: float(row["price"]) for variant, row in rows.items()}


def _order(sample: Sample) -> tuple[str, str]:
    body = json.loads(sample.body)
    return str(body["id"]), str(body["billing"]["email"]).lower()


_STEPS = (
    ("A WooCommerce store tries its new webhook", ping),
    ("A product is made there; its webhook says nothing of its variations", variable_product),
    ("One variation gets another price, and only the variation says so", variation_price),
    ("A page goes to the trash, and WooCommerce calls it a product", phantom_delete),
    ("The product goes to the trash, and comes back", trash_and_restore),
    ("Somebody without an account buys", guest_order),
    ("A day in the WooCommerce store", all_topics),
)
