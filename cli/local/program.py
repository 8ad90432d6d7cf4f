"""A merchant's demo: the steps of each of its sources, in order."""

from __future__ import annotations

import dataclasses
import threading

from cli.local import demo, demo_orders
from cli.local import demo_woocommerce as woocommerce
from cli.local.demo_scene import Scene, Step
from cli.local.screen import Screen
from cli.local.stack import Stack, StackOptions
from cli.sandbox.shopify.sender import Sender, Store
from cli.sandbox.woocommerce.shop import Shop
from shared.errors import NotConfigured
from shared.queue.dead_letter import DeadLetterFilter
from shared.queue.replay import Replay
from shared.settings import Merchant, Secrets, read_merchant, read_secrets
from shared.wiring import app


def build_demo(
    options: StackOptions, stack: Stack, screen: Screen, stopped: threading.Event
) -> tuple[Scene, list[Step]]:
    """Return the scene and its steps. Raise NotConfigured when the samples lack a key."""
    merchant = read_merchant(options.merchant)
    secrets = read_secrets(options.secrets, merchant)
    woo = _woocommerce(secrets, stack) if "woocommerce" in merchant.sources else None
    shopify = _shopify(merchant, secrets, stack) if "shopify" in merchant.sources else None
    # A merchant has at least one source.
    first = next(one for one in (shopify, woo) if one is not None)
    scene = _scene(options, stack, screen, stopped, first)
    steps = demo.steps(scene) if shopify else []
    # Shopify's final steps come last: their messages wait in the queue for a minute and a half.
    before = max(0, len(steps) - demo.FINAL_STEPS)
    ends, steps = steps[before:], steps[:before]
    if shopify:
        steps += demo_orders.steps(scene)
    if woo:
        steps += woocommerce.steps(dataclasses.replace(scene, store=woo), woo)
    return scene, [*steps, *ends]


def _scene(
    options: StackOptions, stack: Stack, screen: Screen, stopped: threading.Event, sender: Sender
) -> Scene:
    merchant = read_merchant(options.merchant)
    return Scene(
        store=sender,
        platform="datacue",
        control=stack.control,
        sqs=stack.sqs,
        retry_queue=stack.resources.retry_queue,
        dead_letters=stack.resources.dead_letters,
        replay=_replay,
        screen=screen,
        stopped=stopped,
        wait_scale=options.wait_scale,
        shops=len(merchant.sources),
        platforms=merchant.destinations,
    )


def _shopify(merchant: Merchant, secrets: Secrets, stack: Stack) -> Store | None:
    if merchant.shopify is None or secrets.shopify is None:
        return None
    return Store(
        shop=merchant.shopify.shop,
        secret=secrets.shopify.webhook_secrets[0],
        url=f"{stack.gateway}/webhooks/shopify",
        api_version=merchant.shopify.api_version,
    )


def _woocommerce(secrets: Secrets, stack: Stack) -> Shop:
    if secrets.woocommerce is None or stack.store is None:
        raise NotConfigured(
            "the samples need a consumer key: set it, or add --no-samples",
            "$.woocommerce.consumer_key",
        )
    return Shop(
        secret=secrets.woocommerce.webhook_secrets[0],
        url=f"{stack.gateway}/webhooks/woocommerce",
        held=stack.store.held,
    )


def _replay() -> int:
    return app().dead_letters().replay(DeadLetterFilter(), Replay(dry=False)).done
