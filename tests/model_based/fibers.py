"""
Processes that take turns: each stops at every port call until it is resumed, so that any
interleaving can be run and reproduced. One thread runs at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The process was killed. No product code catches this."""


@dataclass(slots=True, kw_only=True, eq=False)
class Fiber:
    """
    One thread of execution of a process, and the port call at which it waits (``at``). ``outcome``
    is what becomes of that call, as chosen by the caller of `resume`.
    """

    process: Process
    work: Callable[[], Any]
    at: str = ""
    outcome: str = "succeeds"
    over: bool = False
    result: Any = None
    error: BaseException | None = None
    children: list[Fiber] = field(default_factory=list)
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _back: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        """Run until the first port call, or to the end."""
        threading.Thread(target=self._run, daemon=True).start()
        self._back.acquire()

    def resume(self, outcome: str = "succeeds") -> None:
        """Make the port call at which it waits, and run until the next one."""
        self.outcome = outcome
        self._go.release()
        self._back.acquire()

    def wait(self, at: str) -> str:
        """Wait in the fiber's own thread until it is resumed; return the outcome of the call."""
        self.at = at
        self._back.release()
        self._go.acquire()
        if self.process.dead:
            raise Killed
        return self.outcome

    def _run(self) -> None:
        CURRENT.fiber = self
        try:
            self.result = self.work()
        except BaseException as error:  # noqa: BLE001 - raised again where the result is read
            self.error = error
        self.over = True
        self._back.release()


CURRENT = threading.local()


def current() -> Fiber:
    """Return the fiber that is running."""
    fiber: Fiber = CURRENT.fiber
    return fiber


@dataclass(slots=True, kw_only=True, eq=False)
class Process:
    """
    One invocation of a function. ``ends`` is when Lambda kills it (epoch seconds); ``done`` is
    called at its end with a result, an error, or Killed. ``held`` are the entities whose leases it
    has not released, as far as can be observed from outside, and the event about each.
    """

    name: str
    ends: float
    done: Callable[[Any, BaseException | None], None]
    dead: bool = False
    fibers: list[Fiber] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)

    def run(self, work: Callable[[], Any]) -> None:
        """Start the process."""
        main = Fiber(process=self, work=work)
        self.fibers.append(main)
        main.start()
        self._settle()

    @property
    def over(self) -> bool:
        """Whether all of it has ended."""
        return self.fibers[0].over

    def waiting(self) -> list[Fiber]:
        """Return the fibers that wait at a port call."""
        return [one for one in self.fibers if not one.over and not _joins(one)]

    def resume(self, fiber: Fiber, outcome: str) -> None:
        """Resume one of its fibers."""
        fiber.resume(outcome)
        self._settle()

    def kill(self) -> None:
        """End it at once: no further port call is made."""
        self.dead = True
        self._settle()

    def together(self, works: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """Run ``works`` concurrently, each in a fiber of its own, and wait for all of them."""
        me = current()
        me.children = [Fiber(process=self, work=work) for work in works.values()]
        self.fibers += me.children
        for child in me.children:
            child.start()
        while not all(child.over for child in me.children):
            me.wait("together")
        for child in me.children:
            if child.error is not None:
                raise child.error
        return {name: child.result for name, child in zip(works, me.children, strict=True)}

    def _settle(self) -> None:
        """Kill or resume fibers whose children have ended; call ``done`` after the last one."""
        # In reverse order: a parent ends after its children.
        for fiber in reversed(list(self.fibers)):
            while not fiber.over and (self._dies(fiber) or _joined(fiber)):
                fiber.resume()
        if self.over:
            main = self.fibers[0]
            self.done(main.result, main.error)

    def _dies(self, fiber: Fiber) -> bool:
        self.dead = self.dead or any(isinstance(one.error, Killed) for one in self.fibers)
        return self.dead and all(child.over for child in fiber.children)


def _joins(fiber: Fiber) -> bool:
    return fiber.at == "together"


def _joined(fiber: Fiber) -> bool:
    return _joins(fiber) and all(child.over for child in fiber.children)


@dataclass(slots=True)
class Processes:
    """All running processes, and the number of steps that they made."""

    alive: list[Process] = field(default_factory=list)
    steps: int = 0

    def start(self, process: Process, work: Callable[[], Any]) -> None:
        """Start a process; afterwards it waits at its first port call."""
        self.alive.append(process)
        process.run(work)
        self._remove_ended()

    def waiting(self) -> list[tuple[Process, Fiber]]:
        """Return every fiber that waits at a port call, with its process."""
        return [(process, fiber) for process in self.alive for fiber in process.waiting()]

    def resume(self, process: Process, fiber: Fiber, outcome: str) -> None:
        """Make the port call at which one fiber waits."""
        self.steps += 1
        process.resume(fiber, outcome)
        self._remove_ended()

    def kill(self, matches: Callable[[Process], bool]) -> int:
        """Kill the matching processes; return how many."""
        found = [one for one in self.alive if matches(one)]
        for process in found:
            process.kill()
        self._remove_ended()
        return len(found)

    def finish(self) -> None:
        """Run every process to its end, without failures."""
        while waiting := self.waiting():
            self.resume(*waiting[0], "succeeds")

    def __iter__(self) -> Iterator[Process]:
        return iter(self.alive)

    def _remove_ended(self) -> None:
        self.alive = [one for one in self.alive if not one.over]
