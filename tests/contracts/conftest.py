from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from tests.contracts.ports import Ports, memory, moto
from tests.fakes.clock import Clock

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def on_moto() -> Iterator[Callable[[], Ports]]:
    """Yield a function that makes new queues in moto; all of them have one clock and one bucket."""
    with pytest.MonkeyPatch.context() as patch, moto(patch, Clock()) as made:
        yield lambda: made(str(next(NUMBERS)))


@pytest.fixture(params=["memory", "moto"])
def ports(request: pytest.FixtureRequest) -> Iterator[Ports]:
    if request.param == "memory":
        yield memory()
        return
    made: Ports = request.getfixturevalue("on_moto")()
    yield made
    made.bodies.purge()
