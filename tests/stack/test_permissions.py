"""Each function has the permissions that it uses, and no others."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from functions.replay import app as replay
from shared.queue.dead_letters import DeadLetters
from tests.e2e.conftest import StackHarness, running_stack, until
from tests.e2e.shop import SHOP, customer, merchant, order, product, triggered, variant
from tests.stack.calls import Access, Record, actions
from tests.stack.grants import granted, pairs, policies, statements
from tests.stack.template import FUNCTIONS, ROOT, of

# What Lambda and Powertools call with the role of a function.
EVERY = {
    ("secretsmanager:GetSecretValue", "secret"),
    ("logs:CreateLogStream", "Logs"),
    ("logs:PutLogEvents", "Logs"),
}
# Lambda polls the queue with the role of the function (Lambda developer guide, "Using Lambda with
# SQS").
POLLED = {
    (f"sqs:{name}", "RetryQueue")
    for name in ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")
}
# Granted for its effect on GetObject: without it S3 returns 403 for a missing payload.
NOT_FOUND = {("s3:ListBucket", "BodiesBucket")}
# The audit runs every hour and queries shops: tests/subscriptions/test_audit.py covers its use of
# the journal.
JOURNAL = {("dynamodb:Scan", "LedgerTable/index/journal")}
NOT_RECORDED: dict[str, set[Access]] = {
    "WebhookFunction": EVERY,
    "RetryFunction": EVERY | POLLED,
    "ReplayFunction": EVERY | NOT_FOUND,
    "AuditFunction": EVERY | JOURNAL,
}


def test_the_functions_are_granted_every_action_in_their_code() -> None:
    every = {action for name in FUNCTIONS for action, _ in granted(name)}
    ours = {one for one in every if not one.startswith("logs:")}

    assert ours == actions((ROOT / "shared").rglob("*.py"))


# ---- a scenario that makes every call ------------------------------------------------------------

LARGE = {"note": random.Random(1).randbytes(850_000).hex()}
REQUEST = {"shop_domain": SHOP, "customer": {"id": 1, "email": None}}


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context that the replay function reads."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def many(number: int, second: int, count: int) -> dict[str, Any]:
    variants = [variant(number, place, f"V{place}") for place in range(1, count + 1)]
    return product(number, second=second, variants=variants)


def _delivered(acme: StackHarness) -> None:
    acme.shop.send("products/create", many(1, 0, 120), at=triggered(0))
    acme.shop.send("products/update", many(1, 1, 2), at=triggered(1))
    acme.shop.send("inventory_items/update", {"id": 101, "tracked": True}, at=triggered(2))
    acme.shop.send("customers/create", customer(1), at=triggered(3))
    assert acme.settled()


def _parked(acme: StackHarness) -> None:
    """Let the retry worker deliver, also payloads that are too large for a message."""
    acme.fault(status=429, count=4)
    acme.shop.send("products/create", many(2, 0, 120), at=triggered(10))
    assert acme.settled()
    acme.fault(status=429, count=4)
    acme.shop.send("products/update", many(2, 1, 2), at=triggered(11))
    acme.shop.send("orders/create", order(5, customer=customer(1), **LARGE), at=triggered(12))
    assert acme.settled()


def _dead_lettered(acme: StackHarness) -> None:
    """Dead-letter a large payload in the receiver and another in the worker; then replay both."""
    acme.fault(status=422)
    acme.shop.send("orders/create", order(6, customer=customer(1), **LARGE), at=triggered(20))
    assert until(lambda: acme.dead() == 1)
    acme.clear_faults()
    acme.fault(status=429, count=1)
    acme.fault(status=422)
    acme.shop.send("products/create", product(3), at=triggered(21))
    assert until(lambda: acme.dead() == 2)
    acme.clear_faults()
    # A dry run makes the messages visible again.
    replay.handler({}, Context())  # type: ignore[arg-type]  # a part of it
    result = replay.handler({"dry_run": False}, Context())  # type: ignore[arg-type]  # a part of it
    assert result["replayed"] == 2
    assert acme.settled()


def _redacted(acme: StackHarness) -> None:
    acme.shop.post("products/update", b"{", at=triggered(30))
    acme.shop.send("customers/data_request", {**REQUEST, "orders_requested": []}, at=triggered(31))
    assert acme.settled()
    acme.shop.send("customers/redact", {**REQUEST, "orders_to_redact": [5]}, at=triggered(32))
    assert acme.settled()
    acme.shop.send("shop/redact", {"shop_domain": SHOP}, at=triggered(33))
    assert acme.settled()


@pytest.fixture(scope="module")
def calls() -> dict[str, set[Access]]:
    record = Record()
    # moto's long poll of an empty queue takes a second.
    with pytest.MonkeyPatch.context() as patch, running_stack(merchant(unsure=0)) as acme:
        patch.setitem(DeadLetters.__init__.__kwdefaults__ or {}, "wait", 0)
        record.start()
        for part in (_delivered, _parked, _dead_lettered, _redacted):
            part(acme)
    return record.calls


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_exactly_the_permissions_that_it_uses(
    calls: dict[str, set[Access]], function: str
) -> None:
    assert granted(function) == calls[function] | NOT_RECORDED[function]


@pytest.mark.parametrize("policy", of("IAM::ManagedPolicy"))
def test_no_statement_is_unused(calls: dict[str, set[Access]], policy: str) -> None:
    holders = [name for name in FUNCTIONS if policy in policies(name)]
    used = set().union(*(calls[name] | NOT_RECORDED[name] for name in holders))

    assert holders != []
    assert [one for one in statements(policy) if not pairs(one) <= used] == []


# ---- what no function may do ---------------------------------------------------------------------


def test_the_receiver_cannot_read_payloads_or_queues() -> None:
    receiver = {action for action, _ in granted("WebhookFunction")}

    assert not receiver & {
        "dynamodb:Scan",
        "s3:GetObject",
        "s3:ListBucket",
        "sqs:DeleteMessage",
        "sqs:PurgeQueue",
        "sqs:ReceiveMessage",
    }


def test_no_permission_has_a_wildcard_for_actions_or_resources() -> None:
    pairs = {pair for name in FUNCTIONS for pair in granted(name)}

    assert [one for one in pairs if "*" in one[0] or one[1] == "*"] == []


def test_only_lambda_can_assume_a_role() -> None:
    documents = [one["AssumeRolePolicyDocument"] for one in of("IAM::Role").values()]

    assert [one["Statement"] for one in documents] == [
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ]
    ] * len(FUNCTIONS)
