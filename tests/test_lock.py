"""The lock files: every package is pinned by its hash, and no index is named."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = ROOT / "requirements.lock"
SHIPPED = ROOT / "functions" / "requirements.txt"
LOCKS = [LOCK, SHIPPED, *sorted((ROOT / ".ci" / "tools").glob("*.txt"))]


def _pins(lock: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def _names(requirements: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(one).name) for one in requirements}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_file_pins_every_package_by_hash_and_names_no_index(lock: Path) -> None:
    entries = re.sub(r" \\\n +", " ", lock.read_text()).splitlines()

    assert len(entries) > 0
    pin = re.compile(r"[a-z0-9._-]+==[\w.]+( ; [^-]+)?( --hash=sha256:[0-9a-f]{64})+")
    assert [entry for entry in entries if not pin.fullmatch(entry)] == []


@pytest.mark.parametrize("group", ["dependencies", "dev", "functions"])
def test_the_lock_has_every_requirement_of_the_project(group: str) -> None:
    wanted = PROJECT["project"].get(group) or PROJECT["dependency-groups"][group]

    assert _names(wanted) - set(_pins(LOCK)) == set()


def test_the_shipped_versions_are_the_tested_ones() -> None:
    shipped, tested = _pins(SHIPPED), _pins(LOCK)

    assert shipped == {name: tested[name] for name in shipped}


def test_the_shipped_packages_are_those_of_the_functions_without_boto3() -> None:
    asked = _names(PROJECT["dependency-groups"]["functions"])

    assert asked == {"aws-lambda-powertools", "msgspec", "oauthlib", "requests"}
    assert asked - set(_pins(SHIPPED)) == set()
    assert {"boto3", "botocore"} & set(_pins(SHIPPED)) == set()
