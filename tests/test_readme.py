"""
The shell commands of the README and of the pages below, run as written: against a running local
stack or the stand-ins of the stores where that is possible, and otherwise with a reason why not.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.local.control import Control
from cli.local.stand_ins import start_stand_ins
from cli.main import app
from cli.merchants.files import load
from cli.sandbox.shopify.sender import EVENTS, Sample, Store, samples
from tests.subscriptions.topic_counts import SHOPIFY_TOPICS

ROOT = Path(__file__).parents[1]
# In this order, so that each command finds what the ones before it left.
PAGES = (
    *("docs/local.md", "docs/dead-letters.md", "README.md", "docs/shopify.md"),
    *("docs/woocommerce.md", "docs/deploy.md", "docs/commands.md", "docs/contributing.md"),
)
# The beginning of each command that cannot be run here, and why.
NOT_RUN = {
    ". .venv/bin/activate": "changes only the shell that reads it",
    "python -m cli.local.stand_ins ": "started below: it runs until Ctrl-C",
    "python -m tests.model_based.prove ": "takes minutes; tests/model_based runs the same batches",
    "MODEL_BASED_SEED=": "runs in each test run, with a seed of its own",
    "shoprelay init myshop ": "asks for the rest; run as a trial, below",
    "shoprelay secrets ": "needs Secrets Manager",
    "shoprelay check myshop": "queries a real shop",
    "shoprelay deploy ": "needs an AWS account",
    "shoprelay connect myshop": "changes the subscriptions of a real shop",
    "shoprelay send myshop ": "needs a deployed stack",
    "shoprelay tail ": "needs a deployed stack",
    "shoprelay history --merchant ": "needs a deployed stack",
    "shoprelay status myshop": "needs a deployed stack",
    "aws ": "needs an AWS account with a deployed stack",
}
# What `make` runs is tested elsewhere; here, that the target exists and would run something.
LOCAL = "shoprelay local "
OPERATOR = (
    *("shoprelay dlq ", "shoprelay forget ", "shoprelay pause ", "shoprelay resume "),
    *("shoprelay explain ", "shoprelay send demo ", "shoprelay history --entity "),
    "shoprelay status --endpoint-url ",
)
TRIAL = "trial --secrets .shoprelay/stand-ins/trial.secrets.json"
HOOKS = "--url https://abc123.execute-api.eu-west-1.amazonaws.com"
# With the exit code: a plan that is not carried out is a difference.
TRIED = [
    (f"shoprelay check {TRIAL}", 0, f"enough for all {SHOPIFY_TOPICS} topics"),
    (f"shoprelay connect {TRIAL} {HOOKS}", 1, f"{SHOPIFY_TOPICS} differences. Nothing was changed"),
    (
        f"shoprelay connect {TRIAL} {HOOKS} --yes",
        0,
        f"Done and read back: {SHOPIFY_TOPICS} create.",
    ),
    (f"shoprelay audit {TRIAL} {HOOKS}", 0, "Everything is as it should be."),
]
DEMO = "--secrets merchants/demo.secrets.json --url http://127.0.0.1:8787"
TOTE = "events/shopify/products__create__two_variants.json"
AWS = "--endpoint-url http://127.0.0.1:37031"
MANGLED = "b54557e4-bdd9-4b37-8a5f-0242ac120002"
JO = "--email jo@shop.example --id 6940095564 --order 450789469"
# In the order of the pages.
SAID = [
    (f"shoprelay explain {TOTE} --merchant demo", "ProductSaved  product:8650100000101  datacue"),
    (f"shoprelay send demo {TOTE} {DEMO}", "products/create: 200 delivered"),
    (f"shoprelay history --entity product:8650100000101 {AWS}", "datacue: delivered"),
    (f"shoprelay status {AWS}", "the body is not JSON"),
    ("shoprelay dlq list --merchant acme", MANGLED),
    ("shoprelay dlq list --merchant acme --topic products/update --after 12h --json", '"seen":2'),
    (f"shoprelay dlq show {MANGLED} --merchant acme", "the body is not JSON"),
    (
        "shoprelay dlq replay --merchant acme --destination datacue --after 12h",
        "1 of 2 dead letters would be replayed",
    ),
    (
        "shoprelay dlq replay --merchant acme --destination datacue --after 12h --rate 5 --yes",
        "1 of 2 dead letters were replayed",
    ),
    (
        'shoprelay dlq drop --merchant acme --reason "answered 422" --before 10d --yes',
        "0 of 1 dead letters were dropped",
    ),
    ("shoprelay pause datacue --merchant acme", "datacue is paused"),
    ("shoprelay resume datacue --merchant acme", "datacue is resumed"),
    (f"shoprelay dlq list {AWS}", MANGLED),
    (
        f"shoprelay forget --merchant acme {JO}",
        "Would erase an e-mail address, customer 6940095564, order 450789469",
    ),
    (
        f"shoprelay forget --merchant acme {JO} --yes",
        "Erasing an e-mail address, customer 6940095564, order 450789469",
    ),
]


def commands() -> list[str]:
    """Return each command of every shell block once; a loop or a continued line is one."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for block in re.findall(r"^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
            found |= dict.fromkeys(_complete(block))
    return list(found)


