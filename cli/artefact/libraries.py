"""The libraries of the functions, for their target, without what no function uses."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from pathlib import Path

from cli.artefact.target import NotBuilt, Target

# boto3 is not among them: the runtime has it, and botocore alone is five times as large as the
# package may be. No recent feature of it is needed. ReturnValuesOnConditionCheckFailure of
# UpdateItem is of mid-2023, the runtime of the end of 2024; the tests pass with boto3 1.34.145.
LOCK = Path("functions/requirements.txt")
# Shell scripts, tests, and parts that our code does not import: half of the package. boto3 needs
# jmespath, so the runtime has that too. Should one of these be needed, the tests that run the
# artefact fail.
UNUSED = (
    "bin",
    "certifi/__main__.py",
    "certifi/tests",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/logging/formatters",
    "aws_lambda_powertools/metrics/provider/datadog",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha", "circuit_breaker", "data_masking", "feature_flags", "idempotency",
            "kafka", "metadata", "parser", "streaming", "validation",
        )
    ),
    # The package imports all of its modules by name except these.
    *(
        f"aws_lambda_powertools/utilities/data_classes/{name}"
        for name in (
            "active_mq_event.py", "api_gateway_authorizer_event.py", "appsync",
            "appsync_authorizer_event.py", "cognito_user_pool_event.py", "iot_registry_event.py",
            "rabbit_mq_event.py", "s3_object_event.py",
        )
    ),
    # It guesses the encoding of a text that declares none; we read bytes of a response. requests
    # works without it, and warns: functions/__init__.py.
    "charset_normalizer",
    "charset_normalizer-*.dist-info",
    # Not uts46data: a shop's name may have letters that are not ASCII.
    "idna/__main__.py",
    "idna/cli.py",
    "idna/codec.py",
    "idna/compat.py",
    "jmespath",
    "jmespath-*.dist-info",
    "oauthlib/oauth2",
    "oauthlib/openid",
    "requests/help.py",
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/socks.py",
    "urllib3/http2/connection.py",
    # pip's own records. METADATA, which vulnerability scanners read, and the licences stay.
    *(f"*.dist-info/{name}" for name in ("INSTALLER", "RECORD", "REQUESTED", "WHEEL")),
)  # fmt: skip
UNUSED_ANYWHERE = ("__pycache__", "*.pyi")
# e_machine in the header of an ELF file: elf(5).
ELF = {"x86_64": 62, "aarch64": 183}


def fetch(target: Target, folder: Path) -> None:
    """Install the locked libraries into a folder, which is emptied first. Raises NotBuilt."""
    shutil.rmtree(folder, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    only_locked = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile")
    wanted = ("--requirement", str(LOCK), "--target", str(folder))
    done = subprocess.run([*pip, *only_locked, *target.pip, *wanted], check=False)  # noqa: S603 - fixed arguments
    if done.returncode != 0:
        raise NotBuilt(f"pip could not install {LOCK}")
    trim(folder)
    foreign = not_for(target, folder)
    if foreign:
        raise NotBuilt(f"not for Python {target.python} on {target.machine}: {', '.join(foreign)}")


def trim(folder: Path) -> None:
    """Remove what no function uses."""
    found = [path for pattern in UNUSED for path in folder.glob(pattern)]
    found += [path for pattern in UNUSED_ANYWHERE for path in sorted(folder.rglob(pattern))]
    for path in found:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def not_for(target: Target, folder: Path) -> list[str]:
    """Return the compiled modules that the target's Python or machine could not load."""
    compiled = sorted(folder.rglob("*.so"))
    return [path.name for path in compiled if not _loads(target, path)]


def _loads(target: Target, path: Path) -> bool:
    # CPython names a module after its version; `abi3` fits every version.
    tag = f"cpython-{target.python.replace('.', '')}"
    head = path.read_bytes()[:20]
    if head[:4] != b"\x7fELF":
        return (
            target.is_here
        )  # not an ELF file: this machine has another system, and its tests load it
    (machine,) = struct.unpack_from("<H", head, 18)
    return machine == ELF.get(target.machine) and (tag in path.name or ".abi3." in path.name)
