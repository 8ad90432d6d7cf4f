"""For any change, every call is valid in the documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from cli.sandbox.server import Sandbox
from shared.destinations.contract import Destination, KnownState
from shared.destinations.datacue.destination import build
from shared.http.client import HttpClient
from shared.http.verdict import Delivered, FollowUp, Response
from shared.model.change import Change, ProductSaved
from tests.destinations.sample_shop import (
    KEY,
    NEW,
    OLD,
    SECRET,
    Profile,
    datacue,
    known,
    merchant,
    secrets,
)
from tests.destinations.strategies import changes_with_state, product_saved

URL = re.compile(r"https://(api|events)\.datacue\.co/[A-Za-z0-9%/._~-]*")


def leaves(value: Any) -> Iterator[Any]:
    """Yield every name and every value that is neither an object nor an array."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *leaves(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def is_set(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


@pytest.mark.parametrize("profile", [OLD, NEW])
@given(case=changes_with_state)
def test_any_change_becomes_calls_without_an_empty_string_or_a_null(
    profile: Profile, case: tuple[Change, KnownState]
) -> None:
    plan = datacue(profile).plan(*case)

    for call in plan.calls:
        assert URL.fullmatch(call.url)
        body = json.loads(call.body) if call.body else {}
        assert all(is_set(one) for one in leaves(body))


@pytest.mark.parametrize("profile", [OLD, NEW])
@given(case=changes_with_state)
def test_a_plan_is_the_same_every_time(profile: Profile, case: tuple[Change, KnownState]) -> None:
    assert datacue(profile).plan(*case) == datacue(profile).plan(*case)


@given(change=product_saved())
def test_no_row_is_deleted_that_is_also_sent(change: ProductSaved) -> None:
    """Check that known rows are not deleted; one vendor's module deletes before each save."""
    keys = [one.key for one in change.product.variants]

    methods = [call.method for call in datacue().plan(change, known(*keys)).calls]

    assert "DELETE" not in methods


@pytest.fixture(scope="module", params=[OLD, NEW])
def box(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, Destination]]:
    credentials = {"datacue": {"api_key": KEY, "api_secret": SECRET}}
    with Sandbox(credentials, {"datacue": request.param}) as sandbox:
        urls = {name: f"{sandbox.url}/datacue/{name}" for name in ("api", "events")}
        own = merchant(request.param, api_url=urls["api"], events_url=urls["events"])
        yield sandbox, build(own, secrets())


@settings(max_examples=60, deadline=None)
@given(case=changes_with_state)
def test_the_sandbox_accepts_every_change(
    box: tuple[Sandbox, Destination], case: tuple[Change, KnownState]
) -> None:
    """Send any change to the sandbox, which is written independently from the documents."""
    sandbox, destination = box
    sender = HttpClient()
    waiting = list(destination.plan(*case).calls)

    while waiting:
        call = waiting.pop(0)
        response = sender.send(call, destination.sign(call).headers, 10)
        assert isinstance(response, Response)
        verdict = destination.judge(call, response, 0.0)
        if isinstance(verdict, FollowUp):
            waiting = [*verdict.calls, *waiting]
            verdict = verdict.then
        assert isinstance(verdict, Delivered)

    sender.close()
    assert sandbox.violations() == []
