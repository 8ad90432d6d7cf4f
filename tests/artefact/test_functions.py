"""
Each function of the artefact, through Lambda's own runtime client, with nothing on its path but
that, boto3 and the artefact.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from tests.artefact.conftest import Life
from tests.artefact.runtime import PYTHON, ROOT, cold_start
from tests.artefact.stack import functions
from tests.e2e.conftest import until
from tests.e2e.shop import Shop, customer, order, product, triggered

BUYER = customer(7, email="somebody@shop.example")


def test_a_signed_order_is_answered_and_told_to_the_platform(life: Life) -> None:
    reply = life.world.shop.send(
        "orders/create", order(5001, email=BUYER["email"], customer=BUYER), at=triggered(30)
    )

    assert (reply.code, reply.status) == (200, "delivered")
    assert "5001" in str(life.world.state())
    assert life.world.violations() == []


def test_an_order_with_a_wrong_signature_is_answered_401_and_told_to_nobody(life: Life) -> None:
    stranger = Shop(life.world.shop.url, secret="another shop's")

    reply = stranger.send("orders/create", order(5002), at=triggered(30))

    assert reply.code == 401
    assert "5002" not in str(life.world.calls())


def test_what_is_parked_is_delivered_by_retry(life: Life) -> None:
    life.world.fault(status=503, count=1)

    reply = life.world.shop.send("products/create", product(61), at=triggered(1))

    assert (reply.code, reply.status) == (200, "queued")
    assert life.world.settled()
    assert "Product 61" in str(life.world.state())


def test_a_dead_letter_is_sent_back_by_replay_and_delivered_by_retry(life: Life) -> None:
    life.world.fault(status=422)
    reply = life.world.shop.send("products/create", product(62), at=triggered(1))
    assert (reply.status, life.world.dead()) == ("dead_letter", 1)
    life.world.clear_faults()

    answer = life.invoke("replay", {"destination": "datacue", "dry_run": False})

    assert (answer["matched"], answer["replayed"]) == (1, 1)
    assert until(lambda: "Product 62" in str(life.world.state()))
    assert life.world.dead() == 0


def test_the_functions_say_nothing_about_people_in_their_own_logs(life: Life) -> None:
    life.world.fault(status=422)
    life.world.shop.send(
        "orders/create", order(5003, email=BUYER["email"], customer=BUYER), at=triggered(30)
    )

    said = life.processes.running["webhook"].output()

    assert '"verdict"' in said
    assert "somebody" not in said
    assert "secret" not in said


def test_no_function_warns_of_a_library_that_is_left_out(life: Life) -> None:
    life.world.shop.send("orders/create", order(5004), at=triggered(40))

    said = {name: one.output() for name, one in life.processes.running.items()}

    assert [name for name, text in said.items() if "Warning" in text] == []
    assert '"verdict"' in said["webhook"]


# ---- where it is imported from -----------------------------------------------------------------

PROBE = """
import sys

def handler(event, context):
    for name in event:
        __import__(name)
    files = [getattr(one, "__file__", None) for one in list(sys.modules.values())]
    return {"path": sys.path, "files": [one for one in files if one]}
"""


def test_nothing_is_imported_but_from_the_artefact_boto3_and_the_runtime_client(
    here: Path, tmp_path: Path
) -> None:
    (tmp_path / "probe.py").write_text(PROBE)
    modules = [one.handler.rpartition(".")[0] for one in functions().values()]

    answer = cold_start(
        tmp_path, "probe.handler", modules, {"PYTHONPATH": str(here), "AWS_REGION": "us-east-1"}
    ).answer

    beside = PYTHON.parents[1]
    standard = Path(sys.base_prefix)
    allowed = (here, beside, standard, tmp_path)
    assert [one for one in answer["path"] if not _below(one, *allowed)] == []
    assert [one for one in answer["files"] if not _below(one, *allowed)] == []
    assert any(_below(one, here / "shared") for one in answer["files"])


def test_beside_the_runtime_client_there_are_boto3_and_what_those_two_need() -> None:
    there = {
        one.name.partition("-")[0]
        for one in (PYTHON.parents[1] / "lib").glob("*/site-packages/*.dist-info")
    }

    assert there == {
        "awslambdaric", "boto3", "botocore", "jmespath", "python_dateutil", "s3transfer",
        "simplejson", "six", "snapshot_restore_py", "urllib3",
    }  # fmt: skip


def test_boto3_is_the_one_that_everything_is_tested_with() -> None:
    tested = _pins("requirements.lock")

    assert [one for one in _pins(".ci/tools/ric.txt") if one.startswith("boto")] == [
        one for one in tested if one.startswith(("boto3==", "botocore=="))
    ]


def _pins(lock: str) -> list[str]:
    return re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)


def _below(name: str, *folders: Path) -> bool:
    return any(Path(name).is_relative_to(folder) for folder in folders)
