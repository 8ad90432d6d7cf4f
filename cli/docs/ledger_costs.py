"""
What a webhook that succeeds costs the ledger, in requests to DynamoDB: the rows of the table in
docs/delivery.md. `tests/e2e/test_budget.py` counts the requests of every row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from shared.model.value import Value


class LedgerCost(Value):
    """
    Writes and reads of a webhook, and messages to the retry queue. ``each`` is printed after the
    number of writes, ``why`` after that of reads.
    """

    topics: str
    writes: int
    reads: int = 0
    messages: int = 0
    each: str = ""
    why: str = ""


COSTS: Mapping[str, LedgerCost] = {
    "one entity": LedgerCost(
        topics="`products/*`; `customers/create`, `update`, `enable`, `disable`, `delete`; "
        "`carts/*`; `checkouts/*` without a known customer",
        writes=2,
    ),
    "part of an entity": LedgerCost(
        topics="`variants/in_stock`, `out_of_stock`; `customers_email_marketing_consent/update`",
        writes=2,
    ),
    "zero count": LedgerCost(
        topics="`products/*`, `variants/*` with a zero count that may be untracked",
        writes=2,
        reads=1,
    ),
    "many variants": LedgerCost(
        topics="`products/*` with more than 100 variants",
        writes=3,
        each=", the last a transaction of two items",
    ),
    "cart": LedgerCost(
        topics="`carts/*` with lines, when cart events are enabled", writes=2, reads=1
    ),
    "customer's order": LedgerCost(
        topics="`orders/*` and `checkouts/*` of a known customer",
        writes=2,
        reads=1,
        why=" (was this person redacted?)",
    ),
    "guest's order": LedgerCost(topics="`orders/*` of a guest", writes=4),
    "order without a buyer": LedgerCost(
        topics="`orders/*` without a buyer; `orders/delete`", writes=2
    ),
    "merge": LedgerCost(topics="`customers/merge`", writes=2),
    "redaction": LedgerCost(
        topics="`customers/redact`",
        writes=2,
        reads=1,
        why=" (was it requested before?)",
        messages=2,
        each=" for each of: customer, e-mail address, order, and one to remember the request; "
        "one message for our own stores, and "
        "one that sends the redaction to each platform once more when no delivery with older "
        "knowledge can be in progress",
    ),
    "inventory item": LedgerCost(topics="`inventory_items/*` without a token", writes=1),
}


def table() -> str:
    """Return the table as Markdown."""
    return "\n".join(["| topic | writes | reads |", "|---|---|---|", *_rows()])


def _rows() -> Iterator[str]:
    for cost in COSTS.values():
        yield f"| {cost.topics} | {cost.writes}{cost.each} | {cost.reads}{cost.why} |"
