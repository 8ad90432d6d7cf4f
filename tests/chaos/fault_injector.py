"""What goes wrong, at random moments: kills and restarts, faults, replays."""

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

# Who is answered a 5xx tries again; a platform that told an event all the same is told it again, so
# that these lies are for calls that set a state.
_STATES = {"path_prefix": "/datacue/api"}
_PLATFORMS = ("datacue", "yespo", "esputnik", "personaclick")
# What a platform does for a while. The slow ones are longer than our time-outs (1.5 and 2 s).
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
    "an answer that never ends": {"drip": True, "count": 3},
    "down for a second": {"status": 503},
}


@dataclass(slots=True)
class FaultInjector:
    """Makes trouble for a machinery, and counts what it made."""

    machinery: ProcessHarness
    rng: random.Random
    made: Counter[str] = field(default_factory=Counter)
    replayed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    # Every fault comes up once before one comes up twice.
    _deck: list[str] = field(default_factory=list)

    def make(self) -> None:
        """Make one trouble."""
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
        self.made["stack killed"] += 1
        self._bounce(self.machinery.stack)

    def kill_sandbox(self) -> None:
        """Kill the platform and start it again."""
        self.made["sandbox killed"] += 1
        self._bounce(self.machinery.sandbox)

    def fault(self) -> None:
        """Let a platform misbehave for some calls, or for a second."""
        if not self._deck:
            self._deck = self.rng.sample(list(FAULTS), len(FAULTS))
        name = self._deck.pop()
        fault = FAULTS[name]
        platform = "datacue" if "match" in fault else self.rng.choice(_PLATFORMS)
        self.made[f"fault: {name}"] += 1
        self.made[f"faults at {platform}"] += 1
        added = self._ask("POST", "/faults", platform=platform, **fault)
        if added and "count" not in fault:
            time.sleep(self.rng.uniform(0.5, 1.5))
            self._ask("DELETE", f"/faults/{added['id']}")

    def replay(self) -> None:
        """Send the dead letters back, whatever the platform does meanwhile."""
        self.made["replays"] += 1
        told = self.machinery.replay()
        self.replayed += told["replayed"]
        self.reasons.update(told["reasons"])

    def mend(self) -> None:
        """Let the platform behave."""
        self._ask("DELETE", "/faults")

    def _bounce(self, process: Any) -> None:
        process.kill()
        time.sleep(self.rng.uniform(0.0, 0.5))
        process.start()

    def _ask(self, method: str, path: str, **wanted: Any) -> Any:
        with suppress(requests.RequestException):
            return self.machinery.platform(method, path, **wanted)
        return None
