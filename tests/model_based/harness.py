"""
The real pipeline and the real retry worker between in-memory ports, with virtual time. At every
port call of a process others may run first, the port may fail, or the process may be killed.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from shared.delivery.claims import Claims
from shared.delivery.deliver import Deadline, Pipeline
from shared.delivery.settlement import RetryPolicy, Settlement, Status
from shared.delivery.visitors import VisitorLookup
from shared.errors import LedgerUnavailable, QueueUnavailable
from shared.http.call import Call
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import NoResponse, Response
from shared.model.entity import Entity
from shared.observability import Observer
from shared.privacy.requests import Privacy
from shared.queue.dead_letter import DeadLetterFilter
from shared.queue.envelope import Envelope
from shared.queue.replay import Replay
from shared.queue.sqs import DeadLetterReason
from shared.retry_worker import RetryWorker
from shared.state.journal import JournalEntry
from shared.state.ports import Busy, Claim, Claimed, Duplicate
from shared.state.row import Row
from tests.fakes.clock import Clock
from tests.fakes.journal import MemoryJournal
from tests.fakes.ledger import MemoryLedger
from tests.fakes.queue import MemoryDeadLetters, MemoryQueue, Received, memory_bodies
from tests.fakes.visitors import MemoryVisitors
from tests.model_based.fibers import Killed, Process, Processes, current
from tests.model_based.platforms import DOUBTFUL, Platform, destination
from tests.model_based.shop import source

# As in template.yaml, in seconds.
RECEIVER, WORKER = 10.0, 60.0
ANSWER_WITHIN, LONGEST = 2.0, 10.0
UNSURE = 30.0
# The outcomes of a port call beside success: it fails before or after its effect, or the process
# dies before or after it.
FAILURES = ("fails before", "fails after", "dies before", "dies after")

# The store behind each port.
PORTS = {
    **dict.fromkeys(("park", "dead-letter", "open", "forget", "bodies"), "queue"),
    **dict.fromkeys(("claim", "commit", "redacted", "known", "recall", "remember"), "ledger"),
    **dict.fromkeys(("begin read", "end read"), "ledger"),
    "visitors": "ledger",
    "ask": "store",
}

T = TypeVar("T")


class CountingObserver(Observer):
    """Count metrics, and keep the alarms of internal errors."""

    def __init__(self) -> None:
        super().__init__("model-based")
        self.counted: Counter[str] = Counter()
        self.bugs: list[str] = []

    def count(self, metric: str, dimension: str = "") -> None:
        self.counted[f"{metric} {dimension}"] += 1

    def line(self, message: str, **facts: Any) -> None:
        pass

    def alarm(self, metric: str, message: str, **facts: Any) -> None:
        if metric == "InternalError":
            self.bugs.append(f"{message} at {facts.get('place')}")
        self.count(metric)


class ModelSystem:
    """The whole system: ports, platforms, processes, and what only an oracle may know."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ledger = MemoryLedger()
        self.visitors = MemoryVisitors()
        self.queue = MemoryQueue(self.clock, visibility=6 * WORKER, max_receives=5)
        self.dead = MemoryDeadLetters(self.queue, self.clock)
        self.platforms = {"one": Platform(), "two": Platform()}
        self.processes = Processes()
        self.observer = CountingObserver()
        # For the oracle, which sees everything. Doubted: how often the outcome of a call about an
        # entity was unknown at a destination; excused: which event about it may never have arrived.
        self.doubted: Counter[tuple[str, str]] = Counter()
        self.excused: set[tuple[str, str, str]] = set()
        self.paused: set[str] = set()
        self.down: set[str] = set()
        self.tried: Counter[str] = Counter()
        self.tokens = 0
        self.destinations = {
            "one": destination("one", purchases=False),
            "two": destination("two", purchases=True),
        }
        self.breaker = CircuitBreaker()

    # -- ports -------------------------------------------------------------------------------------

    def port(self, name: str, error: Exception, do: Callable[[], T]) -> T:
        """Make a port call with the outcome that the machine chose."""
        outcome = current().wait(name)
        self.tried[outcome] += 1
        if outcome == "dies before":
            raise Killed
        if outcome == "fails before" or PORTS[name] in self.down:
            raise error
        done = do()
        if outcome == "dies after":
            raise Killed
        if outcome == "fails after":
            raise error
        return done

    def park(self, envelope: Envelope, delay: float) -> None:
        self.port("park", QueueUnavailable("park"), lambda: self.queue.park(envelope, delay))

    def dead_letter(self, envelope: Envelope, reason: DeadLetterReason) -> None:
        self.port(
            "dead-letter",
            QueueUnavailable("dead-letter"),
            lambda: self.queue.dead_letter(envelope, reason),
        )

    def open(self, body: str) -> Envelope:
        return self.port("open", QueueUnavailable("open"), lambda: self.queue.open(body))

    def discard(self, body: str, envelope: Envelope) -> None:
        self.queue.discard(body, envelope)

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        held = current().process.held

        def do() -> Claimed | Busy | Duplicate:
            answer = self.ledger.claim(claim)
            if isinstance(answer, Claimed):
                events = {intent.key for intent in claim.intents.values()}
                held[str(claim.entity)] = "".join(events)
            return answer

        return self.port("claim", LedgerUnavailable("claim"), do)

    def commit(self, row: Row, token: str, note: JournalEntry | None = None) -> bool:
        done = self.port(
            "commit", LedgerUnavailable("commit"), lambda: self.ledger.commit(row, token, note)
        )
        if done:
            current().process.held.pop(str(row.entity), None)
        return done

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        wanted = list(people)
        return self.port(
            "redacted", LedgerUnavailable("redacted"), lambda: self.ledger.redacted(wanted)
        )

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        wanted = list(products)
        return self.port(
            "known", LedgerUnavailable("known"), lambda: self.ledger.known_variants(wanted)
        )

    def send(self, call: Call, headers: Mapping[str, str], _within: float) -> Response | NoResponse:
        """Send a call. A process that is killed during it leaves a call that is applied late."""
        name = headers["to"]
        platform = self.platforms[name]
        try:
            outcome = current().wait(f"send {name}")
        except Killed:
            platform.answer(call.body, "applied late", self.clock())
            raise
        behaviour = platform.behaviour
        self.tried[f"platform {behaviour}" if behaviour != "healthy" else outcome] += 1
        if outcome == "dies before":
            raise Killed
        if outcome == "dies after":
            platform.answer(call.body, "applied late", self.clock())
            raise Killed
        if outcome == "fails before":
            behaviour = "unreachable"
        if outcome == "fails after":
            behaviour = "applied late"
        if behaviour in DOUBTFUL:
            held = current().process.held
            self.doubted.update((entity, name) for entity in held)
            self.excused.update((entity, name, event) for entity, event in held.items())
        return platform.answer(call.body, behaviour, self.clock())

    def token(self) -> str:
        self.tokens += 1
        return f"t{self.tokens}"

    # -- processes ---------------------------------------------------------------------------------

    def pipeline(self, process: Process) -> Pipeline:
        """Build a pipeline, as `shared/wiring.py` does."""
        claims = Claims(
            ledger=self,  # type: ignore[arg-type]  # only what the pipeline calls
            destinations=self.destinations,
            clock=self.clock,
            token=self.token,
            unsure=UNSURE,
        )
        settlement = Settlement(
            parking=self,
            observer=self.observer,
            clock=self.clock,
            random=random.Random(1).random,
            retry_policy=RetryPolicy(unsure=UNSURE),
        )
        return Pipeline(
            sources={"shop": source()},
            destinations=self.destinations,
            claims=claims,
            journal=MemoryJournal(),
            visitors=VisitorLookup(store=self.visitors, row=self.ledger.row),
            settlement=settlement,
            send=self.send,
            clock=self.clock,
            breaker=self.breaker,
            observer=self.observer,
            paused=lambda: frozenset(self.paused),
            remember_tracked=self.ledger.remember_tracked,
            run_attempts=process.together,
        )

    def worker(self, pipeline: Pipeline) -> RetryWorker:
        """Build a retry worker, as `shared/wiring.py` does."""
        return RetryWorker(
            queue=self,  # type: ignore[arg-type]  # only what a worker calls
            pipeline=pipeline,
            settlement=pipeline.settlement,
            privacy=self.privacy(),
            clock=self.clock,
            longest=LONGEST,
        )

    def privacy(self) -> Privacy:
        """Build what erases people from our own stores."""
        return Privacy(
            sources={"shop": source()},
            rows=self.ledger,
            visitors=self.visitors,
            dead=_DeadLetters(self),
            bodies=_PayloadStore(self),  # type: ignore[arg-type]  # only what erasure calls
            purge_queue=self.queue.purge,
            pseudonym=lambda email: email,
            observer=self.observer,
        )

    def receive(self, envelope: Envelope, accepted: Callable[[Status], None]) -> None:
        """Deliver a webhook of the shop: a process starts and waits at its first port call."""

        def done(result: Any, error: BaseException | None) -> None:
            self._ended(process, error)
            if error is None:
                accepted(result)

        process = self._process("receiver", RECEIVER, done)
        now = self.clock()
        budget = Deadline(deadline=now + ANSWER_WITHIN, longest=3.0, lease=now + RECEIVER + 1)
        pipeline = self.pipeline(process)
        self.processes.start(process, lambda: pipeline.deliver(envelope, budget))

    def take(self) -> bool:
        """Give a due message to a worker, as the event source does; return False if none is due."""
        received = self.queue.receive()
        if received is None:
            return False
        message: Received = received

        def done(_: Any, error: BaseException | None) -> None:
            self._ended(process, error)
            if error is None:
                self.queue.delete(message.receipt)

        process = self._process("worker", WORKER, done)
        worker = self.worker(self.pipeline(process))
        self.processes.start(process, lambda: worker.handle(message.body, WORKER))
        return True

    def replay(self, *, force: bool) -> int:
        """Replay every dead letter, as an operator does."""
        return self.dead.replay(DeadLetterFilter(), Replay(dry=False, force=force)).done

    def advance(self, seconds: float) -> None:
        """Advance the clock; apply late calls at their latest time; kill processes over time."""
        end = self.clock() + seconds
        while ends := [process.ends for process in self.processes if process.ends <= end]:
            first = min(ends)
            self._set_clock(first)
            self.tried["killed by Lambda's clock"] += self.processes.kill(
                lambda process, first=first: process.ends <= first  # type: ignore[misc]  # mypy wants no default
            )
        self._set_clock(end)

    def _set_clock(self, moment: float) -> None:
        for platform in self.platforms.values():
            platform.catch_up(moment)
        self.clock.now = moment

    def _process(
        self, name: str, seconds: float, done: Callable[[Any, BaseException | None], None]
    ) -> Process:
        return Process(name=name, ends=self.clock() + seconds, done=done)

    def _ended(self, process: Process, error: BaseException | None) -> None:
        if not isinstance(error, Killed | QueueUnavailable | None):
            raise error
        for name in self.platforms:
            self.doubted.update((entity, name) for entity in process.held)
            if error is not None:
                self.excused.update((entity, name, event) for entity, event in process.held.items())


class _DeadLetters:
    """The dead letters, as far as erasure uses them."""

    def __init__(self, system: ModelSystem) -> None:
        self._system = system

    def purge(self, *args: Any) -> Any:
        return self._system.port(
            "forget", QueueUnavailable("forget"), lambda: self._system.dead.purge(*args)
        )

    def count_matching(self, *args: Any) -> Any:
        return self._system.dead.count_matching(*args)


class _PayloadStore:
    """The bodies in S3, as far as erasure uses them."""

    def __init__(self, system: ModelSystem) -> None:
        self._system, self._bodies = system, memory_bodies(system.queue)

    def remove(self, *args: Any) -> Any:
        return self._system.port(
            "bodies", QueueUnavailable("bodies"), lambda: self._bodies.remove(*args)
        )

    def remove_records(self, *args: Any) -> Any:
        return self._bodies.remove_records(*args)
