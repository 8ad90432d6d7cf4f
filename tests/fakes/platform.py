"""A destination that plans what a test says, and a platform that answers from a script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from shared.destinations.contract import Destination, Event, KnownState, Plan
from shared.http.call import Call
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
    """Answers from ``script``, then always ``TAKEN``; remembers what it was sent."""

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
    """Plan one call that is named after the entity; its state is the whole change."""
    return Plan(calls=(call(str(change.entity)),), state=repr((change, memory.known)).encode())


def judging(_: Call, answer: Response, now: float) -> Verdict:
    return judge_status(answer, now)


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
        plan=plan,
        event=event,
        sign=lambda one: {"x-signature": f"over {one.label}"},
        judge=judge,
    )
