"""One run: a shop that lives, trouble, then everything mended, drained and checked."""

from __future__ import annotations

import dataclasses
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.checker import Finding, check
from tests.chaos.other_platforms import unknown_outcomes
from tests.chaos.evidence import gather
from tests.chaos.shop_model import Evidence, ShopHistory, Webhook
from tests.chaos.processes import ProcessHarness
from tests.chaos.sender import Sender
from tests.chaos.shop import SimulatedShop
from tests.chaos.fault_injector import FaultInjector

_WAVE = 24
# So many webhooks may wait for their answer before the shop says more.
_BACKLOG = 24
# A killed worker's message is hidden for 8 s, its lease stands for 11, a breaker is open for 10.
_DRAIN = 240.0
_QUIET = 1.0
_LOOK_AGAIN = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """How long trouble is made, from which seed, and what is told on the way."""

    seconds: float
    seed: int
    # Troubles that are made first, by name of `Trouble`'s methods; after them the dice decide.
    first: Sequence[str] = ()
    pause: tuple[float, float] = (0.2, 2.0)
    tell: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Everything a run has tried and found."""

    wish: RunOptions
    said: ShopHistory
    sender: Sender
    trouble: FaultInjector
    evidence: Evidence
    finding: Finding
    drained: bool
    clean_end: bool
    took: float

    @property
    def good(self) -> bool:
        """Whether nothing is lost or wrong, and all came to rest."""
        return self.finding.good and self.drained and self.clean_end


def run(wish: RunOptions, folder: Path) -> Outcome:
    """Run in a folder, and leave no process behind."""
    began = time.monotonic()
    machinery = ProcessHarness(folder)
    try:
        machinery.start()
        sender = Sender(machinery.stack.url)
        trouble = FaultInjector(machinery, random.Random(f"trouble {wish.seed}"))
        shop = SimulatedShop(random.Random(f"shop {wish.seed}"))
        _live(wish, shop, sender, trouble)
        wish.tell("mending, and draining the queues")
        drained = _drain(machinery, sender, trouble)
        wish.tell("checking")
        evidence, clean = _end(machinery)
        kills = trouble.made["stack killed"] + trouble.made["sandbox killed"]
        evidence = _doubted(evidence, shop.said, machinery.log(), kills)
    finally:
        machinery.close()
    return Outcome(
        wish=wish,
        said=shop.said,
        sender=sender,
        trouble=trouble,
        evidence=evidence,
        finding=check(shop.said, sender.answers, evidence),
        drained=drained,
        clean_end=clean,
        took=time.monotonic() - began,
    )


def _live(wish: RunOptions, shop: SimulatedShop, sender: Sender, trouble: FaultInjector) -> None:
    end = time.monotonic() + wish.seconds
    planned = list(wish.first)
    with _speaking(shop, sender):
        while time.monotonic() < end or planned:
            time.sleep(trouble.rng.uniform(*wish.pause))
            if planned:
                getattr(trouble, planned.pop(0))()
            else:
                trouble.make()
            wish.tell(f"{len(shop.said.webhooks)} webhooks, {trouble.made.total()} troubles")


@contextmanager
def _speaking(shop: SimulatedShop, sender: Sender) -> Iterator[None]:
    """Let the shop speak in the background: shuffled, a third twice, some from long ago again."""
    enough = threading.Event()

    def speak() -> None:
        old: list[Webhook] = []
        while not enough.wait(_LOOK_AGAIN):
            if sender.waiting() < _BACKLOG:
                fresh = shop.wave(_WAVE)
                again = shop.rng.sample(fresh, _WAVE // 3)
                late = shop.rng.sample(old, min(len(old), 3))
                webhooks = [*fresh, *again, *late]
                shop.rng.shuffle(webhooks)
                sender.post(webhooks)
                old += fresh

    thread = threading.Thread(target=speak, name="shop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def _drain(machinery: ProcessHarness, sender: Sender, trouble: FaultInjector) -> bool:
    """Mend, and wait until nothing waits and nothing is dead. Gives False when that takes long."""
    trouble.mend()
    sender.finish(_DRAIN / 2)
    # A scan of the dead letters that was killed hides them for ten minutes. A clean end is as good
    # as these: what is loaded then is held by nobody.
    machinery.restart()
    end = time.monotonic() + _DRAIN
    quiet = 0.0
    while quiet < _QUIET:
        if time.monotonic() > end:
            return False
        waiting, dead = machinery.counts()
        if dead:
            trouble.replay()
        quiet = 0.0 if waiting or dead else quiet + _LOOK_AGAIN
        time.sleep(_LOOK_AGAIN)
    return True


def _end(machinery: ProcessHarness) -> tuple[Evidence, bool]:
    platforms = machinery.platform("GET", "/state")
    violations = machinery.platform("GET", "/violations")
    code = machinery.stack.end()
    return gather(platforms, violations, machinery.state), code == 0


def _doubted(evidence: Evidence, said: ShopHistory, log: str, kills: int) -> Evidence:
    """Add how often an outcome was unknown; a kill says nothing, and may have cut off any call."""
    unknown = unknown_outcomes(log, said)
    there = {
        name: dataclasses.replace(
            known, doubts=unknown[name] + Counter(dict.fromkeys(said.states, kills))
        )
        for name, known in evidence.elsewhere.items()
    }
    return dataclasses.replace(evidence, elsewhere=there)
