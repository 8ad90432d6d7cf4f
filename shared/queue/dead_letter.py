"""A dead letter as an operator sees it, and the filter that selects dead letters."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.errors import NotUnderstood
from shared.model.value import Hidden, Value
from shared.queue.envelope import Envelope
from shared.queue.sqs import pointer_of

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

CRASHED = "crashed: received too often"
NO_ENVELOPE = "not an envelope"

_AGE = re.compile(r"(\d{1,6})([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


class DeadLetter(Value):
    """
    One dead letter. ``died_at`` is when it was dead-lettered, in epoch seconds; ``body`` is that of
    the message, an envelope or a pointer, and holds personal data.

    SQS keeps the time of sending when it moves a message itself, as it does after too many crashes.
    Such a message became a dead letter a little later than ``died_at``.
    """

    message_id: str
    died_at: float
    id: str = ""
    source: str = ""
    topic: str = ""
    destination: str = ""
    entity: str = ""
    reason: str = ""
    status: int | None = None
    path: str = ""
    body: Hidden[str]


# A shorter beginning would select dead letters that nobody named.
SHORTEST_BEGINNING = 4


class DeadLetterFilter(Value):
    """
    Which dead letters are selected; None selects any.

    ``ids`` are ids of webhooks or messages, or their beginnings of at least four characters, one of
    which must match; ``reason`` is a part of the reason, ``before`` and ``after`` bound the time of
    dead-lettering (epoch seconds), ``limit`` is the maximal number.
    """

    ids: tuple[str, ...] = ()
    source: str | None = None
    topic: str | None = None
    destination: str | None = None
    reason: str | None = None
    entity: str | None = None
    before: float | None = None
    after: float | None = None
    limit: int | None = None


def read(message: MessageTypeDef, open_body: Callable[[str], Envelope]) -> DeadLetter:
    """
    Read a received message. Its facts are attributes; a message without a reason was moved here by
    SQS because it was received too often, and its facts are read from its body.
    """
    body = message["Body"]
    attributes = message.get("MessageAttributes", {})
    facts = {name: value.get("StringValue", "") for name, value in attributes.items()}
    if "reason" not in facts:
        facts = _facts_of_body(body, open_body) | facts
    status = facts.get("status", "")
    return DeadLetter(
        message_id=message["MessageId"],
        died_at=int(message.get("Attributes", {}).get("SentTimestamp", "0")) / 1000,
        id=facts.get("id", ""),
        source=facts.get("source", ""),
        topic=facts.get("topic", ""),
        destination=facts.get("destination", ""),
        entity=facts.get("entity", ""),
        reason=facts["reason"],
        status=int(status) if status.isdecimal() else None,
        path=facts.get("path", ""),
        body=body,
    )


def _facts_of_body(body: str, open_body: Callable[[str], Envelope]) -> dict[str, str]:
    try:
        envelope = open_body(body)
    except NotUnderstood as error:
        return {"reason": error.reason if pointer_of(body) else NO_ENVELOPE}
    return {
        "id": envelope.id,
        "source": envelope.source,
        "topic": envelope.topic,
        "destination": envelope.destination or envelope.task,
        "entity": envelope.entity,
        "reason": CRASHED,
    }


def _begins(dead_letter: DeadLetter, ids: tuple[str, ...]) -> bool:
    beginnings = tuple(one for one in ids if len(one) >= SHORTEST_BEGINNING)
    return any(
        name in ids or name.startswith(beginnings)
        for name in (dead_letter.id, dead_letter.message_id)
    )


def matches(criteria: DeadLetterFilter, dead_letter: DeadLetter) -> bool:
    """Return whether a dead letter is selected; the scan applies the ``limit``."""
    return (
        all(
            getattr(criteria, name) in {None, getattr(dead_letter, name)}
            for name in ("source", "topic", "destination", "entity")
        )
        and (not criteria.ids or _begins(dead_letter, criteria.ids))
        and (criteria.reason is None or criteria.reason.casefold() in dead_letter.reason.casefold())
        and (criteria.before is None or dead_letter.died_at < criteria.before)
        and (criteria.after is None or dead_letter.died_at >= criteria.after)
    )


def parse_time(text: str, now: float) -> float:
    """
    Read a time as epoch seconds: an age (``90s``, ``15m``, ``2h``, ``3d``, ``1w``), a date, or an
    ISO 8601 date and time, in UTC if it has no offset. Raise ValueError for anything else.
    """
    age = _AGE.fullmatch(text.strip())
    if age is not None:
        return now - int(age[1]) * _UNITS[age[2]]
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(
            "neither an age (2h, 3d) nor a date (2026-11-21) nor a time (2026-11-21T09:00Z)"
        ) from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
