"""
The only place that knows every adapter: it wires the functions from the environment, once per
container, and again when the merchant's secret has changed.

What the door does not need is imported where it is made: a shop waits for the door's cold start.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities import parameters
from msgspec import field

from shared.aws_clients import Clients, connect
from shared.delivery.claims import Claims
from shared.delivery.deliver import Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement
from shared.delivery.visitors import VisitorLookup
from shared.destinations.contract import Destination
from shared.destinations.registry import DESTINATIONS
from shared.errors import NotConfigured
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.client import HttpClient
from shared.model.value import MutableValue
from shared.observability import Observer
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
from shared.sources.contract import Source
from shared.sources.registry import SOURCES, SUBSCRIPTIONS
from shared.state.journal import DynamoJournal
from shared.state.ledger import DynamoLedger
from shared.state.shop_facts import DynamoFacts
from shared.state.shop_ports import Pauses, ShopPorts
from shared.state.visitors import DynamoVisitors

if TYPE_CHECKING:
    from shared.privacy.requests import Privacy
    from shared.queue.dead_letters import DeadLetters
    from shared.retry_worker import RetryWorker
    from shared.subscriptions.audit import Audit
    from shared.subscriptions.contract import Subscriptions

SECRET_AGE = 300
PAUSE_AGE = 10.0
# One second more than the time-out that template.yaml gives the webhook function.
RECEIVER_LEASE = 11.0


class App(MutableValue):
    """One merchant's wiring. What belongs to one invocation is made by `invocation`."""

    environment: Environment
    merchant: Merchant
    clients: Clients
    ledger: DynamoLedger
    visitors: DynamoVisitors
    journal: DynamoJournal
    subscriptions: Callable[[], Mapping[str, Subscriptions | None]]
    sources: Mapping[str, Source]
    destinations: Mapping[str, Destination]
    outside: ShopPorts
    pauses: Pauses
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    logged_topics: set[str] = field(default_factory=set)

    @property
    def queue(self) -> RetryQueue:
        """The retry queue and the dead letters."""
        return RetryQueue(
            self.clients.sqs,
            self.clients.s3,
            retry=self.environment.retry_queue,
            dead=self.environment.dead_letters,
            bucket=self.environment.bucket,
        )

    @contextmanager
    def door(self) -> Iterator[Receiver]:
        """Make a door for one invocation; all sockets are closed at the end."""
        with self._invocation() as (pipeline, settlement, observer):
            yield Receiver(
                sources=self.sources,
                pipeline=pipeline,
                settlement=settlement,
                observer=observer,
                clock=time.time,
                within=self.merchant.delivery.answer_within,
                lease=RECEIVER_LEASE,
            )

    @contextmanager
    def worker(self) -> Iterator[RetryWorker]:
        """Make a worker for one invocation; all sockets are closed at the end."""
        from shared.retry_worker import RetryWorker

        with self._invocation() as (pipeline, settlement, observer):
            yield RetryWorker(
                queue=self.queue,
                pipeline=pipeline,
                settlement=settlement,
                privacy=self._privacy(observer),
                clock=time.time,
                longest=self.merchant.delivery.call_timeout,
            )

    @contextmanager
    def audit(self) -> Iterator[Audit]:
        """Make an audit for one invocation. Raises NotConfigured without our own address."""
        from shared.subscriptions.audit import Audit

        if not self.environment.endpoint:
            raise NotConfigured("the environment: the stack tells no address", "$.endpoint")
        observer = Observer(self.merchant.name)
        try:
            yield Audit(
                endpoint=self.environment.endpoint,
                shops=self.subscriptions,
                heard=self._heard,
                heal=self.merchant.delivery.heal_subscriptions,
                observer=observer,
                clock=time.time,
            )
        finally:
            observer.flush()

    def _heard(self) -> Iterator[tuple[str, float]]:
        from shared.model.version import moment

        days = self.merchant.delivery.journal_days
        if days:
            for entry in self.journal.all():
                yield entry.topic, moment(entry.received_at).timestamp()

    @contextmanager
    def _invocation(self) -> Iterator[tuple[Pipeline, Settlement, Observer]]:
        observer, sender = Observer(self.merchant.name), HttpClient()
        delivery = self.merchant.delivery
        settlement = Settlement(
            parking=self.queue,
            observer=observer,
            clock=time.time,
            random=random.random,
            retry_policy=RetryPolicy(
                seconds=delivery.patience_hours * 3600,
                unsure=delivery.unsure_seconds,
                scale=self.environment.wait_scale,
            ),
        )
        claims = Claims(
            ledger=self.ledger,
            destinations=self.destinations,
            clock=time.time,
            token=lambda: uuid.uuid4().hex,
            unsure=delivery.unsure_seconds,
        )
        pipeline = Pipeline(
            sources=self.sources,
            destinations=self.destinations,
            claims=claims,
            visitors=VisitorLookup(store=self.visitors, row=self.ledger.row),
            journal=self.journal,
            settlement=settlement,
            send=sender.send,
            clock=time.time,
            breaker=self.breaker,
            observer=observer,
            paused=self.pauses,
            remember_tracked=self.ledger.remember_tracked,
            logged_topics=self.logged_topics,
        )
        try:
            yield pipeline, settlement, observer
        finally:
            sender.close()
            observer.flush()

    def _privacy(self, observer: Observer) -> Privacy:
        from shared.privacy.requests import Privacy
        from shared.queue.payload_store import PayloadStore

        return Privacy(
            sources=self.sources,
            rows=self.ledger,
            visitors=self.visitors,
            dead=self.dead_letters(),
            bodies=PayloadStore(self.clients.s3, self.environment.bucket, time.time),
            purge_queue=self.queue.purge,
            pseudonym=self.outside.pseudonym,
            observer=observer,
            unforgetting=tuple(name for name, one in self.destinations.items() if not one.forgets),
        )

    def dead_letters(self) -> DeadLetters:
        """Give the dead letters."""
        from shared.queue.dead_letters import DeadLetters

        return DeadLetters(
            self.clients.sqs,
            self.queue,
            url=self.environment.dead_letters,
            clock=time.time,
        )


