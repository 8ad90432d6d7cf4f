"""
The checker: compares what the platforms hold with what the shop said, and finds every webhook that
was answered 2xx and is neither delivered, superseded, a duplicate, ignored, queued nor dead.
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
    What became of every answered webhook; ``lost`` names those of which nothing did, ``wrong``
    what a platform holds and should not, ``untaken`` the webhooks that never got their 2xx.
    """

    fates: Counter[str] = field(default_factory=Counter)
    lost: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    untaken: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.wrong or self.untaken)


def check(said: ShopHistory, answers: Mapping[str, Sequence[str]], evidence: Evidence) -> Finding:
    """Judge; ``answers`` are what the 2xx answers to each webhook said, by its id."""
    fates: Counter[str] = Counter()
    lost = []
    for name, told in answers.items():
        webhook = said.webhooks[name]
        fate = _fate(said, webhook, told, evidence)
        fates[fate or "lost"] += 1
        fates["duplicate"] += len(told) - 1
        if fate is None:
            lost.append(f"{webhook.id} {webhook.topic} (answered {', '.join(told)})")
    return Finding(
        fates=fates,
        lost=tuple(lost),
        wrong=(
            *_wrong(said, evidence),
            *_told_twice(evidence),
            *other_platforms.find_errors(said, evidence.elsewhere, _open(said, evidence)),
            *evidence.violations,
        ),
        untaken=tuple(name for name in said.webhooks if name not in answers),
    )


def _fate(said: ShopHistory, webhook: Webhook, told: Sequence[str], evidence: Evidence) -> str | None:
    known = _known(said, webhook, told, evidence)
    if known is not None:
        return known
    if webhook.id in evidence.queued:
        return "queued"
    return "dead" if webhook.id in evidence.dead else None


def _known(said: ShopHistory, webhook: Webhook, told: Sequence[str], evidence: Evidence) -> str | None:
    match webhook.kind:
        case Kind.STATE:
            return _state(said, webhook, evidence)
        case Kind.EVENT:
            return _event(webhook, evidence)
        case Kind.RECORD:
            return "delivered" if webhook.id in evidence.records else None
        case Kind.IGNORED:
            return "ignored" if set(told) == {"ignored"} else None


def _state(said: ShopHistory, webhook: Webhook, evidence: Evidence) -> str | None:
    ahead = [_rank(said, touch, evidence) - touch.index for touch in webhook.touches]
    if min(ahead) < 0:
        return None
    return "delivered" if min(ahead) == 0 else "superseded"


def _rank(said: ShopHistory, touch: Touch, evidence: Evidence) -> int:
    """Give the newest version of a thing that looks like what the platform holds, -1 for none."""
    held = evidence.held.get(touch.name)
    states = said.states[touch.name]
    return max((index for index, state in enumerate(states) if state == held), default=-1)


def _event(webhook: Webhook, evidence: Evidence) -> str | None:
    if webhook.event in evidence.events:
        return "delivered"
    # Written down before it was sent, and never told again after an unknown outcome; or older
    # than what was told.
    last = evidence.intended.get(webhook.touches[0].name, "")
    if not last or last < webhook.version:
        return None
    return "intended, outcome unknown" if last == webhook.version else "superseded"


def _wrong(said: ShopHistory, evidence: Evidence) -> list[str]:
    open_still = _open(said, evidence)
    return [
        f"{name} is not as its newest version of {len(states)}: {_seen(said, name, evidence)}"
        for name, states in said.states.items()
        if states[-1] != evidence.held.get(name) and name not in open_still and _is_state(name)
    ]


def _open(said: ShopHistory, evidence: Evidence) -> frozenset[Name]:
    return frozenset(
        touch.name
        for name in (*evidence.queued, *evidence.dead)
        if name in said.webhooks
        for touch in said.webhooks[name].touches
    )


def _seen(said: ShopHistory, name: Name, evidence: Evidence) -> str:
    rank = _rank(said, Touch(name=name, index=0), evidence)
    return f"the platform holds version {rank + 1}" if rank >= 0 else "it looks like none"


def _is_state(name: Name) -> bool:
    return not name.startswith(("cart:", "checkout:"))


def _told_twice(evidence: Evidence) -> list[str]:
    return [
        f"{key[0]} was told {count} times" for key, count in evidence.events.items() if count > 1
    ]
