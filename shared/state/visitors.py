"""
Visitors in the ledger's table, one item for each name. A person has a keyed hash in the key, as in
a row. Each item has links to the others that it was stored with, so that a person is erased with
their carts and orders.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from shared.errors import LedgerUnavailable
from shared.model.entity import Entity, Kind
from shared.model.visitor import Visitor
from shared.state import visitor_item
from shared.state.item import pseudonymous, text, texts
from shared.state.row import DAY
from shared.state.table import Table, ledger_errors
from shared.state.visitor_item import Link

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "visitor#"
_PERSON = f"{PREFIX}{Kind.PERSON}:"
# A dead letter of a cart or an order may be replayed as long as its row exists (`LIFETIME`).
LIFETIME: Mapping[Kind, int] = {
    Kind.CART: 60 * DAY,
    Kind.CHECKOUT: 60 * DAY,
    Kind.ORDER: 60 * DAY,
    Kind.PERSON: 400 * DAY,
}


class DynamoVisitors:
    """
    Visitors by name; see `shared.state.ports.Visitors`. ``pseudonym`` returns the keyed hash of a
    customer, ``clock`` epoch seconds.
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
        """Return the known visitors that have not expired, by name."""
        keys = {self._key(name): name for name in names}
        return {
            keys[found["pk"]["S"]]: visitor_item.read(found)
            for found in self._table.get(keys)
            # DynamoDB deletes an expired item within days, not at once.
            if int(found["ttl"]["N"]) > self._clock()
        }

    def keep(self, names: Iterable[Entity], visitor: Visitor) -> None:
        """Store a visitor under each of these names, unless it is empty."""
        keys = {self._key(name): name for name in names}
        if not visitor:
            return
        day = int(self._clock()) // DAY
        every = frozenset(Link(day=day, key=key) for key in keys)
        for key, name in keys.items():
            self._keep(key, visitor_item.update_visitor(visitor, self._ends(name), every))

    def _keep(self, key: str, update: Mapping[str, Any]) -> None:
        with ledger_errors("a visitor"):
            response = self._client.update_item(
                TableName=self._name, Key={"pk": text(key)}, ReturnValues="UPDATED_NEW", **update
            )
            surplus = visitor_item.surplus(visitor_item.links(response.get("Attributes", {})))
            if surplus:
                self._client.update_item(
                    TableName=self._name,
                    Key={"pk": text(key)},
                    UpdateExpression="DELETE together :surplus",
                    ExpressionAttributeValues={":surplus": texts(frozenset(map(str, surplus)))},
                )

    def register(self, name: Entity, visitor: Visitor, instead: str | None = None) -> Visitor:
        """Store a visitor whose device is new, unless there is another one; see `Visitors`."""
        update = visitor_item.update_visitor(visitor, self._ends(name))
        values = {**update["ExpressionAttributeValues"], ":now": {"N": repr(self._clock())}}
        vacant = "attribute_not_exists(#did) OR #ttl <= :now"
        if visitor.device_id is not None:
            vacant += " OR #did = :did"
        if instead is not None:
            vacant += " OR #did = :instead"
            values[":instead"] = text(instead)
        update |= {"ConditionExpression": vacant, "ExpressionAttributeValues": values}
        try:
            with ledger_errors("a visitor"):
                self._client.update_item(
                    TableName=self._name,
                    Key={"pk": text(self._key(name))},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **update,
                )
        except ClientError as error:
            item: Any = error.response.get("Item", {})
            return visitor_item.read(item)
        return visitor

    def forget(self, names: Iterable[Entity]) -> int:
        """Erase visitors, and those stored together with them; see `Visitors`."""
        visited: set[str] = set()
        found_keys: set[str] = set()
        next_ones = {self._key(name) for name in names}
        while next_ones:
            visited |= next_ones
            found = list(self._table.get(sorted(next_ones)))
            found_keys |= {item["pk"]["S"] for item in found}
            linked = {link.key for item in found for link in visitor_item.links(item)}
            next_ones = {key for key in linked - visited if not key.startswith(_PERSON)}
        self._table.delete(sorted(found_keys))
        return len(found_keys)

    def purge(self, deadline: float) -> int:
        """Erase every visitor; see `Visitors`."""
        deleted = 0
        for keys in self._table.pages():
            if self._clock() >= deadline:
                raise LedgerUnavailable("not all visitors were forgotten in time")
            found_keys = [key for key in keys if key.startswith(PREFIX)]
            self._table.delete(found_keys)
            deleted += len(found_keys)
        return deleted

    def _key(self, name: Entity) -> str:
        return f"{PREFIX}{pseudonymous(name, self._pseudonym)}"

    def _ends(self, name: Entity) -> int:
        return int(self._clock()) + LIFETIME[name.kind]
