"""One HTTP call to a platform, before it is signed."""

from __future__ import annotations

from enum import StrEnum

from shared.model.value import Hidden, Value


class Effect(StrEnum):
    """A ``state`` call can be repeated at will; an ``event`` call happened once."""

    STATE = "state"
    EVENT = "event"


class Call(Value):
    """
    One call. The bytes of ``body`` are the bytes that are signed and the bytes that are sent.

    ``label`` names it in logs and tables (``POST batch/products x50``); ``url`` may hold an e-mail
    address, so it is not shown either. ``corrects`` marks a call that already corrects an answer:
    it is never corrected again. ``context`` is the destination's own note to its judge.
    """

    method: str
    url: Hidden[str]
    body: Hidden[bytes] = b""
    label: str
    effect: Effect = Effect.STATE
    corrects: bool = False
    surface: str = ""
    context: Hidden[object] = None
