from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.http.client import HttpClient


@pytest.fixture
def client() -> Iterator[HttpClient]:
    one = HttpClient()
    yield one
    one.close()
