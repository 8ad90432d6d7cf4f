"""
Every error of ours. The class decides the fate of the webhook.

ShoprelayError
├─ NotAuthentic      the signature is missing or wrong         401, nothing kept
├─ NotOurs           the shop's domain is not the merchant's   401, nothing kept
├─ Incomplete        a required header is missing              400, nothing kept
├─ NotUnderstood     the payload lacks what we need, at path   dead letter; replay after a fix
│  └─ NotExpressible a call would break the platform's contract dead letter
├─ NotConfigured     a setting or a secret is wrong, at path   refuses to start
├─ StoreUnavailable  the shop's own API could not be asked     wait, then again
├─ SubscriptionRefused  a shop does not take a subscription    told; no webhook is concerned
└─ PortUnavailable   one of our own stores is out of reach
   ├─ LedgerUnavailable                                        park without it
   └─ QueueUnavailable                                         500, the shop tries again

No message names a person or holds a secret: paths, ids of deliveries and statuses only.
"""

from __future__ import annotations


class ShoprelayError(Exception):
    """Base of all errors that Shoprelay raises on purpose."""


class NotAuthentic(ShoprelayError):
    """The signature of a webhook is missing or wrong."""


class NotOurs(ShoprelayError):
    """A webhook with a good signature comes from a shop that is not the merchant's."""


class Incomplete(ShoprelayError):
    """A webhook with a good signature lacks a required header; ``header`` names it."""

    def __init__(self, header: str) -> None:
        super().__init__(f"the header `{header}` is missing")
        self.header = header


class NotUnderstood(ShoprelayError):
    """
    A payload lacks what a translation needs.

    ``path`` is the place in the payload, in msgspec's notation: ``$.variants[3].price``.
    """

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(f"{reason} - at `{path}`")
        self.reason = reason
        self.path = path


class NotExpressible(NotUnderstood):
    """A change cannot be written as a call that the platform's document allows."""


class NotConfigured(ShoprelayError):
    """A setting or a secret is missing or has the wrong form; ``path`` names its key."""

    def __init__(self, reason: str, path: str = "$") -> None:
        super().__init__(reason if path == "$" else f"{reason} - at `{path}`")
        self.reason = reason
        self.path = path


class StoreUnavailable(ShoprelayError):
    """
    The shop's own API could not be asked now; ``after`` is the wait it wishes, in seconds.
    ``refused``: it does not take our key, which only a person can mend.
    """

    def __init__(self, reason: str, after: float | None = None, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.refused = refused


class SubscriptionRefused(ShoprelayError):
    """The shop does not take a subscription to a topic; the text says why and what to do."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{topic}: {reason}")
        self.topic = topic
        self.reason = reason


class PortUnavailable(ShoprelayError):
    """One of our own stores is out of reach."""


class LedgerUnavailable(PortUnavailable):
    """DynamoDB did not take a read or a write."""


class QueueUnavailable(PortUnavailable):
    """SQS or S3 did not take or give a message."""


def place(error: BaseException) -> str:
    """Name the line of code that raised, never the message: that may hold a person's data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}"
