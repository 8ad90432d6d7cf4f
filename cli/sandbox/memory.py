"""
What the sandbox stores: each platform's state, and a journal of every call.

One lock protects both, so that the journal's order is the order in which calls took effect. With a
file, everything except the calls without a violation is written before a call gets its response, so
that a killed sandbox loses nothing that it acknowledged.
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

from cli.sandbox.exchange import Plan, Platform, Response, State, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """
    One journal record. ``received`` and ``time`` are epoch seconds: when the call arrived, and when
    its outcome was decided. ``status`` is None when the connection was cut without a response.
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
    """The states and the journal, protected by one lock."""

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
        self._reset_states()
        if file is not None and file.exists():
            self._load(json.loads(file.read_bytes(), parse_float=Decimal))

    def commit(self, call: Call, plan: Plan, status: Callable[[int], int | None]) -> Response:
        """Apply a plan, and record the call with the status that the client receives."""
        with self._lock:
            state = self._states[call.platform or ""]
            response = plan.act(state)
            state["applied"] += response.applied
            self._record(
                dataclasses.replace(call, status=status(response.status), applied=response.applied),
                plan,
            )
            return response

    def record(self, call: Call, plan: Plan) -> None:
        """Record a call that never takes effect."""
        with self._lock:
            self._record(call, plan)

    def state(self) -> dict[str, Any]:
        """Return all states as plain JSON; ``applied`` in each counts the calls that changed it."""
        with self._lock:
            copy: dict[str, Any] = json.loads(encode(self._states))
            return copy

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the calls after a sequence number."""
        with self._lock:
            return [msgspec.to_builtins(call) for call in self._calls if call.seq > since]

    def violations(self) -> list[dict[str, Any]]:
        """Return the calls that no correct client makes."""
        return [call for call in self.calls() if call["violation"] is not None]

    def reset(self) -> None:
        """Clear the states and the journal; the sequence numbers continue."""
        with self._lock:
            self._reset_states()
            self._calls.clear()
            self._save()

    def _reset_states(self) -> None:
        self._states = {
            name: {**platform.blank(), "applied": 0} for name, platform in self._platforms.items()
        }

    def _record(self, call: Call, plan: Plan) -> None:
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
        saved = {
            "seq": self._seq,
            "states": self._states,
            "violations": [call for call in self._calls if call.violation is not None],
        }
        # A kill during the write must leave the old file intact.
        draft = self._file.with_name(self._file.name + ".new")
        # Readable by its owner only: it holds personal data.
        draft.touch(mode=0o600)
        draft.write_bytes(encode(saved))
        draft.replace(self._file)

    def _load(self, saved: dict[str, Any]) -> None:
        self._seq = saved["seq"]
        self._states |= saved["states"]
        self._calls = [
            Call(**{**call, "received": float(call["received"]), "time": float(call["time"])})
            for call in saved["violations"]
        ]
