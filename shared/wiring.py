"""
The wiring of the functions: one function for each entry. The application is built from the
environment once per container, and again if the merchant's secret has changed; an invocation makes
only its observer and its HTTP client.

The modules that the receiver does not need are imported where they are used: a shop waits for the
receiver's cold start.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import field

from shared.aws_clients import CONNECT_TIMEOUT, Clients, connect, secret_reader
from shared.delivery.claims import Claims
from shared.delivery.deliver import Pipeline
from shared.delivery.settlement import Parking, RetryPolicy, Settlement
from shared.delivery.visitors import VisitorLookup
from shared.destinations.contract import Destination
from shared.destinations.registry import DESTINATIONS
from shared.errors import NotConfigured
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.client import HttpClient
from shared.model.value import MutableValue
from shared.observability import Observer
from shared.queue.fallback import FallbackQueue
from shared.queue.sqs import RetryQueue
from shared.receiver import Receiver
from shared.settings import (
    Environment,
    Merchant,
    Secrets,
    read_environment,
    read_merchant,
    read_secrets,
)
from shared.settings.secret_cache import SecretCache
from shared.sources.contract import Source
from shared.sources.registry import SOURCES, SUBSCRIPTIONS
from shared.state.journal import DynamoJournal
from shared.state.ledger import DynamoLedger
from shared.state.shop_facts import DynamoFacts
from shared.state.shop_ports import Pauses, ShopPorts
from shared.state.store_reads import DynamoStoreReads
from shared.state.visitors import DynamoVisitors

if TYPE_CHECKING:
    from shared.privacy.requests import Privacy
    from shared.queue.dead_letters import DeadLetters
    from shared.queue.resend import Resender
    from shared.retry_worker import PausedWorker, RetryWorker
    from shared.subscriptions.audit import Audit
    from shared.subscriptions.contract import Subscriptions

PAUSE_AGE = 10.0
# One second more than the time-out of the webhook function in template.yaml.
RECEIVER_LEASE = 11.0


class App(MutableValue):
    """The objects of one merchant that live as long as the container."""

    environment: Environment
    merchant: Merchant
    clients: Clients
    ledger: DynamoLedger
    visitors: DynamoVisitors
    journal: DynamoJournal
    subscriptions: Callable[[], Mapping[str, Subscriptions | None]]
    sources: Mapping[str, Source]
    destinations: Mapping[str, Destination]
    shop_ports: ShopPorts
    pauses: Pauses
    queue: RetryQueue
    claims: Claims
    visitor_lookup: VisitorLookup
    retry_policy: RetryPolicy
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    logged_topics: set[str] = field(default_factory=set)

    def settlement(self, observer: Observer, parking: Parking | None = None) -> Settlement:
        """Return the settlement of one invocation, with its queue or ``parking`` instead."""
        return Settlement(
            parking=parking or self.queue,
            observer=observer,
            clock=time.time,
            random=random.random,
            retry_policy=self.retry_policy,
        )

    def pipeline(self, settlement: Settlement, client: HttpClient) -> Pipeline:
        """Return the pipeline of one invocation."""
        return Pipeline(
            sources=self.sources,
            destinations=self.destinations,
            claims=self.claims,
            visitors=self.visitor_lookup,
            journal=self.journal,
            settlement=settlement,
            send=client.send,
            clock=time.time,
            breaker=self.breaker,
            observer=settlement.observer,
            paused=self.pauses,
            remember_tracked=self.ledger.remember_tracked,
            end_read=self.shop_ports.end_read,
            logged_topics=self.logged_topics,
        )

    def privacy(self, observer: Observer) -> Privacy:
        """Return what carries out privacy tasks in one invocation."""
        from shared.privacy.requests import Privacy
        from shared.queue.payload_store import PayloadStore

        return Privacy(
            sources=self.sources,
            rows=self.ledger,
            visitors=self.visitors,
            dead=self.dead_letters(),
            bodies=PayloadStore(self.clients.s3, self.environment.bucket, time.time),
            purge_queue=self.queue.purge,
            pseudonym=self.shop_ports.pseudonym,
            observer=observer,
            without_erasure=tuple(
                name for name, one in self.destinations.items() if not one.forgets
            ),
        )

    def dead_letters(self) -> DeadLetters:
        """Return the dead letters."""
        from shared.queue.dead_letters import DeadLetters

        return DeadLetters(
            self.clients.sqs, self.queue, url=self.environment.dead_letters, clock=time.time
        )

    def received(self, deadline: float) -> Iterator[tuple[str, float]]:
        """Yield topics and times of webhooks in the journal, as many as there is time for."""
        from shared.model.version import moment

        if self.merchant.delivery.journal_days:
            for topic, at in self.journal.sample(deadline):
                yield topic, moment(at).timestamp()


@contextmanager
def webhook_app() -> Iterator[Receiver]:
    """Yield the receiver of one invocation."""
    one = app(fail_fast=True)
    with _observer(one) as observer, closing(HttpClient()) as client:
        within = one.merchant.delivery.answer_within
        settlement = one.settlement(observer, _fallback(one, observer, time.time() + within))
        yield Receiver(
            sources=one.sources,
            pipeline=one.pipeline(settlement, client),
            settlement=settlement,
            observer=observer,
            clock=time.time,
            within=within,
            lease=RECEIVER_LEASE,
        )


@contextmanager
def retry_app() -> Iterator[RetryWorker | PausedWorker]:
    """
    Yield the retry worker of one invocation; without a usable secret, one that only parks.

    Raise NotConfigured where the environment or the merchant's file is wrong.
    """
    from shared.retry_worker import PausedWorker, RetryWorker

    one = _app_with_secret()
    if one is None:
        environment = read_environment()
        clients = connect(fail_fast=False, read_timeout=environment.door_patience)
        yield PausedWorker(queue=_queue(clients, environment))
        return
    with _observer(one) as observer, closing(HttpClient()) as client:
        settlement = one.settlement(observer)
        yield RetryWorker(
            queue=one.queue,
            pipeline=one.pipeline(settlement, client),
            settlement=settlement,
            privacy=one.privacy(observer),
            clock=time.time,
            longest=one.merchant.delivery.call_timeout,
        )


def _app_with_secret() -> App | None:
    """Return the application; None if the secret is what it cannot be built of."""
    try:
        return app()
    except NotConfigured:
        _merchant(read_environment())  # raises if one of these is what is wrong
        return None


@contextmanager
def resend_app() -> Iterator[Resender]:
    """Yield what sends the envelopes that the receiver has stored, for one invocation."""
    from shared.queue.payload_store import PayloadStore
    from shared.queue.resend import Resender

    one = app()
    with _observer(one) as observer:
        store = PayloadStore(one.clients.s3, one.environment.bucket, time.time)
        yield Resender(queue=one.queue, store=store, observer=observer, clock=time.time)


@contextmanager
def audit_app(built: App | None = None) -> Iterator[Audit]:
    """Yield the audit of one invocation. Raise NotConfigured without the stack's own address."""
    from shared.subscriptions.audit import Audit

    one = built or app()
    if not one.environment.endpoint:
        raise NotConfigured("the environment: the address of the stack is missing", "$.endpoint")
    with _observer(one) as observer:
        yield Audit(
            endpoint=one.environment.endpoint,
            shops=one.subscriptions,
            received=one.received,
            repair=one.merchant.delivery.heal_subscriptions,
            observer=observer,
            clock=time.time,
        )


