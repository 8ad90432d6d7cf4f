"""
The checker: compares the platforms' states with the shop's history, and finds every webhook that
got a 2xx and is neither delivered, superseded, a duplicate, ignored, queued nor dead-lettered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos import other_platforms
from tests.chaos.shop_model import Evidence, Kind, Name, ShopHistory, Touch, Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    The fate of every webhook. ``lost`` are acknowledged webhooks without a fate, ``wrong`` are
    errors in a platform's state, ``unacknowledged`` are the webhooks that never got a 2xx.
    """

    fates: Counter[str] = field(default_factory=Counter)
    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    unacknowledged: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether there is no error."""
        return not (self.lost or self.wrong or self.unacknowledged)


def check(
    history: ShopHistory, answers: Mapping[str, Sequence[str]], evidence: Evidence
) -> Finding:
    """Return the findings; ``answers`` are the outcomes in the 2xx responses, by webhook id."""
    fates: Counter[str] = Counter()
    lost = []
    for name, statuses in answers.items():
        webhook = history.webhooks[name]
        fate = _fate(history, webhook, statuses, evidence)
        fates[fate or "lost"] += 1
        fates["duplicate"] += len(statuses) - 1
        if fate is None:
            lost.append(f"{webhook.id} {webhook.topic} (answered {', '.join(statuses)})")
    return Finding(
        fates=fates,
        lost=tuple(lost),
        wrong=(
            *_outdated(history, evidence),
            *_sent_twice(evidence),
            *other_platforms.find_errors(history, evidence.others, _pending(history, evidence)),
            *evidence.violations,
        ),
        unacknowledged=tuple(name for name in history.webhooks if name not in answers),
    )


def _fate(
    history: ShopHistory, webhook: Webhook, statuses: Sequence[str], evidence: Evidence
) -> str | None:
    known = _applied_fate(history, webhook, statuses, evidence)
    if known is not None:
        return known
    if webhook.id in evidence.queued:
        return "queued"
    return "dead" if webhook.id in evidence.dead else None


def _applied_fate(
    history: ShopHistory, webhook: Webhook, statuses: Sequence[str], evidence: Evidence
) -> str | None:
    match webhook.kind:
        case Kind.STATE:
            return _state(history, webhook, evidence)
        case Kind.EVENT:
            return _event(webhook, evidence)
        case Kind.RECORD:
            return "delivered" if webhook.id in evidence.records else None
        case Kind.IGNORED:
            return "ignored" if set(statuses) == {"ignored"} else None


def _state(history: ShopHistory, webhook: Webhook, evidence: Evidence) -> str | None:
    ahead = [_rank(history, touch, evidence) - touch.index for touch in webhook.touches]
    if min(ahead) < 0:
        return None
    return "delivered" if min(ahead) == 0 else "superseded"


def _rank(history: ShopHistory, touch: Touch, evidence: Evidence) -> int:
    """Return the newest version of an object that equals the platform's state, -1 for none."""
    held = evidence.held.get(touch.name)
    states = history.states[touch.name]
    return max((index for index, state in enumerate(states) if state == held), default=-1)


def _event(webhook: Webhook, evidence: Evidence) -> str | None:
    if webhook.event in evidence.events:
        return "delivered"
    # The intent is written before the event is sent, and the event is not sent again after an
    # unknown outcome; or the event is older than the last one that was sent.
    last = evidence.intended.get(webhook.touches[0].name, "")
    if not last or last < webhook.version:
        return None
    return "intended, outcome unknown" if last == webhook.version else "superseded"


def _outdated(history: ShopHistory, evidence: Evidence) -> list[str]:
    pending = _pending(history, evidence)
    return [
        f"{name} is not its newest version of {len(states)}: {_describe(history, name, evidence)}"
        for name, states in history.states.items()
        if states[-1] != evidence.held.get(name) and name not in pending and _is_state(name)
    ]


def _pending(history: ShopHistory, evidence: Evidence) -> frozenset[Name]:
    return frozenset(
        touch.name
        for name in (*evidence.queued, *evidence.dead)
        if name in history.webhooks
        for touch in history.webhooks[name].touches
    )


def _describe(history: ShopHistory, name: Name, evidence: Evidence) -> str:
    rank = _rank(history, Touch(name=name, index=0), evidence)
    return f"the platform has version {rank + 1}" if rank >= 0 else "it equals none"


def _is_state(name: Name) -> bool:
    return not name.startswith(("cart:", "checkout:"))


def _sent_twice(evidence: Evidence) -> list[str]:
    return [
        f"{key[0]} was sent {count} times" for key, count in evidence.events.items() if count > 1
    ]
