"""
The sandbox: real HTTP on loopback, several platforms on one port, each below its own prefix
(`/datacue/api`, `/datacue/events`), with injectable faults and a journal of all calls.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.sandbox.control import PREFIX, handle_control
from cli.sandbox.exchange import (
    Plan,
    Platform,
    Request,
    Response,
    Violation,
    error_response,
    rejection,
)
from cli.sandbox.faults import Fault
from cli.sandbox.http_server import Drip, Incoming, Reply
from cli.sandbox.memory import Call, Memory
from cli.sandbox.platforms import Credentials, open_platforms
from cli.sandbox.stand_in import StandIn


@dataclass(frozen=True, slots=True)
class _Arrival:
    call: Call
    plan: Plan


class Sandbox(StandIn):
    """
    Strict stand-ins of the platforms named in ``credentials``, in the given ``profiles``.

    ``state_file`` keeps their states across a restart, even after a kill.
    """

    def __init__(
        self,
        credentials: Mapping[str, Credentials],
        profiles: Mapping[str, str],
        state_file: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__()
        self._platforms: Mapping[str, Platform] = open_platforms(credentials, profiles)
        self._clock = clock
        self._memory = Memory(self._platforms, clock, state_file)

    def faults(self) -> list[dict[str, Any]]:
        """Return the active faults, each with its id and its remaining number of requests."""
        return self._faults.active()

    def remove_fault(self, number: int) -> bool:
        """Remove one fault; return False when there is none with that id."""
        return self._faults.remove(number)

    def state(self) -> dict[str, Any]:
        """Return a copy of the states, by platform, as plain JSON values."""
        return self._memory.state()

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the journal after a sequence number."""
        return self._memory.calls(since)

    def violations(self) -> list[dict[str, Any]]:
        """Return the calls that no correct client makes."""
        return self._memory.violations()

    def reset(self) -> None:
        """Clear the states and the journal. Faults stay."""
        self._memory.reset()

    def _serve(self, incoming: Incoming) -> Reply:
        path, _, query = incoming.target.partition("?")
        if path.startswith(PREFIX):
            return handle_control(self, incoming, path.removeprefix(PREFIX), query)
        name = path.split("/", 2)[1] if path.startswith("/") else ""
        if name not in self._platforms:
            return self._unknown_platform(incoming, path)
        arrival = _Arrival(self._call(name, incoming, path), self._plan(name, incoming))
        fault = self._faults.take(name, incoming.method, path)
        if fault is None:
            return self._memory.commit(arrival.call, arrival.plan, lambda status: status)
        return self._fail(arrival, fault)

    def _unknown_platform(self, incoming: Incoming, path: str) -> Response:
        plan = rejection(Violation("no platform is served here", 404))
        self._memory.record(self._call(None, incoming, path, status=404), plan)
        return error_response(404, "no platform is served here")

    def _plan(self, name: str, incoming: Incoming) -> Plan:
        path, _, query = incoming.target.partition("?")
        request = Request(
            method=incoming.method,
            path=path.removeprefix(f"/{name}"),
            query=query,
            headers=incoming.headers,
            body=incoming.body,
        )
        return self._platforms[name].plan(request)

    def _call(
        self, name: str | None, incoming: Incoming, path: str, *, status: int | None = None
    ) -> Call:
        now = self._clock()
        return Call(received=now, platform=name, method=incoming.method, path=path, status=status)

    def _fail(self, arrival: _Arrival, fault: Fault) -> Reply:
        when = fault.applied_when()
        response = _fault_response(fault)
        if when == "never":
            shown = None if fault.reset else response.status
            self._memory.record(dataclasses.replace(arrival.call, status=shown), arrival.plan)
        if when == "before":
            response = self._apply(arrival, fault)
        if self._stopping.wait(fault.delay):
            return None
        if when == "after":
            response = self._apply(arrival, fault)
        if fault.reset:
            return None
        return Drip(_fault_response(fault, 200)) if fault.drip else response

    def _apply(self, arrival: _Arrival, fault: Fault) -> Response:
        def shown(status: int) -> int | None:
            return None if fault.reset else fault.status or status

        response = self._memory.commit(arrival.call, arrival.plan, shown)
        return response if fault.status is None else _fault_response(fault)


def _fault_response(fault: Fault, otherwise: int = 503) -> Response:
    return Response(
        status=fault.status or otherwise,
        body=fault.body.encode(),
        headers=tuple(fault.headers.items()),
    )
