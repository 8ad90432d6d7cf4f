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
from cli.local.screen import Screen, make_screen
from cli.local.stack import Stack, StackOptions, running
from cli.merchants import read_file
from shared.settings import read_merchant

LOG = Path(".shoprelay") / "local.log"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_POLL_INTERVAL = 0.1


def read_options(merchant: Path, secrets: Path) -> StackOptions:
    """Read the two documents. Raises NotConfigured for a file that cannot be read."""
    return StackOptions(merchant=read_file.text(merchant), secrets=read_file.text(secrets))


def run(options: StackOptions, *, samples: bool, once: bool, json_lines: bool) -> bool:
    """Run until the samples are played, or until stopped. Tells whether they went as they must."""
    stopped = threading.Event()
    screens: list[Screen] = []
    with (
        _signals_stop(stopped),
        tapped(LOG, lambda line: _show_line(screens, line)) as out,
        closing(make_screen(Console(file=out), json_lines=json_lines)) as screen,
    ):
        screens.append(screen)
        return _run(dataclasses.replace(options, samples=samples), screen, stopped, once=once)


def _run(options: StackOptions, screen: Screen, stopped: threading.Event, *, once: bool) -> bool:
    merchant = read_merchant(options.merchant)
    passed = False
    with running(options, screen) as stack:
        screen.show("up", **stack.urls(merchant.sources), log=str(LOG))
        if options.samples:
            passed = _play(options, stack, screen, stopped)
        if not once:
            stopped.wait()
    return passed


def _play(options: StackOptions, stack: Stack, screen: Screen, stopped: threading.Event) -> bool:
    merchant = read_merchant(options.merchant)
    if not uses_sandbox(merchant):
        screen.show("note", text="The samples are for the sandbox: this merchant has other hosts.")
        return False
    scene, steps = build_demo(options, stack, screen, stopped)
    try:
        passed = play(scene, steps)
    except Stopped:
        return False
    screen.show("demo", text=_verdict(scene), passed=passed)
    return passed


def _verdict(scene: Scene) -> str:
    if not scene.failures:
        return "everything went as it must"
    return f"{len(scene.failures)} expectations did not hold"


def _show_line(screens: list[Screen], line: str) -> None:
    for screen in screens:
        watch.show_log_line(screen, line)


@contextmanager
def _signals_stop(stopped: threading.Event) -> Iterator[None]:
    """
    Let Ctrl-C and SIGTERM end it in good order.

    A thread waits for them. A Python handler runs in the main thread alone, which sleeps on a lock
    and is not woken when the kernel gives the signal to another thread.
    """
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            if signal.sigtimedwait(_STOP_SIGNALS, _POLL_INTERVAL) is not None:
                stopped.set()

    # Before any thread is started, for they take this over.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    thread = threading.Thread(target=listen, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
