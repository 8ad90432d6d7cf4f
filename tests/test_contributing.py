"""
The guide for a new destination, walked: a fifth one on the trackers' protocol is added to a copy of
this repository, in the files that the guide names, and the suites that must run over it do.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PARTS = ("cli", "events", "functions", "merchants", "shared", "tests", "docs", "pyproject.toml")

SECTION = '''class Fifth(Yespo, frozen=True):
    """``[fifth]``: the platform."""

    url: Annotated[Url, Meta(description="The address.")] = "https://tracker.fifth.example/api/v2"


'''
DESTINATION = '''"""The fifth."""

from shared.destinations.contract import Destination
from shared.destinations.tracker import destination
from shared.destinations.tracker.site import Site
from shared.errors import NotConfigured
from shared.settings import Merchant, Secrets


def build(merchant: Merchant, secrets: Secrets) -> Destination:
    """Return the destination."""
    own = merchant.fifth
    if own is None:
        raise NotConfigured("the merchant file: the section is missing", "$.fifth")
    site = Site(
        name="fifth",
        shop=merchant.name,
        currency=merchant.currency,
        foreign_currency=own.foreign_currency,
        url=own.url,
        site_id=own.site_id,
        feed_id=own.feed_id,
        max_purchase_age_days=own.max_purchase_age_days,
        searches=own.searches,
        links=True,
        found=True,
        invents=True,
    )
    return destination.destination(site, merchant, secrets.fifth)
'''
BUILD = """def _fifth(merchant: Merchant, secrets: Secrets) -> Destination:
    from shared.destinations.fifth import destination

    return destination.build(merchant, secrets)


"""
CASE = """    "fifth": Case(
        name="fifth",
        merchant=_merchant("fifth", fifth=Fifth(site_id="8A412DC")),
        secrets=lambda key, _: Secrets(fifth=TrackerSecrets(api_key=key)),
        hosts=("https://tracker.fifth.example/api/v2",),
        silent=(CheckoutStarted,),
    ),
"""
STAND_IN = '''"""The fifth: it has Yespo's document."""

from cli.sandbox.tracker import yespo as fifth

__all__ = ["fifth"]
'''
CREDENTIALS = """    if merchant.fifth:
        credentials["fifth"] = _tracker(merchant.fifth, secrets.fifth)
"""
OPTION = """    fifth_site_id: Annotated[str | None, typer.Option(help="Site id.")] = None
"""

NEW = {
    "shared/destinations/<name>/__init__.py": '"""The fifth."""\n',
    "shared/destinations/<name>/destination.py": DESTINATION,
    "cli/sandbox/<name>/__init__.py": STAND_IN,
}
# File -> (what is added, before which text).
CHANGED: dict[str, list[tuple[str, str]]] = {
    "shared/destinations/registry.py": [
        ('    "fifth": _fifth,\n', '    "personaclick": _personaclick'),
        (BUILD, "DESTINATIONS: "),
    ],
    "shared/settings/platforms.py": [
        ('"fifth", ', '"personaclick"]'),
        (SECTION, "class PersonaClick("),
    ],
    "shared/settings/merchant.py": [
        ("    Fifth,\n", "    PersonaClick,\n"),
        ("    fifth: Fifth | None = None\n", "    catalog: Catalog ="),
    ],
    "shared/settings/secret.py": [
        ("    fifth: TrackerSecrets = TrackerSecrets()\n", "    pseudonym_key:"),
    ],
    "shared/settings/__init__.py": [
        ("    Fifth,\n", "    PersonaClick,\n"),
        ('    "Fifth",\n', '    "Merchant",\n'),
    ],
    "cli/sandbox/platforms.py": [
        ('    "fifth": fifth,\n', '    "personaclick": personaclick,\n'),
        ("from cli.sandbox.fifth import fifth\n", "from cli.sandbox.personaclick"),
    ],
    "cli/local/merchant.py": [
        (
            '    ("fifth", "url", "tracker.fifth.example", "/fifth"),\n',
            '    ("personaclick", "url"',
        ),
    ],
    "cli/local/start_sandbox.py": [(CREDENTIALS, "    if merchant.personaclick:\n")],
    "cli/local/demo_orders.py": [
        ('    "fifth": _purchases,\n', '    "personaclick": _purchases,\n'),
    ],
    "cli/commands/init.py": [
        (OPTION, "    personaclick_shop_id: Annotated"),
        (
            '    "fifth": ("site_id", "fifth_site_id", "Fifth site id"),\n',
            '    "personaclick": ("shop_id"',
        ),
    ],
    "cli/commands/explain_dry_run.py": [
        ("    fifth=TrackerSecrets(api_key=_PLACEHOLDER),\n", "    personaclick=P"),
    ],
    "cli/docs/demo.py": [
        (
            '    Platform(title="Fifth", folder="fifth", destination="fifth"),\n',
            '    Platform(title="PersonaClick"',
        ),
        ("    Fifth,\n", "    Merchant,\n"),
        (
            '        fifth=Fifth(site_id="8A412DC", max_purchase_age_days=_YEAR),\n',
            "        personaclick=PersonaClick(",
        ),
    ],
    "cli/docs/mapping.py": [('"fifth", ', '"personaclick")')],
    "tests/contracts/test_destinations.py": [
        (CASE, '    "personaclick": Case('),
        ("    Fifth,\n", "    Merchant,\n"),
    ],
    "tests/test_vocabulary.py": [
        ('    "fifth": {"site_id": "8A412DC"},\n', '    "personaclick": {\n'),
    ],
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the repository with the fifth destination."""
    root = tmp_path_factory.mktemp("fifth") / "repository"
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "images")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, root / part, ignore=ignored)
        else:
            shutil.copy(source, root / part)
    for name, text in NEW.items():
        file = root / name.replace("<name>", "fifth")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    for name, additions in CHANGED.items():
        file = root / name
        text = file.read_text()
        for added, before in additions:
            assert before in text, f"{name}: {before}"
            text = text.replace(before, added + before, 1)
        file.write_text(text)
    return root


def run(root: Path, *arguments: str) -> str:
    """Run pytest in the copy; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


SUITES = (
    "tests/contracts/test_destinations.py",
    "tests/test_golden.py",
    "tests/test_vocabulary.py",
)


@pytest.mark.timeout(600)
def test_the_suites_of_every_destination_run_over_a_new_one(copy: Path) -> None:
    run(copy, "tests/test_golden.py", "--golden")

    printed = run(copy, "-vv", *SUITES, "-k", "fifth")

    for suite in SUITES:
        assert f"{suite}::" in printed, suite
    assert list((copy / "tests/golden/fifth").glob("*.json"))
    run(copy, "tests/test_architecture.py", "tests/test_settings.py")


def test_the_guide_names_every_file_of_a_new_destination() -> None:
    guide = (ROOT / "docs/contributing.md").read_text().partition("## A destination")[2]

    folders = [name.rpartition("/")[0] for name in NEW]
    assert [name for name in (*folders, *CHANGED) if name not in guide] == []
