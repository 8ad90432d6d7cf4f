from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

from cli.local.log_tap import tapped


def test_output_goes_to_the_file_and_the_listener_in_whole_lines(tmp_path: Path) -> None:
    lines: list[str] = []
    real = sys.stdout

    with tapped(tmp_path / "deep" / "log", lines.append) as out:
        sys.stdout.write("one\ntwo")
        sys.stdout.write(" three\n")
        assert out is real

    assert sys.stdout is real
    assert lines == ["one", "two three"]
    assert (tmp_path / "deep" / "log").read_text() == "one\ntwo three\n"


def test_lines_of_concurrent_functions_are_not_mixed(tmp_path: Path) -> None:
    lines: list[str] = []

    def print_words(word: str) -> None:
        for _ in range(200):
            sys.stdout.write(word)
            sys.stdout.write("\n")

    with tapped(tmp_path / "log", lines.append):
        threads = [
            threading.Thread(target=print_words, args=(word,)) for word in ("a" * 50, "b" * 50)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(set(lines)) == ["a" * 50, "b" * 50]
    assert len(lines) == 400


def test_an_existing_logger_writes_to_the_file_too(tmp_path: Path) -> None:
    early = logging.StreamHandler(sys.stdout)
    log = logging.getLogger("early")
    log.addHandler(early)
    lines: list[str] = []
    real = sys.stdout

    with tapped(tmp_path / "log", lines.append):
        log.warning("logged")

    log.removeHandler(early)
    assert "logged" in lines
    assert early.stream is real


def test_a_librarys_warning_does_not_reach_the_screen(tmp_path: Path) -> None:
    with tapped(tmp_path / "log", lambda _: None):
        logging.getLogger("urllib3.connectionpool").warning("the pool is full")

    assert "the pool is full" in (tmp_path / "log").read_text()
