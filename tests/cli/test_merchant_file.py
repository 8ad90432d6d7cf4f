"""Merchants' files: how they are found, and the suggestions for what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.merchants import files
from shared.errors import NotConfigured
from tests.cli.shell import ACME


def test_a_merchants_file_must_have_the_merchants_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.toml").write_text(ACME.format(more=""))

    assert files.main([str(tmp_path / "other.toml")]) == 2

    assert capsys.readouterr().err == (
        "the file is other.toml, but its merchant is `acme`: rename one - at `$.name`\n"
    )


@pytest.mark.parametrize("content", [b"\xff", b"name = ", b'name = "acme"\n'])
def test_a_file_that_is_not_a_merchants_is_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "acme.toml").write_bytes(content)

    assert files.main([str(tmp_path / "acme.toml")]) == 2


def test_the_bundled_merchants_are_valid() -> None:
    bundled = sorted((Path(__file__).parents[2] / "merchants").glob("*.toml"))

    assert "acme.toml" in [file.name for file in bundled]
    assert files.main([str(file) for file in bundled]) == 0


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        (
            "shop =",
            "shpo =",
            (
                "the merchant file: Object contains unknown field `shpo`; did you mean "
                "`shop`? - at `$.shopify.shpo`"
            ),
        ),
        (
            "storefront",
            "storefont",
            (
                "the merchant file: Object contains unknown field `storefont`; did you mean "
                "`storefront`? - at `$.storefont`"
            ),
        ),
        (
            "[catalog]",
            "[katalog]",
            (
                "the merchant file: Object contains unknown field `katalog`; did you mean "
                "`catalog`? - at `$.katalog`"
            ),
        ),
        (
            '["datacue"]',
            '["datacu"]',
            (
                "the merchant file: Invalid enum value 'datacu'; did you mean `datacue`? - at "
                "`$.destinations[0]`"
            ),
        ),
        (
            '"EUR"',
            '"eur"',
            "the merchant file: the format is wrong, use for example EUR - at `$.currency`",
        ),
    ],
)
def test_a_typo_is_reported_with_a_suggestion(
    tmp_path: Path, before: str, after: str, sentence: str
) -> None:
    (tmp_path / "acme.toml").write_text(ACME.format(more="").replace(before, after))

    with pytest.raises(NotConfigured) as error:
        files.load(tmp_path / "acme.toml")

    assert str(error.value) == sentence


def test_an_unknown_merchant_is_reported_with_the_most_similar_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("merchants").mkdir()
    Path("merchants/acme.toml").write_text(ACME.format(more=""))

    with pytest.raises(NotConfigured, match=r"acmee\.toml; did you mean `acme`\?"):
        files.named("acmee")
    with pytest.raises(NotConfigured, match=r"there is no .*; `shoprelay init zulu` creates it"):
        files.named("zulu")
    assert files.named("merchants/acme.toml") == files.named("acme")
