"""The arithmetic: what a million webhooks of one kind cost, and what a merchant costs at rest."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from bench.costs.inputs import Webhook
from bench.costs.prices import (
    ALARM,
    BACKUP,
    DASHBOARD,
    GB_SECOND,
    HTTP,
    INVOKE,
    KEY,
    LOGS,
    METRIC,
    OUT,
    QUEUE,
    READ,
    SECRET,
    SECRET_READ,
    TABLE,
    WRITE,
    Region,
)
from shared.wiring import SECRET_AGE

MILLION = 1_000_000
GB = 1e9
KIB = 1024
# Lambda Developer Guide, "Configure Lambda function memory": one vCPU at 1,769 MB.
FULL_CPU_MB = 1769
# CloudWatch Logs, "Pricing": 26 bytes are added to each log event.
PER_LINE = 26
# DynamoDB Developer Guide, "Amazon DynamoDB Transactions": each item of one is written twice. A
# note of the journal is an item below 1 KB that goes along with a commit, and stands in one index.
NOTE, INDEXED = 2, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """
    What cannot be measured without AWS and the platform; times in ms, sizes in bytes.

    ``cold_share`` of the invocations are cold starts: AWS says of its fleet that they are "under
    1%" (AWS Compute Blog, 2025-04-29, on the billing of INIT).
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """US dollars per million webhooks, part by part."""

    gateway: float
    lambda_: float
    ledger: float
    journal: float
    queue: float
    logs: float
    out: float

    @property
    def total(self) -> float:
        """All of it."""
        parts = (self.gateway, self.lambda_, self.ledger, self.journal)
        return sum(parts) + self.queue + self.logs + self.out


def cost(webhook: Webhook, region: Region, assumed: Assumed, *, store: bool = False) -> Cost:
    """Price a million webhooks; ``store`` adds one read of the shop's own API to each."""
    runs = 2 if webhook.mode == "queued" else 1
    took = billed_ms(webhook, assumed) + store * assumed.store_ms
    seconds = took / 1000 * assumed.memory_mb / KIB
    row = ceil(webhook.row_bytes / KIB)
    return Cost(
        gateway=ceil(webhook.body_bytes / (512 * KIB)) * region[HTTP.name],
        lambda_=runs * region[INVOKE.name] + seconds * MILLION * region[GB_SECOND.name],
        ledger=webhook.writes * row * region[WRITE.name] + webhook.reads * region[READ.name],
        journal=(row + NOTE + INDEXED) * region[WRITE.name],
        queue=requests(webhook) * region[QUEUE.name],
        logs=logged(webhook, assumed, runs) * MILLION / GB * region[LOGS.name],
        out=sent(webhook, assumed, store=store) * MILLION / GB * region[OUT.name],
    )


def billed_ms(webhook: Webhook, assumed: Assumed) -> float:
    """
    Give the milliseconds of Lambda that a webhook takes, cold starts shared out.

    Waiting for the ledger and the platform is one after the other. A queued webhook verifies and
    parks in one run (a third of the CPU time, by guess) and delivers in another.
    """
    share = FULL_CPU_MB / min(assumed.memory_mb, FULL_CPU_MB)
    runs, cpu = (2, 4 / 3) if webhook.mode == "queued" else (1, 1.0)
    waits = (webhook.writes + webhook.reads) * assumed.ledger_ms
    waits += webhook.calls * assumed.platform_ms + (runs - 1) * assumed.queue_ms
    return cpu * webhook.cpu_ms * share + waits + runs * assumed.cold_share * assumed.cold_ms


def requests(webhook: Webhook) -> float:
    """Count the requests to SQS: sent, received, deleted; each as many as it has 64 KB."""
    chunks = ceil(webhook.message_bytes / (64 * KIB))
    return chunks * 2 + 1 if chunks else 0


def logged(webhook: Webhook, assumed: Assumed, runs: int) -> float:
    """Count the bytes of logs: ours, Lambda's own lines for each run, the gateway's."""
    ours = webhook.log_bytes + webhook.log_lines * PER_LINE
    own = assumed.platform_log + assumed.platform_lines * PER_LINE
    return ours + runs * own + assumed.access_log + PER_LINE


def sent(webhook: Webhook, assumed: Assumed, *, store: bool = False) -> float:
    """Count the bytes that leave AWS: calls, their heads, a handshake for each connection."""
    heads = (webhook.calls + store) * assumed.call_head
    return webhook.call_bytes + heads + (1 + store) * assumed.handshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that costs by the month: how many of it, at what price, USD in all."""

    name: str
    count: str
    dollars: float


# Lambda Developer Guide, "Using Lambda with Amazon SQS": five pollers, long polling of 20 s.
POLLS = 5 * 3 * 60 * 24 * 30
SECRET_READS = 30 * 24 * 3600 // SECRET_AGE
ROWS, ROW = 100_000, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many there are of what costs by the month."""

    alarms: int
    dashboards: int
    keys: int
    metrics: int


def fixed(region: Region, standing: Standing) -> list[Line]:
    """Price a merchant for a month without a webhook; a shop of 100,000 rows in the ledger."""
    stored = ROWS * ROW / GB
    return [
        Line(name="secret", count="1", dollars=region[SECRET.name]),
        Line(
            name="secret, read by one busy container",
            count=f"{SECRET_READS:,} calls",
            dollars=SECRET_READS / 10_000 * region[SECRET_READ.name],
        ),
        Line(
            name="polling of the retry queue",
            count=f"{POLLS:,} requests",
            dollars=POLLS / MILLION * region[QUEUE.name],
        ),
        *(
            Line(name=name, count=str(count), dollars=count * region[price.name])
            for name, count, price in (
                ("alarms", standing.alarms, ALARM),
                ("dashboard", standing.dashboards, DASHBOARD),
                ("key of the alarms' topic", standing.keys, KEY),
                ("custom metrics", standing.metrics, METRIC),
            )
        ),
        Line(
            name="ledger and its backup",
            count=f"{ROWS:,} rows of {ROW} bytes",
            dollars=stored * (region[TABLE.name] + region[BACKUP.name]),
        ),
    ]
