"""
``deliver(envelope)``: the one function that inbound, retry and replay share.

Translate, claim, attempt at every destination side by side, park or bury what failed, commit. What
is parked is parked before the commit says that the delivery is done, so that a crash between any
two steps leaves either the shop or the queue with the webhook.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial

from msgspec import field

from shared.delivery import journal_entry
from shared.delivery.attempt import AttemptContext, Attempted, ClaimedChange, attempt
from shared.delivery.claims import Claims
from shared.delivery.exchange import Deferred, ExchangeContext, Send, verdict_status
from shared.delivery.settlement import Settlement, Status
from shared.delivery.visitors import VisitorLookup, WebhookVisitor
from shared.destinations.contract import Destination
from shared.errors import (
    LedgerUnavailable,
    NotUnderstood,
    QueueUnavailable,
    StoreUnavailable,
    place,
)
from shared.http.call import Call
from shared.http.circuit_breaker import CircuitBreaker
from shared.http.verdict import Retry, Verdict, word
from shared.model.change import Change
from shared.model.value import Value, replace
from shared.observability import Observer
from shared.queue import backoff
from shared.queue.envelope import Envelope
from shared.queue.sqs import DeadLetterReason
from shared.sources.contract import (
    DataRequested,
    Notice,
    Redacted,
    ShopRedacted,
    Source,
    Translated,
    Uninstalled,
)
from shared.state import rules
from shared.state.ports import Busy, Duplicate, Journal
from shared.state.row import Lease
from shared.state.rules import Fate

# What touches more entities than this (a redaction of many orders) would keep the shop waiting.
MANY = 20
# A ledger out of reach is asked every twenty seconds; so many tries are remembered.
UNSENT_TOKENS_KEPT = 32


class Deadline(Value):
    """
    The time of one delivery, epoch seconds and seconds: no call starts after ``deadline``, none
    takes longer than ``longest``, and the lease outlives the function.
    """

    deadline: float
    longest: float
    lease: float


RunAttempts = Callable[[Mapping[str, Callable[[], Attempted]]], dict[str, Attempted]]


def side_by_side(attempts: Mapping[str, Callable[[], Attempted]]) -> dict[str, Attempted]:
    """Make attempts at several destinations at once, each in a thread of its own."""
    if len(attempts) == 1:
        return {name: one() for name, one in attempts.items()}
    with ThreadPoolExecutor(len(attempts)) as pool:
        futures = {name: pool.submit(one) for name, one in attempts.items()}
        return {name: future.result() for name, future in futures.items()}


class Pipeline(Value):
    """Everything a delivery needs, wired by `shared.wiring`, or by a test with stand-ins."""

    sources: Mapping[str, Source]
    destinations: Mapping[str, Destination]
    claims: Claims
    visitors: VisitorLookup
    journal: Journal
    settlement: Settlement
    send: Send
    clock: Callable[[], float]
    breaker: CircuitBreaker
    observer: Observer
    paused: Callable[[], frozenset[str]]
    remember_tracked: Callable[[Mapping[str, bool]], None]
    # Topics that were logged as ignored: once per container is enough, for some come all day.
    told: set[str] = field(default_factory=set)
    together: RunAttempts = side_by_side

    def deliver(self, envelope: Envelope, budget: Deadline) -> Status:
        """
        Deliver a webhook to its destination, or to all when it names none.

        Raises QueueUnavailable when what must be parked could not be; then nothing was recorded
        that would make the next copy a duplicate.
        """
        started = self.clock()
        try:
            translated = self._translated(envelope, budget)
            self._note(envelope, translated)
            if not translated.changes:
                self._serve(envelope, translated.notice)
                return Status.QUEUED if _duty(translated.notice) else Status.IGNORED
            named = _named(envelope, translated.changes[-1])
            return self._bring(named, translated, budget, started)
        except NotUnderstood as error:
            return self._reject(
                envelope, DeadLetterReason(reason=error.reason, path=error.path), started
            )
        except StoreUnavailable as error:
            if error.refused:
                self.observer.alarm("StoreRefused", "the store refuses our key", id=envelope.id)
            return self.settlement.again(envelope, Retry(reason=error.reason, after=error.after))
        except LedgerUnavailable as error:
            return self.settlement.wait(envelope, backoff.PORT, str(error))
        except QueueUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours loses nothing: a dead letter, replayed after the fix
            self.observer.alarm(
                "InternalError", "internal error", id=envelope.id, place=place(error)
            )
            death = DeadLetterReason(reason=f"internal error: {type(error).__name__}")
            return self._reject(envelope, death, started)

    def _reject(self, envelope: Envelope, death: DeadLetterReason, started: float) -> Status:
        status = self.settlement.reject(envelope, death)
        # Buried it is safe; a journal out of reach is no reason to try all of it again.
        with suppress(LedgerUnavailable, NotUnderstood):
            said = journal_entry.dead_lettered(death.reason)
            self.journal.write(journal_entry.entry_of(envelope, said, self.clock() - started))
        return status

    def _translated(self, envelope: Envelope, budget: Deadline) -> Translated:
        if envelope.source not in self.sources:
            raise NotUnderstood(f"the source {envelope.source} is not configured")
        if envelope.destination not in {None, *self.destinations}:
            raise NotUnderstood(f"the destination {envelope.destination} is not configured")
        return self.sources[envelope.source].translate(envelope, budget.deadline)

    def _note(self, envelope: Envelope, translated: Translated) -> None:
        for count in translated.counts:
            self.observer.count(count, envelope.topic if count == "unknown_topic" else "")
        if translated.ignored:
            self.observer.count("Ignored", envelope.topic)
            if envelope.topic not in self.told:
                self.told.add(envelope.topic)
                self.observer.line(
                    "ignored", id=envelope.id, topic=envelope.topic, reason=translated.ignored
                )
        if translated.tracked:
            self.remember_tracked(translated.tracked)

    def _serve(self, envelope: Envelope, notice: Notice | None) -> None:
        """Send work on our own stores to the worker, once: from the copy that names no platform."""
        if isinstance(notice, Uninstalled):
            self.observer.alarm("Uninstalled", "the app was uninstalled", id=envelope.id)
        task = _duty(notice)
        if task and envelope.destination is None:
            # Whoever is at work may still bury, or remember, what they knew of a person before.
            delay = self.settlement.retry_policy.last_call if isinstance(notice, Redacted) else 0.0
            self.settlement.park(replace(envelope, task=task), delay)

    def _bring(
        self, envelope: Envelope, translated: Translated, budget: Deadline, started: float
    ) -> Status:
        if envelope.not_before is None and len(translated.changes) > MANY:
            return self.settlement.wait(envelope, 0.0, "many entities")
        names = (envelope.destination,) if envelope.destination else tuple(self.destinations)
        lease = self.claims.lease(budget.lease)
        try:
            works = self.claims.take(envelope, translated.changes, names, lease)
        except LedgerUnavailable as error:
            # The claim may have been taken, and its answer lost; in any case nothing was told.
            return self.settlement.wait(_void(envelope, lease), backoff.PORT, str(error))
        if isinstance(works, Duplicate):
            self.observer.count("duplicate", envelope.topic)
            return Status.DUPLICATE
        if isinstance(works, Busy):
            return self.settlement.wait(_void(envelope, lease), backoff.BUSY, "busy")
        visit = self.visitors.of([work.change for work in works if not work.blocked], names)
        terms = self._terms(envelope, budget, visit)
        attempted = self.together(
            {name: partial(attempt, self.destinations[name], works, terms) for name in names}
        )
        try:
            # Not before: a webhook that must wait comes by here again and again.
            self._serve(envelope, translated.notice)
            statuses = {
                name: self.settlement.follow(_untold(envelope, name, works), name, one)
                for name, one in attempted.items()
            }
        except QueueUnavailable:
            self.claims.give_back(envelope, works, done=False)
            raise
        said = {
            name: journal_entry.describe(one, statuses[name]) for name, one in attempted.items()
        }
        note = journal_entry.entry_of(envelope, said, self.clock() - started)
        worst = min(statuses.values(), key=list(Status).index)
        if self.claims.give_back(envelope, works, done=True, note=note):
            return worst
        # What was sent is not recorded: it must be sent again, after whatever was let in.
        again = self.settlement.wait(envelope, backoff.BUSY, "not committed")
        return min(worst, again, key=list(Status).index)

    def _terms(self, envelope: Envelope, budget: Deadline, visit: WebhookVisitor) -> AttemptContext:
        def report(name: str, call: Call, verdict: Verdict, milliseconds: int) -> None:
            self.observer.line(
                "attempt",
                id=envelope.id,
                source=envelope.source,
                topic=envelope.topic,
                entity=envelope.entity,
                destination=name,
                call=call.label,
                verdict=word(verdict),
                status=verdict_status(verdict),
                attempt=len(envelope.trail) + 1,
                milliseconds=milliseconds,
            )

        return AttemptContext(
            delivery=envelope.id,
            line=ExchangeContext(
                send=self.send,
                clock=self.clock,
                breaker=self.breaker,
                report=report,
                deadline=budget.deadline,
                longest=budget.longest,
            ),
            visit=visit,
            observer=self.observer,
            held=self._held,
            repeat=envelope.forced or envelope.confirms,
            confirming=envelope.confirms,
            unsure=self.claims.unsure,
            last_call=self.clock() + self.settlement.retry_policy.last_call,
        )

    def _held(self, destination: str) -> Deferred | None:
        if destination in self.paused():
            return Deferred(reason="paused", paused=True)
        if not self.breaker.admits(destination, self.clock()):
            return Deferred(reason="the breaker is open")
        return None


def _void(envelope: Envelope, lease: Lease) -> Envelope:
    """Note a try that surely told nothing; the first one is never forgotten."""
    tokens = (*envelope.unsent_tokens, lease.token)
    return replace(envelope, unsent_tokens=tokens[:1] + tokens[1:][-UNSENT_TOKENS_KEPT:])


def _untold(envelope: Envelope, name: str, works: list[ClaimedChange]) -> Envelope:
    """Note that a destination was surely told nothing: an intent that stays behind is void."""
    nothing = all(work.settled[name].fate in {Fate.KEPT, Fate.FAILED} for work in works)
    return replace(envelope, unsent_tokens=(works[0].token,) if nothing else ())


def _named(envelope: Envelope, main: Change) -> Envelope:
    version = rules.version_of(main)
    return replace(
        envelope, entity=str(main.entity), version="" if version is None else str(version)
    )


def _duty(notice: Notice | None) -> str:
    match notice:
        case DataRequested():
            return "report"
        case Redacted():
            return "forget"
        case ShopRedacted():
            return "purge"
        case _:
            return ""
