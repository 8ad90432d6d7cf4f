"""Fixtures: a sandbox of each edition, on a free port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.sandbox.server import Sandbox
from tests.sandbox.client import CREDENTIALS, Client


def _client(profile: str) -> Iterator[Client]:
    box = Sandbox(CREDENTIALS, {"datacue": profile})
    client = Client(box, box.start())
    yield client
    client.session.close()
    box.stop()


@pytest.fixture
def old() -> Iterator[Client]:
    """Return a client of the edition 2018-09."""
    yield from _client("2018-09")


@pytest.fixture
def new() -> Iterator[Client]:
    """Return a client of the edition 2021-02."""
    yield from _client("2021-02")