def replay_app() -> DeadLetters:
    """Return the dead letters."""
    return app().dead_letters()


def _fallback(one: App, observer: Observer, deadline: float) -> FallbackQueue:
    return FallbackQueue(
        queue=one.queue,
        observer=observer,
        clock=time.time,
        sleep=time.sleep,
        random=random.random,
        deadline=deadline,
        longest=CONNECT_TIMEOUT + one.environment.door_patience,
    )


@contextmanager
def _observer(one: App) -> Iterator[Observer]:
    observer = Observer(one.merchant.name)
    try:
        yield observer
    finally:
        for _ in range(one.journal.lost):
            observer.count("JournalEntryLost")
        one.journal.lost = 0
        observer.flush()


def build(environment: Environment, secret: str, clients: Clients) -> App:
    """Build the application of a merchant. Raise NotConfigured with the path of a wrong key."""
    merchant = _merchant(environment)
    secrets = read_secrets(secret, merchant)
    delivery = merchant.delivery

    def pseudonym(name: str) -> str:
        return shop_ports.pseudonym(name)  # it needs the ledger, below

    journal = DynamoJournal(
        clients.dynamodb, environment.table, pseudonym, delivery.journal_days, time.time
    )
    ledger = DynamoLedger(clients.dynamodb, environment.table, pseudonym, time.time, journal)
    visitors = DynamoVisitors(clients.dynamodb, environment.table, pseudonym, time.time)
    facts = DynamoFacts(clients.dynamodb, environment.table, time.time)
    reads = DynamoStoreReads(
        clients.dynamodb, environment.table, pseudonym, time.time, environment.wait_scale
    )
    shop_ports = ShopPorts(ledger, facts, reads, secrets.pseudonym_key, time.time)
    destinations: dict[str, Destination] = {
        name: DESTINATIONS[name](merchant, secrets) for name in merchant.destinations
    }
    return App(
        environment=environment,
        merchant=merchant,
        clients=clients,
        ledger=ledger,
        visitors=visitors,
        journal=journal,
        subscriptions=lambda: _subscriptions(merchant, secrets),
        sources={name: SOURCES[name](merchant, secrets, shop_ports) for name in merchant.sources},
        destinations=destinations,
        shop_ports=shop_ports,
        pauses=_pauses(ledger, merchant, environment),
        queue=_queue(clients, environment),
        claims=_claims(ledger, destinations, delivery.unsure_seconds),
        visitor_lookup=VisitorLookup(store=visitors, row=ledger.row),
        retry_policy=RetryPolicy(
            seconds=delivery.patience_hours * 3600,
            unsure=delivery.unsure_seconds,
            shop_redact=delivery.shop_redact_hours * 3600,
            scale=environment.wait_scale,
        ),
    )


