"""
All errors of Shoprelay. The class of an error decides what becomes of the webhook.

ShoprelayError
├─ NotAuthentic      the signature is missing or wrong         401, nothing is stored
├─ NotOurs           the shop's domain is not the merchant's   401, nothing is stored
├─ Incomplete        a required header is missing              400, nothing is stored
├─ NotUnderstood     the payload lacks a needed field, at path dead letter; replay after a fix
│  ├─ NotJson        a body or a response is no JSON         dead letter; retry if the store's
│  └─ NotExpressible a call would break the platform's contract dead letter
├─ NotConfigured     a setting or a secret is wrong, at path   the function does not start
├─ StoreUnavailable  the shop's own API could not be queried   retry later
├─ StoreReadLater    another delivery reads the same from it now  wait, without an attempt
├─ StoreReadSince    it was read after the webhook was received   superseded: nothing is left to do
├─ SubscriptionRefused  a shop rejects a subscription          reported; no webhook is concerned
└─ PortUnavailable   DynamoDB, SQS or S3 is unavailable
   ├─ LedgerUnavailable                                        park without the ledger
   └─ QueueUnavailable                                         500, the shop sends it again

No message contains personal data or a secret: only paths, ids of deliveries and statuses.
"""

from __future__ import annotations


class ShoprelayError(Exception):
    """Base of all errors that Shoprelay raises on purpose."""


class NotAuthentic(ShoprelayError):
    """The signature of a webhook is missing or wrong."""


class NotOurs(ShoprelayError):
    """A webhook with a valid signature comes from a shop that is not the merchant's."""


class Incomplete(ShoprelayError):
    """A webhook with a valid signature lacks a required header; ``header`` is its name."""

    def __init__(self, header: str) -> None:
        super().__init__(f"the header `{header}` is missing")
        self.header = header


class NotUnderstood(ShoprelayError):
    """
    A payload lacks a field that a translation needs.

    ``path`` is the place in the payload, in msgspec's notation: ``$.variants[3].price``.
    """

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(f"{reason} - at `{path}`")
        self.reason = reason
        self.path = path


class NotJson(NotUnderstood):
    """A body or a response is no JSON at all: nothing in it has a path."""


class NotExpressible(NotUnderstood):
    """A change cannot be written as a call that the platform's document allows."""


class NotConfigured(ShoprelayError):
    """A setting or a secret is missing or invalid; ``path`` is its key."""

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(reason if path == "$" else f"{reason} - at `{path}`")
        self.reason = reason
        self.path = path


class StoreUnavailable(ShoprelayError):
    """
    The shop's own API could not be queried now; ``after`` is the requested delay, in seconds.
    ``refused``: it rejects the merchant's key, which only a person can correct.
    """

    def __init__(self, reason: str, after: float | None = None, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.refused = refused


class StoreReadLater(ShoprelayError):
    """The shop's own API must not be queried for an entity in the next ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__("the store is read for the same entity")
        self.seconds = seconds


class StoreReadSince(ShoprelayError):
    """What a webhook is about was read from the store after it was received, and is delivered."""

    def __init__(self, entity: str) -> None:
        super().__init__("the store was read after this webhook was received")
        self.entity = entity


class SubscriptionRefused(ShoprelayError):
    """The shop rejects a subscription to a topic; the text says why and what to do."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{topic}: {reason}")
        self.topic = topic
        self.reason = reason


class PortUnavailable(ShoprelayError):
    """DynamoDB, SQS or S3 is unavailable."""


class LedgerUnavailable(PortUnavailable):
    """DynamoDB did not accept a read or a write."""


class QueueUnavailable(PortUnavailable):
    """SQS or S3 did not accept or return a message."""


def place(error: BaseException) -> str:
    """Return the line of code that raised, never the message: it may contain personal data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
