from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[2]
DEMO = (
    "local",
    "--merchant",
    str(ROOT / "merchants" / "demo.toml"),
    "--secrets",
    str(ROOT / "merchants" / "demo.secrets.json"),
)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *arguments]


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@contextmanager
def started(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_once_runs_the_demo_and_every_check_passes(tmp_path: Path) -> None:
    ended = run(tmp_path, *DEMO, "--port", "0", "--wait-scale", "0.05", "--once", "--json")

    events = [json.loads(line) for line in ended.stdout.splitlines()]
    checks = [event for event in events if event["event"] == "demo" and "held" in event]
    assert [event["text"] for event in checks if not event["held"]] == []
    assert len(checks) > 15
    assert events[0]["event"] == "up"
    assert {event["event"] for event in events} >= {"webhook", "call", "dead_letter", "sandbox"}
    shown = [event for event in events if event["event"] == "webhook"]
    assert {event["source"] for event in shown} == {"shopify", "woocommerce"}
    assert {event["topic"] for event in shown} >= {"products/create", "product.created"}
    assert [
        event["topic"] for event in shown if event["answer"] == "queued" and not event["id"]
    ] == []
    assert (ended.returncode, ended.stderr) == (0, "")


def test_once_runs_the_demo_of_a_merchant_with_only_woocommerce(tmp_path: Path) -> None:
    text = (ROOT / "merchants" / "demo.toml").read_text()
    (tmp_path / "woo.toml").write_text(
        text.replace('["shopify", "woocommerce"]', '["woocommerce"]')
    )

    ended = run(
        tmp_path, "local", "--merchant", "woo.toml", *DEMO[3:],
        "--port", "0", "--wait-scale", "0.05", "--once", "--json",
    )  # fmt: skip

    events = [json.loads(line) for line in ended.stdout.splitlines()]
    checks = [event for event in events if event["event"] == "demo" and "held" in event]
    assert [event["text"] for event in checks if not event["held"]] == []
    assert len(checks) > 15
    assert {event["source"] for event in events if event["event"] == "webhook"} == {"woocommerce"}
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with started(tmp_path, *DEMO, "--port", "0", "--no-samples", "--json") as process:
        assert process.stdout is not None
        up = json.loads(process.stdout.readline())
        health = requests.get(up["health"], timeout=10)
        process.send_signal(how)
        rest, errors = process.communicate(timeout=30)

    assert health.status_code == 200
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_signal_stops_the_demo_too(tmp_path: Path) -> None:
    with started(tmp_path, *DEMO, "--port", "0", "--json") as process:
        assert process.stdout is not None
        while "webhook" not in process.stdout.readline():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)

    assert (process.returncode, errors) == (0, "")


def test_a_missing_file_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    ended = run(tmp_path, "local", "--merchant", "none.toml", "--secrets", "none.json")

    assert ended.returncode == 2
    assert ended.stderr == "shoprelay: there is no file none.toml: check its name\n"


def test_an_unknown_setting_is_one_line_with_its_path_and_exit_code_2(tmp_path: Path) -> None:
    wrong = (ROOT / "merchants" / "demo.toml").read_text().replace("accept_test", "accept_tests")
    (tmp_path / "demo.toml").write_text(wrong)

    ended = run(tmp_path, "local", "--merchant", "demo.toml", *DEMO[3:])

    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "accept_tests" in ended.stderr
    assert "$.shopify" in ended.stderr


def test_a_port_in_use_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = run(tmp_path, *DEMO, "--port", port, "--no-samples")

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"shoprelay: cannot listen on port {port}: ")
    assert len(ended.stderr.splitlines()) == 1


def test_once_without_samples_is_rejected(tmp_path: Path) -> None:
    ended = run(tmp_path, *DEMO, "--once", "--no-samples")

    assert ended.returncode == 2
    assert "--once" in ended.stderr


def test_help_shows_an_example(tmp_path: Path) -> None:
    ended = run(tmp_path, "local", "--help")

    assert ended.returncode == 0
    assert "Example: shoprelay local --merchant merchants/demo.toml" in ended.stdout


def test_a_signal_to_another_thread_than_the_main_one_stops_it() -> None:
    # The main thread sleeps on a lock: a Python handler would wait for it to wake up by itself.
    script = """
import signal, threading
from cli.local.run import _signals_stop
stopped = threading.Event()
with _signals_stop(stopped):
    signal.pthread_kill(next(t.ident for t in threading.enumerate() if t.name == "signals"), 15)
    stopped.wait()
print("ended")
"""
    ended = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, "ended\n")
