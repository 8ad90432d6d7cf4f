from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.delivery.sender import Sender


@pytest.fixture
def sender() -> Iterator[Sender]:
    one = Sender()
    yield one
    one.close()
