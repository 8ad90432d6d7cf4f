"""What ``shoprelay local`` does: run the stack, show it, play the samples, end in good order."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console

from cli.local import watch
from cli.local.demo_scene import Scene, Stopped, play
from cli.local.log_tap import tapped
from cli.local.merchant import uses_sandbox
from cli.local.program import build_demo
from cli.local.screen import Screen, screen
from cli.local.stack import Stack, StackOptions, running
from cli.merchants import read_file
from shared.settings import read_merchant

LOG = Path(".shoprelay") / "local.log"
_END = (signal.SIGINT, signal.SIGTERM)
_LOOK = 0.1


def read_options(merchant: Path, secrets: Path) -> StackOptions:
    """Read the two documents. Raises NotConfigured for a file that cannot be read."""
    return StackOptions(merchant=read_file.text(merchant), secrets=read_file.text(secrets))


def run(wish: StackOptions, *, samples: bool, once: bool, json_lines: bool) -> bool:
    """Run until the samples are played, or until stopped. Tells whether they went as they must."""
    stopped = threading.Event()
    show: list[Screen] = []
    with (
        _stopping(stopped),
        tapped(LOG, lambda line: _told(show, line)) as out,
        closing(screen(Console(file=out), json_lines=json_lines)) as seen,
    ):
        show.append(seen)
        return _run(dataclasses.replace(wish, samples=samples), seen, stopped, once=once)


def _run(wish: StackOptions, seen: Screen, stopped: threading.Event, *, once: bool) -> bool:
    merchant = read_merchant(wish.merchant)
    held = False
    with running(wish, seen) as stack:
        seen.tell("up", **stack.urls(merchant.sources), log=str(LOG))
        if wish.samples:
            held = _play(wish, stack, seen, stopped)
        if not once:
            stopped.wait()
    return held


def _play(wish: StackOptions, stack: Stack, seen: Screen, stopped: threading.Event) -> bool:
    merchant = read_merchant(wish.merchant)
    if not uses_sandbox(merchant):
        seen.tell("note", text="The samples are for the sandbox: this merchant has other hosts.")
        return False
    scene, steps = build_demo(wish, stack, seen, stopped)
    try:
        held = play(scene, steps)
    except Stopped:
        return False
    seen.tell("demo", text=_verdict(scene), held=held)
    return held


def _verdict(scene: Scene) -> str:
    if not scene.failures:
        return "everything went as it must"
    return f"{len(scene.failures)} expectations did not hold"


def _told(show: list[Screen], line: str) -> None:
    for seen in show:
        watch.show_log_line(seen, line)


@contextmanager
def _stopping(stopped: threading.Event) -> Iterator[None]:
    """
    Let Ctrl-C and SIGTERM end it in good order.

    A thread waits for them. A Python handler runs in the main thread alone, which sleeps on a lock
    and is not woken when the kernel gives the signal to another thread.
    """
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            if signal.sigtimedwait(_END, _LOOK) is not None:
                stopped.set()

    # Before any thread is started, for they take this over.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _END)
    thread = threading.Thread(target=listen, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
