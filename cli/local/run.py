"""The implementation of ``shoprelay local``: run the stack, show it, send the samples, stop."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cli import output
from cli.local import watch
from cli.local.demo_scene import Scene, Stopped, play
from cli.local.log_tap import tapped
from cli.local.merchant import uses_sandbox
from cli.local.program import build_demo
from cli.local.running import published
from cli.local.screen import Screen, make_screen
from cli.local.stack import Stack, StackOptions, running
from cli.merchants import read_file
from shared.settings import read_merchant

LOG = Path(".shoprelay") / "local.log"
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_POLL_INTERVAL = 0.1


def read_options(merchant: Path, secrets: Path) -> StackOptions:
    """Read the two documents. Raise NotConfigured for a file that cannot be read."""
    return StackOptions(merchant=read_file.text(merchant), secrets=read_file.text(secrets))


def run(options: StackOptions, *, samples: bool, once: bool, json_lines: bool) -> bool:
    """Run until the samples are sent, or until stopped; return whether every check passed."""
    stopped = threading.Event()
    screens: list[Screen] = []
    with (
        _signals_stop(stopped),
        tapped(LOG, lambda line: _show_line(screens, line)) as out,
        closing(make_screen(output.console(file=out), json_lines=json_lines)) as screen,
    ):
        screens.append(screen)
        return _run(dataclasses.replace(options, samples=samples), screen, stopped, once=once)


def _run(options: StackOptions, screen: Screen, stopped: threading.Event, *, once: bool) -> bool:
    merchant = read_merchant(options.merchant)
    passed = False
    with running(options, screen) as stack:
        addresses = stack.urls(merchant.sources)
        with published(addresses):
            screen.show("up", **addresses, log=str(LOG))
            if options.samples:
                passed = _play(options, stack, screen, stopped)
            if not once:
                stopped.wait()
    return passed


def _play(options: StackOptions, stack: Stack, screen: Screen, stopped: threading.Event) -> bool:
    merchant = read_merchant(options.merchant)
    if not uses_sandbox(merchant):
        text = "The samples are sent to the sandbox only: this merchant's file has other hosts."
        screen.show("note", text=text)
        return False
    scene, steps = build_demo(options, stack, screen, stopped)
    try:
        passed = play(scene, steps)
    except Stopped:
        return False
    screen.show("demo", text=_verdict(scene), held=passed)
    return passed


def _verdict(scene: Scene) -> str:
    if not scene.failures:
        return "all checks passed"
    return f"{len(scene.failures)} checks failed"


def _show_line(screens: list[Screen], line: str) -> None:
    for screen in screens:
        watch.show_log_line(screen, line)


@contextmanager
def _signals_stop(stopped: threading.Event) -> Iterator[None]:
    """
    Stop cleanly on Ctrl-C and SIGTERM.

    A thread waits for the signals. A Python handler runs only in the main thread, which sleeps on a
    lock and is not woken when the kernel delivers the signal to another thread.
    """
    done = threading.Event()

    def listen() -> None:
        while not done.is_set():
            if signal.sigtimedwait(_STOP_SIGNALS, _POLL_INTERVAL) is not None:
                stopped.set()

    # Before any thread starts: threads inherit the mask.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    thread = threading.Thread(target=listen, name="signals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
