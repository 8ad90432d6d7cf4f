"""The two processes that are killed: the stack with its functions, and the sandbox."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import requests

from cli.local.state_folder import ADDRESS
from tests.e2e.shop import SECRETS, merchant

ROOT = Path(__file__).parents[2]
WAIT_SCALE = 0.02
# A killed worker's lease ends a second after the function's time-out: 60 s would be too long.
RETRY_TIMEOUT = 10
# The sandbox's slowest call is applied well before this many seconds after our time-out.
UNSURE = 4.0
CALL_TIMEOUT = 1.5
_TIMEOUT = 60.0
_FOUR = '["datacue", "yespo", "esputnik", "personaclick"]'
# This shop's storefront writes no visitor ids: each id is generated, or requested from the
# platform.
_SECTIONS = """
[yespo]
site_id = "8A412DC"

[esputnik]
site_id = "8A412DC"
degraded_sc = true

[personaclick]
shop_id = "0d42fd8b713d0752776ca589cc0056"
"""
_ACCOUNTS = {
    "yespo": {"site_id": "8A412DC"},
    "esputnik": {"site_id": "8A412DC"},
    "personaclick": {"shop_id": "0d42fd8b713d0752776ca589cc0056", "shop_secret": ""},
}


def free_port() -> int:
    """Return a free port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@dataclass(slots=True, kw_only=True)
class Process:
    """One of our programs, which can be killed and started again with the same arguments."""

    arguments: Sequence[str]
    url: str
    health: str
    folder: Path
    log: str
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it responds."""
        with (self.folder / self.log).open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", *self.arguments],
                cwd=self.folder,
                env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + _TIMEOUT
        while not self._responds():
            if time.monotonic() > end or self.running.poll() is not None:
                raise RuntimeError(
                    f"{self.arguments[0]} does not start: see {self.folder / self.log}"
                )
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill it with SIGKILL."""
        self._stop(signal.SIGKILL)

    def stop(self) -> int:
        """Stop it with SIGTERM; return its exit code."""
        return self._stop(signal.SIGTERM)

    def _stop(self, how: signal.Signals) -> int:
        if self.running is None:
            return 0
        self.running.send_signal(how)
        code = self.running.wait(_TIMEOUT)
        self.running = None
        return code

    def _responds(self) -> bool:
        try:
            return requests.get(self.url + self.health, timeout=5).ok
        except requests.RequestException:
            return False


@dataclass(slots=True)
class ProcessHarness:
    """Stack and sandbox in a folder; every restart uses the same ports and the same state."""

    folder: Path
    stack: Process = field(init=False)
    sandbox: Process = field(init=False)

    def __post_init__(self) -> None:
        text = merchant(carts="cart-token", unsure=UNSURE) + f"call_timeout = {CALL_TIMEOUT}\n"
        (self.folder / "acme.toml").write_text(text.replace('["datacue"]', _FOUR) + _SECTIONS)
        (self.folder / "acme.json").write_text(json.dumps(SECRETS))
        (self.folder / "platforms.json").write_text(json.dumps(SECRETS | _ACCOUNTS))
        self.sandbox = self._sandbox(free_port())
        self.stack = self._stack(free_port())

    @property
    def state(self) -> Path:
        """The folder with the state of AWS."""
        return self.folder / "state"

    @property
    def aws(self) -> str:
        """The AWS endpoint, which survives every kill."""
        return str(json.loads((self.state / ADDRESS).read_bytes())["endpoint"])

    def log(self) -> str:
        """Return the stack's output since the start of the run."""
        return (self.folder / self.stack.log).read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start both."""
        self.sandbox.start()
        self.stack.start()

    def restart(self) -> None:
        """Stop the stack cleanly, and start it again. Raise RuntimeError when it fails."""
        code = self.stack.stop()
        if code:
            raise RuntimeError(f"the stack ended with {code}: see {self.folder / self.stack.log}")
        self.stack.start()

    def close(self) -> None:
        """Kill everything that still runs."""
        self.stack.kill()
        self.sandbox.kill()
        with suppress(OSError, ValueError):
            address = json.loads((self.state / ADDRESS).read_bytes())
            os.kill(address["pid"], signal.SIGKILL)

    def control(self, method: str, path: str, **fields: Any) -> Any:
        """Call the sandbox's control API. Raise requests.RequestException while it is down."""
        answer = requests.request(
            method, f"{self.sandbox.url}/_sandbox{path}", json=fields or None, timeout=10
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def counts(self) -> tuple[int, int]:
        """Return the numbers of waiting messages and of dead letters."""
        sqs = boto3.client(
            "sqs",
            endpoint_url=self.aws,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        kinds = ("", "NotVisible", "Delayed")
        sizes = []
        for name in ("shoprelay-retry", "shoprelay-dead-letters"):
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])[
                "Attributes"
            ]
            numbers: dict[str, str] = dict(attributes.items())
            sizes.append(sum(int(numbers[f"ApproximateNumberOfMessages{one}"]) for one in kinds))
        return sizes[0], sizes[1]

    def replay(self) -> Any:
        """Replay all dead letters as an operator does; return the command's JSON output."""
        arguments = ("dlq", "replay", "--yes", "--json", "--endpoint-url", self.aws)
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            env=dict(os.environ) | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if not done.stdout:
            raise RuntimeError(f"the replay ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def _sandbox(self, port: int) -> Process:
        secrets, state = self.folder / "platforms.json", self.folder / "sandbox.json"
        arguments = ("--port", str(port), "--secrets", str(secrets), "--state", str(state))
        return Process(
            arguments=("cli.sandbox", *arguments),
            url=f"http://127.0.0.1:{port}",
            health="/_sandbox/health",
            folder=self.folder,
            log="sandbox.log",
        )

    def _stack(self, port: int) -> Process:
        documents = ("--merchant", "acme.toml", "--secrets", "acme.json", "--no-samples", "--json")
        places = ("--port", str(port), "--state", "state", "--sandbox", self.sandbox.url)
        speed = ("--wait-scale", str(WAIT_SCALE), "--retry-timeout", str(RETRY_TIMEOUT))
        return Process(
            arguments=("cli.main", "local", *documents, *places, *speed),
            url=f"http://127.0.0.1:{port}",
            health="/health",
            folder=self.folder,
            log="stack.log",
        )
