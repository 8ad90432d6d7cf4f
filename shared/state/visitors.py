"""
Visitors in the ledger's table, one item for each name. A person's is named by a keyed hash, as the
row is. Names that were remembered at one time are forgotten together: a person's, with their carts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.model.entity import Entity, Kind
from shared.model.visitor import Campaign, Visitor
from shared.state.item import Item, Value, text, texts
from shared.state.ledger import GUEST
from shared.state.row import DAY
from shared.state.table import Table, reaching

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "visitor#"
# A dead letter of a cart or an order may be replayed as long as its row stands (`LIFETIME`).
LIFETIME: Mapping[Kind, int] = {
    Kind.CART: 60 * DAY,
    Kind.CHECKOUT: 60 * DAY,
    Kind.ORDER: 60 * DAY,
    Kind.PERSON: 400 * DAY,
}
_IDS = ("sc", "did", "seance", "seen_at", "segment")


class DynamoVisitors:
    """
    Visitors by name; see `shared.state.ports.Visitors`. ``pseudonym`` makes the keyed hash under
    which a customer stands, ``clock`` gives epoch seconds.
    """

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        pseudonym: Callable[[str], str],
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._name = table
        self._table = Table(client, table)
        self._pseudonym = pseudonym
        self._clock = clock

    def find(self, names: Iterable[Entity]) -> Mapping[Entity, Visitor]:
        """Give the visitors that are known and not too old, by name."""
        keys = {self._key(name): name for name in names}
        return {
            keys[found["pk"]["S"]]: _read(found)
            for found in self._table.get(keys)
            # DynamoDB deletes what is too old within days, not at once.
            if int(found["ttl"]["N"]) > self._clock()
        }

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        """Remember a visitor under each of these names."""
        keys = {self._key(name): name for name in names}
        self._table.put(
            {"pk": text(key), **_written(visitor), **self._lasting(name), "together": texts(every)}
            for key, name in keys.items()
            if (every := frozenset(keys))
        )

    def introduce(self, name: Entity, visitor: Visitor) -> Visitor:
        """Remember a visitor whose device is new, unless another is there."""
        key = self._key(name)
        item = {"pk": text(key), **_written(visitor), **self._lasting(name)}
        try:
            with reaching("a visitor"):
                self._client.put_item(
                    TableName=self._name,
                    Item={**item, "together": texts(frozenset({key}))},
                    ConditionExpression="attribute_not_exists(did) OR did = :did",
                    ExpressionAttributeValues={":did": item["did"]},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except ClientError as error:
            there: Any = error.response.get("Item", {})
            return _read(there)
        return visitor

    def forget(self, names: Iterable[Entity]) -> None:
        """Forget visitors, and what was remembered together with them."""
        keys = {self._key(name) for name in names}
        found = list(self._table.get(sorted(keys)))
        self._table.delete(sorted(keys.union(*(one["together"]["SS"] for one in found))))

    def _key(self, name: Entity) -> str:
        if name.kind is Kind.PERSON and not name.id.startswith(GUEST):
            name = Entity(Kind.PERSON, self._pseudonym(name.id))
        return f"{PREFIX}{name}"

    def _lasting(self, name: Entity) -> dict[str, Value]:
        return {"ttl": {"N": str(int(self._clock()) + LIFETIME[name.kind])}}


def _written(visitor: Visitor) -> dict[str, Value]:
    item = {name: text(value) for name in _IDS if (value := getattr(visitor, name))}
    campaign = visitor.campaign
    if campaign is not None:
        told = {"origin": campaign.origin, "code": campaign.code, "at": campaign.at}
        item["campaign"] = {"M": {name: text(value) for name, value in told.items()}}
    return item


def _read(item: Item) -> Visitor:
    found = {name: item[name]["S"] for name in _IDS if name in item}
    if "campaign" in item:
        told = {name: value["S"] for name, value in item["campaign"]["M"].items()}
        return Visitor(**found, campaign=Campaign(**told))
    return Visitor(**found)
