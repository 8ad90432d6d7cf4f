"""The control API below ``/_sandbox``: no signature, no journal, no faults."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import parse_qs

import msgspec

from cli.sandbox.exchange import Response, error_response, json_response
from cli.sandbox.faults import Fault
from cli.sandbox.http_server import Incoming

PREFIX = "/_sandbox"


class Controllable(Protocol):
    """The operations of the control API; `Sandbox` implements them."""

    def state(self) -> dict[str, Any]:
        """Return a copy of the platforms' states."""
        ...

    def calls(self, since: int = 0) -> list[dict[str, Any]]:
        """Return the journal."""
        ...

    def violations(self) -> list[dict[str, Any]]:
        """Return the calls that no correct client makes."""
        ...

    def fault(self, **fields: Any) -> int:
        """Inject a fault."""
        ...

    def faults(self) -> list[dict[str, Any]]:
        """Return the active faults."""
        ...

    def remove_fault(self, number: int) -> bool:
        """Remove one fault; return False when there is none with that id."""
        ...

    def clear_faults(self) -> None:
        """Remove all faults."""
        ...

    def reset(self) -> None:
        """Clear the states and the journal."""
        ...


def handle_control(sandbox: Controllable, incoming: Incoming, path: str, query: str) -> Response:
    """Return the response to one control request; the body of a 400 says what is wrong with it."""
    try:
        if incoming.method == "GET":
            return _read(sandbox, path, query)
        return _write(sandbox, incoming, path)
    except (ValueError, msgspec.MsgspecError) as error:
        return error_response(400, str(error))


def _read(sandbox: Controllable, path: str, query: str) -> Response:
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


def _write(sandbox: Controllable, incoming: Incoming, path: str) -> Response:
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
