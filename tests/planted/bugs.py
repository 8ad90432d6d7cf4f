"""
Bugs that a test near the module must find, as a table: a piece of source text and what a bug makes
of it. The first four once survived the whole suite; the others were planted by hand to measure it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NearBug:
    """In ``module``, ``right`` is replaced by ``wrong``; ``test`` must find it."""

    name: str
    module: str
    right: str
    wrong: str
    test: str


BUGS = (
    # -- these survived the whole suite once -------------------------------------------------------
    NearBug(
        "a row is not written after a TransactionConflict",
        "shared.state.ledger",
        "self._write(writes, None)",
        "return",
        "tests/state/test_journal.py::test_a_conflict_with_another_claim_loses_the_entry_and_not_the_commit",
    ),
    NearBug(
        "an abandoned lease leaves doubt only at the addressed destinations",
        "shared.delivery.claims",
        "rules.doubted(row, since, frozenset(self.destinations), self.unsure)",
        "rules.doubted(row, since, frozenset(briefs), self.unsure)",
        "tests/delivery/test_claims.py::test_an_abandoned_lease_leaves_doubt_at_destinations_that_are_not_addressed",
    ),
    NearBug(
        "a privacy task is parked without its delay",
        "shared.delivery.deliver",
        "self.settlement.park(replace(envelope, task=task), self._task_delay(envelope, notice))",
        "self.settlement.park(replace(envelope, task=task), 0.0)",
        "tests/delivery/test_regressions.py::test_forgetting_starts_after_the_last_attempt_that_may_still_know_the_person",
    ),
    NearBug(
        "a privacy task that must wait is parked without a delay",
        "shared.retry_worker",
        "self.settlement.wait(envelope, backoff.PORT, str(error))",
        "self.settlement.wait(envelope, 0.0, str(error))",
        "tests/test_retry_worker.py::test_a_task_that_finds_a_store_unavailable_is_parked_and_alarms_after_an_hour",
    ),
    NearBug(
        "the lease of the retry function ends before the function",
        "shared.retry_worker",
        "lease=self.clock() + remaining + 1",
        "lease=self.clock() + self.longest + 1",
        "tests/test_retry_worker.py::test_the_lease_of_a_delivery_outlives_the_function",
    ),
    NearBug(
        "the lease of the receiver ends before the function",
        "shared.receiver",
        "lease=now + self.lease",
        "lease=deadline",
        "tests/test_receiver.py::test_the_deadline_is_a_second_before_the_shops_timeout",
    ),
    # -- shared/delivery ---------------------------------------------------------------------------
    NearBug(
        "a failure at the first of several entities does not release the others",
        "shared.delivery.claims",
        "                self._release(claimed.values())\n                return answer",
        "                return answer",
        "tests/delivery/test_claims.py::test_when_one_entity_is_busy_the_others_are_given_back_as_they_were",
    ),
    NearBug(
        "a partly recorded delivery counts as done",
        "shared.delivery.claims",
        "if done and recorded and envelope.destination is None:",
        "if done and envelope.destination is None:",
        "tests/delivery/test_claims.py::test_what_could_not_be_recorded_whole_is_not_done",
    ),
    NearBug(
        "a later change is sent although an earlier one of the webhook waits",
        "shared.delivery.attempt",
        "case Deferred() | Failed(failure=OutcomeUnknown() | Retry()):",
        "case Failed(failure=OutcomeUnknown() | Retry()):",
        "tests/delivery/test_attempt.py::test_after_a_deferred_change_the_next_waits_even_if_it_could_be_sent",
    ),
    NearBug(
        "a redaction is not sent where the digest is the same",
        "shared.delivery.attempt",
        "if same and not context.repeat and not rules.redacts(claimed.change):",
        "if same and not context.repeat:",
        "tests/delivery/test_redaction.py::test_an_equal_redaction_is_sent_again",
    ),
    NearBug(
        "calls are sent after a rejected event",
        "shared.delivery.exchange",
        "            if call.effect is Effect.EVENT:\n                return rejected\n",
        "",
        "tests/delivery/test_exchange.py::test_after_a_rejected_event_no_other_call_is_sent",
    ),
    NearBug(
        "a clock that was set back retries for ever",
        "shared.delivery.settlement",
        "since = abs(now - moment(envelope.first_failed_at).timestamp())",
        "since = now - moment(envelope.first_failed_at).timestamp()",
        "tests/delivery/test_settlement.py::test_a_clock_that_runs_behind_waits_as_after_a_first_failure",
    ),
    NearBug(
        "a confirming re-send starts with the old retry time",
        "shared.delivery.settlement",
        "confirming = replace(envelope, confirms=True, first_failed_at=None, trail=())",
        "confirming = replace(envelope, confirms=True, trail=())",
        "tests/delivery/test_settlement.py::test_a_confirmation_waits_for_the_end_of_the_doubt",
    ),
    # -- shared/state ------------------------------------------------------------------------------
    NearBug(
        "an item that expired is still a row",
        "shared.state.ledger",
        "if row.expires is not None and row.expires < now:",
        "if False:",
        "tests/state/test_ledger_conformance.py::test_an_expired_row_is_empty",
    ),
    NearBug(
        "a transaction that conflicts without a journal entry is repeated for ever",
        "shared.state.ledger",
        "if not (more and (conflicts(error) or only_last_failed(error))):",
        "if not (conflicts(error) or only_last_failed(error)):",
        "tests/state/test_journal.py::test_a_conflict_without_an_entry_is_not_tried_again_at_once",
    ),
    NearBug(
        "an intent does not yield to an abandoned one",
        "shared.state.claim_update",
        "    for written in sorted(intent.abandoned):\n"
        '        condition += f" OR {alias} = {update.value(items.text(written))}"\n',
        "",
        "tests/state/test_ledger_conformance.py::test_an_intent_of_an_attempt_that_sent_nothing_forbids_nothing",
    ),
    NearBug(
        "a lease from a clock far ahead holds for ever",
        "shared.state.claim_update",
        "items.number(claim.now + LONGEST_LEASE)",
        "items.number(claim.now + 1000 * LONGEST_LEASE)",
        "tests/state/test_ledger_conformance.py::test_a_lease_that_ends_later_than_any_attempt_was_set_by_a_wrong_clock",
    ),
    NearBug(
        "a tombstone of an older removal replaces a newer state",
        "shared.state.rules",
        "if end is Ending.GONE and newest is not None and version < newest:",
        "if False:",
        "tests/state/test_rules.py::test_a_late_removal_buries_nothing_that_is_newer",
    ),
    NearBug(
        "a redaction is ended by a later removal",
        "shared.state.rules",
        "if there is not None and there.end is Ending.REDACTED and tombstone.end is Ending.GONE:",
        "if False:",
        "tests/state/test_rules.py::test_a_removal_does_not_soften_a_redaction",
    ),
    NearBug(
        "an incomplete product forgets its other variants",
        "shared.state.rules",
        "only_these = confirmed and change.complete",
        "only_these = confirmed",
        "tests/state/test_rules.py::test_a_truncated_list_forgets_no_variant",
    ),
    NearBug(
        "an old full row opens the stock of a newer one",
        "shared.state.rules",
        "if row.stock_at is not None and tie < row.stock_at:",
        "if False:",
        "tests/state/test_rules.py::test_what_an_older_row_brings_late_was_lost_since",
    ),
    # -- shared/queue ------------------------------------------------------------------------------
    NearBug(
        "a delay beyond the limit of SQS is sent as it is",
        "shared.queue.sqs",
        "seconds = max(0, min(int(delay), MAX_DELAY))",
        "seconds = max(0, int(delay))",
        "tests/queue/test_sqs.py::test_a_message_is_delayed_at_most_fifteen_minutes",
    ),
    NearBug(
        "a pointer may leave the folder of bodies",
        "shared.queue.sqs",
        'return key if key.startswith(BODIES) and ".." not in key else None',
        "return key if key.startswith(BODIES) else None",
        "tests/queue/test_sqs.py::test_a_pointer_must_not_leave_the_folder_of_bodies",
    ),
    NearBug(
        "a replay keeps the time of the first failure",
        "shared.queue.replay",
        "        first_failed_at=None,\n        not_before=None,",
        "        not_before=None,",
        "tests/queue/test_dead_letter_queue.py::test_a_replay_restarts_the_retry_time_and_keeps_the_trail",
    ),
    NearBug(
        "a replay keeps the mark of a confirming re-send",
        "shared.queue.replay",
        "        confirms=False,\n",
        "",
        "tests/queue/test_dead_letter_queue.py::test_a_replay_restarts_the_retry_time_and_keeps_the_trail",
    ),
    NearBug(
        "a sweep ends although other receivers hold messages",
        "shared.queue.sweep",
        "if scan.elsewhere > sweep.held or scan.visible > len(results):",
        "if scan.visible > len(results):",
        "tests/queue/test_sweep.py::test_a_sweep_waits_for_messages_held_by_other_receivers_beside_its_own",
    ),
    NearBug(
        "a body may be larger than its limit",
        "shared.queue.envelope",
        "    if len(body) > MAX_BODY:\n",
        "    if False:\n",
        "tests/queue/test_envelope.py::test_a_body_that_unpacks_to_too_much_is_not_understood",
    ),
)
