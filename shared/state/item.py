"""The item of a row in DynamoDB: flat attributes, so that an update can change each one alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from shared.model.entity import Entity, Kind
from shared.model.version import Version
from shared.state.row import DestinationState, Ending, Lease, Register, Row, Tombstone

Item = Mapping[str, Any]
AttributeValue = dict[str, Any]

# The prefix of the id of a person who is known only by an address; the rest is a keyed hash.
GUEST = "email:"
# The attributes of a destination's state are marks before its name; the others are these.
DIGEST, APPLIED, GONE, UNSURE, INTENDED, SENT = "h#", "v#", "g#", "u#", "i#", "t#"
FILLED = "f#"
MARKS = DIGEST, APPLIED, GONE, UNSURE, INTENDED, SENT, FILLED
ATTRIBUTES = frozenset({
    "pk", "lease", "until", "done", "many", "variants", "registers", "stock_at", "stock_open",
    "tomb", "tomb_at", "ttl",
})  # fmt: skip


def text(value: str) -> AttributeValue:
    """Return a text attribute."""
    return {"S": value}


def number(value: float) -> AttributeValue:
    """Return a number attribute; DynamoDB has numbers as text."""
    return {"N": repr(value)}


def texts(values: frozenset[str]) -> AttributeValue:
    """Return a set of texts, which must not be empty."""
    return {"SS": sorted(values)}


def pseudonymous(entity: Entity, pseudonym: Callable[[str], str]) -> Entity:
    """
    Return the entity that is written into a key. The id of a customer becomes a keyed hash, as that
    of a guest is already: a key that remains after a redaction identifies nobody.
    """
    if entity.kind is Kind.PERSON and not entity.id.startswith(GUEST):
        return Entity(Kind.PERSON, pseudonym(entity.id))
    return entity


def key(entity: Entity) -> str:
    """Return the primary key of an entity's row."""
    return f"entity#{entity}"


def variants_key(entity: Entity) -> str:
    """Return the primary key of the separate item for many variants."""
    return f"variants#{entity}"


def write(pk: str, row: Row, *, many: bool) -> dict[str, AttributeValue]:
    """Return a row's item without its lease; ``many`` variants have a separate item."""
    redacted = row.tombstone is not None and row.tombstone.end is Ending.REDACTED
    # Of a redacted person nothing is kept whose meaning is not known.
    item: dict[str, AttributeValue] = {**({} if redacted else row.unknown), "pk": text(pk)}
    for name, state in row.destination_states.items():
        item.update(_state_attributes(name, state))
    optional: dict[str, AttributeValue | None] = {
        "done": {"L": [text(one) for one in row.done]} if row.done else None,
        "many": {"BOOL": True} if many else None,
        "variants": texts(row.variants) if row.variants and not many else None,
        "registers": _registers(row.registers) if row.registers else None,
        "stock_at": text(row.stock_at) if row.stock_at else None,
        "stock_open": texts(row.stock_open) if row.stock_open else None,
        "tomb": text(row.tombstone.end.value) if row.tombstone else None,
        "tomb_at": text(row.tombstone.at) if row.tombstone else None,
        "ttl": number(row.expires) if row.expires is not None else None,
    }
    return item | {name: value for name, value in optional.items() if value is not None}


def _state_attributes(name: str, state: DestinationState) -> dict[str, AttributeValue]:
    item: dict[str, AttributeValue] = {}
    if state.applied:
        item[APPLIED + name] = text(str(state.applied))
    if state.gone:
        item[GONE + name] = {"BOOL": True}
    if state.unsure_until is not None:
        item[UNSURE + name] = number(state.unsure_until)
    if state.filled:
        item[FILLED + name] = texts(state.filled)
    for mark, value in (
        (DIGEST, state.digest),
        (INTENDED, state.intended),
        (SENT, state.sent),
    ):
        if value:
            item[mark + name] = text(value)
    return item


def _registers(registers: Mapping[str, Register]) -> AttributeValue:
    return {"M": {name: _register(one) for name, one in registers.items()}}


def _register(register: Register) -> AttributeValue:
    value: AttributeValue = {"NULL": True}
    if isinstance(register.value, bool):
        value = {"BOOL": register.value}
    elif register.value is not None:
        value = number(register.value)
    return {"M": {"at": text(register.at), "value": value}}


def read(item: Item, entity: Entity) -> Row:
    """Return the row of an item from `write`, with the lease that a claim added."""
    names = {name[len(mark) :] for name in item for mark in MARKS if name.startswith(mark)}
    return Row(
        entity=entity,
        lease=lease_of(item),
        done=tuple(one["S"] for one in item.get("done", {"L": []})["L"]),
        destination_states={name: _read_state(item, name) for name in sorted(names)},
        variants=variants_of(item),
        many="many" in item,
        registers={
            name: _read_register(one["M"])
            for name, one in item.get("registers", {"M": {}})["M"].items()
        },
        stock_at=_text(item, "stock_at"),
        stock_open=frozenset(item.get("stock_open", {"SS": []})["SS"]),
        tombstone=_read_tombstone(item),
        expires=int(item["ttl"]["N"]) if "ttl" in item else None,
        unknown={name: value for name, value in item.items() if not _known(name)},
    )


def _known(name: str) -> bool:
    return name in ATTRIBUTES or name.startswith(MARKS)


def lease_of(item: Item) -> Lease | None:
    """Return the lease of an item."""
    if "lease" not in item:
        return None
    return Lease(token=item["lease"]["S"], until=float(item["until"]["N"]))


def variants_of(item: Item) -> frozenset[str]:
    """Return the names of variants in an item."""
    return frozenset(item.get("variants", {"SS": []})["SS"])


def variants_until(item: Item, now: float) -> frozenset[str]:
    """Return the names of variants in an item; none if it expired before ``now``."""
    expired = "ttl" in item and int(item["ttl"]["N"]) < now
    return frozenset() if expired else variants_of(item)


def _read_state(item: Item, name: str) -> DestinationState:
    applied = _text(item, APPLIED + name)
    return DestinationState(
        applied=Version.parse(applied) if applied else None,
        gone=GONE + name in item,
        digest=_text(item, DIGEST + name),
        unsure_until=float(item[UNSURE + name]["N"]) if UNSURE + name in item else None,
        intended=_text(item, INTENDED + name),
        sent=_text(item, SENT + name),
        filled=frozenset(item.get(FILLED + name, {"SS": []})["SS"]),
    )


def _read_register(item: Item) -> Register:
    value = item["value"]
    if "N" in value:
        return Register(at=item["at"]["S"], value=int(value["N"]))
    return Register(at=item["at"]["S"], value=value.get("BOOL"))


def _read_tombstone(item: Item) -> Tombstone | None:
    if "tomb" not in item:
        return None
    return Tombstone(end=Ending(item["tomb"]["S"]), at=item["tomb_at"]["S"])


def _text(item: Item, name: str) -> str | None:
    return item[name]["S"] if name in item else None
