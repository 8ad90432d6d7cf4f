"""A few thousand steps of the machine; `make prove` runs a million."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.model_based.machine import Machine

TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=150,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
