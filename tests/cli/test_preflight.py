from __future__ import annotations

import json
import random
import struct
from pathlib import Path
from shutil import copy

import pytest
import typer
from typer.testing import CliRunner

from cli.checks.finding import Verdict
from cli.checks.preflight import artefact, files, template
from cli.checks.preflight.__main__ import main
from shared.errors import NotConfigured
from shared.settings import read_merchant

ROOT = Path(__file__).parents[2]
MERCHANT = """
name = "acme"
storefront = "https://acme.shop"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
[catalog]
placeholder_photo = "https://acme.shop/none.png"
"""
SECRETS = {
    "shopify": {"webhook_secrets": ["whsec-one"]},
    "datacue": {"api_key": "key-one", "api_secret": "hidden-one"},
}
PARAMETERS = {"Merchant": {"Type": "String"}, "AlarmEmail": {"Type": "String"}}
FUNCTIONS = {"WebhookFunction": {"Handler": "functions.webhook.app.handler"}}

# Only what the checks read of a template.
TEMPLATE = """
Parameters:
  Merchant: {Type: String}
  AlarmEmail: {Type: String}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Metadata:
      Runtime: python3.13
      Architectures: [arm64]
"""
SECTION = """
[acme.deploy.parameters]
stack_name = "shoprelay-acme"
parameter_overrides = "Merchant=acme AlarmEmail=jo@acme.shop"
s3_prefix = "shoprelay-acme"
capabilities = "CAPABILITY_IAM"
"""

app = typer.Typer()
app.command()(main)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a small checkout of acme: its files, and one function's code."""
    (tmp_path / "merchants").mkdir()
    (tmp_path / "merchants" / "acme.toml").write_text(MERCHANT)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "samconfig.toml").write_text(SECTION)
    (tmp_path / "functions" / "webhook").mkdir(parents=True)
    (tmp_path / "functions" / "webhook" / "app.py").write_text("handler = print\n")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "receiver.py").write_text("open = True\n")
    return tmp_path


# ---- the merchant's files -----------------------------------------------------------------------


def test_a_valid_merchants_file_is_ok_with_sources_and_destinations(root: Path) -> None:
    found = files.merchant_file(root / "merchants" / "acme.toml")

    assert (found.verdict, found.detail) == (Verdict.OK, "shopify to datacue")


def test_the_unchanged_example_is_wrong() -> None:
    found = files.merchant_file(ROOT / "merchants" / "acme.toml")

    assert found.verdict is Verdict.WRONG
    assert found.detail == "still the address of the example: catalog.placeholder_photo, storefront"


def test_a_secret_document_is_compared_with_the_merchants_file(tmp_path: Path) -> None:
    merchant = read_merchant(MERCHANT)
    document = tmp_path / "acme.secrets.json"
    document.write_text(json.dumps(SECRETS))
    assert files.secrets_file(document, merchant).verdict is Verdict.OK

    document.write_text(json.dumps({"shopify": SECRETS["shopify"]}))
    with pytest.raises(NotConfigured, match=r"\$\.datacue"):
        files.secrets_file(document, merchant)
    assert files.secrets_file(tmp_path / "none", merchant).verdict is Verdict.WRONG


# ---- samconfig.toml -----------------------------------------------------------------------------


def samconfig(folder: Path, text: str) -> tuple[Verdict, str]:
    (folder / "samconfig.toml").write_text(text)
    section = files.section(folder / "samconfig.toml", "acme")
    found = files.samconfig(section, "acme", PARAMETERS)
    return found.verdict, found.detail


def test_a_section_of_the_merchant_is_ok(tmp_path: Path) -> None:
    assert samconfig(tmp_path, SECTION) == (Verdict.OK, "deploys the stack shoprelay-acme")


def test_overrides_may_be_written_as_a_list(tmp_path: Path) -> None:
    listed = SECTION.replace(
        '"Merchant=acme AlarmEmail=jo@acme.shop"', '["Merchant=acme", "AlarmEmail=jo@acme.shop"]'
    )

    assert samconfig(tmp_path, listed)[0] is Verdict.OK


def test_a_section_without_an_address_for_alarms_says_so(tmp_path: Path) -> None:
    without = SECTION.replace(" AlarmEmail=jo@acme.shop", "")

    assert samconfig(tmp_path, without) == (
        Verdict.OK,
        "deploys the stack shoprelay-acme; alarms are sent to nobody",
    )


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('name = "shoprelay-acme"', 'name = "shoprelay-other"', "stack_name"),
        ("Merchant=acme", "Merchant=other", "parameter_overrides, Merchant"),
        ('prefix = "shoprelay-acme"', 'prefix = "shoprelay-other"', "s3_prefix"),
        ("AlarmEmail=", "AlarmMail=", "parameter_overrides, AlarmMail"),
    ],
)
def test_a_section_copied_and_half_changed_is_wrong(
    tmp_path: Path, before: str, after: str, named: str
) -> None:
    assert before in SECTION
    verdict, detail = samconfig(tmp_path, SECTION.replace(before, after))

    assert verdict is Verdict.WRONG
    assert named in detail


