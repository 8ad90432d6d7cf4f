"""What every source's translation is given, and what it does with a topic that means nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from shared.model.value import Hidden, MutableValue
from shared.queue.envelope import Envelope
from shared.settings import Merchant
from shared.sources.contract import Ports, Translated
from shared.sources.parsing.scalars import keys_of


class TranslationContext(MutableValue):
    """One webhook, the merchant it is for, and the ports; ``deadline`` in epoch seconds."""

    envelope: Envelope
    deadline: float
    merchant: Merchant
    ports: Ports
    _keys: Hidden[Mapping[str, msgspec.Raw] | None] = None

    @property
    def body(self) -> bytes:
        """The raw body."""
        return self.envelope.body

    @property
    def keys(self) -> Mapping[str, msgspec.Raw]:
        """Which keys the body has; read once. Raises NotUnderstood for what is no object."""
        if self._keys is None:
            self._keys = keys_of(self.body)
        return self._keys


def passed_over(
    topic: str, handled: Collection[str], ignored: Mapping[str, str]
) -> Translated | None:
    """Tell of a topic that means nothing why that is; None for one that means something."""
    if topic in ignored:
        return Translated(ignored=ignored[topic])
    if topic not in handled:
        return Translated(ignored="unknown topic", counts=("unknown_topic",))
    return None
