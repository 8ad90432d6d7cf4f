"""One run: a simulated shop and injected faults; then recovery, draining and checks."""

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
from tests.chaos.evidence import gather
from tests.chaos.fault_injector import FaultInjector
from tests.chaos.other_platforms import unknown_outcomes
from tests.chaos.processes import ProcessHarness
from tests.chaos.sender import Sender
from tests.chaos.shop import SimulatedShop
from tests.chaos.shop_model import Evidence, ShopHistory, Webhook

_BATCH = 24
# The shop pauses while this many webhooks wait for their response.
_MAX_UNANSWERED = 24
# A killed worker's message is hidden for 8 s, its lease is valid for 11, a breaker is open for 10.
_DRAIN = 240.0
_IDLE_SECONDS = 1.0
# Seconds until the product of the carts is delivered, before any fault.
_FIRST = 30.0
_POLL_INTERVAL = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run: the duration and the seed of the faults, and a progress callback."""

    seconds: float
    seed: int
    # Faults to inject first, by name of `FaultInjector`'s methods; the following ones are random.
    first: Sequence[str] = ()
    pause: tuple[float, float] = (0.2, 2.0)
    report_progress: Callable[[str], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The results of a run."""

    options: RunOptions
    history: ShopHistory
    sender: Sender
    injector: FaultInjector
    evidence: Evidence
    finding: Finding
    drained: bool
    stopped_cleanly: bool
    duration: float

    @property
    def good(self) -> bool:
        """Whether nothing is lost or wrong, and the queues were drained."""
        return self.finding.good and self.drained and self.stopped_cleanly


def run(options: RunOptions, folder: Path) -> Outcome:
    """Run in a folder; stop all processes at the end."""
    began = time.monotonic()
    processes = ProcessHarness(folder)
    try:
        processes.start()
        sender = Sender(processes.stack.url)
        injector = FaultInjector(processes, random.Random(f"trouble {options.seed}"))
        shop = SimulatedShop(random.Random(f"shop {options.seed}"))
        first = Sender(processes.stack.url)
        first.post([shop.save_cart_product()])
        first.finish(_FIRST)
        sender.answers.update(first.answers)
        _inject_faults(options, shop, sender, injector)
        options.report_progress("removing the faults, and draining the queues")
        drained = _drain(processes, sender, injector)
        options.report_progress("checking")
        evidence, clean = _end(processes)
        kills = injector.injected["stack killed"] + injector.injected["sandbox killed"]
        evidence = _with_unknown_outcomes(evidence, shop.history, processes.log(), kills)
    finally:
        processes.close()
    return Outcome(
        options=options,
        history=shop.history,
        sender=sender,
        injector=injector,
        evidence=evidence,
        finding=check(shop.history, sender.answers, evidence),
        drained=drained,
        stopped_cleanly=clean,
        duration=time.monotonic() - began,
    )


def _inject_faults(
    options: RunOptions, shop: SimulatedShop, sender: Sender, injector: FaultInjector
) -> None:
    end = time.monotonic() + options.seconds
    planned = list(options.first)
    with _sending_webhooks(shop, sender):
        while time.monotonic() < end or planned:
            time.sleep(injector.rng.uniform(*options.pause))
            if planned:
                getattr(injector, planned.pop(0))()
            else:
                injector.inject()
            options.report_progress(
                f"{len(shop.history.webhooks)} webhooks, {injector.injected.total()} faults"
            )


@contextmanager
def _sending_webhooks(shop: SimulatedShop, sender: Sender) -> Iterator[None]:
    """Send webhooks in the background: shuffled, a third of them twice, some old ones again."""
    stop = threading.Event()

    def send_webhooks() -> None:
        old: list[Webhook] = []
        while not stop.wait(_POLL_INTERVAL):
            if sender.waiting() < _MAX_UNANSWERED:
                fresh = shop.next_webhooks(_BATCH)
                again = shop.rng.sample(fresh, _BATCH // 3)
                late = shop.rng.sample(old, min(len(old), 3))
                webhooks = [*fresh, *again, *late]
                shop.rng.shuffle(webhooks)
                sender.post(webhooks)
                old += fresh

    thread = threading.Thread(target=send_webhooks, name="shop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _drain(processes: ProcessHarness, sender: Sender, injector: FaultInjector) -> bool:
    """Clear the faults; wait until both queues are empty. Return False when that takes too long."""
    injector.clear_faults()
    sender.finish(_DRAIN / 2)
    # A scan of the dead letters that was killed hides them for ten minutes. A clean restart has the
    # same effect as that wait: no message is in flight in the loaded snapshot.
    processes.restart()
    end = time.monotonic() + _DRAIN
    idle = 0.0
    while idle < _IDLE_SECONDS:
        if time.monotonic() > end:
            return False
        waiting, dead = processes.counts()
        if dead:
            injector.replay()
        idle = 0.0 if waiting or dead else idle + _POLL_INTERVAL
        time.sleep(_POLL_INTERVAL)
    return True


def _end(processes: ProcessHarness) -> tuple[Evidence, bool]:
    platforms = processes.control("GET", "/state")
    violations = processes.control("GET", "/violations")
    code = processes.stack.stop()
    return gather(platforms, violations, processes.state), code == 0


def _with_unknown_outcomes(
    evidence: Evidence, history: ShopHistory, log: str, kills: int
) -> Evidence:
    """Add the numbers of unknown outcomes; a kill logs nothing, and may have cut off any call."""
    unknown = unknown_outcomes(log, history)
    there = {
        name: dataclasses.replace(
            known, unknown=unknown[name] + Counter(dict.fromkeys(history.states, kills))
        )
        for name, known in evidence.others.items()
    }
    return dataclasses.replace(evidence, others=there)
