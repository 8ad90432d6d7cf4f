"""Match envelopes with people and orders: by translation, or by the text of an invalid body."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from shared.errors import PortUnavailable, StoreUnavailable
from shared.model.change import mentions
from shared.model.entity import Entity, Kind
from shared.model.value import Value
from shared.queue.envelope import Envelope
from shared.queue.sqs import PLACEHOLDERS
from shared.sources.contract import DataRequested, Redacted, Source, Translated

# What may contain an address: it is split at each "@" afterwards. An expression with an "@" in the
# middle takes hours for 1 MB without one, such as a picture in base64.
_TOKEN = re.compile(rb"[^\s\"<>,;:\\()\[\]]+")
# Ids are whole numbers; prices are not.
_NUMBER = re.compile(rb"(?<![\d.])\d+(?![\d.])")
_KINDS_WITH_IDS = frozenset({Kind.PERSON, Kind.ORDER})


class PersonMatcher(Value):
    """Finds envelopes about people and their orders. Raises PortUnavailable."""

    sources: Mapping[str, Source]
    pseudonym: Callable[[str], str]

    def matches(self, envelope: Envelope, who: frozenset[Entity]) -> bool:
        """Return whether an envelope is about one of these entities, or names one."""
        if envelope.task in PLACEHOLDERS or envelope.entity in map(str, who):
            return True
        source = self.sources.get(envelope.source)
        named = source.find_person_ids(envelope) if source else None
        if named is not None and not who.isdisjoint(named):
            return True
        try:
            # Without time to query the store: where that is needed, only the body is searched.
            translated = self.sources[envelope.source].translate(envelope, 0.0)
        except StoreUnavailable:
            return self._contains_address(envelope.body, who)
        except PortUnavailable:
            raise
        except Exception:  # noqa: BLE001 - a bug may be the reason of the dead letter
            numbered = named is None and self._contains_id(envelope.body, who)
            return numbered or self._contains_address(envelope.body, who)
        return not who.isdisjoint(_mentioned(translated)) or self._contains_address(
            envelope.body, who
        )

    def _contains_id(self, body: bytes, who: frozenset[Entity]) -> bool:
        ids = {one.id for one in who if one.kind in _KINDS_WITH_IDS}
        return not ids.isdisjoint(found.decode() for found in _NUMBER.findall(body))

    def _contains_address(self, body: bytes, who: frozenset[Entity]) -> bool:
        """Return whether a body contains an address, also if it identifies the customer by id."""
        ids = {one.id for one in who if one.kind is Kind.PERSON and one.id.startswith("email:")}
        if not ids:
            return False
        return any(f"email:{self.pseudonym(address)}" in ids for address in _addresses(body))


def _addresses(body: bytes) -> set[str]:
    """Return what may be an e-mail address in a body, in lower case, in linear time."""
    found: set[str] = set()
    # PHP writes a slash as \/.
    for token in _TOKEN.findall(body.replace(rb"\/", b"/")):
        for before, after in pairwise(token.decode(errors="replace").lower().split("@")):
            # A quote may be around an address, or in it: o'brien@example.com. A sentence may end.
            domain = after.partition("'")[0].rstrip(".")
            found |= {f"{local}@{domain}" for local in (before, before.rpartition("'")[2])}
    return found


def _mentioned(translated: Translated) -> set[Entity | None]:
    mentioned: set[Entity | None] = {change.entity for change in translated.changes}
    mentioned |= {mentions(change) for change in translated.changes}
    match translated.notice:
        case DataRequested(people=people, orders=orders) | Redacted(people=people, orders=orders):
            mentioned |= {*people, *orders}
        case _:
            pass
    return mentioned
