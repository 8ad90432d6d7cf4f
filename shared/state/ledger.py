"""
The ledger in DynamoDB: two writes and no read for a webhook of one entity that succeeds.

The claim is one conditional update that returns the row from before; the commit is one put that is
conditional on the lease. A product with more than a hundred variants has a separate item for their
names; the claim writes it too, and the commit writes both in one transaction.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.value import replace
from shared.state import item as items
from shared.state.claim_update import MANY, ClaimUpdate, claim_update
from shared.state.journal import DynamoJournal, JournalEntry
from shared.state.ports import Busy, Claim, Claimed, Duplicate
from shared.state.row import Ending, Row
from shared.state.table import Table, conflicts, ledger_errors, only_last_failed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PSEUDONYM = "control#pseudonym"
_SHOP_KEPT = "control#shop-kept"


class DynamoLedger:
    """
    Rows of entities in one DynamoDB table with the key ``pk`` and the TTL attribute ``ttl``.

    ``pseudonym`` returns the keyed hash that is in the key of a person's row.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        pseudonym: Callable[[str], str] = str,
        clock: Callable[[], float] = lambda: 0.0,
        journal: DynamoJournal | None = None,
    ) -> None:
        self._client = client
        self._name = table
        self._table = Table(client, table)
        self._pseudonym = pseudonym
        self._clock = clock
        self._journal = journal

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        """Take the lease of an entity; see `Ledger`."""
        intents = dict(claim.intents)
        refused: frozenset[str] = frozenset()
        while True:
            response = self._update(claim.entity, claim_update(claim, intents))
            if response is None:
                return Busy()
            before, won = response
            row = _unexpired(items.read(before, claim.entity), claim.now)
            if won:
                return self._claimed(claim, row, refused)
            if row.lease == claim.lease:
                # The first request succeeded and its response was lost: the row from before is
                # unknown, so everything at the destinations is in doubt from now on.
                ended = replace(claim.lease, until=claim.now)
                return self._claimed(claim, replace(row, lease=ended), refused)
            if row.lease is not None and row.lease.holds(claim.now):
                return Busy()
            if claim.delivery in row.done:
                return Duplicate()
            # Only a forbidden intent can have failed the condition.
            forbidden = {
                name
                for name, one in intents.items()
                if one.forbidden_by(row.destination_state(name))
            }
            if not forbidden:
                return Busy()
            refused |= forbidden
            intents = {name: one for name, one in intents.items() if name not in forbidden}

    def _claimed(self, claim: Claim, row: Row, refused: frozenset[str]) -> Claimed:
        if row.many or len(claim.variants) > MANY:
            stored = self._many_variants(claim, claim.variants | row.variants)
            # There is a separate item now, which the commit must write or delete.
            row = replace(row, variants=stored | row.variants, many=True)
        abandoned = row.lease.until if row.lease else None
        return Claimed(row=replace(row, lease=None), abandoned=abandoned, refused=refused)

    def commit(self, row: Row, token: str, entry: JournalEntry | None = None) -> bool:
        """Write the row and release the lease, with a journal entry; see `Ledger`."""
        many = len(row.variants) > MANY
        put: Any = {
            "TableName": self._name,
            "Item": items.write(self._key(row.entity), row, many=many),
            "ConditionExpression": "lease = :token",
            "ExpressionAttributeValues": {":token": items.text(token)},
        }
        # Both or none: without the lease it must not change what the next claim added.
        writes: list[Any] = [{"Put": put}] + (
            [self._variants(row, many=many)] if many or row.many else []
        )
        journal_update = self._journal.update(entry) if entry and self._journal else None
        try:
            with ledger_errors("a commit"):
                self._write(writes, journal_update)
        except ClientError:
            return False
        return True

    def _write(self, writes: list[Any], journal_update: dict[str, Any] | None) -> None:
        if len(writes) == 1 and journal_update is None:
            self._client.put_item(**writes[0]["Put"])
            return
        more: list[Any] = [{"Update": journal_update}] if journal_update else []
        try:
            self._client.transact_write_items(TransactItems=[*writes, *more])
        except ClientError as error:
            if not (more and (conflicts(error) or only_last_failed(error))):
                raise
            # A waiting claim conflicted, or DynamoDB throttled the journal: the commit is more
            # important than the entry.
            self._write(writes, None)
            if self._journal:
                self._journal.lost += 1

    def _variants(self, row: Row, *, many: bool) -> Any:
        pk = items.text(items.variants_key(row.entity))
        if not many:
            return {"Delete": {"TableName": self._name, "Key": {"pk": pk}}}
        item = {"pk": pk, "variants": items.texts(row.variants)}
        # It expires with the row: an id that is used again is another product.
        ttl = {"ttl": items.number(row.expires)} if row.expires is not None else {}
        return {"Put": {"TableName": self._name, "Item": item | ttl}}

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        """Return which people were redacted, and when."""
        keys = {self._key(one): one for one in people}
        rows = (items.read(found, keys[found["pk"]["S"]]) for found in self._table.get(keys))
        return {
            row.entity: row.tombstone.at
            for row in rows
            if row.tombstone and row.tombstone.end is Ending.REDACTED
        }

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return the known variants of products, from their rows and separate items."""
        found: dict[str, frozenset[str]] = {}
        entities = [Entity(Kind.PRODUCT, product) for product in products]
        wanted = {items.key(one): one.id for one in entities}
        wanted |= {items.variants_key(one): one.id for one in entities}
        for item in self._table.get(wanted):
            product = wanted[item["pk"]["S"]]
            names = items.variants_until(item, self._clock())
            found[product] = found.get(product, frozenset()) | names
        return found

    def paused(self, destinations: Iterable[str]) -> frozenset[str]:
        """Return which destinations are paused."""
        keys = {f"control#pause#{name}": name for name in destinations}
        return frozenset(keys[found["pk"]["S"]] for found in self._table.get(keys))

    def shop_kept_at(self) -> str | None:
        """Return until which `instant` requests to delete the shop's data are cancelled."""
        return next((found["at"]["S"] for found in self._table.get([_SHOP_KEPT])), None)

    def keep_shop(self, at: str) -> None:
        """Cancel the requests to delete the shop's data that were received until an `instant`."""
        self._table.put([{"pk": items.text(_SHOP_KEPT), "at": items.text(at)}])

    def tracked(self, inventory: frozenset[str]) -> Mapping[str, bool]:
        """Return for known inventory items whether their stock is tracked."""
        keys = {f"inventory#{name}": name for name in inventory}
        return {keys[found["pk"]["S"]]: found["tracked"]["BOOL"] for found in self._table.get(keys)}

    def remember_tracked(self, tracked: Mapping[str, bool]) -> None:
        """Store whether the stock of inventory items is tracked."""
        self._table.put(
            {"pk": items.text(f"inventory#{name}"), "tracked": {"BOOL": on}}
            for name, on in tracked.items()
        )

    def known(self, entities: Iterable[Entity]) -> frozenset[Entity]:
        """Return which entities were ever sent to a destination, or have variants."""
        keys = {self._key(one): one for one in entities}
        rows = (items.read(found, keys[found["pk"]["S"]]) for found in self._table.get(keys))
        return frozenset(row.entity for row in rows if row.ever_sent)

    def known_pseudonym_key(self) -> str | None:
        """Return the key of this merchant's pseudonyms, None if there is none yet."""
        return next((found["key"]["S"] for found in self._table.get([_PSEUDONYM])), None)

    def pseudonym_key(self, fresh: str) -> str:
        """Return the key of this merchant's pseudonyms; store ``fresh`` if there is none."""
        item = {"pk": items.text(_PSEUDONYM), "key": items.text(fresh)}
        try:
            with ledger_errors("the pseudonym key"):
                self._client.put_item(
                    TableName=self._name,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return str(error.response["Item"]["key"]["S"])  # type: ignore[typeddict-item]  # boto3's stubs lack Item
        return fresh

    def purge(self, deadline: float) -> int:
        """
        Delete every row of entities and inventory items; control items stay.

        Raise LedgerUnavailable if the deadline (epoch seconds) comes first: rows that were deleted
        stay deleted, and the next purge has less to do.
        """
        deleted = 0
        for keys in self._table.pages():
            if self._clock() >= deadline:
                raise LedgerUnavailable("not all rows were deleted in time")
            gone = [key for key in keys if not key.startswith("control#")]
            self._table.delete(gone)
            deleted += len(gone)
        return deleted

    def row(self, entity: Entity) -> Row | None:
        """Read one row, for the CLI and for privacy; a delivery never does."""
        found = list(self._table.get([self._key(entity)]))
        return items.read(found[0], entity) if found else None

    def _update(self, entity: Entity, update: ClaimUpdate) -> tuple[items.Item, bool] | None:
        """Return the row from before, and whether the claim succeeded; None during a commit."""
        try:
            with ledger_errors("a claim"):
                response = self._client.update_item(
                    TableName=self._name,
                    Key={"pk": items.text(self._key(entity))},
                    **update.arguments(),
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item", {})
            return item, False
        except ClientError:
            # Neither a failed condition nor an error of AWS: a transaction has the row.
            return None
        return response.get("Attributes", {}), True

    def _many_variants(self, claim: Claim, more: frozenset[str]) -> frozenset[str]:
        """Add to the separate item of many variants, remove its TTL, and return its old names."""
        pk = items.variants_key(claim.entity)
        update: Any = {"UpdateExpression": "REMOVE #ttl"}
        if more:
            update = {
                "UpdateExpression": "REMOVE #ttl ADD variants :more",
                "ExpressionAttributeValues": {":more": items.texts(more)},
            }
        else:
            # A removal or a partial update has none, and DynamoDB rejects an empty set.
            found = list(self._table.get([pk]))
            if not any("ttl" in one for one in found):
                return frozenset().union(*map(items.variants_of, found))
        with ledger_errors("the variants"):
            response = self._client.update_item(
                TableName=self._name,
                Key={"pk": items.text(pk)},
                ExpressionAttributeNames={"#ttl": "ttl"},
                ReturnValues="ALL_OLD",
                **update,
            )
        # Expired names stay until the commit or DynamoDB's TTL, as in a row; they name nobody.
        return items.variants_until(response.get("Attributes", {}), claim.now)

    def _key(self, entity: Entity) -> str:
        return items.key(items.pseudonymous(entity, self._pseudonym))


def keyed(key: bytes, name: str) -> str:
    """Return the keyed hash of a person's id or lower-cased e-mail address."""
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:32]


def _unexpired(row: Row, now: float) -> Row:
    if row.expires is not None and row.expires < now:
        # ``many`` is still needed: the separate item must be deleted or rewritten.
        return Row(entity=row.entity, lease=row.lease, many=row.many)
    return row
