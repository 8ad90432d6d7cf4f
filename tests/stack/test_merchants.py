"""Several merchants in one account: their stacks share no name and no permission."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import msgspec
import pytest

from shared.settings import Merchant
from shared.state.journal import INDEX
from tests.stack.template import (
    ACCOUNT,
    NAMED,
    REGION,
    RESOURCES,
    ROOT,
    TEMPLATE,
    Rendered,
    of,
    rendered,
)

SAM = tomllib.loads((ROOT / "samconfig.toml").read_text())
# One name begins with the other, or is the other with a suffix that our names or AWS's have.
# `acme-europe` is `acme`, a dash and six letters: the ARN of a secret ends like that.
NEIGHBOURS = [
    ("acme", "acme-europe"),
    ("acme", "acme-eu"),
    ("acme", "acme2"),
    ("acme", "acme-webhook"),
    ("acme-webhook", "acme-webhook-retry"),
    ("acme", "acme-"),
    ("a", "a-"),
    ("acme", "beta"),
]
LONGEST = "m" + "-" * 31
# The longest name that AWS accepts for each type (API reference of each).
LIMITS = {
    "AWS::CloudWatch::Alarm": 255,
    "AWS::CloudWatch::Dashboard": 255,
    "AWS::Logs::LogGroup": 512,
    "AWS::Serverless::Function": 64,
    "AWS::Serverless::HttpApi": 128,
}


def _names(stack: Rendered) -> dict[tuple[str, str], str]:
    """Return the names that the template sets, by type and logical name."""
    keys = {f"AWS::{kind}": key for kind, (key, _) in NAMED.items() if key}
    return {
        (one["Type"], name): stack.resources[name][keys[one["Type"]]]
        for name, one in RESOURCES.items()
        if one["Type"] in keys and keys[one["Type"]] in one["Properties"]
    }


def _secret(merchant: str) -> str:
    name = f"shoprelay/{merchant}-aB3dE6"
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"


def _belongings(merchant: str) -> set[str]:
    """Return the ARNs of all that a merchant's stack creates or uses, and of objects in it."""
    stack = rendered(merchant)
    named = [name for name, one in RESOURCES.items() if one["Type"].removeprefix("AWS::") in NAMED]
    inside = {f"{stack.arn('BodiesBucket')}/{key}" for key in ("bodies/2026/x", "privacy/x.json")}
    stream = stack.arn("Logs").replace(":*", ":log-stream:2026/11/21/[1]abc")
    index = f"{stack.arn('LedgerTable')}/index/{INDEX}"
    return {stack.arn(name) for name in named} | inside | {stream, index, _secret(merchant)}


def _patterns(stack: Rendered) -> set[str]:
    """Return the ARN patterns in a stack's policies: of resources, and of conditions."""
    documents = [one.get("PolicyDocument") for one in stack.resources.values()]
    statements = [one for document in documents if document for one in document["Statement"]]
    found = {one for statement in statements for one in _list(statement["Resource"])}
    conditions = (one.get("Condition", {}).get("ArnLike", {}) for one in statements)
    return found - {"*"} | {arn for one in conditions for arn in one.values()}


def _list(one: Any) -> list[Any]:
    return one if isinstance(one, list) else [one]


def matches(pattern: str, arn: str) -> bool:
    """Return whether a pattern of IAM matches an ARN: * is anything, ? is one character."""
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern)
    return re.fullmatch("".join(parts), arn) is not None


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS)
def test_two_merchants_do_not_collide(one: str, other: str) -> None:
    mine, theirs = _names(rendered(one)), _names(rendered(other))

    assert mine.keys() == theirs.keys()
    assert {(key[0], name) for key, name in mine.items()}.isdisjoint(
        (key[0], name) for key, name in theirs.items()
    )
    assert _belongings(one).isdisjoint(_belongings(other))


@pytest.mark.parametrize(("one", "other"), NEIGHBOURS + [(b, a) for a, b in NEIGHBOURS])
def test_no_policy_of_a_merchant_matches_a_resource_of_another(one: str, other: str) -> None:
    patterns, theirs = _patterns(rendered(one)), _belongings(other)

    assert [(pattern, arn) for pattern in patterns for arn in theirs if matches(pattern, arn)] == []


def test_every_pattern_matches_a_resource_of_its_own_stack() -> None:
    patterns, own = _patterns(rendered("acme")), _belongings("acme")
    unused = [one for one in patterns if not any(matches(one, arn) for arn in own)]

    assert unused == []
    assert matches(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shoprelay/acme-??????",
                   _secret("acme"))  # fmt: skip


def test_a_pattern_that_is_too_wide_is_detected() -> None:
    assert matches(_secret("acme").replace("aB3dE6", "*"), _secret("acme-europe"))


def test_a_stack_exports_nothing() -> None:
    # The name of an export is unique in an account and region.
    assert [name for name, one in TEMPLATE["Outputs"].items() if "Export" in one] == []


def test_the_longest_name_of_a_merchant_fits_everywhere() -> None:
    names = _names(rendered(LONGEST))

    assert {kind for kind, _ in names} == set(LIMITS)
    assert [name for (kind, _), name in names.items() if len(name) > LIMITS[kind]] == []
    assert len(f"shoprelay-{LONGEST}") <= 128  # a stack's name (CloudFormation, CreateStack)
    assert re.fullmatch(r"[\w-]+", rendered(LONGEST).name("Dashboard"))


def test_the_dashboard_of_two_merchants_differs_in_their_names_alone() -> None:
    body = rendered("acme").resources["Dashboard"]["DashboardBody"]

    assert "${" not in body
    assert body.replace("acme", "beta") == rendered("beta").resources["Dashboard"]["DashboardBody"]
    json.loads(body)


def test_without_an_address_there_are_alarms_but_no_subscription() -> None:
    without, with_address = rendered("acme"), rendered("acme", AlarmEmail="ops@agency.example")

    assert with_address.resources.keys() - without.resources.keys() == {"AlarmSubscription"}
    assert with_address.resources["AlarmSubscription"]["Endpoint"] == "ops@agency.example"
    assert of("CloudWatch::Alarm").keys() <= without.resources.keys()


def test_the_stack_accepts_the_names_that_a_merchants_file_accepts() -> None:
    (name,) = (one for one in msgspec.structs.fields(Merchant) if one.name == "name")
    (meta,) = name.type.__metadata__

    assert TEMPLATE["Parameters"]["Merchant"]["AllowedPattern"] == meta.pattern


def test_every_merchant_in_samconfig_has_a_stack_of_its_own_and_a_file() -> None:
    tables = {name: one for name, one in SAM.items() if isinstance(one, dict)}
    sections = {
        name: one["deploy"]["parameters"] for name, one in tables.items() if "deploy" in one
    }

    assert "acme" in sections
    for name, section in sections.items():
        assert section["stack_name"] == f"shoprelay-{name}"
        assert section["s3_prefix"] == f"shoprelay-{name}"
        overrides = dict(one.split("=", 1) for one in section["parameter_overrides"].split())
        assert overrides["Merchant"] == name
        assert overrides.keys() <= TEMPLATE["Parameters"].keys()
        assert {"AlarmEmail"} <= overrides.keys()
        assert (ROOT / "merchants" / f"{name}.toml").is_file()


def test_the_build_runs_in_the_source_folder() -> None:
    assert SAM["default"]["build"]["parameters"]["build_in_source"] is True
