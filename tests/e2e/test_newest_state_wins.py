"""
The guarantee: whatever faults the platform has, and however webhooks are reordered and duplicated,
at the end it has exactly the newest state, and the shop always gets its response in time.
"""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import Reply, merchant, product, triggered, variant

FAULTS: dict[str, dict[str, Any]] = {
    "the platform is down": {"status": 503},
    "the platform answers after six seconds": {"delay": 6},
    "connections are cut after the call was applied": {"reset": True, "apply": "before"},
    "connections are cut before the call is applied": {"reset": True},
}
PRODUCTS = range(1, 7)
VERSIONS = 5
GONE = {2, 5}


def _webhooks() -> list[tuple[str, dict[str, Any], str, str]]:
    """Return webhooks that create, change and partly delete products: each webhook twice."""
    sent = []
    for number in PRODUCTS:
        for version in range(VERSIONS):
            second = number + version * 10
            body = product(number, second=second, title=f"Product {number} v{version}")
            if version % 2:
                body["variants"].append(variant(number, 3, "L"))
            topic = "products/update" if version else "products/create"
            sent.append((topic, body, triggered(second, 5), f"{number}-{version}"))
        if number in GONE:
            sent.append(("products/delete", {"id": number}, triggered(300), f"{number}-gone"))
    return sent * 2


def _send(acme: StackHarness, webhooks: list[Any], seed: int) -> list[Reply]:
    random.Random(seed).shuffle(webhooks)
    with ThreadPoolExecutor(4) as pool:
        return list(
            pool.map(
                lambda one: acme.shop.send(one[0], one[1], at=one[2], delivery=one[3]), webhooks
            )
        )


@pytest.mark.timeout(240)
@pytest.mark.parametrize("fault", FAULTS)
def test_the_platform_ends_with_the_newest_state_of_every_product(fault: str) -> None:
    # The circuit breaker's ten seconds are not scaled: with waits of a tenth of a second a parked
    # message would be received a hundred times meanwhile.
    with running_stack(merchant(unsure=7), wait_scale=0.25) as acme:
        webhooks = _webhooks()
        half = len(webhooks) // 2
        random.Random(7).shuffle(webhooks)
        acme.fault(**FAULTS[fault])
        replies = _send(acme, webhooks[:half], 1)
        acme.clear_faults()
        replies += _send(acme, webhooks[half:], 2)

        assert {reply.code for reply in replies} == {200}
        assert max(reply.seconds for reply in replies) < 3
        assert acme.settled(120)
        assert acme.dead() == 0
        newest = {
            str(number): {
                f"{number}{place}": f"Product {number} v{VERSIONS - 1}" for place in (1, 2)
            }
            for number in PRODUCTS
            if number not in GONE
        }
        assert until(lambda: _names(acme) == newest, 20), _names(acme)
        assert acme.violations() == []


def _names(acme: StackHarness) -> dict[str, dict[str, str]]:
    products = acme.state()["products"]
    return {
        number: {name: row["name"] for name, row in rows.items()}
        for number, rows in products.items()
        if rows
    }
