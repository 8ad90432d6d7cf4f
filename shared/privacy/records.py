"""
What is written down for the merchant, who must act: what is held of a person who asks, and where a
person must be erased by hand. Entities are named by ids and keyed hashes; no value of theirs is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from shared.model.entity import Entity
from shared.model.visitor import Visitor
from shared.state.row import Row


class Held(msgspec.Struct, kw_only=True):
    """
    What the merchant is told of a data request. ``about`` are the entities that were named;
    ``visitors`` are which kinds of a browser's ids are held of each, ``dead_letters`` how many.
    """

    request: str
    asked_at: str
    about: tuple[str, ...]
    ledger: dict[str, dict[str, str]]
    dead_letters: int
    visitors: dict[str, tuple[str, ...]] = {}


class ToErase(msgspec.Struct, kw_only=True):
    """
    What the merchant is told of a redaction that no call carries to some platforms: ``about`` are
    the people and orders, ``erase_by_hand`` the platforms.
    """

    request: str
    asked_at: str
    about: tuple[str, ...]
    erase_by_hand: tuple[str, ...]


def asked_by(who: frozenset[Entity], until: str) -> Callable[[bytes], bool]:
    """
    Tell records of requests that were made by these people, or for these orders, until then.

    What must be erased by hand is no such record: it stays until the bucket forgets it.
    """
    names = frozenset(map(str, who))

    def asked(data: bytes) -> bool:
        try:
            # It has what no record of another kind has.
            record = msgspec.json.decode(data, type=Held)
        except msgspec.DecodeError:
            return False
        return record.asked_at <= until and not names.isdisjoint(record.about)

    return asked


def held(row: Row) -> dict[str, str]:
    """Say what the ledger holds of an entity, and what each platform was told last."""
    told = {
        name: "removed" if standing.gone else str(standing.applied or "nothing yet")
        for name, standing in row.destination_states.items()
    }
    return told | ({"ended": row.tombstone.end.value} if row.tombstone else {})


def kinds(visitors: Mapping[Entity, Visitor]) -> dict[str, tuple[str, ...]]:
    """Say which kinds of ids of a browser are held, and none of them."""
    return {
        str(name): tuple(
            one.encode_name for one in msgspec.structs.fields(visitor) if getattr(visitor, one.name)
        )
        for name, visitor in visitors.items()
    }