def _complete(block: str) -> Iterator[str]:
    pending = ""
    for line in block.splitlines():
        pending += line + "\n"
        done = subprocess.run(["bash", "-n"], input=pending, text=True, capture_output=True)  # noqa: PLW1510, S607 - the code is what is asked
        if done.returncode == 0 and not line.endswith("\\"):
            yield pending.strip()
            pending = ""
    assert not pending, f"not a command of the shell: {pending}"


def those(*beginnings: str) -> list[str]:
    return [command for command in commands() if command.startswith(beginnings)]


def test_every_command_is_run_here_or_has_a_reason() -> None:
    trial = [command for command, _, _ in TRIED]
    known = ("make ", "shoprelay init trial ", LOCAL, *OPERATOR, *trial, *NOT_RUN)

    assert [command for command in commands() if not command.startswith(known)] == []


def test_every_reason_has_a_command() -> None:
    assert [beginning for beginning in NOT_RUN if not those(beginning)] == []


@pytest.mark.parametrize("command", sorted(set(those("make "))))
def test_make_accepts_the_command(command: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}

    planned = subprocess.run(
        [*shlex.split(command), "-n"],
        cwd=ROOT,
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (planned.returncode, planned.stderr) == (0, "")
    assert planned.stdout != ""


def test_a_trial_registers_its_webhooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [init] = those("shoprelay init trial ")
    [stand_ins] = those("python -m cli.local.stand_ins ")
    assert those("shoprelay check trial", "shoprelay connect trial", "shoprelay audit trial") == [
        command for command, _, _ in TRIED
    ]

    assert _here(init).exit_code == 0
    with ExitStack() as up:
        start_stand_ins(up, shlex.split(stand_ins)[-1])
        for command, code, said in TRIED:
            ended = _here(command)

            assert ended.exit_code == code, ended.output
            assert said in ended.output, command


def _here(command: str) -> Result:
    """Run a command in this process: starting a process takes longer than the command."""
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, shlex.split(command)[1:])


def test_the_example_is_a_merchant() -> None:
    assert load(ROOT / "merchants" / "acme.toml").name == "acme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Up:
    """The local stack, started as docs/local.md says, with two dead letters in it."""

    aws: str
    webhooks: str

    def typed(self, command: str) -> Result:
        """Run a command against the local stack instead of the merchant's."""
        there = f"--endpoint-url {self.aws}"
        # `--merchant` stays: `forget` reads the file.
        here = re.sub(r"(--merchant acme)|--endpoint-url \S+", rf"\1 {there}", command)
        return _here(here.replace("http://127.0.0.1:8787", self.webhooks))


def _shoprelay(command: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "cli.main", *shlex.split(command)[1:], *more]


def _environment() -> dict[str, str]:
    # A wide terminal: a table must not fold the expected ids.
    return dict(os.environ) | {"PYTHONPATH": str(ROOT), "COLUMNS": "200"}


@contextmanager
def _started(folder: Path) -> Iterator[dict[str, str]]:
    [command] = those(LOCAL)
    process = subprocess.Popen(
        _shoprelay(command, "--port", "0", "--json", "--wait-scale", "0.05"),
        cwd=folder,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            addresses = json.loads(process.stdout.readline())
            yield addresses | {"webhooks": addresses["webhooks"]["shopify"]}
        finally:
            process.kill()


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Up]:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "merchants", tmp_path / "merchants")
    (tmp_path / "events").symlink_to(ROOT / "events")
    with _started(tmp_path) as addresses:
        control = Control(addresses["sandbox"])
        control.fail("datacue", 422)
        _died(addresses["webhooks"])
        control.clear_faults()
        yield Up(aws=addresses["aws"], webhooks=addresses["webhooks"])


def _died(url: str) -> None:
    store = Store(
        shop="demo-store.myshopify.com", secret="demo-new-secret", url=url, api_version="2026-10"
    )
    now = datetime.now(UTC)
    sample = next(one for one in samples(EVENTS, now) if one.topic == "products/create")
    refused = dataclasses.replace(sample, topic="products/update")
    mangled = Sample(id=MANGLED, topic="products/update", body=b'{"id": 1', at=now)
    assert [store.send(one).outcome for one in (refused, mangled)] == ["dead_letter"] * 2


def test_the_operators_commands_are_all_run_here() -> None:
    assert those(*OPERATOR) == [command for command, _ in SAID]


def test_the_operators_commands_do_what_the_pages_say(up: Up) -> None:
    for command, said in SAID:
        ended = up.typed(command)

        # There are dead letters, and `status` says so with its exit code too.
        code = 1 if command.startswith("shoprelay status") else 0
        assert ended.exit_code == code, command
        assert re.fullmatch(r"(Acting on the local stack at \S+\n)?", ended.stderr), command
        assert said in ended.stdout, command
