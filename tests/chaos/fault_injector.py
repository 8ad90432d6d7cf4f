"""Faults at random times: kills and restarts, faults of the platforms, replays."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.chaos.processes import ProcessHarness

# A call that gets a 5xx is retried; a platform that applied an event in spite of it would get the
# event twice, so that these faults are only for calls that set a state.
_STATES = {"path_prefix": "/datacue/api"}
_PLATFORMS = ("datacue", "yespo", "esputnik", "personaclick")
# The faults of a platform. The slow ones are longer than our time-outs (1.5 and 2 s).
FAULTS: Mapping[str, Mapping[str, Any]] = {
    "503": {"status": 503, "count": 12},
    "429 with Retry-After": {"status": 429, "headers": {"Retry-After": "5"}, "count": 12},
    "422": {"status": 422, "count": 4},
    "500 applied": {"status": 500, "apply": "before", "count": 6, "match": _STATES},
    "504 applied": {"status": 504, "apply": "before", "count": 6},
    "slow, applied after our time-out": {"delay": 2.5, "count": 5},
    "cut before it applies": {"reset": True, "count": 8},
    "cut after it applied": {"reset": True, "apply": "before", "count": 8},
    "cut, applied later": {"reset": True, "apply": "after", "delay": 1.0, "count": 5},
    "a response that never ends": {"drip": True, "count": 3},
    "down for a second": {"status": 503},
}


@dataclass(slots=True)
class FaultInjector:
    """Inject faults into the processes, and count them."""

    processes: ProcessHarness
    rng: random.Random
    injected: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    # Every fault is used once before one is used twice.
    _deck: list[str] = field(default_factory=list)

    def inject(self) -> None:
        """Inject one fault."""
        kinds: dict[Callable[[], None], int] = {
            self.kill_stack: 6,
            self.kill_sandbox: 3,
            self.fault: 9,
            self.replay: 2,
        }
        [act] = self.rng.choices(list(kinds), list(kinds.values()))
        act()

    def kill_stack(self) -> None:
        """Kill the stack and start it again."""
        self.injected["stack killed"] += 1
        self._restart(self.processes.stack)

    def kill_sandbox(self) -> None:
        """Kill the platform and start it again."""
        self.injected["sandbox killed"] += 1
        self._restart(self.processes.sandbox)

    def fault(self) -> None:
        """Inject a platform's fault for some calls, or for a second."""
        if not self._deck:
            self._deck = self.rng.sample(list(FAULTS), len(FAULTS))
        name = self._deck.pop()
        fault = FAULTS[name]
        platform = "datacue" if "match" in fault else self.rng.choice(_PLATFORMS)
        self.injected[f"fault: {name}"] += 1
        self.injected[f"faults at {platform}"] += 1
        added = self._control("POST", "/faults", platform=platform, **fault)
        if added and "count" not in fault:
            time.sleep(self.rng.uniform(0.5, 1.5))
            self._control("DELETE", f"/faults/{added['id']}")

    def replay(self) -> None:
        """Replay the dead letters, regardless of the platform's state."""
        self.injected["replays"] += 1
        report = self.processes.replay()
        self.replayed += report["replayed"]
        self.reasons.update(report["reasons"])

    def clear_faults(self) -> None:
        """Remove all faults of the platforms."""
        self._control("DELETE", "/faults")

    def _restart(self, process: Any) -> None:
        process.kill()
        time.sleep(self.rng.uniform(0.0, 0.5))
        process.start()

    def _control(self, method: str, path: str, **fields: Any) -> Any:
        with suppress(requests.RequestException):
            return self.processes.control(method, path, **fields)
        return None
