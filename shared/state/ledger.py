"""
The ledger in DynamoDB: two writes and no read for a webhook that touches one entity and succeeds.

The claim is one conditional update that returns the row as it was; the commit is one put that is
conditional on the lease. A product with more than a hundred variants keeps their names in an item
of its own; the claim writes it too, and the commit writes both in one transaction.
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
from shared.state.table import Table, conflicts, ledger_errors

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_PSEUDONYM = "control#pseudonym"


class DynamoLedger:
    """
    Rows of entities in one DynamoDB table with the key ``pk`` and the TTL attribute ``ttl``.

    ``pseudonym`` makes the keyed hash under which a person's row stands.
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
            answer = self._update(claim.entity, claim_update(claim, intents))
            if answer is None:
                return Busy()
            before, won = answer
            row = _alive(items.read(before, claim.entity), claim.now)
            if won:
                return self._claimed(claim, row, refused)
            if row.lease == claim.lease:
                # The first try was taken and its answer lost: what was there before is not known,
                # so everything at the destinations is in doubt, from now on.
                doubted = replace(claim.lease, until=claim.now)
                return self._claimed(claim, replace(row, lease=doubted), refused)
            if row.lease is not None and row.lease.holds(claim.now):
                return Busy()
            if claim.delivery in row.done:
                return Duplicate()
            # Only an intent can have been in the way: an event that was told stays told.
            told = {
                name
                for name, one in intents.items()
                if one.forbidden_by(row.destination_state(name))
            }
            if not told:
                return Busy()
            refused |= told
            intents = {name: one for name, one in intents.items() if name not in told}

    def _claimed(self, claim: Claim, row: Row, refused: frozenset[str]) -> Claimed:
        if row.many or len(claim.variants) > MANY:
            there = self._many_variants(claim, claim.variants | row.variants)
            # An item of its own is there now, which the commit must write or delete.
            row = replace(row, variants=there | row.variants, many=True)
        abandoned = row.lease.until if row.lease else None
        return Claimed(row=replace(row, lease=None), abandoned=abandoned, refused=refused)

    def commit(self, row: Row, token: str, note: JournalEntry | None = None) -> bool:
        """Write the row and give the lease back, with a note for the journal; see `Ledger`."""
        many = len(row.variants) > MANY
        put: Any = {
            "TableName": self._name,
            "Item": items.write(self._key(row.entity), row, many=many),
            "ConditionExpression": "lease = :token",
            "ExpressionAttributeValues": {":token": items.text(token)},
        }
        # Both or none: who lost the lease must not touch what the next one added.
        whole: list[Any] = [{"Put": put}] + (
            [self._variants(row, many=many)] if many or row.many else []
        )
        noted = self._journal.update(note) if note and self._journal else None
        try:
            with ledger_errors("a commit"):
                self._write(whole, noted)
        except ClientError:
            return False
        return True

    def _write(self, whole: list[Any], noted: dict[str, Any] | None) -> None:
        if len(whole) == 1 and noted is None:
            self._client.put_item(**whole[0]["Put"])
            return
        more: list[Any] = [{"Update": noted}] if noted else []
        try:
            self._client.transact_write_items(TransactItems=[*whole, *more])
        except ClientError as error:
            if not (more and conflicts(error)):
                raise
            # A claim that waited for us came in between: the note is the less important of both.
            self._write(whole, None)

    def _variants(self, row: Row, *, many: bool) -> Any:
        pk = items.text(items.variants_key(row.entity))
        if not many:
            return {"Delete": {"TableName": self._name, "Key": {"pk": pk}}}
        item = {"pk": pk, "variants": items.texts(row.variants)}
        # They end when the row does: an id that comes back is another product.
        lasting = {"ttl": items.number(row.expires)} if row.expires is not None else {}
        return {"Put": {"TableName": self._name, "Item": item | lasting}}

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        """Tell which people were redacted, and when."""
        keys = {self._key(one): one for one in people}
        rows = (items.read(found, keys[found["pk"]["S"]]) for found in self._table.get(keys))
        return {
            row.entity: row.tombstone.at
            for row in rows
            if row.tombstone and row.tombstone.end is Ending.REDACTED
        }

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Give the known variants of products, wherever they stand."""
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
        """Tell which destinations are paused."""
        keys = {f"control#pause#{name}": name for name in destinations}
        return frozenset(keys[found["pk"]["S"]] for found in self._table.get(keys))

    def tracked(self, inventory: frozenset[str]) -> Mapping[str, bool]:
        """Tell which inventory items are known to be counted or not."""
        keys = {f"inventory#{name}": name for name in inventory}
        return {keys[found["pk"]["S"]]: found["tracked"]["BOOL"] for found in self._table.get(keys)}

    def remember_tracked(self, tracked: Mapping[str, bool]) -> None:
        """Remember whether inventory items are counted."""
        self._table.put(
            {"pk": items.text(f"inventory#{name}"), "tracked": {"BOOL": on}}
            for name, on in tracked.items()
        )

    def known(self, entities: Iterable[Entity]) -> frozenset[Entity]:
        """Tell which entities any destination was ever told of, or has variants of."""
        keys = {self._key(one): one for one in entities}
        rows = (items.read(found, keys[found["pk"]["S"]]) for found in self._table.get(keys))
        return frozenset(row.entity for row in rows if row.ever_sent)

    def known_pseudonym_key(self) -> str | None:
        """Give the key of this merchant's pseudonyms, None when none was made yet."""
        return next((found["key"]["S"] for found in self._table.get([_PSEUDONYM])), None)

    def pseudonym_key(self, fresh: str) -> str:
        """Give the key of this merchant's pseudonyms; ``fresh`` becomes it when there is none."""
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

        Raises LedgerUnavailable when the deadline (epoch seconds) comes first: what was deleted
        until then stays deleted, and the next purge has less to do.
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
        """Read one row, for people who look; the pipeline never does."""
        found = list(self._table.get([self._key(entity)]))
        return items.read(found[0], entity) if found else None

    def _update(self, entity: Entity, wish: ClaimUpdate) -> tuple[items.Item, bool] | None:
        """Give the row as it was, and whether the claim was taken; None while one is committed."""
        try:
            with ledger_errors("a claim"):
                answer = self._client.update_item(
                    TableName=self._name, Key={"pk": items.text(self._key(entity))}, **wish.asked()
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item", {})
            return item, False
        except ClientError:
            # Not a condition of ours, and no error of theirs: a transaction has the row.
            return None
        return answer.get("Attributes", {}), True

    def _many_variants(self, claim: Claim, more: frozenset[str]) -> frozenset[str]:
        """Add to the item of many variants, which lasts from now on, and give what it held."""
        pk = items.variants_key(claim.entity)
        wish: Any = {"UpdateExpression": "REMOVE #ttl"}
        if more:
            wish = {
                "UpdateExpression": "REMOVE #ttl ADD variants :more",
                "ExpressionAttributeValues": {":more": items.texts(more)},
            }
        else:
            # A removal or a partial update brings none, and DynamoDB refuses an empty set.
            found = list(self._table.get([pk]))
            if not any("ttl" in one for one in found):
                return frozenset().union(*map(items.variants_of, found))
        with ledger_errors("the variants"):
            answer = self._client.update_item(
                TableName=self._name,
                Key={"pk": items.text(pk)},
                ExpressionAttributeNames={"#ttl": "ttl"},
                ReturnValues="ALL_OLD",
                **wish,
            )
        # What expired stays until the commit or DynamoDB's own sweep, as in a row; it names nobody.
        return items.variants_until(answer.get("Attributes", {}), claim.now)

    def _key(self, entity: Entity) -> str:
        return items.key(items.pseudonymous(entity, self._pseudonym))


def keyed(key: bytes, name: str) -> str:
    """Give the keyed hash that stands for a person's id or lower-cased e-mail address."""
    return hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:32]


def _alive(row: Row, now: float) -> Row:
    if row.expires is not None and row.expires < now:
        # That there were many is still of use: their item must go, or be written anew.
        return Row(entity=row.entity, lease=row.lease, many=row.many)
    return row
