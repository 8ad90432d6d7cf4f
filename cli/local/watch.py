"""Shows the stack's webhooks, log lines and sandbox calls as events on the screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from cli.local.control import Control
from cli.local.gateway import HandledWebhook
from cli.local.screen import Screen

_POLL_INTERVAL = 0.2
_ATTEMPT_FIELDS = (
    "id",
    "topic",
    "destination",
    "call",
    "verdict",
    "status",
    "milliseconds",
    "attempt",
)


def show_webhook(screen: Screen, webhook: HandledWebhook) -> None:
    """Show a webhook and its response; never its body."""
    body = _parse_body(webhook.response.body)
    screen.show(
        "webhook",
        id=body.get("id") or webhook.headers.get("x-shopify-webhook-id", ""),
        source=webhook.source,
        topic=_topic(webhook.headers),
        status=webhook.response.status,
        answer=str(body.get("status", "")),
        milliseconds=webhook.milliseconds,
    )


def show_log_line(screen: Screen, text: str) -> None:
    """Show a function's log line that is an attempt, a dead letter or an alarm."""
    try:
        facts = json.loads(text)
    except ValueError:
        return
    if not isinstance(facts, dict) or "message" not in facts:
        return
    if facts["message"] == "attempt":
        screen.show("call", **{name: facts.get(name) for name in _ATTEMPT_FIELDS})
    elif facts["message"] == "dead letter":
        screen.show(
            "dead_letter", **{name: facts.get(name) for name in (*_ATTEMPT_FIELDS[:3], "reason")}
        )
    elif facts.get("level") in {"ERROR", "CRITICAL"}:
        screen.show("alarm", message=facts["message"], alarm=facts.get("alarm"))


def _topic(headers: Mapping[str, str]) -> str:
    return headers.get("x-shopify-topic") or headers.get("x-wc-webhook-topic", "")


def _parse_body(body: bytes) -> Mapping[str, Any]:
    try:
        response: Any = json.loads(body)
    except ValueError:
        return {}
    return response if isinstance(response, dict) else {}


class Watcher:
    """A thread that shows new calls in the sandbox's journal."""

    def __init__(self, control: Control, screen: Screen) -> None:
        self._control = control
        self._screen = screen
        self._seen = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Start to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Show the remaining calls, and stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_INTERVAL):
            self._show_new_calls()
        self._show_new_calls()

    def _show_new_calls(self) -> None:
        try:
            calls = self._control.calls(self._seen)
        except (OSError, HTTPException, ValueError):
            return  # the sandbox is stopping, or was killed in the middle of a response
        for call in calls:
            self._seen = max(self._seen, int(call["seq"]))
            # Without its path, which may contain a guest's e-mail address.
            self._screen.show("sandbox", **{key: call[key] for key in call if key != "path"})
            if call.get("violation"):
                self._screen.show("violation", violation=call["violation"])
