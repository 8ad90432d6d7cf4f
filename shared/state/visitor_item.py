"""A visitor's item in DynamoDB: its update expression, and how it is read."""

from __future__ import annotations

from typing import Any

from shared.model.value import Value
from shared.model.visitor import Campaign, Visitor
from shared.state.item import AttributeValue, Item, text, texts

# The number of names that are erased with a person, the newest: an item with 100 has 6 KB. More
# carts within two months are those of a point of sale; older names end by their own lifetime.
LINKS = 100
# The names of a visitor's attributes in the table -> its fields; the campaign is a map of its own.
_IDS = {
    name: field
    for name, field in zip(Visitor.__struct_encode_fields__, Visitor.__struct_fields__, strict=True)
    if field != "campaign"
}


class Link(Value, order=True):
    """Another item (``key``) that was stored with this one, on a ``day`` since the epoch."""

    day: int
    key: str

    def __str__(self) -> str:
        return f"{self.day} {self.key}"

    @classmethod
    def parse(cls, written: str) -> Link:
        """Return the link of its text."""
        day, _, key = written.partition(" ")
        return cls(day=int(day), key=key)


def links(item: Item) -> frozenset[Link]:
    """Return the items that were stored together with an item."""
    return frozenset(map(Link.parse, item.get("together", {"SS": []})["SS"]))


def surplus(every: frozenset[Link]) -> frozenset[Link]:
    """Return the surplus links of an item: all but the newest of each key, up to the limit."""
    if len(every) <= LINKS:
        return frozenset()
    newest = {link.key: link for link in sorted(every)}
    return every.difference(sorted(newest.values(), reverse=True)[:LINKS])


def update_visitor(
    visitor: Visitor, ends: int, together: frozenset[Link] = frozenset()
) -> dict[str, Any]:
    """
    Return the update that replaces a visitor until ``ends`` (epoch seconds). It adds to the links
    that another webhook writes at the same time: none is lost.
    """
    attributes = {**_written(visitor), "ttl": {"N": str(ends)}}
    removed = [name for name in (*_IDS, "campaign") if name not in attributes]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in attributes)
    expression += " REMOVE " + ", ".join(f"#{name}" for name in removed) if removed else ""
    values = {f":{name}": value for name, value in attributes.items()}
    if together:
        expression += " ADD together :together"
        values[":together"] = texts(frozenset(map(str, together)))
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*attributes, *removed)},
        "ExpressionAttributeValues": values,
    }


def _written(visitor: Visitor) -> dict[str, AttributeValue]:
    item = {name: text(value) for name, field in _IDS.items() if (value := getattr(visitor, field))}
    campaign = visitor.campaign
    if campaign is not None:
        fields = {"origin": campaign.origin, "code": campaign.code, "at": campaign.at}
        item["campaign"] = {"M": {name: text(value) for name, value in fields.items()}}
    return item


def read(item: Item) -> Visitor:
    """Return the visitor of an item."""
    found: Any = {field: item[name]["S"] for name, field in _IDS.items() if name in item}
    if "campaign" in item:
        fields = {name: value["S"] for name, value in item["campaign"]["M"].items()}
        return Visitor(**found, campaign=Campaign(**fields))
    return Visitor(**found)
