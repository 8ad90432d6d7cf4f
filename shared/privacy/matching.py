"""Whom an envelope is about: in our words, and in the text of a body that has no words of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from shared.errors import PortUnavailable, StoreUnavailable
from shared.model.change import mentions
from shared.model.entity import Entity, Kind
from shared.model.value import Value
from shared.queue.envelope import Envelope
from shared.queue.sqs import PLACEHOLDERS
from shared.sources.contract import DataRequested, Redacted, Source, Translated

_ADDRESS = re.compile(rb"[^\s\"<>,;:\\]+@[^\s\"'<>,;:\\]+")
# Ids are whole numbers; a price is none.
_NUMBER = re.compile(rb"(?<![\d.])\d+(?![\d.])")
_NAMED = frozenset({Kind.PERSON, Kind.ORDER})


class PersonMatcher(Value):
    """Finds traces of people and their orders. Raises PortUnavailable."""

    sources: Mapping[str, Source]
    pseudonym: Callable[[str], str]

    def about(self, envelope: Envelope, who: frozenset[Entity]) -> bool:
        """Tell whether an envelope is about one of these entities, or names one."""
        if envelope.task in PLACEHOLDERS or envelope.entity in map(str, who):
            return True
        source = self.sources.get(envelope.source)
        named = source.find_person_ids(envelope) if source else None
        if named is not None and not who.isdisjoint(named):
            return True
        try:
            # Without time for the store: what it must complete is a product and names nobody, or a
            # delete that bears an id alone.
            translated = self.sources[envelope.source].translate(envelope, 0.0)
        except StoreUnavailable:
            return False
        except PortUnavailable:
            raise
        except Exception:  # noqa: BLE001 - many a dead letter is one because of a bug of ours
            numbered = named is None and self._numbered(envelope.body, who)
            return numbered or self._addressed(envelope.body, who)
        return not who.isdisjoint(_said(translated)) or self._addressed(envelope.body, who)

    def _numbered(self, body: bytes, who: frozenset[Entity]) -> bool:
        ids = {one.id for one in who if one.kind in _NAMED}
        return not ids.isdisjoint(found.decode() for found in _NUMBER.findall(body))

    def _addressed(self, body: bytes, who: frozenset[Entity]) -> bool:
        """Search for addresses, also where a customer's webhook tells who they are by their id."""
        ids = {one.id for one in who if one.kind is Kind.PERSON and one.id.startswith("email:")}
        if not ids:
            return False
        found = [
            one.decode(errors="replace") for one in _ADDRESS.findall(body.replace(rb"\/", b"/"))
        ]
        # A quote may stand before an address, or in it: o'brien@example.com.
        addresses = {name.lower() for one in found for name in (one, one.rpartition("'")[2])}
        return any(f"email:{self.pseudonym(address)}" in ids for address in addresses)


def _said(translated: Translated) -> set[Entity | None]:
    said: set[Entity | None] = {change.entity for change in translated.changes}
    said |= {mentions(change) for change in translated.changes}
    match translated.notice:
        case DataRequested(people=people, orders=orders) | Redacted(people=people, orders=orders):
            said |= {*people, *orders}
        case _:
            pass
    return said
