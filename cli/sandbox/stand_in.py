"""What every stand-in of ours is: something that answers on loopback, with faults to inject."""

from __future__ import annotations

from abc import ABC, abstractmethod
from threading import Event
from typing import Any, Self

import msgspec

from cli.sandbox.faults import Fault, Faults
from cli.sandbox.http_server import Incoming, Reply, HttpServer


class StandIn(ABC):
    """Starts, stops, and fails as it is asked to; what it answers is for who inherits it."""

    def __init__(self) -> None:
        self._faults = Faults()
        self._stopping = Event()
        self._wire: HttpServer | None = None

    @abstractmethod
    def _serve(self, incoming: Incoming) -> Reply:
        """Answer a request; None cuts the connection."""

    def start(self, port: int = 0) -> str:
        """Begin to answer, and return the base URL."""
        self._stopping = Event()
        self._wire = HttpServer(port, self._serve, self._stopping)
        self._wire.start()
        return self.url

    def stop(self) -> None:
        """Cut all connections at once; a call that still waited to take effect never will."""
        if self._wire is not None:
            self._wire.stop()
            self._wire = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The base URL while it answers."""
        if self._wire is None:
            raise RuntimeError("it is not started")
        return f"http://127.0.0.1:{self._wire.port}"

    def fault(self, **wanted: Any) -> int:
        """Inject a fault, with the fields of `Fault` (``match`` as a dict), and return its id."""
        return self._faults.add(msgspec.convert(wanted, Fault))

    def clear_faults(self) -> None:
        """End all faults."""
        self._faults.clear()
