from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.settings import read_merchant
from tests.cli.desk import SECTION, Desk, sit_down

FLAGS = [
    "init",
    "acme",
    "--source",
    "shopify",
    "--shop",
    "acme.myshopify.com",
    "--storefront",
    "https://acme.example",
    "--currency",
    "eur",
    "--destination",
    "datacue",
]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    return sit_down(tmp_path, monkeypatch, capsys)


def test_flags_alone_write_a_merchants_file_and_say_what_comes_next(desk: Desk) -> None:
    ended = desk.run(*FLAGS)

    assert ended.code == 0
    assert Path("merchants/acme.toml").read_text() == (
        "# acme: settings that are not secret. All keys, with defaults: docs/configuration.md.\n"
        'name = "acme"\n'
        'storefront = "https://acme.example"\n'
        'currency = "EUR"\n'
        'sources = ["shopify"]\n'
        'destinations = ["datacue"]\n'
        "\n"
        "[shopify]\n"
        'shop = "acme.myshopify.com"\n'
    )
    assert ended.out == (
        "merchants/acme.toml is written.\n"
        "What comes next:\n"
        "  shoprelay secrets put acme\n"
        "  shoprelay check acme\n"
        "  shoprelay deploy acme\n"
    )


def test_what_no_flag_says_is_asked_for(desk: Desk) -> None:
    answers = (
        "shopify woocommerce\nacme.myshopify.com\nhttps://shop.acme.example\n"
        "https://acme.example\nEUR\ndatacue yespo personaclick\nsite-one\n"
        "0123456789abcdef0123456789abcd\n"
    )

    result = CliRunner().invoke(app, ["init", "acme"], input=answers)

    assert result.exit_code == 0
    merchant = read_merchant((desk.folder / "merchants/acme.toml").read_text())
    assert merchant.sources == ("shopify", "woocommerce")
    assert merchant.destinations == ("datacue", "yespo", "personaclick")
    assert merchant.woocommerce
    assert merchant.woocommerce.url == "https://shop.acme.example"
    assert merchant.yespo
    assert merchant.yespo.site_id == "site-one"
    assert merchant.personaclick
    assert merchant.personaclick.shop_id == "0123456789abcdef0123456789abcd"


def test_a_file_that_is_there_is_written_over_by_force_alone(desk: Desk) -> None:
    desk.acme()
    before = Path("merchants/acme.toml").read_text()

    ended = desk.run(*FLAGS)

    assert ended.code == 2
    assert ended.err == (
        "shoprelay: merchants/acme.toml is there already: change it, or --force writes it anew\n"
    )
    assert Path("merchants/acme.toml").read_text() == before
    assert desk.run(*FLAGS, "--force").code == 0
    assert Path("merchants/acme.toml").read_text() != before


def test_samconfig_gets_the_merchants_section_once(desk: Desk) -> None:
    Path("samconfig.toml").write_text("version = 0.1\n" + SECTION.format(name="other"))

    told = json.loads(desk.run(*FLAGS, "--json").out)
    desk.run(*FLAGS, "--force")

    assert told == {
        "file": "merchants/acme.toml",
        "samconfig": True,
        "next": ["shoprelay secrets put acme", "shoprelay check acme", "shoprelay deploy acme"],
    }
    config = Path("samconfig.toml").read_text()
    assert config.count("[acme.deploy.parameters]") == 1
    assert config.count("[other.deploy.parameters]") == 1
    assert "parameter_overrides = 'Merchant=acme AlarmEmail=\"\"'" in config


@pytest.mark.parametrize(
    ("flag", "value", "sentence"),
    [
        (
            "--source",
            "shopfy",
            "there is no source shopfy; did you mean `shopify`? - at `--source`",
        ),
        (
            "--destination",
            "mailer",
            (
                "there is no destination mailer; there is datacue, yespo, esputnik, "
                "personaclick - at `--destination`"
            ),
        ),
        (
            "--currency",
            "euro",
            "the merchant file: it looks like this: EUR - at `$.currency`",
        ),
        (
            "--shop",
            "https://acme.example",
            "the merchant file: it looks like this: acme.myshopify.com - at `$.shopify.shop`",
        ),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence_and_writes_nothing(
    desk: Desk, flag: str, value: str, sentence: str
) -> None:
    words = list(FLAGS)
    words[words.index(flag) + 1] = value

    ended = desk.run(*words)

    assert (ended.code, ended.err) == (2, f"shoprelay: {sentence}\n")
    assert not Path("merchants").exists()


def test_with_json_nothing_is_asked_for(desk: Desk) -> None:
    ended = desk.run("init", "acme", "--source", "shopify", "--json")

    assert (ended.code, ended.err) == (
        2,
        "shoprelay: not said: Shopify domain, such as acme.myshopify.com - at `--shop`\n",
    )
