"""The rooms and their allowed imports, checked in the source of every module."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("shared", "functions", "cli")
TOP_FOLDERS = {
    "bench", "cli", "docs", "events", "functions", "merchants", "shared", "storefront", "tests",
}  # fmt: skip
TOP_FILES = {
    "CHANGELOG.md", "Makefile", "README.md", "pyproject.toml", "requirements.lock",
    "samconfig.toml", "template.yaml",
}  # fmt: skip
EMPTY_NAMES = {"common", "helper", "helpers", "manager", "managers", "util", "utils"}

AWS = ("boto3", "botocore")
HTTP = ("http.client", "httpx", "requests", "socket", "urllib.request", "urllib3")
ENVIRONMENT = ("os.environ", "os.environb", "os.getenv", "os.putenv")
CLOCK = (
    "datetime.date.today", "datetime.datetime.now", "datetime.datetime.today",
    "datetime.datetime.utcnow", "time.time", "time.time_ns",
)  # fmt: skip
REGISTRIES = ("shared/sources/registry.py", "shared/destinations/registry.py")
HTTP_CODE = ("shared/http/", "shared/sources/*/store.py")
AWS_CODE = (
    "shared/state/",
    "shared/queue/sqs.py",
    "shared/queue/payload_store.py",
    "shared/aws_clients.py",
)
# Every room of shared/ and cli/, the lowest first: a module imports its own room and lower ones.
LAYERS = {
    "shared": (
        ("model", "errors"),
        ("http", "settings", "observability", "aws_clients"),
        ("queue", "state", "subscriptions"),
        ("sources", "destinations"),
        ("delivery", "privacy"),
        ("receiver", "retry_worker"),
        ("wiring",),
    ),
    "cli": (
        ("output",),
        ("merchants", "artefact", "sandbox", "terminal"),
        ("checks", "docs", "local"),
        ("stack",),
        ("commands",),
        ("main",),
    ),
}
PLATFORMS = ("shared.sources", "shared.destinations")
# Beside the folders of platforms: what all of them use.
SHARED_BY_ALL = ("building", "contract", "parsing", "registry", "tracker")


def uses(source: str) -> set[str]:
    """Return every dotted name that a module imports, or uses through an import."""
    tree = ast.parse(source)
    known = dict(_imports(tree))
    reached = {_dotted(node, known) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    whole = {one.name for node in ast.walk(tree) if isinstance(node, ast.Import)
             for one in node.names}  # fmt: skip
    return (set(known.values()) | reached | whole) - {""}


def _imports(tree: ast.AST) -> Iterable[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                first = one.name.partition(".")[0]
                yield (one.asname, one.name) if one.asname else (first, first)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            for one in node.names:
                yield one.asname or one.name, f"{module}.{one.name}"


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value, known)):
        return f"{before}.{node.attr}"
    return ""


def within(name: str, *modules: str) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def below(path: str, *places: str) -> bool:
    return any(re.fullmatch(place.replace("*", "[^/]+") + ".*", path) for place in places)


def is_standard(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def layer(name: str) -> tuple[str, int]:
    """Return the package of a dotted name and how high its room is; (package, -1) outside all."""
    package, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    places = (at for at, rooms in enumerate(LAYERS.get(package, ())) if room in rooms)
    return package, next(places, -1)


def imports_upward(path: str, name: str) -> bool:
    own_name = ".".join(Path(path).with_suffix("").parts)
    (own_package, own), (package, other) = layer(own_name), layer(name)
    same_room = own_name.split(".")[1:2] == name.split(".")[1:2]
    return own_package == package and not same_room and -1 < own <= other


def names_a_platform(name: str) -> bool:
    """Return whether a name is in one platform's folder."""
    shared_by_all = [f"{room}.{one}" for room in PLATFORMS for one in SHARED_BY_ALL]
    return within(name, *PLATFORMS) and not within(name, *shared_by_all) and name not in PLATFORMS


def leaves_its_folder(path: str, name: str) -> bool:
    own = ".".join(Path(path).parts[:3])
    return names_a_platform(name) and not within(name, own)


