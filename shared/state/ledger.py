"""
The ledger in DynamoDB: two writes and no read for a webhook that touches one entity and succeeds.

The claim is one conditional update that returns the row as it was; the commit is one put that is
conditional on the lease. A product with more than a hundred variants keeps their names in an item
of its own; the claim writes it too, and the commit writes both in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import LedgerUnavailable, NotUnderstood
from shared.model.entity import Entity, Kind
from shared.state import item as items
from shared.state.ports import Busy, Claim, Claimed, Duplicate, Intent
from shared.state.row import LIFETIME, End, Row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MANY = 100
BATCH = 100
WRITE_BATCH = 25


@dataclass(slots=True)
class _Update:
    """An update expression that grows; DynamoDB wants names and values apart from it."""

    now: float
    sets: list[str] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, items.Value] = field(default_factory=dict)

    def name(self, attribute: str) -> str:
        alias = f"#a{len(self.names)}"
        self.names[alias] = attribute
        return alias

    def value(self, value: items.Value) -> str:
        alias = f":v{len(self.values)}"
        self.values[alias] = value
        return alias

    def put(self, attribute: str, value: items.Value) -> None:
        self.sets.append(f"{self.name(attribute)} = {self.value(value)}")


class DynamoLedger:
    """Rows of entities in one DynamoDB table with the key ``pk`` and the TTL attribute ``ttl``."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def claim(self, claim: Claim) -> Claimed | Busy | Duplicate:
        """Take the lease of an entity; see `Ledger`."""
        intents = dict(claim.intents)
        refused: frozenset[str] = frozenset()
        while True:
            before, won = self._update(_claiming(claim, intents))
            row = _alive(items.read(before, claim.entity), claim.now)
            if won:
                return self._claimed(claim, row, refused)
            if row.lease == claim.lease:
                # The first try was taken and its answer lost: what was there before is not known,
                # so everything at the destinations is in doubt, from now on.
                doubted = replace(claim.lease, until=claim.now)
                return self._claimed(claim, replace(row, lease=doubted), refused)
            if row.lease is not None and row.lease.until >= claim.now:
                return Busy()
            if claim.delivery in row.done:
                return Duplicate()
            # Only an intent can have been in the way: an event that was told stays told.
            told = {name for name, one in intents.items() if _forbidden(row, name, one)}
            if not told:
                return Busy()
            refused |= told
            intents = {name: one for name, one in intents.items() if name not in told}

    def _claimed(self, claim: Claim, row: Row, refused: frozenset[str]) -> Claimed:
        if row.many or len(claim.variants) > MANY:
            there = self._many_variants(claim.entity, claim.variants | row.variants)
            row = replace(row, variants=there | row.variants)
        abandoned = row.lease.until if row.lease else None
        return Claimed(row=replace(row, lease=None), abandoned=abandoned, refused=refused)

    def commit(self, row: Row, token: str) -> bool:
        """Write the row and give the lease back; see `Ledger`."""
        many = len(row.variants) > MANY
        put: Any = {
            "TableName": self._table,
            "Item": items.write(row, many=many),
            "ConditionExpression": "lease = :token",
            "ExpressionAttributeValues": {":token": items.text(token)},
        }
        try:
            with _reaching("a commit"):
                if many or row.many:
                    # Both or none: who lost the lease must not touch what the next one added.
                    self._client.transact_write_items(
                        TransactItems=[{"Put": put}, self._variants(row, many=many)]
                    )
                else:
                    self._client.put_item(**put)
        except ClientError:
            return False
        return True

    def _variants(self, row: Row, *, many: bool) -> Any:
        pk = items.variants_key(row.entity)
        if not many:
            return {"Delete": {"TableName": self._table, "Key": {"pk": pk}}}
        item = {"pk": pk, "variants": items.texts(row.variants)}
        return {"Put": {"TableName": self._table, "Item": item}}

    def redacted(self, people: Iterable[Entity]) -> Mapping[Entity, str]:
        """Tell which people were redacted, and when."""
        keys = {str(items.key(one)["S"]): one for one in people}
        rows = (items.read(found, keys[found["pk"]["S"]]) for found in self._get(keys))
        return {
            row.entity: row.tombstone.at
            for row in rows
            if row.tombstone and row.tombstone.end is End.REDACTED
        }

    def known_variants(self, products: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Give the known variants of products, wherever they stand."""
        found: dict[str, frozenset[str]] = {}
        entities = [Entity(Kind.PRODUCT, product) for product in products]
        wanted = {items.key(one)["S"]: one.id for one in entities}
        wanted |= {items.variants_key(one)["S"]: one.id for one in entities}
        for item in self._get(wanted):
            product = wanted[item["pk"]["S"]]
            found[product] = found.get(product, frozenset()) | items.variants_of(item)
        return found

    def paused(self, destinations: Iterable[str]) -> frozenset[str]:
        """Tell which destinations are paused."""
        keys = {f"control#pause#{name}": name for name in destinations}
        return frozenset(keys[found["pk"]["S"]] for found in self._get(keys))

    def tracked(self, inventory: frozenset[str]) -> Mapping[str, bool]:
        """Tell which inventory items are known to be counted or not."""
        keys = {f"inventory#{name}": name for name in inventory}
        return {keys[found["pk"]["S"]]: found["tracked"]["BOOL"] for found in self._get(keys)}

    def remember_tracked(self, tracked: Mapping[str, bool]) -> None:
        """Remember whether inventory items are counted."""
        puts: list[Any] = [
            {
                "PutRequest": {
                    "Item": {"pk": items.text(f"inventory#{name}"), "tracked": {"BOOL": on}}
                }
            }
            for name, on in tracked.items()
        ]
        for start in range(0, len(puts), WRITE_BATCH):
            asked: Any = {self._table: puts[start : start + WRITE_BATCH]}
            while asked:
                with _reaching("inventory items"):
                    answer = self._client.batch_write_item(RequestItems=asked)
                asked = answer.get("UnprocessedItems")

    def pseudonym_key(self, fresh: str) -> str:
        """Give the key of this merchant's pseudonyms; ``fresh`` becomes it when there is none."""
        item = {"pk": items.text("control#pseudonym"), "key": items.text(fresh)}
        try:
            with _reaching("the pseudonym key"):
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression="attribute_not_exists(pk)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            return str(error.response["Item"]["key"]["S"])  # type: ignore[typeddict-item]  # boto3's stubs lack Item
        return fresh

    def purge(self) -> int:
        """Delete every row of entities and inventory items; control items stay."""
        deleted = 0
        with _reaching("a purge"):
            pages = self._client.get_paginator("scan").paginate(
                TableName=self._table, ProjectionExpression="pk"
            )
            for page in pages:
                for found in page["Items"]:
                    if not found["pk"]["S"].startswith("control#"):
                        self._client.delete_item(TableName=self._table, Key={"pk": found["pk"]})
                        deleted += 1
        return deleted

    def row(self, entity: Entity) -> Row | None:
        """Read one row, for people who look; the pipeline never does."""
        found = list(self._get({items.key(entity)["S"]: entity}))
        return items.read(found[0], entity) if found else None

    def _update(self, update: tuple[items.Value, _Update]) -> tuple[items.Item, bool]:
        pk, wish = update
        expression = "SET " + ", ".join(wish.sets)
        if wish.removes:
            expression += " REMOVE " + ", ".join(wish.removes)
        if ":variants" in wish.values:
            expression += " ADD variants :variants"
        try:
            with _reaching("a claim"):
                answer = self._client.update_item(
                    TableName=self._table,
                    Key={"pk": pk},
                    UpdateExpression=expression,
                    ConditionExpression=" AND ".join(wish.conditions),
                    ExpressionAttributeNames=wish.names,
                    ExpressionAttributeValues=wish.values,
                    ReturnValues="ALL_OLD",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            item: Any = error.response.get("Item", {})
            return item, False
        return answer.get("Attributes", {}), True

    def _many_variants(self, entity: Entity, more: frozenset[str]) -> frozenset[str]:
        if not more:
            # A removal or a partial update brings none, and DynamoDB refuses an empty set.
            found = list(self._get([str(items.variants_key(entity)["S"])]))
            return items.variants_of(found[0]) if found else frozenset()
        with _reaching("the variants"):
            answer = self._client.update_item(
                TableName=self._table,
                Key={"pk": items.variants_key(entity)},
                UpdateExpression="ADD variants :more",
                ExpressionAttributeValues={":more": items.texts(more)},
                ReturnValues="ALL_OLD",
            )
        return items.variants_of(answer.get("Attributes", {}))

    def _get(self, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
        wanted = [{"pk": items.text(name)} for name in keys]
        for start in range(0, len(wanted), BATCH):
            asked: Any = {
                self._table: {"Keys": wanted[start : start + BATCH], "ConsistentRead": True}
            }
            while asked:
                with _reaching("a read"):
                    answer = self._client.batch_get_item(RequestItems=asked)
                yield from answer["Responses"].get(self._table, [])
                asked = answer.get("UnprocessedKeys")


def _claiming(claim: Claim, intents: Mapping[str, Intent]) -> tuple[items.Value, _Update]:
    update = _Update(claim.now)
    until, now = update.name("until"), update.value(items.number(claim.now))
    ttl = update.name("ttl")
    # DynamoDB deletes an expired item within days, not at once; what is expired forbids nothing.
    expired = f"{ttl} < {now}"
    update.conditions.append(f"(attribute_not_exists({until}) OR {until} < {now})")
    update.put("lease", items.text(claim.lease.token))
    update.sets.append(f"{until} = {update.value(items.number(claim.lease.until))}")
    if claim.delivery is not None:
        done, delivery = update.name("done"), update.value(items.text(claim.delivery))
        update.conditions.append(
            f"(attribute_not_exists({done}) OR NOT contains({done}, {delivery}) OR {expired})"
        )
    span = LIFETIME[claim.entity.kind]
    if span is None:
        update.removes.append(ttl)
    else:
        update.sets.append(f"{ttl} = {update.value(items.number(int(claim.now) + span))}")
    update.removes.extend(update.name(items.DIGEST + name) for name in sorted(claim.destinations))
    for name, intent in sorted(intents.items()):
        _intend(update, name, intent, expired)
    if len(claim.variants) > MANY:
        # Written before they are: whoever comes after a crash must look for them.
        update.put("many", {"BOOL": True})
    elif claim.variants:
        update.values[":variants"] = items.texts(claim.variants)
    return items.key(claim.entity), update


def _intend(update: _Update, destination: str, intent: Intent, expired: str) -> None:
    intended, told = items.INTENDED + destination, items.TOLD + destination
    alias = update.name(told if intent.again else intended)
    condition = f"attribute_not_exists({alias}) OR {expired}"
    if not intent.once:
        condition += f" OR {alias} < {update.value(items.text(intent.key))}"
    update.conditions.append(f"({condition})")
    update.put(intended, items.text(intent.key))


def _forbidden(row: Row, destination: str, intent: Intent) -> bool:
    standing = row.standing(destination)
    there = standing.told if intent.again else standing.intended
    return there is not None and (intent.once or there >= intent.key)


def _alive(row: Row, now: float) -> Row:
    if row.expires is not None and row.expires < now:
        return Row(entity=row.entity, lease=row.lease)
    return row


@contextmanager
def _reaching(what: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _forbidden_by_condition(error):
            raise
        code = error.response["Error"]["Code"]
        if code == "ValidationException":
            # It will never be taken: a key or a row that is too large.
            raise NotUnderstood(f"DynamoDB cannot hold {what}") from error
        raise LedgerUnavailable(f"DynamoDB refused {what}: {code}") from error
    except BotoCoreError as error:
        msg = f"DynamoDB did not answer {what}: {type(error).__name__}"
        raise LedgerUnavailable(msg) from error


def _forbidden_by_condition(error: ClientError) -> bool:
    """Tell whether a condition of ours was not met, alone or inside a transaction."""
    reasons: Any = error.response.get("CancellationReasons", [])
    codes = {error.response["Error"]["Code"], *(one.get("Code") for one in reasons)}
    return not codes.isdisjoint({"ConditionalCheckFailedException", "ConditionalCheckFailed"})
