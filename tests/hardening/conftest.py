from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.http.client import HttpClient


@pytest.fixture
def sender() -> Iterator[HttpClient]:
    one = HttpClient()
    yield one
    one.close()
