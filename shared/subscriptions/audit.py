"""
Once an hour: does every shop still send us what it should? What vanished, was disabled or points
elsewhere is told, and healed; a topic that fell silent is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from shared.errors import NotConfigured, PortUnavailable, StoreUnavailable
from shared.model.value import MutableValue
from shared.observability import Observer
from shared.subscriptions.apply import carry_out
from shared.subscriptions.contract import Subscriptions, Wanted
from shared.subscriptions.plan import Action, Step, connecting, lost
from shared.subscriptions.silent_topics import silences

# What is heard is read from the whole journal, which costs more than the shops: four times a day.
_HOUR = 3600
_EVERY = 6
# What is left for the answer when the shops have taken all they may.
_RESERVE = 5.0

# Topic and moment, in epoch seconds.
Heard = Callable[[], Iterable[tuple[str, float]]]


class Audit(MutableValue):
    """
    The audit of one merchant. ``endpoint`` is the address of webhooks without the source's name;
    ``shops`` gives None for a source whose secret has no key to ask the shop with.
    """

    endpoint: str
    shops: Callable[[], Mapping[str, Subscriptions | None]]
    heard: Heard
    heal: bool
    observer: Observer
    clock: Callable[[], float]

    def run(self, seconds: float) -> dict[str, Any]:
        """Look at every shop, with so many seconds left; tell what was found."""
        deadline = self.clock() + seconds - _RESERVE
        found = {source: self._shop(source, one, deadline) for source, one in self.shops().items()}
        return {"shops": found, "silent": self._silent()}

    def _shop(self, source: str, shop: Subscriptions | None, deadline: float) -> str:
        if shop is None:
            self.observer.line("not audited: the secret has no key to ask the shop", source=source)
            return "no key"
        try:
            return self._compared(source, shop, deadline)
        except StoreUnavailable as error:
            self._unasked(source, error)
        except NotConfigured as error:
            self.observer.alarm("StoreRefused", "not healed", source=source, reason=str(error))
        return "not asked"

    def _compared(self, source: str, shop: Subscriptions, deadline: float) -> str:
        address = f"{self.endpoint}/{source}"
        wanted = Wanted(topics=shop.topics, optional=shop.optional, address=address)
        steps = connecting(wanted, shop.look(deadline))
        missing = lost(steps)
        self._told(source, [one for one in steps if one not in missing])
        if not missing:
            return "whole"
        self.observer.alarm(
            "SubscriptionLost",
            "the shop no longer sends everything",
            source=source,
            lost={step.topic: step.why for step in missing},
            heal=self.heal,
        )
        return self._healed(source, missing, shop, deadline) if self.heal else "lost"

    def _told(self, source: str, steps: Iterable[Step]) -> None:
        """Say what a person chose, or must mend: it is no alarm, every hour."""
        kept = [step for step in steps if step.action in {Action.WITHHELD, Action.MEND}]
        if kept:
            topics = {step.topic: step.why for step in kept}
            self.observer.line("subscriptions that send less", source=source, topics=topics)

    def _healed(
        self, source: str, missing: Iterable[Step], shop: Subscriptions, deadline: float
    ) -> str:
        refused = False
        for outcome in carry_out(missing, shop, deadline):
            topic = outcome.step.topic
            if outcome.refused:
                refused = True
                self.observer.line("not healed", source=source, reason=outcome.refused)
            else:
                self.observer.count("SubscriptionHealed", source)
                self.observer.line("healed", source=source, topic=topic)
        return "lost" if refused else "healed"

    def _unasked(self, source: str, error: StoreUnavailable) -> None:
        if error.refused:
            self.observer.alarm(
                "StoreRefused", "the audit is refused", source=source, reason=error.reason
            )
        else:
            self.observer.line("the shop could not be asked", source=source, reason=error.reason)
            self.observer.count("NotAudited", source)

    def _silent(self) -> list[str]:
        if int(self.clock() // _HOUR) % _EVERY:
            return []
        heard = defaultdict[str, list[float]](list)
        try:
            for topic, moment in self.heard():
                heard[topic].append(moment)
        except PortUnavailable as error:
            self.observer.line("the journal could not be read", reason=str(error))
            return []
        found = silences(heard, self.clock())
        for one in found:
            self.observer.count("TopicSilent", one.topic)
            self.observer.line(
                "a topic is silent",
                topic=one.topic,
                seconds=one.seconds,
                longest_before=one.longest,
            )
        return [one.topic for one in found]
