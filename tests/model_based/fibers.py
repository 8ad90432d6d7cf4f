"""
Processes that take turns: each stands still at every port call until it is told to go on, so that
any interleaving can be played, and played again. One thread runs at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


class Killed(BaseException):
    """The process is gone: nothing catches this."""


@dataclass(slots=True, kw_only=True, eq=False)
class Fiber:
    """
    One line of work of a process, and the port call at which it stands (``at``). ``how`` is what
    the one who resumes it wants to become of that call.
    """

    process: Process
    work: Callable[[], Any]
    at: str = ""
    how: str = "well"
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

    def resume(self, how: str = "well") -> None:
        """Let it make the port call at which it stands, and go on to the next."""
        self.how = how
        self._go.release()
        self._back.acquire()

    def stand(self, at: str) -> str:
        """Wait, in the fiber's own thread, until it is resumed; tell how."""
        self.at = at
        self._back.release()
        self._go.acquire()
        if self.process.dead:
            raise Killed
        return self.how

    def _run(self) -> None:
        CURRENT.fiber = self
        try:
            self.result = self.work()
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for it
            self.error = error
        self.over = True
        self._back.release()


CURRENT = threading.local()


def current() -> Fiber:
    """Give the fiber that is running."""
    fiber: Fiber = CURRENT.fiber
    return fiber


@dataclass(slots=True, kw_only=True, eq=False)
class Process:
    """
    One invocation of a function. ``ends`` is when Lambda kills it (epoch seconds); ``done`` is told
    how it ended: with a result, an error, or Killed. ``held`` are the entities whose leases it did
    not give back, as far as an onlooker can tell, and the event about each.
    """

    name: str
    ends: float
    done: Callable[[Any, BaseException | None], None]
    dead: bool = False
    fibers: list[Fiber] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)

    def run(self, work: Callable[[], Any]) -> None:
        """Begin."""
        main = Fiber(process=self, work=work)
        self.fibers.append(main)
        main.start()
        self._settle()

    @property
    def over(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.fibers[0].over

    def destination_state(self) -> list[Fiber]:
        """Give the fibers that stand at a port call."""
        return [one for one in self.fibers if not one.over and not _waits(one)]

    def resume(self, fiber: Fiber, how: str) -> None:
        """Let one of its fibers go on."""
        fiber.resume(how)
        self._settle()

    def kill(self) -> None:
        """End it here and now: no port call is made any more."""
        self.dead = True
        self._settle()

    def together(self, works: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        """Do works side by side, each in a fiber of its own, and wait for all."""
        me = current()
        me.children = [Fiber(process=self, work=work) for work in works.values()]
        self.fibers += me.children
        for child in me.children:
            child.start()
        while not all(child.over for child in me.children):
            me.stand("together")
        for child in me.children:
            if child.error is not None:
                raise child.error
        return {name: child.result for name, child in zip(works, me.children, strict=True)}

    def _settle(self) -> None:
        """Kill what must die, let go who waited for others, and tell when all is over."""
        # The last first: a parent ends after its children.
        for fiber in reversed(list(self.fibers)):
            while not fiber.over and (self._dies(fiber) or _may_go_on(fiber)):
                fiber.resume()
        if self.over:
            main = self.fibers[0]
            self.done(main.result, main.error)

    def _dies(self, fiber: Fiber) -> bool:
        self.dead = self.dead or any(isinstance(one.error, Killed) for one in self.fibers)
        return self.dead and all(child.over for child in fiber.children)


def _waits(fiber: Fiber) -> bool:
    return fiber.at == "together"


def _may_go_on(fiber: Fiber) -> bool:
    return _waits(fiber) and all(child.over for child in fiber.children)


@dataclass(slots=True)
class Processes:
    """All processes that are alive, and the steps that they took."""

    alive: list[Process] = field(default_factory=list)
    steps: int = 0

    def start(self, process: Process, work: Callable[[], Any]) -> None:
        """Begin a process; it stands at its first port call afterwards."""
        self.alive.append(process)
        process.run(work)
        self._bury()

    def destination_state(self) -> list[tuple[Process, Fiber]]:
        """Give everything that stands at a port call."""
        return [(process, fiber) for process in self.alive for fiber in process.destination_state()]

    def resume(self, process: Process, fiber: Fiber, how: str) -> None:
        """Let one fiber make its port call."""
        self.steps += 1
        process.resume(fiber, how)
        self._bury()

    def kill(self, doomed: Callable[[Process], bool]) -> int:
        """Kill all processes that are doomed; tell how many."""
        found = [one for one in self.alive if doomed(one)]
        for process in found:
            process.kill()
        self._bury()
        return len(found)

    def finish(self) -> None:
        """Let everything run to its end, undisturbed."""
        while standing := self.destination_state():
            self.resume(*standing[0], "well")

    def __iter__(self) -> Iterator[Process]:
        return iter(self.alive)

    def _bury(self) -> None:
        self.alive = [one for one in self.alive if not one.over]
