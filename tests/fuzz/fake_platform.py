"""The platform: the sandbox's rules without HTTP, and its failures."""

from __future__ import annotations

import html
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cli.sandbox.exchange import Platform, Request, State
from cli.sandbox.platforms import open_platforms
from shared.http.call import Call
from shared.http.verdict import NoResponse, Response

HOST = "http://platform.invalid"
KEYS = {"api_key": "zqkanari-api-key", "api_secret": "zqkanari-api-secret"}

Failure = Callable[[Call], Response | NoResponse]


def sandbox_platform(profile: str) -> Platform:
    """Return the sandbox's DataCue of a profile."""
    return open_platforms({"datacue": KEYS}, {"datacue": profile})["datacue"]


def _echo(call: Call) -> bytes:
    return f"{call.url} ".encode() + call.body[:8192]


FAILURES: Mapping[str, Failure] = {
    "422": lambda call: Response(status=422, body=b'{"error": "' + _echo(call) + b'"}'),
    "503": lambda call: Response(status=503, headers={"retry-after": "7"}, body=_echo(call)),
    "502": lambda call: Response(status=502, body=_echo(call)),
    "429": lambda call: Response(
        status=429, headers={"retry-after": _echo(call).decode("latin-1")}
    ),
    "401": lambda call: Response(status=401, body=_echo(call)),
    "404": lambda call: Response(status=404, body=_echo(call) + b" not found"),
    "409": lambda call: Response(status=409, body=_echo(call) + b" already exists"),
    "silent": lambda _: NoResponse(sent=True, reason="no answer in time"),
    "away": lambda _: NoResponse(sent=False, reason="no connection"),
    "html": lambda call: Response(
        status=400, body=b"<html>" + html.escape(_echo(call).decode("latin-1")).encode()
    ),
    "207": lambda call: Response(
        status=207, body=b'{"status":[{"error":"name of ' + call.url.encode() + b'"}]}'
    ),
    "what": lambda call: Response(status=200, body=b"\xff\xfe[" + _echo(call)),
}  # fmt: skip


@dataclass(slots=True)
class FakePlatform:
    """
    Respond to calls as the sandbox does, or with a failure. ``violations`` are calls that no
    correct client makes; the text never contains a value.
    """

    platform: Platform
    failures: tuple[str, ...] = ()
    failure_rate: float = 0.0
    rng: random.Random = field(default_factory=lambda: random.Random(0))
    violations: list[str] = field(default_factory=list)
    sent: list[Call] = field(default_factory=list)
    state: State = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = {**self.platform.blank(), "applied": 0}

    def send(self, call: Call, headers: Mapping[str, str], within: float) -> Response | NoResponse:
        """Return the response to one call; never raise, like the real client."""
        del within
        self.sent.append(call)
        self._check(call, headers)
        request = Request(
            method=call.method,
            path=call.url.removeprefix(HOST),
            headers={name.lower(): value for name, value in headers.items()},
            body=call.body,
        )
        plan = self.platform.plan(request)
        if plan.violation:
            self.violations.append(f"{call.label}: {plan.violation}")
        if self.failures and self.rng.random() < self.failure_rate:
            return FAILURES[self.rng.choice(self.failures)](call)
        given = plan.act(self.state)
        return Response(status=given.status, body=given.body)

    def _check(self, call: Call, headers: Mapping[str, str]) -> None:
        if not call.url.startswith(f"{HOST}/") or not call.url.isascii() or " " in call.url:
            self.violations.append(f"{call.label}: not a URL")
        if any("\n" in text or "\r" in text for text in headers.values()):
            self.violations.append(f"{call.label}: a line feed in a header")
