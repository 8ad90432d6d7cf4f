"""The control API, the journal, concurrent clients, and a sandbox that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from cli.sandbox.server import Sandbox
from tests.sandbox.client import CREDENTIALS, Client, product, user


def test_the_control_api_has_the_same_operations(old: Client) -> None:
    assert old.control("GET", "/health").json() == {"status": "ok"}
    made = old.control("POST", "/faults", {"platform": "datacue", "status": 503})
    assert made.status_code == 201
    (fault,) = old.control("GET", "/faults").json()
    assert (fault["id"], fault["status"], fault["left"]) == (made.json()["id"], 503, None)
    assert old.call("POST", "users", user()).status_code == 503
    assert old.control("DELETE", f"/faults/{made.json()['id']}").status_code == 204
    assert old.control("DELETE", f"/faults/{made.json()['id']}").status_code == 404
    old.control("POST", "/faults", {"status": 500})
    assert old.control("DELETE", "/faults").status_code == 204
    old.call("POST", "users", user())
    old.call("POST", "users", {})

    assert old.control("GET", "/state").json()["datacue"]["users"] == {"u1": user()}
    assert [call["seq"] for call in old.control("GET", "/calls").json()] == [1, 2, 3]
    assert [call["status"] for call in old.control("GET", "/calls?since=1").json()] == [201, 400]
    assert [call["seq"] for call in old.control("GET", "/violations").json()] == [3]
    assert old.control("POST", "/reset").status_code == 204
    assert old.control("GET", "/state").json()["datacue"]["users"] == {}
    assert old.control("GET", "/calls").json() == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("POST", "/nothing", 404),
        ("GET", "/calls?since=x", 400),
        ("DELETE", "/faults/x", 400),
        ("POST", "/faults", 400),
    ],
)
def test_an_invalid_control_request_has_an_error_status(
    old: Client, method: str, path: str, status: int
) -> None:
    assert old.control(method, path).status_code == status


def test_the_journal_records_each_call(old: Client) -> None:
    old.call("POST", "products", product())

    call = old.box.calls()[0]
    assert call["time"] >= call["received"]
    del call["time"], call["received"]
    assert call == {
        "seq": 1,
        "platform": "datacue",
        "method": "POST",
        "path": "/datacue/api/v1/products",
        "status": 201,
        "items": 1,
        "violation": None,
        "applied": True,
    }


def test_state_and_calls_are_copies(old: Client) -> None:
    old.call("POST", "users", user())
    old.state["users"].clear()
    old.box.calls().clear()

    assert (len(old.state["users"]), len(old.box.calls())) == (1, 1)


def test_many_clients_at_once_are_served_and_counted(old: Client) -> None:
    def work(worker: int) -> set[int]:
        client = Client(old.box, old.url)
        statuses = {
            client.call("POST", "users", user(user_id=f"{worker}-{number}")).status_code
            for number in range(100)
        }
        client.session.close()
        return statuses

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(8))) == [{201}] * 8
    assert len(old.state["users"]) == 800
    assert old.state["applied"] == 800
    assert [call["seq"] for call in old.box.calls()] == list(range(1, 801))


def test_an_unknown_platform_or_profile_and_a_missing_credential_are_rejected() -> None:
    with pytest.raises(KeyError, match="nobody"):
        Sandbox({"nobody": {}}, {})
    with pytest.raises(KeyError, match="1999-01"):
        Sandbox(CREDENTIALS, {"datacue": "1999-01"})
    with pytest.raises(KeyError, match="api_secret"):
        Sandbox({"datacue": {"api_key": "k"}}, {})


def test_the_state_file_restores_everything(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    with Sandbox(CREDENTIALS, {}, file) as box:
        client = Client(box, box.url)
        client.call("POST", "products", product(price=19.99))
        client.call("POST", "users", {})
        client.session.close()
        before = (box.state(), box.violations())

    again = Sandbox(CREDENTIALS, {}, file)
    assert (again.state(), again.violations()) == before
    assert again.state()["datacue"]["products"]["p1"]["v1"]["price"] == 19.99
    with again:
        client = Client(again, again.url)
        client.call("POST", "users", user())
        client.session.close()
        assert [call["seq"] for call in again.calls()] == [2, 3]
        assert again.state()["datacue"]["applied"] == 2


@contextmanager
def process(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the sandbox as a separate process."""
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps({**CREDENTIALS, "shopify": {"webhook_secrets": ["x"]}}))
    command = [sys.executable, "-m", "cli.sandbox", "--secrets", str(secrets)]
    command += ["--profile", "datacue=2021-02", "--state", str(folder / "state.json")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        try:
            yield child, _line(child.stdout)
        finally:
            child.kill()


def _line(stream: IO[str] | None) -> str:
    assert stream is not None
    return stream.readline().strip()


def test_a_killed_process_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    box = Sandbox(CREDENTIALS, {})
    with process(tmp_path) as (child, url):
        client = Client(box, url)
        assert client.call("POST", "users", user(guest_account=True)).status_code == 201
        child.kill()
        child.wait()
        client.session.close()
    with process(tmp_path) as (child, url):
        client = Client(box, url)
        state = client.control("GET", "/state").json()
        child.terminate()
        assert child.wait() == 0
        assert child.stderr is not None
        assert child.stderr.read() == ""
        client.session.close()

    assert state["datacue"]["users"] == {"u1": user(guest_account=True)}