def build(environment: Environment, secret: str, clients: Clients) -> App:
    """Wire everything for one merchant. Raises NotConfigured with the path of a wrong key."""
    merchant = read_merchant(_file(environment.merchant_file))
    secrets = read_secrets(secret, merchant)

    def pseudonym(name: str) -> str:
        return outside.pseudonym(name)  # made of the ledger, below

    days = merchant.delivery.journal_days
    journal = DynamoJournal(clients.dynamodb, environment.table, pseudonym, days, time.time)
    ledger = DynamoLedger(clients.dynamodb, environment.table, pseudonym, time.time, journal)
    facts = DynamoFacts(clients.dynamodb, environment.table, time.time)
    outside = ShopPorts(ledger, facts, secrets.pseudonym_key, time.time)
    return App(
        environment=environment,
        merchant=merchant,
        clients=clients,
        ledger=ledger,
        visitors=DynamoVisitors(clients.dynamodb, environment.table, pseudonym, time.time),
        journal=journal,
        subscriptions=lambda: _subscriptions(merchant, secrets),
        sources=_sources(merchant, secrets, outside),
        destinations={
            name: DESTINATIONS[name](merchant, secrets) for name in merchant.destinations
        },
        outside=outside,
        pauses=Pauses(
            ledger, merchant.destinations, PAUSE_AGE * min(1.0, environment.wait_scale), time.time
        ),
    )


def _sources(merchant: Merchant, secrets: Secrets, outside: ShopPorts) -> dict[str, Source]:
    return {name: SOURCES[name](merchant, secrets, outside) for name in merchant.sources}


def _subscriptions(merchant: Merchant, secrets: Secrets) -> dict[str, Subscriptions | None]:
    return {
        name: SUBSCRIPTIONS[name](merchant, secrets, time.time, time.sleep)
        for name in merchant.sources
    }


def _file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        msg = f"the merchant file cannot be read: {type(error).__name__}"
        raise NotConfigured(msg) from None


_LOCK = threading.Lock()
_CLIENTS: dict[bool, Clients] = {}
_BUILT: dict[tuple[Environment, bool], tuple[str, App]] = {}


def app(*, hasty: bool = False) -> App:
    """
    Give this container's wiring; a changed secret is seen within five minutes.

    ``hasty`` is for the door, which has an answer to give within seconds.
    """
    environment = read_environment()
    with _LOCK:
        secret = parameters.get_secret(environment.secret_name, max_age=SECRET_AGE)
        built = _BUILT.get((environment, hasty))
        if built is None or built[0] != secret:
            if hasty not in _CLIENTS:
                _CLIENTS[hasty] = connect(hasty=hasty, patience=environment.door_patience)
            built = (str(secret), build(environment, str(secret), _CLIENTS[hasty]))
            _BUILT[environment, hasty] = built
    return built[1]


def reset() -> None:
    """Forget all wiring: for a local stack that starts anew in the same process."""
    with _LOCK:
        _CLIENTS.clear()
        _BUILT.clear()
        parameters.clear_caches()  # type: ignore[no-untyped-call]  # powertools leaves it untyped
