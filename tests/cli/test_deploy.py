"""``shoprelay deploy`` and ``destroy``: the SAM commands that run, and the output."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.shell import (
    ACME,
    SECTION,
    Finished,
    Shell,
    cloudformation,
    make_shell,
    without_credentials,
)

OUTPUTS = {
    "ShopifyWebhooks": "https://api.aws.example/webhooks/shopify",
    "WooCommerceWebhooks": "https://api.aws.example/webhooks/woocommerce",
    "OutlivesTheStack": "ledger-1 retry-1 dead-1 bodies-1",
}
# It records how it was called, and fails for what FAIL names.
SAM = """#!/bin/sh
echo "$MERCHANT: sam $*" >> "$CALLS"
echo "output of sam"
[ "$FAIL" != "$MERCHANT $1" ] || exit 3
"""


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    shell = make_shell(tmp_path, monkeypatch, capsys)
    shell.acme()
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "sam").write_text(SAM)
    (tools / "sam").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAIL", "")
    Path("samconfig.toml").write_text("version = 0.1\n" + SECTION.format(name="acme"))
    return shell


def calls() -> list[str]:
    return Path("calls").read_text().splitlines() if Path("calls").exists() else []


def with_stack(shell: Shell, *words: str, outputs: dict[str, str] | None = OUTPUTS) -> Finished:
    with cloudformation(shell.monkeypatch, outputs):
        return shell.run(*words)


def test_deploy_runs_sam_as_make_does_and_prints_the_webhook_addresses(shell: Shell) -> None:
    result = with_stack(shell, "deploy", "acme")

    assert (result.code, result.where) == (0, "Acting on account 123456789012, region us-east-1.")
    assert calls() == ["acme: sam build", "acme: sam deploy --config-env acme"]
    # SAM's output goes directly to the screen, not through Python.
    assert result.out == (
        "acme is deployed.\n"
        "  shopify sends to https://api.aws.example/webhooks/shopify\n"
        "Next: shoprelay connect acme\n"
    )


def test_deploy_prints_the_same_as_json(shell: Shell) -> None:
    result = with_stack(shell, "deploy", "acme", "--json")

    assert json.loads(result.out) == {
        "merchant": "acme",
        "webhooks": {"shopify": "https://api.aws.example/webhooks/shopify"},
        "next": "shoprelay connect acme",
    }


def test_a_failed_build_is_one_line_and_nothing_is_deployed(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIL", "acme build")

    result = with_stack(shell, "deploy", "acme")

    assert (result.code, result.err) == (
        2,
        (
            "shoprelay: `sam build` failed with exit code 3, its output says why; `make preflight "
            "MERCHANT=acme` checks the rest\n"
        ),
    )
    assert calls() == ["acme: sam build"]


def test_all_continues_after_a_merchant_that_fails(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("beta", "zeta"):
        shell.merchant(ACME.format(more="").replace('"acme"', f'"{name}"'), name)
    sections = [SECTION.format(name=name) for name in ("acme", "beta")]
    Path("samconfig.toml").write_text("version = 0.1\n" + "".join(sections))
    monkeypatch.setenv("FAIL", "acme deploy")

    result = with_stack(shell, "deploy", "--all", "--json")

    assert result.code == 1
    assert json.loads(result.out) == [
        {
            "merchant": "acme",
            "webhooks": {},
            "failed": "`sam deploy` failed with exit code 3, its output says why; `aws "
            "cloudformation describe-events --stack-name shoprelay-acme --filters "
            "FailedEvents=true` lists the details (.aws-sam/acme.log)",
        },
        {
            "merchant": "beta",
            "webhooks": {"shopify": "https://api.aws.example/webhooks/shopify"},
            "next": "shoprelay connect beta",
        },
    ]
    assert Path(".aws-sam/acme.log").read_text() == "output of sam\noutput of sam\n"
    assert calls() == [
        "acme: sam build",
        "acme: sam deploy --config-env acme",
        "beta: sam build",
        "beta: sam deploy --config-env beta",
    ]


def test_a_merchant_without_a_section_is_reported_before_the_build(shell: Shell) -> None:
    Path("samconfig.toml").write_text("version = 0.1\n")

    result = shell.run("deploy", "acme")

    assert (result.code, result.err) == (
        2,
        (
            "shoprelay: samconfig.toml has no section: copy the section of another merchant - at "
            "`[acme.deploy.parameters]`\n"
        ),
    )
    assert calls() == []


@pytest.mark.parametrize("words", [("deploy",), ("deploy", "acme", "--all")])
def test_deploy_needs_one_merchant_or_all(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell.run(*words)

    assert result.code == 2
    assert "give the NAME of a merchant, or --all" in result.err


def test_without_sam_the_error_says_what_installs_it(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(shell.folder / "nowhere"))

    result = with_stack(shell, "deploy", "acme")

    assert (result.code, result.err) == (
        2,
        "shoprelay: the SAM CLI is not installed: `make build MERCHANT=NAME` installs it\n",
    )


def test_a_stack_is_deleted_when_its_name_is_confirmed(shell: Shell) -> None:
    result = with_stack(shell, "destroy", "acme", "--confirm", "acme")

    assert result.code == 0
    assert calls() == ["acme: sam delete --stack-name shoprelay-acme --no-prompts"]
    assert result.out == (
        "These are kept, with the dead letters and the ledger: ledger-1, retry-1, dead-1, "
        "bodies-1, the secret shoprelay/acme. "
        "docs/runbook.md, Remove a merchant, says how to delete them.\n"
        "The stack shoprelay-acme is deleted.\n"
    )


def test_another_name_deletes_nothing(shell: Shell) -> None:
    result = with_stack(shell, "destroy", "acme", "--confirm", "beta")

    assert (result.code, result.err) == (
        2,
        "shoprelay: nothing was deleted: the name does not match, type acme\n",
    )
    assert calls() == []


def test_a_missing_stack_cannot_be_deleted(shell: Shell) -> None:
    result = with_stack(shell, "destroy", "acme", outputs=None)

    assert (result.code, result.err) == (
        2,
        "shoprelay: there is no stack shoprelay-acme in this account and region\n",
    )


def test_an_address_of_this_machine_is_not_deployed(shell: Shell) -> None:
    shell.acme('admin_url = "http://127.0.0.1:4242"')

    result = with_stack(shell, "deploy", "acme")

    assert result.code == 2
    assert "an address of this machine, which AWS cannot reach: shopify.admin_url" in result.err
    assert calls() == []


def test_without_credentials_nothing_is_built(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    without_credentials(monkeypatch, tmp_path)

    result = shell.run("deploy", "acme")

    assert (result.code, calls()) == (2, [])
    assert "AWS credentials are missing" in result.err
