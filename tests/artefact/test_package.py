"""The content of the package for Lambda, and of the one that these tests run."""

from __future__ import annotations

import importlib.util
import marshal
from pathlib import Path

import pytest

from cli.artefact import bytecode
from cli.artefact.package import files, zipped
from cli.artefact.target import lambda_target
from tests.artefact.building import build
from tests.artefact.runtime import ROOT

TARGET = lambda_target((ROOT / "template.yaml").read_text())


@pytest.fixture(scope="session")
def compiled(lambda_artefact: Path) -> dict[str, bytes]:
    """Return the bytecode of the package for Lambda."""
    found = {
        name: content for name, content in files(lambda_artefact).items() if name.endswith(".pyc")
    }
    if not found:
        pytest.skip(f"there is no Python {TARGET.python} here to compile with")
    return found


def test_the_package_is_at_most_3_megabytes(lambda_artefact: Path) -> None:
    assert zipped(lambda_artefact) <= 3_000_000


def test_every_compiled_module_is_for_python_3_13_on_arm64(lambda_artefact: Path) -> None:
    modules = [name for name in files(lambda_artefact) if name.endswith(".so")]

    assert "msgspec/_core.cpython-313-aarch64-linux-gnu.so" in modules
    assert [one for one in modules if not one.endswith(".cpython-313-aarch64-linux-gnu.so")] == []


def test_the_package_holds_our_current_code_and_the_merchants_file(lambda_artefact: Path) -> None:
    shipped = files(lambda_artefact)
    ours = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for top_folder in ("functions", "shared")
        for path in (ROOT / top_folder).rglob("*.py")
    }

    assert {name: shipped.get(name) for name in ours} == ours
    assert shipped["merchant.toml"] == (ROOT / "merchants" / "demo.toml").read_bytes()


def test_the_package_holds_no_tests_no_commands_and_no_boto3(lambda_artefact: Path) -> None:
    top = {name.partition("/")[0] for name in files(lambda_artefact)}

    assert {"functions", "shared", "msgspec", "merchant.toml"} - top == set()
    assert (
        top & {"bench", "bin", "boto3", "botocore", "cli", "events", "merchants", "tests"} == set()
    )
    assert [
        name for name in files(lambda_artefact) if name.endswith((".pyi", ".secrets.json"))
    ] == []


def test_the_bytecode_is_for_the_runtime_of_the_template(
    compiled: dict[str, bytes],
) -> None:
    # 3571: MAGIC_NUMBER of CPython 3.13, Lib/importlib/_bootstrap_external.py. Then the flags of
    # PEP 552: hash-based, and not checked.
    head = b"\xf3\x0d\r\n\x01\x00\x00\x00"

    assert {content[:8] for content in compiled.values()} == {head}
    assert {name.rpartition(".cpython-")[2] for name in compiled} == {"313.pyc"}


def test_every_module_has_its_bytecode(lambda_artefact: Path, compiled: dict[str, bytes]) -> None:
    modules = [name for name in files(lambda_artefact) if name.endswith(".py")]

    assert len(compiled) == len(modules)
    bytecode.check(TARGET, lambda_artefact)


def test_the_bytecode_matches_its_source_and_has_its_path_on_lambda(local_artefact: Path) -> None:
    source = local_artefact / "shared" / "receiver.py"
    cached = Path(importlib.util.cache_from_source(str(source))).read_bytes()

    assert cached[8:16] == importlib.util.source_hash(source.read_bytes())
    code = marshal.loads(cached[16:])  # noqa: S302 - the bytecode that was just made
    assert code.co_filename == "/var/task/shared/receiver.py"


def test_packages_of_two_merchants_differ_only_by_the_merchants_file(
    lambda_artefact: Path, tmp_path: Path
) -> None:
    build(tmp_path / "acme", merchant="acme")

    demo, acme = files(lambda_artefact), files(tmp_path / "acme")

    assert [name for name in demo | acme if demo.get(name) != acme.get(name)] == ["merchant.toml"]
