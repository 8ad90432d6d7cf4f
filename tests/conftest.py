from __future__ import annotations

from functools import cache

import botocore.session
import pytest
from hypothesis import settings

# How long an example takes is a figure for a benchmark, and no test's affair.
settings.register_profile("shoprelay", deadline=None)
settings.load_profile("shoprelay")

# Every session reads botocore's files anew, a tenth of a second's work, and a test that starts a
# stack or types a command begins a session. The files are the same: one reader for all of them.
botocore.session.create_loader = cache(botocore.session.create_loader)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="write the golden files anew instead of comparing with them",
    )
