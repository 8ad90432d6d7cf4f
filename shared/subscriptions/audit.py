"""
Once an hour: check that every shop still sends what it should. Subscriptions that are missing,
disabled or point elsewhere are reported and repaired; silent topics are reported.
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
from shared.subscriptions.silent_topics import find_silent_topics

# Silent topics need a scan of the journal, which costs more than the queries of the shops: it is
# read four times a day. Within the time of the function a busy merchant's is read in part.
_HOUR = 3600
_EVERY = 6
# The time that is kept for the end of the function, in seconds.
_RESERVE = 5.0

# Until a deadline: topic and time, in epoch seconds.
Received = Callable[[float], Iterable[tuple[str, float]]]
# Of webhooks within one such time only the last is kept, in seconds: memory is limited.
_RESOLUTION = 60


class Audit(MutableValue):
    """
    The audit of one merchant. ``endpoint`` is the address of webhooks without the source's name;
    ``shops`` returns None for a source whose secret has no key of the shop's API. ``repair``
    corrects the subscriptions that are lost.
    """

    endpoint: str
    shops: Callable[[], Mapping[str, Subscriptions | None]]
    received: Received
    repair: bool
    observer: Observer
    clock: Callable[[], float]

    def run(self, seconds: float) -> dict[str, Any]:
        """Audit every shop within so many seconds; return the results."""
        deadline = self.clock() + seconds - _RESERVE
        found = {source: self._shop(source, one, deadline) for source, one in self.shops().items()}
        return {"shops": found, "silent": self._silent(deadline)}

    def _shop(self, source: str, shop: Subscriptions | None, deadline: float) -> str:
        if shop is None:
            self.observer.line(
                "not audited: the secret has no key of the shop's API", source=source
            )
            return "no key"
        try:
            return self._compared(source, shop, deadline)
        except StoreUnavailable as error:
            self._unavailable(source, error)
        except NotConfigured as error:
            self.observer.alarm("StoreRefused", "not healed", source=source, reason=str(error))
        return "not asked"

    def _compared(self, source: str, shop: Subscriptions, deadline: float) -> str:
        address = f"{self.endpoint}/{source}"
        wanted = Wanted(topics=shop.topics, optional=shop.optional, address=address)
        steps = connecting(wanted, shop.look(deadline))
        missing = lost(steps)
        self._log_kept(source, [one for one in steps if one not in missing])
        if not missing:
            return "whole"
        self.observer.alarm(
            "SubscriptionLost",
            "the shop no longer sends everything",
            source=source,
            lost={step.topic: step.why for step in missing},
            heal=self.repair,
        )
        return self._repair(source, missing, shop, deadline) if self.repair else "lost"

    def _log_kept(self, source: str, steps: Iterable[Step]) -> None:
        """Log what a person chose or must correct. It is no alarm: it would repeat every hour."""
        kept = [step for step in steps if step.action in {Action.WITHHELD, Action.MEND}]
        if kept:
            topics = {step.topic: step.why for step in kept}
            self.observer.line("subscriptions that send less", source=source, topics=topics)

    def _repair(
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

    def _unavailable(self, source: str, error: StoreUnavailable) -> None:
        if error.refused:
            self.observer.alarm(
                "StoreRefused", "the audit is rejected", source=source, reason=error.reason
            )
        else:
            self.observer.line("the shop is unavailable", source=source, reason=error.reason)
            self.observer.count("NotAudited", source)

    def _silent(self, deadline: float) -> list[str]:
        if int(self.clock() // _HOUR) % _EVERY:
            return []
        received = defaultdict[str, dict[int, float]](dict)
        try:
            for topic, moment in self.received(deadline):
                minutes, minute = received[topic], int(moment // _RESOLUTION)
                minutes[minute] = max(moment, minutes.get(minute, 0.0))
        except PortUnavailable as error:
            self.observer.line("the journal could not be read", reason=str(error))
            return []
        times = {topic: minutes.values() for topic, minutes in received.items()}
        found = find_silent_topics(times, self.clock())
        for one in found:
            self.observer.count("TopicSilent", one.topic)
            self.observer.line(
                "a topic is silent",
                topic=one.topic,
                seconds=one.seconds,
                longest_before=one.longest,
            )
        return [one.topic for one in found]
