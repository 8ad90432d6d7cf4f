"""A visitor's item: how it is written by one update of DynamoDB, and read."""

from __future__ import annotations

from typing import Any

from shared.model.value import Value
from shared.model.visitor import Campaign, Visitor
from shared.state.item import AttributeValue, Item, text, texts

# So many names are forgotten with a person, the newest: an item of 100 takes 6 KB. Who has more
# carts within two months is a till; what is older ends by its own lifetime.
LINKS = 100
# The names of a visitor's attributes in the table -> its fields; the campaign is a map of its own.
_IDS = {
    name: field
    for name, field in zip(Visitor.__struct_encode_fields__, Visitor.__struct_fields__, strict=True)
    if field != "campaign"
}


class Link(Value, order=True):
    """Another item (``key``) that was remembered at one time, on a ``day`` since the epoch."""

    day: int
    key: str

    def __str__(self) -> str:
        return f"{self.day} {self.key}"

    @classmethod
    def parse(cls, written: str) -> Link:
        """Read what ``str(link)`` wrote."""
        day, _, key = written.partition(" ")
        return cls(day=int(day), key=key)


def links(item: Item) -> frozenset[Link]:
    """Read what an item was remembered with."""
    return frozenset(map(Link.parse, item.get("together", {"SS": []})["SS"]))


def surplus(every: frozenset[Link]) -> frozenset[Link]:
    """Give the links that an item has too many of: all but the newest of each key, and so many."""
    if len(every) <= LINKS:
        return frozenset()
    newest = {link.key: link for link in sorted(every)}
    return every.difference(sorted(newest.values(), reverse=True)[:LINKS])


def update_visitor(
    visitor: Visitor, ends: int, together: frozenset[Link] = frozenset()
) -> dict[str, Any]:
    """
    Give the update that puts a visitor in place of whoever was there, until ``ends`` (epoch
    seconds). What another webhook remembers at the same time is added, too: nothing is lost.
    """
    there = {**_written(visitor), "ttl": {"N": str(ends)}}
    gone = [name for name in (*_IDS, "campaign") if name not in there]
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in there)
    expression += " REMOVE " + ", ".join(f"#{name}" for name in gone) if gone else ""
    values = {f":{name}": value for name, value in there.items()}
    if together:
        expression += " ADD together :together"
        values[":together"] = texts(frozenset(map(str, together)))
    return {
        "UpdateExpression": expression,
        "ExpressionAttributeNames": {f"#{name}": name for name in (*there, *gone)},
        "ExpressionAttributeValues": values,
    }


def _written(visitor: Visitor) -> dict[str, AttributeValue]:
    item = {name: text(value) for name, field in _IDS.items() if (value := getattr(visitor, field))}
    campaign = visitor.campaign
    if campaign is not None:
        told = {"origin": campaign.origin, "code": campaign.code, "at": campaign.at}
        item["campaign"] = {"M": {name: text(value) for name, value in told.items()}}
    return item


def read(item: Item) -> Visitor:
    """Read a visitor."""
    found: Any = {field: item[name]["S"] for name, field in _IDS.items() if name in item}
    if "campaign" in item:
        told = {name: value["S"] for name, value in item["campaign"]["M"].items()}
        return Visitor(**found, campaign=Campaign(**told))
    return Visitor(**found)
