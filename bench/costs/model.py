"""Compute what a million webhooks of one kind cost, and what a merchant costs without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

import msgspec

from bench.costs.prices import PRICES
from shared.settings.secret_cache import SECRET_AGE

INPUTS = Path(__file__).parents[1] / "results" / "costs-inputs.json"
MILLION = 1_000_000
GB = 1e9
KIB = 1024
# Lambda Developer Guide, "Configure Lambda function memory": one vCPU at 1,769 MB.
FULL_CPU_MB = 1769
# CloudWatch Logs, "Pricing": 26 bytes are added to each log event.
PER_LINE = 26
# DynamoDB Developer Guide, "Amazon DynamoDB Transactions": each item of one is written twice. A
# journal entry is an item below 1 KB in the transaction of a commit, and is in one index.
ENTRY, INDEXED = 2, 1
# Lambda Developer Guide, "Using Lambda with Amazon SQS": five pollers, long polling of 20 s.
POLLS = 5 * 3 * 60 * 24 * 30
SECRET_READS = 30 * 24 * 3600 // int(SECRET_AGE)
ROWS, ROW_BYTES = 100_000, 600


class Webhook(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """
    One kind of webhook in one mode, measured through the local stack; averages, per webhook.

    ``row_bytes`` is the row that is written each time, ``message_bytes`` the message in SQS (0:
    there is none), ``call_bytes`` the bodies of the calls to the platform, ``cpu_ms`` the CPU time
    of the webhook function on the machine of `make bench`.
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

    @property
    def runs(self) -> int:
        """Lambda invocations per webhook."""
        return 2 if self.mode == "queued" else 1


class Inputs(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """All measured webhooks, the date, and how many custom metrics they made."""

    measured: str
    metrics: int
    webhooks: tuple[Webhook, ...]


def read_inputs() -> Inputs:
    """Return the committed measurement."""
    return msgspec.json.decode(INPUTS.read_bytes(), type=Inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """
    What cannot be measured without AWS and the platform; times in ms, sizes in bytes.

    ``cold_share`` of the invocations are cold starts: AWS reports "under 1%" for its whole fleet
    (AWS Compute Blog, 2025-04-29, on the billing of INIT).
    """

    memory_mb: int = 1024
    ledger_ms: float = 5.0
    queue_ms: float = 10.0
    platform_ms: float = 200.0
    store_ms: float = 500.0
    cold_share: float = 0.01
    cold_ms: float = 1000.0
    call_head: int = 600
    handshake: int = 1500
    platform_lines: int = 3
    platform_log: int = 900
    access_log: int = 400


def cost(
    webhook: Webhook, region: str, assumed: Assumed, *, store: bool = False
) -> dict[str, float]:
    """
    Return the US dollars per million webhooks by part, in the order of the page's columns.

    ``store`` adds one read of the shop's own API to each webhook.
    """
    price = PRICES[region]
    seconds = (billed_ms(webhook, assumed) + store * assumed.store_ms) / 1000
    gb_seconds = seconds * assumed.memory_mb / KIB * MILLION
    row = ceil(webhook.row_bytes / KIB)
    return {
        "gateway": ceil(webhook.body_bytes / (512 * KIB)) * price["http"],
        "Lambda": webhook.runs * price["invoke"] + gb_seconds * price["gb_second"],
        "ledger": webhook.writes * row * price["write"] + webhook.reads * price["read"],
        "journal": (row + ENTRY + INDEXED) * price["write"],
        "SQS": queue_requests(webhook) * price["queue"],
        "logs": logged_bytes(webhook, assumed) * MILLION / GB * price["logs"],
        "data out": sent_bytes(webhook, assumed, store=store) * MILLION / GB * price["out"],
    }


def billed_ms(webhook: Webhook, assumed: Assumed) -> float:
    """
    Return the milliseconds of Lambda per webhook, with its share of the cold starts.

    The ledger and the platform are called one after the other. A queued webhook is verified and
    parked in one run (a third of the CPU time: a guess) and delivered in another.
    """
    cpu = webhook.cpu_ms * FULL_CPU_MB / min(assumed.memory_mb, FULL_CPU_MB)
    cpu *= 4 / 3 if webhook.mode == "queued" else 1
    waits = (webhook.writes + webhook.reads) * assumed.ledger_ms
    waits += webhook.calls * assumed.platform_ms + (webhook.runs - 1) * assumed.queue_ms
    return cpu + waits + webhook.runs * assumed.cold_share * assumed.cold_ms


def queue_requests(webhook: Webhook) -> float:
    """Return the requests to SQS: send, receive (one for each 64 KB), delete."""
    chunks = ceil(webhook.message_bytes / (64 * KIB))
    return chunks * 2 + 1 if chunks else 0


def logged_bytes(webhook: Webhook, assumed: Assumed) -> float:
    """Return the bytes of logs: the functions' own, Lambda's lines for each run, the gateway's."""
    own = webhook.log_bytes + webhook.log_lines * PER_LINE
    of_lambda = assumed.platform_log + assumed.platform_lines * PER_LINE
    return own + webhook.runs * of_lambda + assumed.access_log + PER_LINE


def sent_bytes(webhook: Webhook, assumed: Assumed, *, store: bool = False) -> float:
    """Return the bytes that leave AWS: bodies, heads, and a handshake for each connection."""
    heads = (webhook.calls + store) * assumed.call_head
    return webhook.call_bytes + heads + (1 + store) * assumed.handshake


def at_rest(
    region: str, *, alarms: Sequence[int], dashboards: int, keys: int, metrics: int
) -> list[tuple[str, str, float]]:
    """
    Return (what, how many, US dollars) of a month without a webhook.

    ``alarms`` has for each alarm how many metrics it looks at: each of these is billed.
    """
    price = PRICES[region]
    stored = ROWS * ROW_BYTES / GB * (price["table"] + price["backup"])
    reads = SECRET_READS / 10_000 * price["secret_call"]
    watched = sum(alarms)
    return [
        ("secret", "1", price["secret"]),
        ("secret, read by one busy container", f"{SECRET_READS:,} calls", reads),
        ("polling of the retry queue", f"{POLLS:,} requests", POLLS / MILLION * price["queue"]),
        ("alarms", f"{len(alarms)}, of {watched} metrics", watched * price["alarm"]),
        ("dashboard", str(dashboards), dashboards * price["dashboard"]),
        ("key of the alarms' topic", str(keys), keys * price["kms"]),
        ("custom metrics", str(metrics), metrics * price["metric"]),
        ("ledger and its backup", f"{ROWS:,} rows of {ROW_BYTES} bytes", stored),
    ]
