"""One HTTP call to a platform, before it is signed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from shared.model.value import Hidden, Value


class Effect(StrEnum):
    """A ``state`` call can be repeated; an ``event`` call reports something that happened once."""

    STATE = "state"
    EVENT = "event"


class Call(Value):
    """
    One call. The bytes of ``body`` are the bytes that are signed and the bytes that are sent.

    ``label`` names it in logs and tables (``POST batch/products x50``); ``url`` may hold an e-mail
    address, so it is hidden too. ``corrects`` marks a call that already corrects a response: it is
    never corrected again. ``context`` is passed from a destination's plan to its judge.
    """

    method: str
    url: Hidden[str]
    body: Hidden[bytes] = b""
    label: str
    effect: Effect = Effect.STATE
    corrects: bool = False
    surface: str = ""
    context: Hidden[object] = None


class Request(Value):
    """A signed call: the call as it is sent, and its headers. It holds the destination's secret."""

    call: Call
    headers: Hidden[Mapping[str, str]]
