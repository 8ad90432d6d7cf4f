"""The input of every source's translation, and the result for a topic that is not handled."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from shared.model.value import Hidden, MutableValue
from shared.queue.envelope import Envelope
from shared.settings import Merchant
from shared.sources.contract import Ports, Translated
from shared.sources.parsing.documents import keys_of


class TranslationContext(MutableValue):
    """A webhook, its merchant and the ports; ``deadline`` is in epoch seconds."""

    envelope: Envelope
    deadline: float
    merchant: Merchant
    ports: Ports
    _keys: Hidden[Mapping[str, msgspec.Raw] | None] = None

    @property
    def body(self) -> bytes:
        """Return the raw body."""
        return self.envelope.body

    @property
    def keys(self) -> Mapping[str, msgspec.Raw]:
        """Return the keys of the body, read once. Raises NotUnderstood if it is no object."""
        if self._keys is None:
            self._keys = keys_of(self.body)
        return self._keys


def translate_ignored(
    topic: str, handled: Collection[str], ignored: Mapping[str, str]
) -> Translated | None:
    """Return the result, with its reason, for a topic that is not handled; None for one that is."""
    if topic in ignored:
        return Translated(ignored=ignored[topic])
    if topic not in handled:
        return Translated(ignored="unknown topic", counts=("unknown_topic",))
    return None
