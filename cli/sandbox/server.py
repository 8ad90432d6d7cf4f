"""
The sandbox: real HTTP on loopback, several platforms under one port, each below its own prefix
(`/datacue/api`, `/datacue/events`), with faults to inject and a journal to look into.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.sandbox.control import PREFIX, handle_control
from cli.sandbox.exchange import (Response, Plan, Platform, Request, Violation, error_response, rejection)
from cli.sandbox.faults import Fault
from cli.sandbox.memory import Call, Memory
from cli.sandbox.platforms import Credentials, open_platforms
from cli.sandbox.stand_in import StandIn
from cli.sandbox.http_server import Drip, Incoming, Reply


@dataclass(frozen=True, slots=True)
class _Arrived:
    call: Call
    plan: Plan


class Sandbox(StandIn):
    """
    Strict stand-ins of the platforms named in ``credentials``, in the ``profiles`` given.

    ``state_file`` keeps what they know across a restart, even after a kill.
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
        """List the faults that are still to come, each with its id and what it has left."""
        return self._faults.active()

    def remove_fault(self, number: int) -> bool:
        """End one fault; False when there is none of that id."""
        return self._faults.remove(number)

    def state(self) -> dict[str, Any]:
        """Copy what the platforms know, by platform, as plain JSON values."""
        return self._memory.state()

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """List the journal after a sequence number."""
        return self._memory.calls(since)

    def violations(self) -> list[dict[str, Any]]:
        """List the calls that no correct client would have made."""
        return self._memory.violations()

    def reset(self) -> None:
        """Forget the states and the journal. Faults stay."""
        self._memory.reset()

    def _serve(self, incoming: Incoming) -> Reply:
        path, _, query = incoming.target.partition("?")
        if path.startswith(PREFIX):
            return handle_control(self, incoming, path.removeprefix(PREFIX), query)
        name = path.split("/", 2)[1] if path.startswith("/") else ""
        if name not in self._platforms:
            return self._stranger(incoming, path)
        arrived = _Arrived(self._call(name, incoming, path), self._plan(name, incoming))
        fault = self._faults.take(name, incoming.method, path)
        if fault is None:
            return self._memory.commit(arrived.call, arrived.plan, lambda status: status)
        return self._fail(arrived, fault)

    def _stranger(self, incoming: Incoming, path: str) -> Response:
        plan = rejection(Violation("no platform is served here", 404))
        self._memory.skip(self._call(None, incoming, path, status=404), plan)
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

    def _fail(self, arrived: _Arrived, fault: Fault) -> Reply:
        when = fault.when()
        given = _excuse(fault)
        if when == "never":
            shown = None if fault.reset else given.status
            self._memory.skip(dataclasses.replace(arrived.call, status=shown), arrived.plan)
        if when == "before":
            given = self._apply(arrived, fault)
        if self._stopping.wait(fault.delay):
            return None
        if when == "after":
            given = self._apply(arrived, fault)
        if fault.reset:
            return None
        return Drip(_excuse(fault, 200)) if fault.drip else given

    def _apply(self, arrived: _Arrived, fault: Fault) -> Response:
        def shown(status: int) -> int | None:
            return None if fault.reset else fault.status or status

        given = self._memory.commit(arrived.call, arrived.plan, shown)
        return given if fault.status is None else _excuse(fault)


def _excuse(fault: Fault, otherwise: int = 503) -> Response:
    return Response(
        status=fault.status or otherwise,
        body=fault.body.encode(),
        headers=tuple(fault.headers.items()),
    )
