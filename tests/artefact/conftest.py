from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.local.function import Handler
from cli.local.stack import StackOptions, running
from tests.artefact.building import build
from tests.artefact.runtime import PYTHON, Container, container
from tests.artefact.stack import environment, functions
from tests.e2e.conftest import RecordingScreen, StackHarness
from tests.e2e.shop import SECRETS, Shop, merchant


@dataclass(slots=True)
class Processes:
    """The functions of an artefact, each in a process of its own, started when first needed."""

    artefact: Path
    up: ExitStack = field(repr=False)
    running: dict[str, Container] = field(default_factory=dict)

    def handler(self, name: str) -> Handler:
        declared = functions()[name]
        process = container(
            self.artefact, declared.handler, environment(os.environ), timeout=declared.timeout
        )
        one = self.running[name] = self.up.enter_context(process)
        lock = threading.Lock()

        def handle(event: Mapping[str, Any], _context: object) -> Any:
            with lock:
                return one.invoke(event)

        return handle


@dataclass(slots=True)
class System:
    """A whole stack on this machine whose functions are the artefact's."""

    world: StackHarness
    processes: Processes

    def invoke(self, name: str, event: Any) -> Any:
        return self.processes.running[name].invoke(event)


@pytest.fixture(scope="session")
def local_artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefact for this machine's platform and Python."""
    if not PYTHON.exists():
        pytest.skip("`make artefact` sets up what these tests run")
    folder = tmp_path_factory.mktemp("local") / "artefact"
    build(folder, "HERE=1")
    return folder


@pytest.fixture(scope="session")
def stack(local_artefact: Path) -> Iterator[System]:
    text = merchant(unsure=2)
    wish = StackOptions(merchant=text, secrets=json.dumps(SECRETS), port=0, wait_scale=0.02)
    with ExitStack() as up:
        processes = Processes(local_artefact, up)
        one = up.enter_context(running(wish, RecordingScreen(), handler=processes.handler))
        processes.handler("replay")
        yield System(StackHarness(stack=one, shop=Shop(one.gateway)), processes)


@pytest.fixture
def system(stack: System) -> Iterator[System]:
    """One stack for all tests. Each uses ids of its own, and its faults are removed afterwards."""
    yield stack
    stack.world.clear_faults()


@pytest.fixture(scope="session")
def lambda_artefact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The artefact for Lambda."""
    folder = tmp_path_factory.mktemp("lambda") / "artefact"
    build(folder)
    return folder
