"""
The records for the merchant, who must act: which data of a person is stored, and where a person
must be erased manually. They contain ids and keyed hashes of entities, and no other value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from shared.model.entity import Entity
from shared.model.visitor import Visitor
from shared.state.row import Row


class DataRecord(msgspec.Struct, kw_only=True):
    """
    The record of a data request. ``about`` are the requested entities; ``visitors`` are the kinds
    of browser ids that are stored for each, ``dead_letters`` is the number of dead letters.
    """

    request: str
    asked_at: str
    about: tuple[str, ...]
    ledger: dict[str, dict[str, str]]
    dead_letters: int
    visitors: dict[str, tuple[str, ...]] = {}


class ErasureRecord(msgspec.Struct, kw_only=True):
    """
    The record of a redaction that some platforms have no call for: ``about`` are the people and
    orders, ``erase_by_hand`` the platforms.
    """

    request: str
    asked_at: str
    about: tuple[str, ...]
    erase_by_hand: tuple[str, ...]


def requested_by(who: frozenset[Entity], until: str) -> Callable[[bytes], bool]:
    """
    Return a function that matches records of data requests of these people, or of these orders,
    until a time.

    A record of a manual erasure does not match: it stays until the bucket deletes it.
    """
    names = frozenset(map(str, who))

    def matches(data: bytes) -> bool:
        try:
            # Only this kind of record has all of its fields.
            record = msgspec.json.decode(data, type=DataRecord)
        except msgspec.DecodeError:
            return False
        return record.asked_at <= until and not names.isdisjoint(record.about)

    return matches


def ledger_data(row: Row) -> dict[str, str]:
    """Return what the ledger stores of an entity, and the last version at each platform."""
    versions = {
        name: "removed" if standing.gone else str(standing.applied or "nothing yet")
        for name, standing in row.destination_states.items()
    }
    return versions | ({"ended": row.tombstone.end.value} if row.tombstone else {})


def visitor_id_kinds(visitors: Mapping[Entity, Visitor]) -> dict[str, tuple[str, ...]]:
    """Return which kinds of browser ids are stored, without the ids."""
    return {
        str(name): tuple(
            one.encode_name for one in msgspec.structs.fields(visitor) if getattr(visitor, one.name)
        )
        for name, visitor in visitors.items()
    }
