"""From what the stack says of itself to events on the screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from cli.local.control import Control
from cli.local.gateway import HandledWebhook
from cli.local.screen import Screen

_EVERY = 0.2
_TOLD = ("id", "topic", "destination", "call", "verdict", "status", "milliseconds", "attempt")


def show_webhook(screen: Screen, answered: HandledWebhook) -> None:
    """Show a webhook and what the shop was answered; never what it says."""
    said = _said(answered.response.body)
    screen.tell(
        "webhook",
        id=said.get("id") or answered.headers.get("x-shopify-webhook-id", ""),
        source=answered.source,
        topic=_topic(answered.headers),
        status=answered.response.status,
        answer=str(said.get("status", "")),
        milliseconds=answered.milliseconds,
    )


def show_log_line(screen: Screen, text: str) -> None:
    """Show what a function logged, when it is an attempt, a dead letter or an alarm."""
    try:
        facts = json.loads(text)
    except ValueError:
        return
    if not isinstance(facts, dict) or "message" not in facts:
        return
    if facts["message"] == "attempt":
        screen.tell("call", **{name: facts.get(name) for name in _TOLD})
    elif facts["message"] == "dead letter":
        screen.tell("dead_letter", **{name: facts.get(name) for name in (*_TOLD[:3], "reason")})
    elif facts.get("level") in {"ERROR", "CRITICAL"}:
        screen.tell("alarm", message=facts["message"], alarm=facts.get("alarm"))


def _topic(headers: Mapping[str, str]) -> str:
    return headers.get("x-shopify-topic") or headers.get("x-wc-webhook-topic", "")


def _said(body: bytes) -> Mapping[str, Any]:
    try:
        answer: Any = json.loads(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


class Watcher:
    """Shows the sandbox's journal as it grows."""

    def __init__(self, control: Control, screen: Screen) -> None:
        self._control = control
        self._screen = screen
        self._seen = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Show what is left, and stop."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            self._look()
        self._look()

    def _look(self) -> None:
        try:
            calls = self._control.calls(self._seen)
        except (OSError, HTTPException, ValueError):
            return  # the sandbox is on its way out, or was killed in the middle of a word
        for call in calls:
            self._seen = max(self._seen, int(call["seq"]))
            # Not its path: a guest's is an e-mail address.
            self._screen.tell("sandbox", **{key: call[key] for key in call if key != "path"})
            if call.get("violation"):
                self._screen.tell("violation", violation=call["violation"])
