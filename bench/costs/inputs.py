"""What is known of one webhook before it is priced."""

from __future__ import annotations

from pathlib import Path

import msgspec

FILE = Path(__file__).parents[1] / "results" / "costs-inputs.json"


class Webhook(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    One kind of webhook in one mode, measured through the local stack; averages, per webhook.

    ``row_bytes`` is the row that is written each time, ``message_bytes`` what waits in SQS (0: none
    does), ``call_bytes`` the bodies of the calls to the platform, ``cpu_ms`` the door's CPU time on
    the machine of `make bench`.
    """

    kind: str
    mode: str
    body_bytes: int
    cpu_ms: float
    writes: float
    reads: float
    row_bytes: int
    calls: float
    call_bytes: int
    log_lines: float
    log_bytes: int
    message_bytes: int = 0


class Inputs(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """All of them, when they were measured, and how many custom metrics they made."""

    measured: str
    metrics: int
    webhooks: tuple[Webhook, ...]


def read(path: Path = FILE) -> Inputs:
    """Read the committed measurement. Raises msgspec's errors when it is not one."""
    return msgspec.json.decode(path.read_bytes(), type=Inputs)
