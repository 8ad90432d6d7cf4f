"""
Two implementations of the same document check each other: the sandbox, which was written from the
document alone, finds no violation in any call of a sample of ``events/`` or of a browsing event.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from cli.docs.call_diff import VISITOR, visitor_of
from cli.docs.demo import PLATFORMS, Platform, read_platform, read_source
from cli.docs.field_probe import IN_TIME, envelope
from cli.sandbox.exchange import Request
from cli.sandbox.platforms import PLATFORMS as STAND_INS
from cli.sandbox.samples import samples
from shared.destinations.contract import Destination, KnownState
from shared.http.call import Call
from shared.model.change import Change, ProductSaved
from shared.sources.registry import SOURCES
from tests.destinations.browsing_events import BROWSING_EVENTS

CREDENTIALS = {
    "datacue": {"api_key": "demo-key", "api_secret": "demo-secret"},
    "yespo": {"site_id": "8A412DC"},
    "esputnik": {"site_id": "8A412DC"},
    "personaclick": {
        "shop_id": "0d42fd8b713d0752776ca589cc0056",
        "shop_secret": "demo-secret",
        "devices": str(VISITOR.device_id),
    },
}


def changes() -> Iterator[tuple[str, Change]]:
    for source in SOURCES:
        shop = read_source(source)
        for name, topic, body in samples(source):
            for change in shop.translate(envelope(source, topic, body), IN_TIME).changes:
                yield name, change
    yield from BROWSING_EVENTS.items()


def memories(change: Change) -> Iterator[KnownState]:
    """An unknown entity; and a known one, with a variant that no longer exists."""
    yield KnownState(visitor=visitor_of([change]))
    variants = frozenset({"gone"})
    if isinstance(change, ProductSaved):
        variants |= {one.key for one in change.product.variants}
    yield KnownState(known=True, variants=variants, visitor=visitor_of([change]))


def request(destination: Destination, call: Call) -> Request:
    """Return a call as the platform receives it."""
    sealed = destination.sign(call).call
    url = urlsplit(sealed.url)
    hosts = {"api.datacue.co": "/api", "events.datacue.co": "/events"}
    headers = {name.lower(): value for name, value in destination.sign(sealed).headers.items()}
    return Request(
        method=sealed.method,
        path=hosts.get(url.netloc, "") + url.path,
        query=url.query,
        headers=headers,
        body=sealed.body,
    )


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: one.folder)
def test_the_sandbox_finds_no_violation_in_any_call(platform: Platform) -> None:
    own, destination = platform.destination, read_platform(platform)
    stand_in = STAND_INS[own](CREDENTIALS[own], platform.profile)
    faults, calls = {}, 0

    for name, change in changes():
        for memory in memories(change):
            for call in destination.plan(change, memory).calls:
                plan = stand_in.plan(request(destination, call))
                calls += 1
                if plan.violation:
                    faults[name, call.label] = plan.violation

    assert faults == {}
    assert calls > 100
