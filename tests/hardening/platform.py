"""A hostile platform, with the real HTTP client and the real DataCue destination."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.delivery.exchange import ExchangeContext, OutOfTime, send_calls
from shared.destinations.contract import Destination
from shared.http.call import Call
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.client import HttpClient
from shared.http.verdict import Final, NoResponse, Response, Verdict
from shared.model.value import replace
from tests.destinations.sample_shop import OLD, datacue, planned, product_saved, variant
from tests.fakes.server import Script, Server, Wire

NOW = 1_795_251_600.0
ONE = planned(product_saved(variant("11"))).calls
TWO = planned(product_saved(variant("1"), variant("2"))).calls
# A flood is ended by the size limit of the client, not by its timeout.
BLOCK = b"x" * 65_536


@dataclass
class Exchanges:
    """The responses and verdicts, call by call."""

    responses: list[Response | NoResponse] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def exchange(
    client: HttpClient, server: Server, calls: tuple[Call, ...] = ONE, within: float = 20.0
) -> tuple[Final | OutOfTime, Exchanges]:
    """Send calls to a server; return the verdict on all of them, and each response and verdict."""
    seen = Exchanges()

    def send(call: Call, headers: Mapping[str, str], seconds: float) -> Response | NoResponse:
        path = call.url.partition("/v1/")[2]
        respond = client.send(replace(call, url=f"{server.url}/v1/{path}"), headers, seconds)
        seen.responses.append(respond)
        return respond

    line = ExchangeContext(
        send=send,
        clock=lambda: NOW,
        breaker=CircuitBreaker(),
        report=lambda _name, _call, verdict, _took: seen.verdicts.append(verdict),
        deadline=NOW + within,
        longest=within,
    )
    return send_calls(platform(), calls, line), seen


def platform() -> Destination:
    return datacue(OLD)


def responding(head: bytes, body: bytes = b"") -> Script:
    """Respond to every request with a head, its length and a body."""
    data = head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def respond(wire: Wire) -> None:
        while wire.read():
            wire.send(data)

    return respond


def raw(*parts: bytes) -> Script:
    """Respond to one request with these bytes, and close."""

    def respond(wire: Wire) -> None:
        wire.read()
        for part in parts:
            wire.send(part)

    return respond


def flooding(head: bytes, block: bytes = BLOCK) -> Script:
    """Respond to one request with a head and endless blocks, as fast as they are read."""

    def respond(wire: Wire) -> None:
        wire.read()
        wire.send(head)
        while True:
            wire.send(block)

    return respond
