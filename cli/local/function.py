"""A handler run as Lambda runs it: with a context, a time-out, and a thread as its container."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cli.local.aws import ACCOUNT, REGION

Handler = Callable[[Mapping[str, Any], Any], Any]


class HandlerFailed(Exception):
    """The handler raised; ``__cause__`` is its exception."""


class HandlerTimedOut(Exception):
    """The handler did not return within the function's time-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Lambda's context object of an invocation; ``deadline`` is in epoch seconds."""

    function_name: str
    memory_limit_in_mb: int
    aws_request_id: str
    invoked_function_arn: str
    deadline: float
    function_version: str = "$LATEST"
    log_group_name: str = "/aws/lambda/local"
    log_stream_name: str = "local"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until the time-out."""
        return max(0, int((self.deadline - time.time()) * 1000))


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """
    A handler with its settings from template.yaml; ``timeout`` in seconds.

    Unlike in Lambda, a handler that timed out is not killed: a thread cannot be. Its late effects
    are like those of a platform that applies a call after our time-out.
    """

    name: str
    handler: Handler = field(repr=False)
    timeout: float = 10.0
    memory: int = 512

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Run the handler; return its result. Raise HandlerFailed and HandlerTimedOut."""
        responses: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()
        context = self._context()

        def run() -> None:
            try:
                responses.put((self.handler(event, context), None))
            except Exception as error:  # noqa: BLE001 - whatever a handler raises, Lambda reports
                responses.put((None, error))

        threading.Thread(target=run, name=self.name, daemon=True).start()
        try:
            response, failure = responses.get(timeout=self.timeout)
        except queue.Empty:
            raise HandlerTimedOut(self.name) from None
        if failure is not None:
            raise HandlerFailed(self.name) from failure
        return response

    def _context(self) -> Context:
        return Context(
            function_name=self.name,
            memory_limit_in_mb=self.memory,
            aws_request_id=str(uuid.uuid4()),
            invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}",
            deadline=time.time() + self.timeout,
        )
