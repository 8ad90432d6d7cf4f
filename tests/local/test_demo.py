from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cli.local import demo, demo_orders
from cli.local import demo_woocommerce as woocommerce
from cli.local.demo_scene import Scene, Stopped, play
from cli.local.stack import StackOptions, running
from cli.sandbox.samples import DOCUMENTS
from cli.sandbox.shopify.sender import Store
from cli.sandbox.woocommerce.shop import Shop
from cli.sandbox.woocommerce.store_data import load

ROOT = Path(__file__).parents[2]
PRODUCT = '{"id": 1, "title": "Mug", "updated_at": "2026-11-20T10:00:00Z"}'


class RecordingScreen:
    def __init__(self) -> None:
        self.checks: dict[str, bool] = {}

    def show(self, event: str, **facts: Any) -> None:
        if event == "demo" and "held" in facts:
            self.checks[facts["text"]] = facts["held"]

    def close(self) -> None:
        pass


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Return a stack whose receiver accepts every webhook and does nothing."""
    screen = RecordingScreen()
    options = StackOptions(
        merchant=(ROOT / "merchants" / "demo.toml").read_text(),
        secrets=(ROOT / "merchants" / "demo.secrets.json").read_text(),
        port=0,
    )
    idle = {"statusCode": 200, "body": '{"status": "ignored"}'}
    with running(options, screen, handler=lambda _: lambda _event, _context: idle) as stack:
        yield Scene(
            store=Store(
                shop="demo-store.myshopify.com",
                secret="x",
                url=f"{stack.gateway}/webhooks/shopify",
                api_version="2026-10",
            ),
            platform="datacue",
            control=stack.control,
            sqs=stack.sqs,
            retry_queue=stack.resources.retry_queue,
            dead_letters=stack.resources.dead_letters,
            replay=lambda: 0,
            screen=screen,
            stopped=threading.Event(),
            wait_scale=1.0,
            patience=0.2,
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "products__create__mug.json").write_text(PRODUCT)
    return tmp_path


def test_a_stack_that_does_nothing_fails_the_demo(scene: Scene, folder: Path) -> None:
    held = play(scene, demo.steps(scene, folder))

    assert not held
    assert "the response is 401, with an empty body" in scene.failures
    assert "the platform has the product" in scene.failures
    assert "it is delivered from the queue after a wait" in scene.failures
    assert "there is one dead letter" in scene.failures
    assert "one dead letter is replayed" in scene.failures
    assert scene.screen.checks[scene.failures[0]] is False  # type: ignore[attr-defined]


def test_a_stack_that_does_nothing_fails_the_demo_of_woocommerce_too(scene: Scene) -> None:
    shop = Shop(
        secret="x",
        url=scene.store.url.replace("shopify", "woocommerce"),  # type: ignore[attr-defined]
        held=load(DOCUMENTS),
    )

    held = play(scene, woocommerce.steps(dataclasses.replace(scene, store=shop), shop))

    assert not held
    assert "product.created demo-49: 200 queued (was 200 ignored)" in scene.failures
    assert [text for text in scene.failures if text.startswith(("the platform", "restored"))] == [
        "the platform has both variations, fetched from the store",
        "the platform has the new price of the variation",
        "restored: the platform has it again",
        "the platform has the order and its customer",
    ]


def test_a_stack_that_does_nothing_fails_the_purchases_on_four_platforms(scene: Scene) -> None:
    four = ("datacue", "yespo", "esputnik", "personaclick")

    assert not play(scene, demo_orders.steps(dataclasses.replace(scene, platforms=four)))
    assert "orders/create demo-order-2001: 200 delivered (was 200 ignored)" in (scene.failures)
    assert [text for text in scene.failures if "order-" not in text] == [
        *(f"{name} has the purchase, once" for name in four),
        "the trackers have it with the visitor's cookie",
        "PersonaClick has it with the visitor's device",
        *(f"{name} has the purchase, once" for name in four if name != "yespo"),
        "PersonaClick was asked for a device once",
        "yespo has both, once, when it is up again",
        "PersonaClick was not asked again",
    ]


def test_a_demo_that_is_stopped_ends_at_once(scene: Scene, folder: Path) -> None:
    scene.stopped.set()

    with pytest.raises(Stopped):
        play(scene, demo.steps(scene, folder))
