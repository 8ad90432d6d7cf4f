"""Faults: rejected, slow, cut, endless, and applied after the client has disconnected."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests

from cli.sandbox.server import Sandbox
from tests.sandbox.client import CREDENTIALS, Client, product, user


def wait_for(client: Client, calls: int) -> list[dict[str, Any]]:
    """Wait until the journal has ``calls`` records; the test's own time-out is the limit."""
    while len(client.box.calls()) < calls:
        time.sleep(0.01)
    return client.box.calls()


def test_a_status_fault_lasts_for_its_count_and_nothing_is_applied(old: Client) -> None:
    old.box.fault(status=503, count=2, headers={"Retry-After": "2"}, body="down")
    responses = [old.call("POST", "users", user()) for _ in range(3)]

    assert [response.status_code for response in responses] == [503, 503, 201]
    assert (responses[0].text, responses[0].headers["Retry-After"]) == ("down", "2")
    assert [(call["status"], call["applied"]) for call in old.box.calls()] == [
        (503, False),
        (503, False),
        (201, True),
    ]


def test_a_fault_lasts_until_it_is_cleared(old: Client) -> None:
    first = old.box.fault(status=500)
    old.box.fault(status=429)

    assert old.call("POST", "users", user()).status_code == 500
    assert old.box.remove_fault(first)
    assert not old.box.remove_fault(first)
    assert old.call("POST", "users", user()).status_code == 429
    old.box.clear_faults()
    assert old.call("POST", "users", user()).status_code == 201


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"platform": "datacue"}, 500),
        ({"platform": "yespo"}, 201),
        ({"match": {"method": "POST"}}, 500),
        ({"match": {"method": "PUT"}}, 201),
        ({"match": {"path_prefix": "/datacue/api/v1/users"}}, 500),
        ({"match": {"path_prefix": "/datacue/events"}}, 201),
    ],
)
def test_a_fault_applies_to_matching_requests(
    old: Client, fault: dict[str, Any], status: int
) -> None:
    old.box.fault(status=500, **fault)

    assert old.call("POST", "users", user()).status_code == status


def test_a_call_can_be_applied_and_still_get_an_error(old: Client) -> None:
    old.box.fault(status=502, apply="before", count=1)

    assert old.call("POST", "users", user()).status_code == 502
    assert old.state["users"] == {"u1": user()}
    assert old.box.calls()[0]["status"] == 502
    assert old.call("POST", "users", user()).json() == {"error": "u1 already exists"}


def test_a_slow_call_is_applied_after_its_client_disconnected(old: Client) -> None:
    old.call("POST", "products", product())
    old.box.fault(delay=0.5, count=1)
    with pytest.raises(requests.Timeout):
        old.call("PUT", "products/p1/v1", {"stock": 1}, timeout=0.1)
    assert old.call("PUT", "products/p1/v1", {"stock": 2}).status_code == 204

    assert old.state["products"]["p1"]["v1"]["stock"] == 2
    late = wait_for(old, 3)[-1]
    assert old.state["products"]["p1"]["v1"]["stock"] == 1
    assert (late["status"], late["applied"]) == (204, True)
    assert late["time"] - late["received"] >= 0.5


def test_a_slow_call_can_be_applied_before_its_response_or_never(old: Client) -> None:
    old.box.fault(delay=0.5, apply="before", count=1)
    with pytest.raises(requests.Timeout):
        old.call("POST", "users", user(), timeout=0.1)
    assert old.state["users"] == {"u1": user()}

    old.box.fault(delay=0.1, apply="never", count=1)
    assert old.call("DELETE", "users/u1").status_code == 503
    assert old.state["users"] == {"u1": user()}


@pytest.mark.parametrize(("apply", "users"), [(None, 0), ("before", 1), ("after", 1)])
def test_a_cut_connection_has_no_response(old: Client, apply: str | None, users: int) -> None:
    old.box.fault(reset=True, apply=apply, count=1)
    with pytest.raises(requests.ConnectionError):
        old.call("POST", "users", user())

    call = old.box.calls()[0]
    assert (call["status"], call["applied"]) == (None, bool(users))
    assert len(old.state["users"]) == users
    assert old.call("POST", "users", user(user_id="u2")).status_code == 201


def test_a_dripping_response_does_not_end_by_itself(old: Client) -> None:
    old.box.fault(drip=True, count=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _read_until(old, lambda drops: drops >= 3)

    assert old.state["users"] == {"u1": user()}


def _read_until(client: Client, enough: Any) -> None:
    response = client.call("POST", "users", user(), stream=True)
    for drops, drop in enumerate(response.iter_content(1), start=1):
        assert drop == b" "
        if enough(drops):
            client.box.stop()


def test_an_invalid_call_is_a_violation_even_while_the_platform_is_down(old: Client) -> None:
    old.box.fault(status=503)
    old.call("POST", "users", {})

    assert old.violation_texts == ["Please specify a user_id"]


def test_stopping_does_not_wait_for_delayed_calls() -> None:
    box = Sandbox(CREDENTIALS, {})
    client = Client(box, box.start())
    box.fault(delay=3600, count=1)
    failed: list[Exception] = []

    def call_slowly() -> None:
        try:
            client.call("POST", "users", user(), timeout=60)
        except requests.ConnectionError as error:
            failed.append(error)

    waiting = threading.Thread(target=call_slowly)
    waiting.start()
    idle = requests.Session()
    idle.get(client.url + "/_sandbox/health", timeout=10)
    while box.faults():
        time.sleep(0.01)
    box.stop()
    waiting.join()
    idle.close()
    client.session.close()

    assert len(failed) == 1
    assert box.state()["datacue"]["users"] == {}


def test_a_stopped_sandbox_can_be_started_again_on_its_port() -> None:
    box = Sandbox(CREDENTIALS, {})
    first = box.start()
    box.stop()
    box.stop()
    with pytest.raises(RuntimeError):
        _ = box.url

    assert box.start(int(first.rpartition(":")[2])) == first
    box.stop()


def test_a_fault_with_an_unknown_field_or_a_wrong_type_is_rejected(old: Client) -> None:
    for fault in ({"statsu": 500}, {"status": "500"}, {"apply": "later"}):
        assert old.control("POST", "/faults", fault).status_code == 400
    assert old.call("POST", "users", user()).status_code == 201
