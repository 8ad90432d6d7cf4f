from __future__ import annotations

import os
import random
from functools import cache

import botocore.session
import pytest
from hypothesis import settings

# The duration of an example is for benchmarks, and not for tests.
settings.register_profile("shoprelay", deadline=None)
settings.load_profile("shoprelay")

# Every session reads botocore's files again, which takes a tenth of a second, and a test that
# starts a stack or runs a command makes a session. The files are the same: they share one loader.
botocore.session.create_loader = cache(botocore.session.create_loader)


# The seed of tests/model_based/test_new_seed.py: a new one for each run, the same in each worker.
SEED = "MODEL_BASED_SEED"
os.environ.setdefault(SEED, str(random.SystemRandom().randrange(10**6, 10**9)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--golden",
        action="store_true",
        help="write the golden files again instead of comparing with them",
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(
        f"{SEED}={os.environ[SEED]} repeats the model-based tests of this run"
    )
