"""The steps that build the package, without downloads."""

from __future__ import annotations

import dataclasses
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from cli.artefact import bytecode, libraries, package
from cli.artefact.__main__ import main
from cli.artefact.target import NotBuilt, here, lambda_target

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "template.yaml").read_text()
PYTHON = Path(sys.executable)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "made" / "shared").mkdir(parents=True)
    (tmp_path / "made" / "shared" / "receiver.py").write_text("KNOWN = {'a', 'b'}\n")
    return tmp_path / "made"


def _executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


# ---- target -------------------------------------------------------------------------------------


def test_the_target_is_the_runtime_and_the_machine_of_the_template() -> None:
    target = lambda_target(TEMPLATE)

    assert (target.python, target.machine) == ("3.13", "aarch64")
    assert target.magic == b"\xf3\x0d\r\n"
    assert target.pip == (
        "--platform", "manylinux2014_aarch64", "--implementation", "cp", "--python-version", "3.13",
    )  # fmt: skip


def test_a_runtime_whose_bytecode_is_not_known_is_not_built() -> None:
    with pytest.raises(NotBuilt, match=r"the bytecode of Python 3\.99 is not known"):
        lambda_target(TEMPLATE.replace("python3.13", "python3.99"))


def test_a_template_with_two_runtimes_is_not_built() -> None:
    with pytest.raises(NotBuilt, match="and has 2"):
        lambda_target(TEMPLATE + "\n    Runtime: python3.12\n")


# ---- bytecode -----------------------------------------------------------------------------------


def test_bytecode_is_written_unchecked_for_its_place_on_lambda(folder: Path) -> None:
    bytecode.write(PYTHON, here(), folder)

    (cached,) = folder.rglob("*.pyc")
    assert cached.read_bytes()[4:8] == b"\x01\x00\x00\x00"
    assert b"/var/task/shared/receiver.py" in cached.read_bytes()


def test_bytecode_that_the_target_cannot_read_fails_the_build(
    folder: Path,
) -> None:
    other = dataclasses.replace(here(), magic=struct.pack("<H", 3000) + b"\r\n")

    with pytest.raises(NotBuilt, match=r"cannot read receiver\.cpython-\d+\.pyc"):
        bytecode.write(PYTHON, other, folder)


def test_a_module_without_bytecode_fails_the_build(folder: Path) -> None:
    bytecode.write(PYTHON, here(), folder)
    (folder / "late.py").touch()

    with pytest.raises(NotBuilt, match=r"late\.py has no bytecode"):
        bytecode.check(here(), folder)


def test_bytecode_that_checks_its_source_fails_the_build(folder: Path) -> None:
    bytecode.write(PYTHON, here(), folder)
    (cached,) = folder.rglob("*.pyc")
    written = cached.read_bytes()
    cached.write_bytes(written[:4] + b"\x03" + written[5:])

    with pytest.raises(NotBuilt, match="cannot read"):
        bytecode.check(here(), folder)


def test_a_module_that_cannot_be_compiled_fails_the_build(folder: Path) -> None:
    (folder / "wrong.py").write_text("def :\n")

    with pytest.raises(NotBuilt, match="cannot be compiled"):
        bytecode.write(PYTHON, here(), folder)


def test_a_shim_that_fails_is_skipped(tmp_path: Path) -> None:
    python = here().python
    shim = _executable(tmp_path / "shims" / f"python{python}", "#!/bin/sh\nexit 127\n")
    managed = tmp_path / ".pyenv" / "versions" / f"{python}.99" / "bin" / f"python{python}"
    _executable(managed, f'#!/bin/sh\nexec "{PYTHON}" "$@"\n')

    found = [*bytecode.interpreters(python, tmp_path, f"{tmp_path}/none{os.pathsep}{shim.parent}")]

    assert found == [shim, managed]
    assert bytecode.choose(here(), found) == managed


def test_without_the_targets_interpreter_the_build_says_so_and_has_no_bytecode(
    folder: Path, tmp_path: Path
) -> None:
    done = subprocess.run(
        [PYTHON, "-m", "cli.artefact", "bytecode", folder],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0
    assert done.stderr.startswith("No bytecode: there is no Python 3.13 here.")
    assert done.stderr.count("\n") == 1
    assert [*folder.rglob("*.pyc")] == []


def test_a_named_interpreter_of_another_version_fails_the_build(
    folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    wrong = _executable(tmp_path / "python", "#!/bin/sh\nprintf nonsense\n")

    assert main(["bytecode", str(folder), "--python", str(wrong)]) == 1
    assert "is not for Python 3.13" in capsys.readouterr().err


# ---- libraries ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "machine", "found"),
    [
        ("_core.cpython-313-aarch64-linux-gnu.so", 183, 0),
        ("_core.abi3.so", 183, 0),
        ("_core.cpython-313-x86_64-linux-gnu.so", 62, 1),
        ("_core.cpython-311-aarch64-linux-gnu.so", 183, 1),
    ],
)
def test_a_compiled_module_for_another_machine_or_python_is_found(
    tmp_path: Path, name: str, machine: int, found: int
) -> None:
    (tmp_path / name).write_bytes(b"\x7fELF" + bytes(14) + struct.pack("<H", machine))

    assert libraries.not_for(lambda_target(TEMPLATE), tmp_path) == [name] * found


def test_what_no_function_uses_is_removed(tmp_path: Path) -> None:
    for name in (
        "bin/jp.py", "idna/cli.py", "jmespath/lexer.py", "jmespath/__pycache__/lexer.pyc",
        "msgspec-1.0.dist-info/RECORD", "msgspec/_core.pyi", "msgspec/__pycache__/a.pyc",
        "msgspec/a.py",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    libraries.trim(tmp_path)

    remaining = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert remaining == [tmp_path / "msgspec" / "a.py"]


# ---- what was built -----------------------------------------------------------------------------


def test_the_package_is_described_in_one_line(folder: Path) -> None:
    (folder / "noise").write_bytes(random.Random(1).randbytes(2_000_000))

    assert package.describe(folder) == (
        "made: 2.0 MB zipped, without bytecode: cold starts take twice as long"
    )

    bytecode.write(PYTHON, here(), folder)

    assert package.describe(folder) == "made: 2.0 MB zipped, with bytecode"
