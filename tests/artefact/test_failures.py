"""What would fail on AWS fails in these tests: a wrong handler, a missing library or setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.artefact.runtime import FunctionFailed, container
from tests.artefact.stack import TEMPLATE, environment, functions

REGION = {"AWS_REGION": "us-east-1"}
HANDLER = functions()["webhook"].handler


def _without(artefact: Path, name: str, folder: Path) -> Path:
    for one in artefact.iterdir():
        if one.name != name:
            (folder / one.name).symlink_to(one)
    assert len([*folder.iterdir()]) == len([*artefact.iterdir()]) - 1
    return folder


def _failure(artefact: Path, handler: str) -> FunctionFailed:
    with pytest.raises(FunctionFailed) as failed, container(artefact, handler, REGION):
        pass
    return failed.value


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        (HANDLER.replace("webhook", "webhooks"), "Runtime.ImportModuleError"),
        (HANDLER.replace(".app.", "."), "Runtime.HandlerNotFound"),
        (HANDLER + "s", "Runtime.HandlerNotFound"),
    ],
)
def test_a_handler_that_is_not_in_the_artefact_fails(
    local_artefact: Path, wrong: str, kind: str
) -> None:
    assert _failure(local_artefact, wrong).kind == kind


@pytest.mark.parametrize(
    "name",
    # Not urllib3: boto3 has it, here as on Lambda.
    ["aws_lambda_powertools", "certifi", "idna", "msgspec", "requests", "shared"],
)
def test_an_artefact_without_one_of_its_libraries_fails(
    local_artefact: Path, tmp_path: Path, name: str
) -> None:
    failure = _failure(_without(local_artefact, name, tmp_path), HANDLER)

    assert failure.kind == "Runtime.ImportModuleError"
    assert f"No module named '{name}" in str(failure)


def test_a_variable_that_the_template_lacks_fails_the_first_event(
    local_artefact: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    local = dict.fromkeys(declared, "1.0")
    monkeypatch.delitem(declared, "SHOPRELAY_TABLE")

    with (
        container(
            local_artefact, functions()["replay"].handler, REGION | environment(local)
        ) as replay,
        pytest.raises(FunctionFailed, match="SHOPRELAY_TABLE") as failed,
    ):
        replay.invoke({})

    assert failed.value.kind == "NotConfigured"
