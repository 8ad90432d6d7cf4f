"""The base of every stand-in: an HTTP server on loopback, with injectable faults."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Event
from typing import Any, Self

import msgspec

from cli.sandbox.faults import Fault, Faults
from cli.sandbox.http_server import HttpServer, Incoming, Reply


class StandIn(ABC):
    """Start, stop and inject faults; a subclass implements the responses."""

    def __init__(self) -> None:
        self._faults = Faults()
        self._stopping = Event()
        self._server: HttpServer | None = None

    @abstractmethod
    def _serve(self, incoming: Incoming) -> Reply:
        """Return the response to a request; None cuts the connection."""

    def start(self, port: int = 0) -> str:
        """Start to serve; return the base URL."""
        self._stopping = Event()
        self._server = HttpServer(port, self._serve, self._stopping)
        self._server.start()
        return self.url

    def stop(self) -> None:
        """Cut all connections at once; a call that has not taken effect yet never does."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL while it runs. Raise RuntimeError when it does not."""
        if self._server is None:
            raise RuntimeError("the stand-in is not started")
        return f"http://127.0.0.1:{self._server.port}"

    def fault(self, **fields: Any) -> int:
        """Inject a fault, with the fields of `Fault` (``match`` as a dict); return its id."""
        return self._faults.add(msgspec.convert(fields, Fault))

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._faults.clear()
