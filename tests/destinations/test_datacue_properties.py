"""Whatever the shop says, what we send is what the documents allow."""

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
from tests.destinations.invented import product_saved, remembered
from tests.destinations.shop import (
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

URL = re.compile(r"https://(api|events)\.datacue\.co/[A-Za-z0-9%/._~-]*")


def leaves(value: Any) -> Iterator[Any]:
    """Give every name and every value that is neither an object nor an array."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from (name, *leaves(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def is_said(value: Any) -> bool:
    return bool(value.strip()) if isinstance(value, str) else value is not None


@pytest.mark.parametrize("profile", [OLD, NEW])
@given(told=remembered)
def test_any_change_becomes_calls_without_an_empty_string_or_a_null(
    profile: Profile, told: tuple[Change, KnownState]
) -> None:
    plan = datacue(profile).plan(*told)

    for call in plan.calls:
        assert URL.fullmatch(call.url)
        body = json.loads(call.body) if call.body else {}
        assert all(is_said(one) for one in leaves(body))


@pytest.mark.parametrize("profile", [OLD, NEW])
@given(told=remembered)
def test_a_plan_is_the_same_every_time(profile: Profile, told: tuple[Change, KnownState]) -> None:
    assert datacue(profile).plan(*told) == datacue(profile).plan(*told)


@given(change=product_saved())
def test_no_row_is_deleted_that_is_also_sent(change: ProductSaved) -> None:
    """One vendor's module deletes before each save, and products flicker or are gone."""
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
@given(told=remembered)
def test_the_sandbox_finds_no_fault_in_any_change(
    box: tuple[Sandbox, Destination], told: tuple[Change, KnownState]
) -> None:
    """The sandbox is written from the documents, by another hand; the state may be anything."""
    sandbox, destination = box
    sender = HttpClient()
    waiting = list(destination.plan(*told).calls)

    while waiting:
        call = waiting.pop(0)
        answer = sender.send(call, destination.sign(call), 10)
        assert isinstance(answer, Response)
        verdict = destination.judge(call, answer, 0.0)
        if isinstance(verdict, FollowUp):
            waiting = [*verdict.calls, *waiting]
            verdict = verdict.then
        assert isinstance(verdict, Delivered)

    sender.close()
    assert sandbox.violations() == []
