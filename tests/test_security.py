"""Every threat in docs/security.md names a test (tests/test_docs.py checks that it exists)."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "security.md").read_text(encoding="utf-8")


def threats() -> dict[str, str]:
    """Return the text of each threat, by its heading."""
    text = PAGE.split("\n## Threats\n")[1].split("\n## ")[0]
    parts = re.split(r"^### (.+)$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_each_threat_names_a_test_of_its_mitigation() -> None:
    assert len(threats()) == 13
    assert [name for name, said in threats().items() if "::test_" not in said] == []


def test_every_store_of_the_privacy_table_is_in_the_table_of_stores() -> None:
    stores = PAGE.split("\n## What is stored where\n")[1].split("\n## ")[0]

    for store in ("retry queue", "dead letters", "`bodies/`", "`privacy/`", "the ledger", "Logs"):
        assert store in stores