# The name of a rule -> whether a module (its path) breaks it by using a name.
RULES: dict[str, Callable[[str, str], bool]] = {
    "imports are absolute": lambda _, name: name.startswith("."),
    "the model imports the standard library and msgspec": lambda path, name: (
        below(path, "shared/model/")
        and not is_standard(name)
        and not within(name, "shared.model", "msgspec")
    ),
    "shared never imports cli or functions": lambda path, name: (
        below(path, "shared/") and within(name, "cli", "functions")
    ),
    "functions import the wiring, powertools and the standard library": lambda path, name: (
        below(path, "functions/")
        and not is_standard(name)
        and not within(name, "shared.wiring", "aws_lambda_powertools")
    ),
    "only functions and cli import the wiring": lambda path, name: (
        below(path, "shared/") and within(name, "shared.wiring")
    ),
    "a room imports lower rooms alone": imports_upward,
    "a platform's folder imports no other platform's": lambda path, name: (
        below(path, "shared/sources/*/", "shared/destinations/*/") and leaves_its_folder(path, name)
    ),
    "a source knows no destination, and a destination no source": lambda path, name: (
        (below(path, "shared/sources/") and within(name, "shared.destinations"))
        or (below(path, "shared/destinations/") and within(name, "shared.sources"))
    ),
    "only a registry names a platform": lambda path, name: (
        below(path, "shared/")
        and not below(path, "shared/sources/*/", "shared/destinations/*/", *REGISTRIES)
        and names_a_platform(name)
    ),
    "AWS is called in state, queue and aws_clients": lambda path, name: (
        below(path, "shared/", "functions/") and not below(path, *AWS_CODE) and within(name, *AWS)
    ),
    "HTTP is spoken in http and the store clients": lambda path, name: (
        below(path, "shared/", "functions/") and not below(path, *HTTP_CODE) and within(name, *HTTP)
    ),
    "the environment is read in settings": lambda path, name: (
        below(path, "shared/", "functions/")
        and path != "shared/settings/environment.py"
        and within(name, *ENVIRONMENT)
    ),
    "the clock is passed in": lambda path, name: (
        below(path, "shared/", "functions/") and path != "shared/wiring.py" and within(name, *CLOCK)
    ),
    "imports can be read": lambda path, name: (
        below(path, "shared/", "functions/") and within(name, "importlib")
    ),
}


def broken(path: str, source: str) -> list[str]:
    """Return the rules that a module breaks."""
    names = uses(source)
    return [rule for rule, breaks in RULES.items() if any(breaks(path, name) for name in names)]


def empty_names(paths: Iterable[str]) -> list[str]:
    return [path for path in paths if EMPTY_NAMES & set(Path(path).with_suffix("").parts)]


def strangers(folders: Iterable[str], files: Iterable[str]) -> set[str]:
    """Return the unknown names at the top, without dotfiles and caches of tools."""
    there = {*folders} - TOP_FOLDERS | {*files} - TOP_FILES
    return {name for name in there if not name.startswith((".", "__"))}


def _modules() -> list[str]:
    return sorted(
        path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")
    )


def test_every_module_keeps_the_rules() -> None:
    found = {path: broken(path, (ROOT / path).read_text()) for path in _modules()}

    assert {path: rules for path, rules in found.items() if rules} == {}


def test_no_module_has_an_empty_name() -> None:
    assert empty_names(_modules()) == []


def test_there_is_no_unknown_file_at_the_top() -> None:
    top = list(ROOT.iterdir())

    assert strangers(
        (one.name for one in top if one.is_dir()), (one.name for one in top if one.is_file())
    ) == set()  # fmt: skip


