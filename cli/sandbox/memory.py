"""
What the sandbox remembers: each platform's state, and a journal of every call.

One lock is around both, so that the journal's order is the order in which calls took effect. With a
file, everything but the calls without a violation is written before a call is answered, so that a
killed sandbox has forgotten nothing that it acknowledged.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Lock
from typing import Any

import msgspec

from cli.sandbox.exchange import Response, Plan, Platform, State, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One line of the journal. ``received`` and ``time`` are epoch seconds: when it came, when its
    fate was decided. ``status`` is None when the connection was cut without an answer.
    """

    seq: int = 0
    received: float
    time: float = 0
    platform: str | None
    method: str
    path: str
    status: int | None = None
    items: int = 0
    violation: str | None = None
    applied: bool = False


class Memory:
    """The states and the journal, behind one lock."""

    def __init__(
        self, platforms: Mapping[str, Platform], clock: Callable[[], float], file: Path | None
    ) -> None:
        self._platforms = platforms
        self._clock = clock
        self._file = file
        self._lock = Lock()
        self._calls: list[Call] = []
        self._seq = 0
        self._states: dict[str, State] = {}
        self._blank()
        if file is not None and file.exists():
            self._load(json.loads(file.read_bytes(), parse_float=Decimal))

    def commit(self, call: Call, plan: Plan, status: Callable[[int], int | None]) -> Response:
        """Do what a plan asks, and note the call with the status that its client is shown."""
        with self._lock:
            state = self._states[call.platform or ""]
            given = plan.act(state)
            state["applied"] += given.applied
            self._note(
                dataclasses.replace(call, status=status(given.status), applied=given.applied), plan
            )
            return given

    def skip(self, call: Call, plan: Plan) -> None:
        """Note a call that never takes effect."""
        with self._lock:
            self._note(call, plan)

    def state(self) -> dict[str, Any]:
        """Copy all states as plain JSON; ``applied`` in each counts the calls that changed it."""
        with self._lock:
            copy: dict[str, Any] = json.loads(encode(self._states))
            return copy

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """List the calls after a sequence number."""
        with self._lock:
            return [msgspec.to_builtins(call) for call in self._calls if call.seq > since]

    def violations(self) -> list[dict[str, Any]]:
        """List the calls that no correct client would have made."""
        return [call for call in self.calls() if call["violation"] is not None]

    def reset(self) -> None:
        """Forget the states and the journal; the sequence goes on."""
        with self._lock:
            self._blank()
            self._calls.clear()
            self._save()

    def _blank(self) -> None:
        self._states = {
            name: {**platform.blank(), "applied": 0} for name, platform in self._platforms.items()
        }

    def _note(self, call: Call, plan: Plan) -> None:
        self._seq += 1
        self._calls.append(
            dataclasses.replace(
                call,
                seq=self._seq,
                time=self._clock(),
                items=plan.items,
                violation=plan.violation,
            )
        )
        if call.applied or plan.violation is not None:
            self._save()

    def _save(self) -> None:
        if self._file is None:
            return
        kept = {
            "seq": self._seq,
            "states": self._states,
            "violations": [call for call in self._calls if call.violation is not None],
        }
        # A kill in the middle of a write must leave the old file whole.
        draft = self._file.with_name(self._file.name + ".new")
        # For its owner alone: a platform knows people.
        draft.touch(mode=0o600)
        draft.write_bytes(encode(kept))
        draft.replace(self._file)

    def _load(self, kept: dict[str, Any]) -> None:
        self._seq = kept["seq"]
        self._states |= kept["states"]
        self._calls = [
            Call(**{**call, "received": float(call["received"]), "time": float(call["time"])})
            for call in kept["violations"]
        ]
