"""
The receiver and the retry worker, wired as in `shared.wiring`, with the real source and the real
destination; external systems are in memory, and as strict as the real ones.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from shared.delivery.claims import Claims
from shared.delivery.deliver import Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement
from shared.delivery.visitors import VisitorLookup
from shared.destinations.contract import Destination
from shared.destinations.registry import DESTINATIONS
from shared.http.circuit_breaker import CircuitBreaker
from shared.observability import Observer
from shared.privacy.requests import Privacy
from shared.queue.payload_store import PayloadStore
from shared.queue.sqs import RetryQueue
from shared.receiver import Receiver
from shared.retry_worker import RetryWorker
from shared.settings import Merchant, Secrets, read_merchant, read_secrets
from shared.sources.contract import Source
from shared.sources.registry import SOURCES
from shared.state import item
from shared.state.journal import JournalEntry
from shared.state.ledger import DynamoLedger
from shared.state.row import Row
from shared.state.shop_ports import ShopPorts
from shared.wiring import RECEIVER_LEASE
from tests.e2e.shop import merchant
from tests.fakes.clock import Clock
from tests.fakes.facts import MemoryFacts
from tests.fakes.journal import MemoryJournal
from tests.fakes.ledger import MemoryLedger
from tests.fakes.store_reads import MemoryStoreReads
from tests.fakes.visitors import MemoryVisitors
from tests.fuzz.aws import BUCKET, DEAD, RETRY, S3, FakeDeadLetters, Sqs
from tests.fuzz.fake_platform import HOST, KEYS, FakePlatform, sandbox_platform

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

    from shared.state.shop_facts import DynamoFacts
    from shared.state.store_reads import DynamoStoreReads

SECRET = "zqkanari-webhook-secret"
SECRETS: dict[str, Any] = {
    "shopify": {"webhook_secrets": ["zqkanari-new-secret", SECRET]},
    "datacue": KEYS,
    "pseudonym_key": "zqkanari-pseudonym-key",
}
_NUMBER = re.compile(r"-?\d{1,38}(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class StackConfig:
    """The options of a stack; ``wrap_source`` and ``wrap_destination`` plant a bug."""

    profile: str = "2018-09"
    carts: str = "cart-token"
    mode: str = "inline"
    wrap_source: Callable[[Source], Source] = lambda source: source
    wrap_destination: Callable[[Destination], Destination] = lambda destination: destination
    failures: tuple[str, ...] = ()
    failure_rate: float = 0.0
    seed: int = 0


@dataclass
class RoundTripLedger(MemoryLedger):
    """Write each row as a DynamoDB item and read it back: nothing may differ."""

    unwritable: list[str] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)

    def commit(self, row: Row, token: str, note: JournalEntry | None = None) -> bool:
        written = item.write(item.key(row.entity), row, many=False)
        self.items[str(row.entity)] = written
        if item.read(written, row.entity).registers != row.registers:
            self.unwritable.append("a row reads back as another")
        if any(not _NUMBER.fullmatch(text) for text in _numbers(written)):
            self.unwritable.append("a number that DynamoDB rejects")
        return super().commit(row, token, note)


def _numbers(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    own = [value["N"]] if isinstance(value.get("N"), str) else []
    return own + [text for one in value.values() for text in _numbers(one)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InMemoryStack:
    """A wired stack; the receiver and the worker share the ``observer``."""

    clock: Clock
    ledger: RoundTripLedger
    sqs: Sqs
    s3: S3
    platform: FakePlatform
    observer: Observer
    queue: RetryQueue
    settlement: Settlement
    pipeline: Pipeline
    receiver: Receiver
    worker: RetryWorker


def documents(setting: StackConfig) -> tuple[Merchant, Secrets]:
    """Return the merchant's two documents, read by the real readers."""
    text = merchant(profile=setting.profile, carts=setting.carts, mode=setting.mode)
    hosts = f'[datacue]\napi_url = "{HOST}/api"\nevents_url = "{HOST}/events"'
    whole = read_merchant(text.replace("[datacue]", hosts))
    return whole, read_secrets(json.dumps(SECRETS), whole)


def build(setting: StackConfig) -> InMemoryStack:
    """Return a wired stack."""
    shop, secrets = documents(setting)
    clock, ledger, sqs, s3 = Clock(), RoundTripLedger(), Sqs(), S3()
    queue = RetryQueue(
        cast("SQSClient", sqs), cast("S3Client", s3), retry=RETRY, dead=DEAD, bucket=BUCKET
    )
    outside = ShopPorts(
        cast("DynamoLedger", ledger),
        cast("DynamoFacts", MemoryFacts(clock)),
        cast("DynamoStoreReads", MemoryStoreReads(clock)),
        secrets.pseudonym_key,
        clock,
    )
    sources = {"shopify": setting.wrap_source(SOURCES["shopify"](shop, secrets, outside))}
    destinations = {"datacue": setting.wrap_destination(DESTINATIONS["datacue"](shop, secrets))}
    rng = random.Random(setting.seed)
    platform = FakePlatform(
        sandbox_platform(setting.profile), setting.failures, setting.failure_rate, rng
    )
    observer = Observer(shop.name)
    settlement = Settlement(
        parking=queue, observer=observer, clock=clock, random=rng.random, retry_policy=RetryPolicy()
    )
    visitors = MemoryVisitors(clock=clock)
    pipeline = _pipeline((sources, destinations), (ledger, visitors), settlement, platform, clock)
    privacy = Privacy(
        sources=sources,
        rows=ledger,
        visitors=visitors,
        dead=FakeDeadLetters(sqs, queue),
        bodies=PayloadStore(cast("S3Client", s3), BUCKET, clock),
        purge_queue=queue.purge,
        pseudonym=outside.pseudonym,
        observer=observer,
    )
    return InMemoryStack(
        clock=clock,
        ledger=ledger,
        sqs=sqs,
        s3=s3,
        platform=platform,
        observer=observer,
        queue=queue,
        settlement=settlement,
        pipeline=pipeline,
        receiver=Receiver(
            sources=sources,
            pipeline=pipeline,
            settlement=settlement,
            observer=observer,
            clock=clock,
            within=shop.delivery.answer_within,
            lease=RECEIVER_LEASE,
        ),
        worker=RetryWorker(
            queue=queue,
            pipeline=pipeline,
            settlement=settlement,
            privacy=privacy,
            clock=clock,
            longest=shop.delivery.call_timeout,
        ),
    )


def _pipeline(
    platforms: tuple[Mapping[str, Source], Mapping[str, Destination]],
    stores: tuple[MemoryLedger, MemoryVisitors],
    settlement: Settlement,
    platform: FakePlatform,
    clock: Clock,
) -> Pipeline:
    sources, destinations = platforms
    ledger, visitors = stores
    return Pipeline(
        sources=sources,
        destinations=destinations,
        claims=Claims(
            ledger=ledger,
            destinations=destinations,
            clock=clock,
            token=lambda: uuid.uuid4().hex,
            unsure=30.0,
        ),
        journal=MemoryJournal(),
        visitors=VisitorLookup(store=visitors, row=ledger.row),
        settlement=settlement,
        send=platform.send,
        clock=clock,
        breaker=CircuitBreaker(),
        observer=settlement.observer,
        paused=frozenset,
        remember_tracked=ledger.remember_tracked,
    )
