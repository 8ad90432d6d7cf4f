from __future__ import annotations

import pytest
from hypothesis import settings

# How long an example takes is a figure for a benchmark, and no test's affair.
settings.register_profile("shoprelay", deadline=None)
settings.load_profile("shoprelay")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )
