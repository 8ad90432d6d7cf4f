"""Faults that a test or an operator injects, and which of them are still active."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

import msgspec

Apply = Literal["before", "after", "never"]


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests fail: a method, and a prefix of the whole path, as in ``/calls``."""

    method: str | None = None
    path_prefix: str = ""


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    One fault. ``delay`` is in seconds; ``count`` is the number of requests, None for all of them.

    ``apply`` is when the call takes effect: before the delay, after it (even when the client has
    disconnected), or never. The default depends on the other fields: see `applied_when`.
    """

    platform: str | None = None
    match: Match | None = None
    status: int | None = None
    headers: dict[str, str] = {}
    body: str = ""
    delay: float = 0
    apply: Apply | None = None
    reset: bool = False
    drip: bool = False
    count: int | None = None

    def applied_when(self) -> Apply:
        """Return when the call takes effect: never for an error or a cut, else it does."""
        if self.apply is not None:
            return self.apply
        if self.status is not None or self.reset:
            return "never"
        return "before" if self.drip else "after"

    def matches(self, platform: str, method: str, path: str) -> bool:
        """Return whether this fault applies to a request."""
        match = self.match or Match()
        return (
            self.platform in (None, platform)
            and match.method in (None, method)
            and path.startswith(match.path_prefix)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Active:
    fault: Fault
    left: int | None


@dataclass(slots=True)
class Faults:
    """The faults that are active, the oldest first."""

    _active: dict[int, _Active] = field(default_factory=dict)
    _ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> int:
        """Activate a fault; return its id."""
        with self._lock:
            number = next(self._ids)
            self._active[number] = _Active(fault=fault, left=fault.count)
            return number

    def take(self, platform: str, method: str, path: str) -> Fault | None:
        """Return the oldest fault that matches a request, and decrease its count by one."""
        with self._lock:
            for number, active in self._active.items():
                if active.fault.matches(platform, method, path):
                    self._spend(number, active)
                    return active.fault
            return None

    def active(self) -> list[dict[str, Any]]:
        """Return the active faults, each with its id and its remaining number of requests."""
        with self._lock:
            return [
                {**msgspec.to_builtins(active.fault), "id": number, "left": active.left}
                for number, active in self._active.items()
            ]

    def remove(self, number: int) -> bool:
        """Deactivate one fault; return False when it is not active."""
        with self._lock:
            return self._active.pop(number, None) is not None

    def clear(self) -> None:
        """Deactivate all faults."""
        with self._lock:
            self._active.clear()

    def _spend(self, number: int, active: _Active) -> None:
        if active.left is None:
            return
        if active.left <= 1:
            del self._active[number]
        else:
            self._active[number] = dataclasses.replace(active, left=active.left - 1)