def test_a_merchant_without_a_section_is_reported(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text("version = 0.1\n")

    with pytest.raises(NotConfigured, match=r"\[acme\.deploy\.parameters\]"):
        files.section(tmp_path / "samconfig.toml", "acme")


# ---- template -----------------------------------------------------------------------------------


def test_the_most_retries_are_read_from_the_template() -> None:
    assert template.most_retries(template.read(ROOT / "template.yaml")) == 5


# ---- artefact -----------------------------------------------------------------------------------

ELF = b"\x7fELF" + bytes(14)
AARCH64, X86_64 = struct.pack("<H", 183), struct.pack("<H", 62)
PYTHON_3_13 = struct.pack("<H", 3571) + b"\r\n" + b"\x01\x00\x00\x00"


@pytest.fixture
def built(root: Path) -> Path:
    """Return the folder of a function as `make build` makes it."""
    folder = root / ".aws-sam" / "build" / "WebhookFunction"
    for library in ("aws_lambda_powertools", "msgspec", "requests"):
        (folder / library).mkdir(parents=True)
    (folder / "msgspec" / "_core.cpython-313-aarch64-linux-gnu.so").write_bytes(ELF + AARCH64)
    for name in ("functions/webhook/app.py", "shared/receiver.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(root / name, folder / name)
        cache = (folder / name).parent / "__pycache__"
        cache.mkdir()
        (cache / f"{Path(name).stem}.cpython-313.pyc").write_bytes(PYTHON_3_13)
    copy(root / "merchants" / "acme.toml", folder / "merchant.toml")
    return folder


def checked(root: Path) -> tuple[Verdict, str]:
    found = artefact.artefact(root, "acme", FUNCTIONS)
    return found.verdict, found.detail


def test_an_artefact_that_was_not_built_could_not_be_checked(root: Path) -> None:
    assert checked(root) == (Verdict.UNKNOWN, "not built yet")


@pytest.mark.usefixtures("built")
def test_an_artefact_of_the_current_files_is_ok(root: Path) -> None:
    verdict, detail = checked(root)

    assert verdict is Verdict.OK
    assert detail == "WebhookFunction is 0.00 MB zipped, of at most 3.15"


def test_an_artefact_without_bytecode_is_slow_and_says_so(root: Path, built: Path) -> None:
    for path in built.rglob("*.pyc"):
        path.unlink()
    verdict, detail = checked(root)

    assert verdict is Verdict.OK
    assert "without bytecode" in detail


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        (
            "merchants/acme.toml",
            MERCHANT.encode() + b"#",
            "its merchant.toml is not the current acme.toml",
        ),
        ("shared/receiver.py", b"open = False\n", "shared/receiver.py has changed since the build"),
        ("shared/new.py", b"", "shared/new.py has changed since the build"),
        (
            ".aws-sam/build/WebhookFunction/shared/__pycache__/receiver.cpython-313.pyc",
            struct.pack("<H", 3495) + b"\r\n" + bytes(4),
            "Python 3.13 cannot read receiver.cpython-313.pyc",
        ),
        (
            ".aws-sam/build/WebhookFunction/msgspec/_core.cpython-313-x86_64-linux-gnu.so",
            ELF + X86_64,
            "is not for Python 3.13 on aarch64",
        ),
    ],
)
def test_an_artefact_of_other_files_or_another_target_is_wrong(
    root: Path, built: Path, file: str, content: bytes, problem: str
) -> None:
    assert built.is_dir()
    (root / file).write_bytes(content)
    verdict, detail = checked(root)

    assert verdict is Verdict.WRONG
    assert problem in detail


def test_an_artefact_without_its_handler_or_a_library_is_wrong(root: Path, built: Path) -> None:
    (built / "requests").rmdir()
    assert checked(root) == (Verdict.WRONG, "WebhookFunction: requests is missing")

    (built / "functions" / "webhook" / "app.py").unlink()
    assert checked(root)[1] == "WebhookFunction: functions.webhook.app.handler is missing"


def test_an_artefact_over_three_megabytes_is_wrong(root: Path, built: Path) -> None:
    (built / "requests" / "data").write_bytes(ROOT.joinpath("requirements.lock").read_bytes())
    assert checked(root)[0] is Verdict.OK

    (built / "requests" / "noise").write_bytes(random.Random(1).randbytes(3_200_000))
    assert checked(root)[0] is Verdict.WRONG


# ---- the command --------------------------------------------------------------------------------


@pytest.fixture
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove all credentials."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("_no_credentials")
def test_without_credentials_the_local_files_are_checked(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "merchants" / "acme.secrets.json").write_text(json.dumps(SECRETS))
    monkeypatch.chdir(root)
    result = CliRunner().invoke(app, ["acme", "--json"])
    output = json.loads(result.stdout)

    assert result.exit_code == 0
    assert (output["merchant"], output["ready"]) == ("acme", True)
    assert {one["name"]: one["verdict"] for one in output["checks"]} == {
        "merchant's file": "ok",
        "samconfig.toml": "ok",
        "secret document": "ok",
        "artefact": "could not be checked",
        "credentials": "could not be checked",
    }
    assert "whsec" not in result.output
    assert "hidden" not in result.output


def test_a_wrong_check_is_a_row_a_line_to_type_and_exit_code_1(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "merchants" / "acme.toml").write_text(MERCHANT.replace('"USD"', '"Dollars"'))
    monkeypatch.chdir(root)
    monkeypatch.setenv("AWS_PROFILE", "does-not-exist")
    result = CliRunner().invoke(app, ["acme"])

    assert result.exit_code == 1
    assert "merchant's file  wrong" in result.stdout
    assert "$.currency" in result.stdout
    assert "  credentials: aws configure list-profiles\n" in result.stdout
    assert "Traceback" not in result.output


def test_outside_the_checkout_it_prints_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["acme"])

    assert result.exit_code == 1
    assert result.stdout == ""
    assert (
        "template.yaml cannot be read: FileNotFoundError; run this beside the Makefile\n"
        in result.stderr
    )
