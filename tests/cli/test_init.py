from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from shared.settings import read_merchant
from tests.cli.shell import SECTION, Shell, make_shell

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
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    return make_shell(tmp_path, monkeypatch, capsys)


def test_options_alone_write_a_merchants_file_and_the_next_commands_are_printed(
    shell: Shell,
) -> None:
    result = shell.run(*FLAGS)

    assert result.code == 0
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
    assert result.out == (
        "merchants/acme.toml is written.\n"
        "Next:\n"
        "  shoprelay secrets put acme\n"
        "  shoprelay check acme\n"
        "  shoprelay deploy acme\n"
    )


def test_missing_options_are_prompted_for(shell: Shell) -> None:
    answers = (
        "shopify woocommerce\nacme.myshopify.com\nhttps://shop.acme.example\n"
        "https://acme.example\nEUR\ndatacue yespo personaclick\nsite-one\n"
        "0123456789abcdef0123456789abcd\n"
    )

    result = CliRunner().invoke(app, ["init", "acme"], input=answers)

    assert result.exit_code == 0
    merchant = read_merchant((shell.folder / "merchants/acme.toml").read_text())
    assert merchant.sources == ("shopify", "woocommerce")
    assert merchant.destinations == ("datacue", "yespo", "personaclick")
    assert merchant.woocommerce
    assert merchant.woocommerce.url == "https://shop.acme.example"
    assert merchant.yespo
    assert merchant.yespo.site_id == "site-one"
    assert merchant.personaclick
    assert merchant.personaclick.shop_id == "0123456789abcdef0123456789abcd"


def test_an_existing_file_is_overwritten_only_with_force(shell: Shell) -> None:
    shell.acme()
    before = Path("merchants/acme.toml").read_text()

    result = shell.run(*FLAGS)

    assert result.code == 2
    assert result.err == (
        "shoprelay: merchants/acme.toml exists already: edit it, or overwrite it with --force\n"
    )
    assert Path("merchants/acme.toml").read_text() == before
    assert shell.run(*FLAGS, "--force").code == 0
    assert Path("merchants/acme.toml").read_text() != before


def test_samconfig_gets_the_merchants_section_once(shell: Shell) -> None:
    Path("samconfig.toml").write_text("version = 0.1\n" + SECTION.format(name="other"))

    output = json.loads(shell.run(*FLAGS, "--json").out)
    shell.run(*FLAGS, "--force")

    assert output == {
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
                "there is no destination mailer; use one of datacue, yespo, esputnik, "
                "personaclick - at `--destination`"
            ),
        ),
        (
            "--currency",
            "euro",
            "the merchant file: the format is wrong, use for example EUR - at `$.currency`",
        ),
        (
            "--shop",
            "https://acme.example",
            (
                "the merchant file: the format is wrong, use for example acme.myshopify.com - at "
                "`$.shopify.shop`"
            ),
        ),
    ],
)
def test_a_wrong_value_is_one_line_and_writes_nothing(
    shell: Shell, flag: str, value: str, sentence: str
) -> None:
    words = list(FLAGS)
    words[words.index(flag) + 1] = value

    result = shell.run(*words)

    assert (result.code, result.err) == (2, f"shoprelay: {sentence}\n")
    assert not Path("merchants").exists()


def test_with_json_there_is_no_prompt(shell: Shell) -> None:
    result = shell.run("init", "acme", "--source", "shopify", "--json")

    assert (result.code, result.err) == (
        2,
        "shoprelay: missing: Shopify domain, such as acme.myshopify.com - at `--shop`\n",
    )
