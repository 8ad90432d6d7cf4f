"""The control API below ``/_sandbox``: no signature, no journal, no faults."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import parse_qs

import msgspec

from cli.sandbox.exchange import Response, json_response, error_response
from cli.sandbox.faults import Fault
from cli.sandbox.http_server import Incoming

PREFIX = "/_sandbox"


class Controllable(Protocol):
    """What the control API can do; `Sandbox` does it."""

    def state(self) -> dict[str, Any]:
        """Copy what the platforms know."""
        ...

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """List the journal."""
        ...

    def violations(self) -> list[dict[str, Any]]:
        """List what no correct client does."""
        ...

    def fault(self, **wanted: Any) -> int:
        """Inject a fault."""
        ...

    def faults(self) -> list[dict[str, Any]]:
        """List the faults to come."""
        ...

    def remove_fault(self, number: int) -> bool:
        """End one fault."""
        ...

    def clear_faults(self) -> None:
        """End all faults."""
        ...

    def reset(self) -> None:
        """Forget everything."""
        ...


def handle_control(sandbox: Controllable, incoming: Incoming, path: str, query: str) -> Response:
    """Answer one control request; 400 says what is wrong with it."""
    try:
        if incoming.method == "GET":
            return _look(sandbox, path, query)
        return _act(sandbox, incoming, path)
    except (ValueError, msgspec.MsgspecError) as error:
        return error_response(400, str(error))


def _look(sandbox: Controllable, path: str, query: str) -> Response:
    match path:
        case "/health":
            return json_response(200, {"status": "ok"})
        case "/state":
            return json_response(200, sandbox.state())
        case "/calls":
            since = parse_qs(query).get("since", ["0"])[0]
            return json_response(200, sandbox.calls(int(since)))
        case "/faults":
            return json_response(200, sandbox.faults())
        case "/violations":
            return json_response(200, sandbox.violations())
        case _:
            return error_response(404, "unknown path")


def _act(sandbox: Controllable, incoming: Incoming, path: str) -> Response:
    match incoming.method, path.split("/")[1:]:
        case "POST", ["faults"]:
            fault = msgspec.json.decode(incoming.body, type=Fault)
            return json_response(201, {"id": sandbox.fault(**msgspec.to_builtins(fault))})
        case "POST", ["reset"]:
            sandbox.reset()
        case "DELETE", ["faults"]:
            sandbox.clear_faults()
        case "DELETE", ["faults", number]:
            if not sandbox.remove_fault(int(number)):
                return error_response(404, "no such fault")
        case _:
            return error_response(404, "unknown path")
    return json_response(204)
