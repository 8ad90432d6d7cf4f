"""A destination with plans from a test, and a platform with scripted responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from shared.destinations.contract import Brief, Destination, Event, KnownState, Plan, Planner
from shared.http.call import Call, Request
from shared.http.verdict import NoResponse, Response, Verdict, judge_status
from shared.model.change import Change

Scripted = Response | NoResponse
TAKEN = Response(status=200)
BUSY = Response(status=503)
REFUSED = Response(status=422)
CUT = NoResponse(sent=True, reason="cut")
DEAD = NoResponse(sent=False, reason="dead")


@dataclass
class Platform:
    """Responds from ``script``, then always with ``TAKEN``; records what it receives."""

    script: list[Scripted] = field(default_factory=list)
    sent: list[Call] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    takes: Callable[[], object] = field(default=lambda: None)

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Scripted:
        self.sent.append(call)
        self.headers.append(headers)
        self.times.append(within)
        self.takes()
        return self.script.pop(0) if self.script else TAKEN

    @property
    def labels(self) -> list[str]:
        return [call.label for call in self.sent]


def call(label: str, *, corrects: bool = False) -> Call:
    return Call(
        method="POST", url="http://platform.invalid", body=b"{}", label=label, corrects=corrects
    )


def planning(change: Change, memory: KnownState) -> Plan:
    """Plan one call named after the entity; its state is the whole change."""
    return Plan(calls=(call(str(change.entity)),), state=repr((change, memory.known)).encode())


def judging(_: Call, response: Response, now: float) -> Verdict:
    return judge_status(response, now)


def planned(plan: Callable[[Change, KnownState], Plan]) -> Mapping[type[Change], Planner]:
    """Plan every type of change by one function."""
    return {kind: lambda change, known, _: plan(change, known) for kind in get_args(Change)}


def briefed(event: Callable[[Change], Event | None]) -> Callable[[Change], Brief]:
    """Brief a change that needs nothing but its event."""
    return lambda change: Brief(event=event(change))


def destination(
    name: str = "datacue",
    *,
    plan: Callable[[Change, KnownState], Plan] = planning,
    event: Callable[[Change], Event | None] = lambda _: None,
    judge: Callable[[Call, Response, float], Verdict] = judging,
) -> Destination:
    return Destination(
        name=name,
        fingerprint="here",
        plans=planned(plan),
        brief=briefed(event),
        sign=lambda one: Request(call=one, headers={"x-signature": f"over {one.label}"}),
        judge=judge,
    )
