"""``shoprelay deploy`` and ``destroy``: which commands of SAM are run, and what is said after."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.desk import ACME, SECTION, Desk, Ended, cloudformation, sit_down

OUTPUTS = {
    "ShopifyWebhooks": "https://api.aws.example/webhooks/shopify",
    "WooCommerceWebhooks": "https://api.aws.example/webhooks/woocommerce",
    "OutlivesTheStack": "ledger-1 retry-1 dead-1 bodies-1",
}
# It writes down how it was called, and fails where FAIL says so.
SAM = """#!/bin/sh
echo "$MERCHANT: sam $*" >> "$CALLS"
echo "words of sam"
[ "$FAIL" != "$MERCHANT $1" ] || exit 3
"""


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    desk = sit_down(tmp_path, monkeypatch, capsys)
    desk.acme()
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sam").write_text(SAM)
    (tools / "sam").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAIL", "")
    Path("samconfig.toml").write_text("version = 0.1\n" + SECTION.format(name="acme"))
    return desk


def calls() -> list[str]:
    return Path("calls").read_text().splitlines() if Path("calls").exists() else []


def with_stack(desk: Desk, *words: str, outputs: dict[str, str] | None = OUTPUTS) -> Ended:
    with cloudformation(desk.monkeypatch, outputs):
        return desk.run(*words)


def test_it_builds_and_deploys_as_make_does_and_says_where_webhooks_go(desk: Desk) -> None:
    ended = with_stack(desk, "deploy", "acme")

    assert ended.code == 0
    assert calls() == ["acme: sam build", "acme: sam deploy --config-env acme"]
    # SAM's own words go past Python, straight to the screen.
    assert ended.out == (
        "acme is deployed.\n"
        "  shopify sends to https://api.aws.example/webhooks/shopify\n"
        "What comes next: shoprelay connect acme\n"
    )


def test_json_says_the_same(desk: Desk) -> None:
    ended = with_stack(desk, "deploy", "acme", "--json")

    assert json.loads(ended.out) == {
        "merchant": "acme",
        "webhooks": {"shopify": "https://api.aws.example/webhooks/shopify"},
        "next": "shoprelay connect acme",
    }


def test_a_build_that_fails_is_one_sentence_and_nothing_is_deployed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "acme build")

    ended = desk.run("deploy", "acme")

    assert (ended.code, ended.err) == (
        2,
        (
            "shoprelay: `sam build` ended with 3, its own words say why: `make preflight "
            "MERCHANT=acme` tells what is wrong\n"
        ),
    )
    assert calls() == ["acme: sam build"]


def test_all_goes_on_behind_a_merchant_that_fails(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("beta", "zeta"):
        desk.merchant(ACME.format(more="").replace('"acme"', f'"{name}"'), name)
    sections = [SECTION.format(name=name) for name in ("acme", "beta")]
    Path("samconfig.toml").write_text("version = 0.1\n" + "".join(sections))
    monkeypatch.setenv("FAIL", "acme deploy")

    ended = with_stack(desk, "deploy", "--all", "--json")

    assert ended.code == 1
    assert json.loads(ended.out) == [
        {
            "merchant": "acme",
            "webhooks": {},
            "failed": "`sam deploy` ended with 3, its own words say why: `make preflight "
            "MERCHANT=acme` tells what is wrong (.aws-sam/acme.log)",
        },
        {
            "merchant": "beta",
            "webhooks": {"shopify": "https://api.aws.example/webhooks/shopify"},
            "next": "shoprelay connect beta",
        },
    ]
    assert Path(".aws-sam/acme.log").read_text() == "words of sam\nwords of sam\n"
    assert calls() == [
        "acme: sam build",
        "acme: sam deploy --config-env acme",
        "beta: sam build",
        "beta: sam deploy --config-env beta",
    ]


def test_a_merchant_without_a_section_is_said_before_anything_is_built(desk: Desk) -> None:
    Path("samconfig.toml").write_text("version = 0.1\n")

    ended = desk.run("deploy", "acme")

    assert (ended.code, ended.err) == (
        2,
        (
            "shoprelay: samconfig.toml has no section: copy another merchant's - at "
            "`[acme.deploy.parameters]`\n"
        ),
    )
    assert calls() == []


@pytest.mark.parametrize("words", [("deploy",), ("deploy", "acme", "--all")])
def test_it_is_one_merchant_or_all(desk: Desk, words: tuple[str, ...]) -> None:
    ended = desk.run(*words)

    assert ended.code == 2
    assert "say the NAME of a merchant, or --all" in ended.err


def test_without_sam_it_says_what_sets_it_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(desk.folder / "nowhere"))

    ended = desk.run("deploy", "acme")

    assert (ended.code, ended.err) == (
        2,
        "shoprelay: there is no SAM CLI: `make build MERCHANT=NAME` sets it up once\n",
    )


def test_a_stack_is_removed_when_its_name_is_typed_again(desk: Desk) -> None:
    ended = with_stack(desk, "destroy", "acme", "--confirm", "acme")

    assert ended.code == 0
    assert calls() == ["acme: sam delete --stack-name shoprelay-acme --no-prompts"]
    assert ended.out == (
        "These stay, with dead letters and ledger: ledger-1, retry-1, dead-1, bodies-1, "
        "the secret shoprelay/acme. "
        "docs/runbook.md, Remove a merchant, says how they go too.\n"
        "shoprelay-acme is removed.\n"
    )


def test_another_name_removes_nothing(desk: Desk) -> None:
    ended = with_stack(desk, "destroy", "acme", "--confirm", "beta")

    assert (ended.code, ended.err) == (
        2,
        "shoprelay: not removed: that is not its name, which is acme\n",
    )
    assert calls() == []


def test_a_stack_that_is_not_there_cannot_be_removed(desk: Desk) -> None:
    ended = with_stack(desk, "destroy", "acme", outputs=None)

    assert (ended.code, ended.err) == (
        2,
        "shoprelay: there is no stack shoprelay-acme in this account and region\n",
    )
