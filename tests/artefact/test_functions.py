"""
Each function of the artefact, run by Lambda's own runtime client, with only that, boto3 and the
artefact on its path.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.artefact.conftest import System
from tests.artefact.runtime import PYTHON, ROOT, cold_start
from tests.artefact.stack import functions
from tests.e2e.conftest import until
from tests.e2e.shop import Shop, customer, order, product, triggered

BUYER = customer(7, email="somebody@shop.example")


def test_a_signed_order_is_accepted_and_delivered(system: System) -> None:
    reply = system.world.shop.send(
        "orders/create", order(5001, email=BUYER["email"], customer=BUYER), at=triggered(30)
    )

    assert (reply.code, reply.status) == (200, "delivered")
    assert "5001" in str(system.world.state())
    assert system.world.violations() == []


def test_an_order_with_a_wrong_signature_is_rejected_with_401(system: System) -> None:
    stranger = Shop(system.world.shop.url, secret="another shop's")

    reply = stranger.send("orders/create", order(5002), at=triggered(30))

    assert reply.code == 401
    assert "5002" not in str(system.world.calls())


def test_a_parked_webhook_is_delivered_by_retry(system: System) -> None:
    system.world.fault(status=503, count=1)

    reply = system.world.shop.send("products/create", product(61), at=triggered(1))

    assert (reply.code, reply.status) == (200, "queued")
    assert system.world.settled()
    assert "Product 61" in str(system.world.state())


def test_a_dead_letter_is_replayed_and_delivered_by_retry(system: System) -> None:
    system.world.fault(status=422)
    reply = system.world.shop.send("products/create", product(62), at=triggered(1))
    assert (reply.status, system.world.dead()) == ("dead_letter", 1)
    system.world.clear_faults()

    answer = system.invoke("replay", {"destination": "datacue", "dry_run": False})

    assert (answer["matched"], answer["replayed"]) == (1, 1)
    assert until(lambda: "Product 62" in str(system.world.state()))
    assert system.world.dead() == 0


def test_the_logs_of_the_functions_hold_no_personal_data(system: System) -> None:
    system.world.fault(status=422)
    system.world.shop.send(
        "orders/create", order(5003, email=BUYER["email"], customer=BUYER), at=triggered(30)
    )

    output = system.processes.running["webhook"].output()

    assert '"verdict"' in output
    assert "somebody" not in output
    assert "secret" not in output


def test_no_function_warns_about_a_removed_library(system: System) -> None:
    system.world.shop.send("orders/create", order(5004), at=triggered(40))

    output = {name: one.output() for name, one in system.processes.running.items()}

    assert [name for name, text in output.items() if "Warning" in text] == []
    assert '"verdict"' in output["webhook"]


# ---- imports -----------------------------------------------------------------------------------

PROBE = """
import sys

def handler(event, context):
    for name in event:
        __import__(name)
    files = [getattr(one, "__file__", None) for one in list(sys.modules.values())]
    return {"path": sys.path, "files": [one for one in files if one]}
"""


def test_imports_come_only_from_the_artefact_boto3_and_the_runtime_client(
    local_artefact: Path, tmp_path: Path
) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    modules = [one.handler.rpartition(".")[0] for one in functions().values()]

    answer = cold_start(
        tmp_path,
        "probe.handler",
        modules,
        {"PYTHONPATH": str(local_artefact), "AWS_REGION": "us-east-1"},
    ).answer

    beside = PYTHON.parents[1]
    standard = Path(sys.base_prefix)
    allowed = (local_artefact, beside, standard, tmp_path)
    assert [one for one in answer["path"] if not _below(one, *allowed)] == []
    assert [one for one in answer["files"] if not _below(one, *allowed)] == []
    assert any(_below(one, local_artefact / "shared") for one in answer["files"])


def test_only_boto3_and_dependencies_are_installed_beside_the_runtime_client() -> None:
    installed = {
        one.name.partition("-")[0]
        for one in (PYTHON.parents[1] / "lib").glob("*/site-packages/*.dist-info")
    }

    assert installed == {
        "awslambdaric", "boto3", "botocore", "jmespath", "python_dateutil", "s3transfer",
        "simplejson", "six", "snapshot_restore_py", "urllib3",
    }  # fmt: skip


def test_boto3_has_the_version_of_the_other_tests() -> None:
    tested = _pins("requirements.lock")

    assert [one for one in _pins(".ci/tools/ric.txt") if one.startswith("boto")] == [
        one for one in tested if one.startswith(("boto3==", "botocore=="))
    ]


def _pins(lock: str) -> list[str]:
    return re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)


def _below(name: str, *folders: Path) -> bool:
    return any(Path(name).is_relative_to(folder) for folder in folders)
