"""``shoprelay local --state DIR``: acknowledged webhooks survive a kill and a clean stop."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.local import snapshot
from cli.local.aws import BUCKET, TABLE
from cli.local.control import Control
from tests.e2e.shop import SECRETS, Shop, merchant, product
from tests.local.test_command import run, started

# Waits end only while a stack runs, and waiting messages must be seen: waits are longer here.
SCALE = "100"


@contextmanager
def stack(folder: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    (folder / "acme.toml").write_text(merchant())
    (folder / "acme.json").write_text(json.dumps(SECRETS))
    with started(folder, *arguments(folder)) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())


def arguments(folder: Path) -> tuple[str, ...]:
    files = ("--merchant", str(folder / "acme.toml"), "--secrets", str(folder / "acme.json"))
    more = ("--port", "0", "--wait-scale", SCALE, "--no-samples", "--json")
    return ("local", *files, *more, "--state", str(folder / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with ExitStack() as up:
        up.callback(_end, tmp_path / "state" / "aws.json")
        yield tmp_path


def _end(address: Path) -> None:
    if address.exists():
        os.kill(json.loads(address.read_bytes())["pid"], signal.SIGKILL)


def deliver_some(up: dict[str, Any], sandbox_is_down: Callable[[], object]) -> None:
    """Deliver one product, let one wait, and dead-letter one."""
    shop = Shop(up["webhooks"]["shopify"].removesuffix("/webhooks/shopify"))
    assert shop.send("products/create", product(1), delivery="one").status == "delivered"
    sandbox_is_down()
    assert shop.send("products/create", product(2), delivery="two").status == "queued"
    assert shop.post("products/create", b"{", delivery="three").status == "dead_letter"
    shop.session.close()


def failing(up: dict[str, Any]) -> Callable[[], object]:
    return lambda: Control(up["sandbox"]).fail("datacue", 503)


def client(up: dict[str, Any], service: str) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=up["aws"],
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )


def counts(up: dict[str, Any]) -> tuple[int, int]:
    attributes = [
        client(up, "sqs").get_queue_attributes(QueueUrl=up[name], AttributeNames=["All"])
        for name in ("queue", "dead_letters")
    ]
    kinds = ("", "NotVisible", "Delayed")
    waiting, dead = (
        sum(int(one["Attributes"][f"ApproximateNumberOfMessages{kind}"]) for kind in kinds)
        for one in attributes
    )
    return waiting, dead


def entities(up: dict[str, Any]) -> set[str]:
    rows = client(up, "dynamodb").scan(TableName=TABLE)["Items"]
    return {row["pk"]["S"] for row in rows if row["pk"]["S"].startswith("entity#")}


def check_restored(up: dict[str, Any]) -> None:
    """Check what must be there when the stack is up again."""
    shop = Shop(up["webhooks"]["shopify"].removesuffix("/webhooks/shopify"))
    assert counts(up) == (1, 1)
    assert entities(up) == {"entity#product:1", "entity#product:2"}
    assert shop.send("products/create", product(1), delivery="one").status == "duplicate"
    shop.session.close()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_ledger_queue_dead_letters_and_sandbox_survive_a_restart(
    folder: Path, how: signal.Signals
) -> None:
    with stack(folder) as (process, up):
        client(up, "s3").put_object(
            Bucket=BUCKET, Key="bodies/x", Body=b"\xff", Metadata={"a": "b"}
        )
        deliver_some(up, failing(up))
        process.send_signal(how)
        first_end = process.wait(60)
    kept_running = (folder / "state" / "aws.json").exists()

    with stack(folder) as (process, again):
        check_restored(again)
        found = client(again, "s3").get_object(Bucket=BUCKET, Key="bodies/x")
        assert (found["Body"].read(), found["Metadata"]) == (b"\xff", {"a": "b"})
        held = json.loads((folder / "state" / "sandbox.json").read_bytes())
        assert set(held["states"]["datacue"]["products"]) == {"1"}
        process.terminate()
        assert process.wait(60) == 0

    assert first_end == (-signal.SIGKILL if how is signal.SIGKILL else 0)
    assert kept_running == (how is signal.SIGKILL)
    assert (again["aws"] == up["aws"]) == (how is signal.SIGKILL)
    assert not (folder / "state" / "aws.json").exists()


def test_state_files_are_readable_by_their_owner_only(folder: Path) -> None:
    with stack(folder) as (process, up):
        deliver_some(up, failing(up))
        process.terminate()
        assert process.wait(60) == 0

    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    assert mode(folder / "state") == 0o700
    assert mode(folder / "state" / "aws-state.json") == 0o600
    assert mode(folder / "state" / "sandbox.json") == 0o600


def test_two_stacks_cannot_share_a_state_folder(folder: Path) -> None:
    with stack(folder) as (process, _):
        ended = run(folder, *arguments(folder))
        process.terminate()
        assert process.wait(60) == 0

    assert ended.returncode == 2
    assert ended.stderr == f"shoprelay: another stack uses {folder / 'state'}\n"


def test_aws_that_cannot_start_is_one_line_and_exit_code_2(folder: Path) -> None:
    (folder / "state").mkdir()
    (folder / "state" / "aws-state.json").write_text("{}")
    (folder / "acme.toml").write_text(merchant())
    (folder / "acme.json").write_text(json.dumps(SECRETS))

    ended = run(folder, *arguments(folder))

    assert ended.returncode == 2
    assert ended.stderr.startswith("shoprelay: AWS does not start: see ")
    assert len(ended.stderr.splitlines()) == 1


def test_samples_are_rejected_with_a_state_folder(folder: Path) -> None:
    with_samples = [one for one in arguments(folder) if one != "--no-samples"]

    ended = run(folder, *with_samples)

    assert ended.returncode == 2
    assert "--no-samples" in ended.stderr


def test_binary_attributes_of_a_row_survive_a_snapshot(tmp_path: Path) -> None:
    row = {"pk": {"S": "facts"}, "text": {"B": b"\x1f\x8b\x00"}, "in": {"M": {"b": {"B": b"\xff"}}}}
    path = tmp_path / "snapshot.json"

    snapshot.write(path, snapshot.Snapshot(rows=[row], queues={}, objects=[]))

    assert [snapshot._with_bytes(one) for one in snapshot.read(path).rows] == [row]  # noqa: SLF001
