"""
The pages of docs/proof name the run that they describe, and are repeated in time: when a second
release has come out since the run, the code that it is about must not have changed.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "proof").glob("*.md"))
ROOMS = [f"shared/{room}" for room in ("delivery", "state", "queue", "sources", "destinations")]
COMMIT = r"commit\W+([0-9a-f]{7,40})\b"


def git(root: Path, *words: str) -> tuple[int, str]:
    done = subprocess.run(
        ["git", "-C", str(root), *words],  # noqa: S607 - the git of the caller's PATH
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def releases(root: Path, commit: str) -> set[str]:
    """Return the versions that the CHANGELOG has at a commit. Tags may be missing in a clone."""
    _, text = git(root, "show", f"{commit}:CHANGELOG.md")
    return set(re.findall(r"^## \[?v?(\d[\w.-]*)", text, re.MULTILINE))


def outdated(root: Path, commit: str) -> str:
    """Return why a page of that commit must be written again; empty if it need not."""
    new = sorted(releases(root, "HEAD") - releases(root, commit))
    if len(new) <= 1 or git(root, "diff", "--quiet", commit, "HEAD", "--", *ROOMS)[0] == 0:
        return ""
    return f"{', '.join(new)} came out since {commit}, and {', '.join(ROOMS)} have changed"


def without_history(root: Path, commit: str) -> str:
    """Return why the history cannot be read here; empty if it can."""
    failed, top = git(root, "rev-parse", "--show-toplevel")
    if failed or Path(top.strip()).resolve() != root.resolve():
        return "this is not the root of a git repository"
    shallow = git(root, "rev-parse", "--is-shallow-repository")[1].strip() == "true"
    known = git(root, "cat-file", "-e", f"{commit}^{{commit}}")[0] == 0
    return "the clone is shallow, and ends after the commit" if shallow and not known else ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_names_its_commit_its_date_and_its_seeds(page: Path) -> None:
    text = page.read_text()

    assert re.search(COMMIT, text, re.IGNORECASE)
    assert re.search(r"\b20\d\d-\d\d-\d\d\b", text)
    assert re.search(r"\bseeds?\W+\d", text, re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_is_not_more_than_a_release_older_than_the_code(page: Path) -> None:
    [commit] = re.findall(COMMIT, page.read_text(), re.IGNORECASE)
    if reason := without_history(ROOT, commit):
        pytest.skip(reason)

    assert git(ROOT, "cat-file", "-e", f"{commit}^{{commit}}")[0] == 0, f"{commit} does not exist"
    assert not outdated(ROOT, commit), f"{page.name}: run it again (docs/contributing.md)"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "config", "user.name", "a test")
    git(tmp_path, "config", "user.email", "test@shop.example")
    return tmp_path


def commit(root: Path, *versions: str, code: str) -> str:
    (root / "shared" / "state").mkdir(parents=True, exist_ok=True)
    (root / "shared" / "state" / "rules.py").write_text(code)
    (root / "CHANGELOG.md").write_text("".join(f"## [{one}] - a day\n" for one in versions))
    git(root, "add", ".")
    assert git(root, "commit", "--quiet", "--allow-empty", "--message", "a change")[0] == 0
    return git(root, "rev-parse", "--short", "HEAD")[1].strip()


def test_one_release_with_other_code_is_allowed_and_two_are_not(repository: Path) -> None:
    ran = commit(repository, code="before")

    commit(repository, "0.1.0", code="after")
    assert outdated(repository, ran) == ""

    commit(repository, "0.2.0", "0.1.0", code="after")
    assert "0.1.0, 0.2.0 came out" in outdated(repository, ran)


def test_releases_without_a_change_of_the_code_are_allowed(repository: Path) -> None:
    ran = commit(repository, code="same")

    commit(repository, "0.3.0", "0.2.0", "0.1.0", code="same")

    assert outdated(repository, ran) == ""


def test_an_exported_tree_and_a_shallow_clone_are_skipped(repository: Path, tmp_path: Path) -> None:
    ran = commit(repository, code="before")
    commit(repository, code="after")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{repository}", str(shallow))
    (tmp_path / "exported").mkdir()

    assert without_history(repository, ran) == ""
    assert without_history(shallow, ran) != ""
    assert without_history(tmp_path / "exported", ran) != ""
