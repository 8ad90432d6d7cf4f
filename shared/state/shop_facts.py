"""
Facts about the shop itself: the paths of its categories, its currency, the product of a variation.
One compressed item each, some with a limited lifetime.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from shared.state.item import text
from shared.state.table import Table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "fact#"


class DynamoFacts:
    """Facts in the ledger's table. ``clock`` gives epoch seconds."""

    def __init__(self, client: DynamoDBClient, table: str, clock: Callable[[], float]) -> None:
        self._table = Table(client, table)
        self._clock = clock

    def recall(self, names: Iterable[str]) -> Mapping[str, str]:
        """Return the stored facts that have not expired. Raise LedgerUnavailable."""
        keys = {f"{PREFIX}{name}": name for name in names}
        return {
            keys[found["pk"]["S"]]: gzip.decompress(found["fact"]["B"]).decode()
            for found in self._table.get(keys)
            # DynamoDB deletes an expired item within days, not at once.
            if "ttl" not in found or int(found["ttl"]["N"]) > self._clock()
        }

    def remember(self, facts: Mapping[str, str], seconds: float | None = None) -> None:
        """
        Store facts for so many ``seconds``, or without an end if it is None.

        Raise LedgerUnavailable, or NotUnderstood for a fact that is too large for an item (400 KB).
        """
        ttl = {} if seconds is None else {"ttl": {"N": str(int(self._clock() + seconds))}}
        self._table.put(
            {
                "pk": text(f"{PREFIX}{name}"),
                "fact": {"B": gzip.compress(fact.encode(), mtime=0)},
                **ttl,
            }
            for name, fact in facts.items()
        )