def _queue(clients: Clients, environment: Environment) -> RetryQueue:
    return RetryQueue(
        clients.sqs,
        clients.s3,
        retry=environment.retry_queue,
        dead=environment.dead_letters,
        bucket=environment.bucket,
    )


def _claims(ledger: DynamoLedger, destinations: Mapping[str, Destination], unsure: float) -> Claims:
    return Claims(
        ledger=ledger,
        destinations=destinations,
        clock=time.time,
        token=lambda: uuid.uuid4().hex,
        unsure=unsure,
    )


def _pauses(ledger: DynamoLedger, merchant: Merchant, environment: Environment) -> Pauses:
    age = PAUSE_AGE * min(1.0, environment.wait_scale)
    return Pauses(ledger, merchant.destinations, age, time.time)


def _subscriptions(merchant: Merchant, secrets: Secrets) -> dict[str, Subscriptions | None]:
    return {
        name: SUBSCRIPTIONS[name](merchant, secrets, time.time, time.sleep)
        for name in merchant.sources
    }


def _merchant(environment: Environment) -> Merchant:
    try:
        text = Path(environment.merchant_file).read_text(encoding="utf-8")
    except OSError as error:
        msg = f"the merchant file cannot be read: {type(error).__name__}"
        raise NotConfigured(msg) from None
    return read_merchant(text)


_LOCK = threading.Lock()
_CACHES: dict[tuple[Environment, bool], SecretCache[App]] = {}


def app(*, fail_fast: bool = False) -> App:
    """
    Return this container's application; a changed secret takes effect within five minutes. While
    the secret cannot be read or used, the last application is kept.

    ``fail_fast`` is for the receiver, which must respond within seconds.
    """
    environment = read_environment()
    with _LOCK:
        cache = _CACHES.get((environment, fail_fast))
        if cache is None:
            cache = _CACHES[environment, fail_fast] = _cache(environment, fail_fast=fail_fast)
        return cache.get()


def _cache(environment: Environment, *, fail_fast: bool) -> SecretCache[App]:
    patience = environment.door_patience
    clients = connect(fail_fast=fail_fast, read_timeout=patience)
    return SecretCache(
        read=secret_reader(environment.secret_name, fail_fast=fail_fast, read_timeout=patience),
        build=lambda secret: build(environment, secret, clients),
        report=lambda reason, age: _report_secret(environment, reason, age),
        clock=time.time,
    )


def _report_secret(environment: Environment, reason: str, age: float | None) -> None:
    """Log that the secret is unusable, and increment its metric, if the merchant is known."""
    with suppress(NotConfigured):
        observer = Observer(_merchant(environment).name)
        kept = "no document is kept" if age is None else f"the last one is {age:.0f} s old"
        observer.alarm("SecretUnusable", reason, secret=environment.secret_name, kept=kept)
        observer.flush()


def reset() -> None:
    """Discard all applications, for a local stack that starts again in the same process."""
    with _LOCK:
        _CACHES.clear()
