"""Which stack a command acts on when its options do not say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from cli.local.running import FILE, local_endpoint, published
from cli.stack.resources import Location
from shared.errors import NotConfigured

LOCAL = {"aws": "http://127.0.0.1:8788"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "merchants").mkdir()
    return tmp_path


def _merchants(folder: Path, *names: str) -> None:
    for name in names:
        (folder / "merchants" / f"{name}.toml").touch()


def test_the_only_merchant_is_the_default(folder: Path) -> None:
    _merchants(folder, "acme", "demo")

    assert Location().resolved().merchant == "acme"


def test_of_two_merchants_none_is_the_default(folder: Path) -> None:
    _merchants(folder, "acme", "beta")

    assert Location().resolved().merchant is None


def test_an_option_that_names_a_resource_takes_precedence(folder: Path) -> None:
    _merchants(folder, "acme")

    assert Location(endpoint_url="http://127.0.0.1:1").resolved().merchant is None
    assert Location(table="ledger").resolved().merchant is None


def test_local_is_the_stack_that_runs_here() -> None:
    with published(LOCAL):
        assert Location(local=True).resolved().endpoint_url == LOCAL["aws"]

    with pytest.raises(NotConfigured, match="`shoprelay local` starts one"):
        Location(local=True).resolved()


def test_the_stack_of_a_killed_process_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(_pid: int, _signal: int) -> None:
        raise ProcessLookupError

    with published(LOCAL):
        assert json.loads(FILE.read_text())["pid"] == os.getpid()
        monkeypatch.setattr(os, "kill", killed)
        assert local_endpoint() is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": "1"}'])
def test_a_broken_file_is_no_stack(text: str) -> None:
    FILE.parent.mkdir()
    FILE.write_text(text)

    assert local_endpoint() is None
