"""
``deliver(envelope)``: the one function that inbound, retry and replay share.

Translate, claim, attempt at every destination side by side, park or dead-letter what failed,
commit. Messages are parked before the commit records the delivery as done, so that after a crash
between any two steps either the shop or the queue still has the webhook.
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
from shared.delivery.exchange import ExchangeContext, Send, verdict_status
from shared.delivery.progress import EndRead, Progress, keep_open
from shared.delivery.settlement import Settlement, Status
from shared.delivery.visitors import VisitorLookup, WebhookVisitor
from shared.destinations.contract import Destination
from shared.errors import (
    LedgerUnavailable,
    NotUnderstood,
    QueueUnavailable,
    StoreReadLater,
    StoreReadSince,
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
from shared.state.outcome import Deferred, surely_sent_nothing
from shared.state.ports import Busy, Duplicate, Journal
from shared.state.row import Lease

UNKNOWN_TOPIC = "unknown"
# A webhook with more entities (a redaction of many orders) would take too long: it is parked.
MANY = 20
# While the ledger is unavailable, every attempt has a new token: this many are remembered.
UNSENT_TOKENS_KEPT = 32


class Deadline(Value):
    """
    The time limits of one delivery. No call starts after ``deadline`` (epoch seconds) or takes
    longer than ``longest`` (seconds); ``lease`` (epoch seconds) is after the function's end.
    """

    deadline: float
    longest: float
    lease: float


RunAttempts = Callable[[Mapping[str, Callable[[], Attempted]]], dict[str, Attempted]]


def side_by_side(attempts: Mapping[str, Callable[[], Attempted]]) -> dict[str, Attempted]:
    """Run the attempts at several destinations at once, each in its own thread."""
    if len(attempts) == 1:
        return {name: one() for name, one in attempts.items()}
    with ThreadPoolExecutor(len(attempts)) as pool:
        futures = {name: pool.submit(one) for name, one in attempts.items()}
        return {name: future.result() for name, future in futures.items()}


class Pipeline(Value):
    """Everything that a delivery needs; `shared.wiring` builds it, or a test with fakes."""

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
    end_read: EndRead = keep_open
    # Ignored topics that were logged: once per container is enough, because some arrive all day.
    # Those that the source does not know are one.
    logged_topics: set[str] = field(default_factory=set)
    run_attempts: RunAttempts = side_by_side

    def deliver(self, envelope: Envelope, limits: Deadline) -> Status:
        """
        Deliver a webhook to its destination, or to all destinations when it names none.

        Raise QueueUnavailable when a message could not be parked; then nothing was recorded that
        would make the next copy a duplicate.
        """
        progress = Progress(started=self.clock(), end_read=self.end_read)
        try:
            return self._deliver(envelope, limits, progress)
        finally:
            progress.end()

    def _deliver(self, envelope: Envelope, limits: Deadline, progress: Progress) -> Status:
        started = progress.started
        try:
            translated = progress.translate(lambda: self._translated(envelope, limits))
            self._record(envelope, translated)
            if not translated.changes:
                return self._end(envelope, translated, started)
            named = _named(envelope, translated.changes[-1])
            return self._deliver_changes(named, translated, limits, progress)
        except NotUnderstood as error:
            return self._reject(
                envelope, DeadLetterReason(reason=error.reason, path=error.path), started
            )
        except (StoreReadLater, StoreReadSince, StoreUnavailable) as error:
            return self._not_read(envelope, error, started)
        except LedgerUnavailable as error:
            return self.settlement.wait(envelope, backoff.PORT, str(error))
        except QueueUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a bug of ours loses nothing: a dead letter, replayed after the fix
            self.observer.alarm(
                "InternalError", "internal error", id=envelope.id, place=place(error)
            )
            reason = DeadLetterReason(reason=f"internal error: {type(error).__name__}")
            return self._reject(envelope, reason, started)

    def _end(self, envelope: Envelope, translated: Translated, started: float) -> Status:
        """Return the status of a webhook that changes nothing at a platform."""
        self._queue_task(envelope, translated.notice)
        if envelope.trail:  # the journal says that it waits
            verdicts = journal_entry.unsent(envelope, Status.IGNORED, translated.ignored)
            self._note(envelope, verdicts, started)
        return Status.QUEUED if _task_of(translated.notice) else Status.IGNORED

    def _not_read(
        self,
        envelope: Envelope,
        error: StoreReadLater | StoreReadSince | StoreUnavailable,
        started: float,
    ) -> Status:
        """Act on a store that was not read: now, again, or at all."""
        if isinstance(error, StoreReadLater):
            return self.settlement.wait(envelope, error.seconds, "the store is read")
        if isinstance(error, StoreReadSince):
            self.observer.count("collapsed", envelope.topic)
            self._note(replace(envelope, entity=error.entity), journal_entry.COVERED, started)
            return Status.SUPERSEDED
        if error.refused:
            self.observer.alarm("StoreRefused", "the store refuses our key", id=envelope.id)
        status = self.settlement.again(envelope, Retry(reason=error.reason, after=error.after))
        verdicts = journal_entry.unsent(envelope, status, error.reason)
        self._note(envelope, verdicts, started)
        return status

    def _reject(self, envelope: Envelope, reason: DeadLetterReason, started: float) -> Status:
        status = self.settlement.reject(envelope, reason)
        where = f" - at {reason.path}" if reason.path.strip("$") else ""
        verdicts = journal_entry.unsent(envelope, status, reason.reason + where)
        self._note(envelope, verdicts, started)
        return status

    def _note(self, envelope: Envelope, verdicts: Mapping[str, str], started: float) -> None:
        """Write the journal's entry of a webhook that was sent to no destination."""
        # It is parked, dead-lettered or done: an unavailable journal is no reason to repeat that.
        with suppress(LedgerUnavailable, NotUnderstood):
            self.journal.write(journal_entry.entry_of(envelope, verdicts, self.clock() - started))

    def _translated(self, envelope: Envelope, limits: Deadline) -> Translated:
        if envelope.source not in self.sources:
            raise NotUnderstood(f"the source {envelope.source} is not configured")
        if envelope.destination not in {None, *self.destinations}:
            raise NotUnderstood(f"the destination {envelope.destination} is not configured")
        return self.sources[envelope.source].translate(envelope, limits.deadline)

    def _record(self, envelope: Envelope, translated: Translated) -> None:
        topic = self._known_topic(envelope)
        for count in translated.counts:
            self.observer.count(count, topic if count == "unknown_topic" else "")
        # Paths come from our structs, not from the body: there are not many, and they name nobody.
        for path in translated.odd_fields:
            self.observer.count("odd_field", path)
        if translated.odd_fields:
            self.observer.line(
                "odd fields", id=envelope.id, topic=envelope.topic, paths=translated.odd_fields
            )
        if translated.ignored:
            self.observer.count("Ignored", topic)
            if topic not in self.logged_topics:
                self.logged_topics.add(topic)
                self.observer.line(
                    "ignored", id=envelope.id, topic=envelope.topic, reason=translated.ignored
                )
        if translated.tracked:
            self.remember_tracked(translated.tracked)

    def _known_topic(self, envelope: Envelope) -> str:
        """
        Return the topic, one name for all that the source does not know: a topic is not signed, and
        each value of a dimension is a metric that costs money.
        """
        source = self.sources[envelope.source]
        known = envelope.topic in source.handled or envelope.topic in source.ignored
        return envelope.topic if known else UNKNOWN_TOPIC

    def _queue_task(self, envelope: Envelope, notice: Notice | None) -> None:
        """Queue work on our own stores, once: from the copy that names no destination."""
        if isinstance(notice, Uninstalled):
            self.observer.alarm("Uninstalled", "the app was uninstalled", id=envelope.id)
        task = _task_of(notice)
        if task and envelope.destination is None:
            self.settlement.park(replace(envelope, task=task), self._task_delay(envelope, notice))

    def _task_delay(self, envelope: Envelope, notice: Notice | None) -> float:
        """Return after how many seconds a task is carried out."""
        match notice:
            case Redacted():
                # An attempt in progress may still dead-letter or store what it knows of them.
                return self.settlement.retry_policy.last_call
            case ShopRedacted():
                # No signature says when it was sent: a person can cancel it.
                hold = self.settlement.retry_policy.shop_redact
                self.observer.alarm(
                    "ShopPurged",
                    "everything of the shop will be deleted; `shoprelay keep-shop` cancels it",
                    id=envelope.id,
                    hours=hold / 3600,
                )
                return hold
            case _:
                return 0.0

    def _deliver_changes(
        self, envelope: Envelope, translated: Translated, limits: Deadline, progress: Progress
    ) -> Status:
        if envelope.not_before is None and len(translated.changes) > MANY:
            return self.settlement.wait(envelope, 0.0, "many entities")
        names = (envelope.destination,) if envelope.destination else tuple(self.destinations)
        lease = self.claims.lease(limits.lease)
        try:
            claimed = self.claims.claim(envelope, translated.changes, names, lease)
        except LedgerUnavailable as error:
            # The claim may have succeeded and its response was lost; in any case nothing was sent.
            return self.settlement.wait(
                _with_unsent_token(envelope, lease), backoff.PORT, str(error)
            )
        if isinstance(claimed, Duplicate):
            self.observer.count("duplicate", self._known_topic(envelope))
            return Status.DUPLICATE
        if isinstance(claimed, Busy):
            return self.settlement.wait(_with_unsent_token(envelope, lease), backoff.BUSY, "busy")
        visitor = self.visitors.of([one for one in claimed if not one.blocked])
        context = self._context(envelope, limits, visitor)
        attempted = self.run_attempts(
            {name: partial(attempt, self.destinations[name], claimed, context) for name in names}
        )
        try:
            # Not before the claim: a webhook that has to wait would queue its task each time.
            self._queue_task(envelope, translated.notice)
            statuses = {
                name: self.settlement.settle(
                    _with_unsent_tokens_of(envelope, name, claimed), name, one
                )
                for name, one in attempted.items()
            }
        except QueueUnavailable:
            self.claims.commit(envelope, claimed, done=False)
            raise
        verdicts = {
            name: journal_entry.describe(one, statuses[name]) for name, one in attempted.items()
        }
        entry = journal_entry.entry_of(envelope, verdicts, self.clock() - progress.started)
        worst = min(statuses.values(), key=list(Status).index)
        progress.settled = self.claims.commit(envelope, claimed, done=True, entry=entry)
        if progress.settled:
            return worst
        # The state was sent but not recorded: send it again, after any other delivery since.
        again = self.settlement.wait(envelope, backoff.BUSY, "not committed")
        return min(worst, again, key=list(Status).index)

    def _context(
        self, envelope: Envelope, limits: Deadline, visitor: WebhookVisitor
    ) -> AttemptContext:
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
            exchange=ExchangeContext(
                send=self.send,
                clock=self.clock,
                breaker=self.breaker,
                report=report,
                deadline=limits.deadline,
                longest=limits.longest,
            ),
            visit=visitor,
            observer=self.observer,
            deferred=self._deferred,
            repeat=envelope.forced or envelope.confirms,
            confirming=envelope.confirms,
            unsure=self.claims.unsure,
            last_call=self.clock() + self.settlement.retry_policy.last_call,
        )

    def _deferred(self, destination: str) -> Deferred | None:
        if destination in self.paused():
            return Deferred(reason="paused", paused=True)
        if not self.breaker.admits(destination, self.clock()):
            return Deferred(reason="the breaker is open")
        return None


def _with_unsent_token(envelope: Envelope, lease: Lease) -> Envelope:
    """Return the envelope with one more unsent token; the first and the newest ones are kept."""
    tokens = (*envelope.unsent_tokens, lease.token)
    return replace(envelope, unsent_tokens=tokens[:1] + tokens[1:][-UNSENT_TOKENS_KEPT:])


def _with_unsent_tokens_of(envelope: Envelope, name: str, claimed: list[ClaimedChange]) -> Envelope:
    """Return the envelope with the attempt's token, if it sent nothing: its intent is abandoned."""
    nothing = all(surely_sent_nothing(one.outcomes[name]) for one in claimed)
    return replace(envelope, unsent_tokens=(claimed[0].token,) if nothing else ())


def _named(envelope: Envelope, main: Change) -> Envelope:
    version = rules.version_of(main)
    return replace(
        envelope, entity=str(main.entity), version="" if version is None else str(version)
    )


def _task_of(notice: Notice | None) -> str:
    match notice:
        case DataRequested():
            return "report"
        case Redacted():
            return "forget"
        case ShopRedacted():
            return "purge"
        case _:
            return ""