VIOLATIONS = [
    ("shared/state/row.py", "from .item import read", "imports are absolute"),
    (
        "shared/model/money.py",
        "import requests",
        "the model imports the standard library and msgspec",
    ),
    (
        "shared/model/money.py",
        "from shared.errors import NotUnderstood",
        "the model imports the standard library and msgspec",
    ),
    (
        "shared/delivery/deliver.py",
        "from cli.secret import put",
        "shared never imports cli or functions",
    ),
    (
        "functions/webhook/app.py",
        "from shared.delivery import deliver",
        "functions import the wiring, powertools and the standard library",
    ),
    (
        "shared/retry_worker.py",
        "from shared import wiring",
        "only functions and cli import the wiring",
    ),
    (
        "shared/state/row.py",
        "from shared.delivery import attempt",
        "a room imports lower rooms alone",
    ),
    (
        "shared/queue/sqs.py",
        "from shared.destinations.contract import Plan",
        "a room imports lower rooms alone",
    ),
    (
        "shared/destinations/yespo/calls.py",
        "from shared.destinations.datacue.sign import sign",
        "a platform's folder imports no other platform's",
    ),
    (
        "shared/sources/contract.py",
        "from shared.destinations.contract import Plan",
        "a source knows no destination, and a destination no source",
    ),
    (
        "shared/destinations/contract.py",
        "import shared.sources.contract",
        "a source knows no destination, and a destination no source",
    ),
    (
        "shared/delivery/deliver.py",
        "def late() -> None:\n    from shared.sources.shopify import source",
        "only a registry names a platform",
    ),
    (
        "shared/queue/dead_letters.py",
        "from botocore.exceptions import ClientError",
        "AWS is called in state, queue and aws_clients",
    ),
    (
        "shared/sources/shopify/topics.py",
        "import requests",
        "HTTP is spoken in http and the store clients",
    ),
    (
        "shared/observability.py",
        "import os\nregion = os.environ['AWS_REGION']",
        "the environment is read in settings",
    ),
    (
        "shared/observability.py",
        "from os import getenv as setting",
        "the environment is read in settings",
    ),
    ("shared/delivery/deliver.py", "import time\nclock = time.time", "the clock is passed in"),
    (
        "shared/model/version.py",
        "from datetime import UTC, datetime\nnow = datetime.now(UTC)",
        "the clock is passed in",
    ),
    (
        "shared/model/version.py",
        "import datetime as dt\nnow = dt.datetime.now().isoformat()",
        "the clock is passed in",
    ),
    (
        "functions/retry/app.py",
        "import importlib\nimportlib.import_module('cli.main')",
        "imports can be read",
    ),
]


@pytest.mark.parametrize(("path", "source", "rule"), VIOLATIONS)
def test_a_planted_violation_is_found(path: str, source: str, rule: str) -> None:
    assert rule in broken(path, source)


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for _, _, rule in VIOLATIONS} == set(RULES)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("functions/webhook/app.py", "from shared.wiring import webhook_app\nimport base64"),
        ("shared/wiring.py", "import time\nfrom shared.sources.registry import SOURCES"),
        ("shared/aws_clients.py", "import boto3"),
        ("shared/sources/registry.py", "from shared.sources.shopify import source"),
        ("shared/queue/sqs.py", "from botocore.exceptions import ClientError"),
        ("shared/http/client.py", "import requests, time\nstarted = time.perf_counter()"),
        ("shared/destinations/datacue/plan.py", "from shared.destinations.contract import Plan"),
        ("shared/destinations/datacue/plan.py", "from shared.destinations.datacue import sign"),
        ("shared/settings/environment.py", "import os\nprint(os.environ)"),
        ("shared/sources/shopify/store.py", "import requests"),
        ("cli/commands/dlq.py", "import os, boto3\nos.environ['AWS_REGION'] = 'us-east-1'"),
    ],
)
def test_an_allowed_import_is_no_violation(path: str, source: str) -> None:
    assert broken(path, source) == []


def test_planted_names_are_found() -> None:
    assert empty_names(["shared/utils.py", "cli/common/table.py", "shared/receiver.py"]) == [
        "shared/utils.py",
        "cli/common/table.py",
    ]
    assert strangers(["shared", "scripts", ".git"], ["Makefile", "setup.py", ".gitignore"]) == {
        "scripts",
        "setup.py",
    }


def test_no_two_test_files_have_one_name() -> None:
    # Without packages pytest imports them only by their names, and confuses equal ones.
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

    assert sorted(names) == sorted(set(names))
