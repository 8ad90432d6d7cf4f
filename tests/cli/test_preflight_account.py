from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from cli.checks.finding import Check, Finding, Verdict, run_check
from cli.checks.preflight import account, limits, quotas, recursion, run, secret, stack, template
from cli.checks.preflight.account import Account
from shared.settings import Merchant, read_merchant
from tests.cli import aws_stand_in as stand_in
from tests.cli.aws_stand_in import Responses

ROOT = Path(__file__).parents[2]
MERCHANT = """
name = "acme"
storefront = "https://acme.shop"
currency = "USD"
sources = ["shopify"]
destinations = ["datacue"]
[shopify]
shop = "acme.myshopify.com"
"""
SECRETS = {
    "shopify": {"webhook_secrets": ["whsec-one"]},
    "datacue": {"api_key": "key-one", "api_secret": "hidden-one"},
}


@pytest.fixture(scope="module")
def connected() -> Iterator[tuple[Account, Responses]]:
    """Return an account whose Lambda and Service Quotas are the stand-in, all else moto."""
    responses: Responses = {}
    with stand_in.standing_in(responses) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "none")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "none")
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        patch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", url)
        yield Account(region="us-east-1", session=boto3.session.Session()), responses


@pytest.fixture
def acme(connected: tuple[Account, Responses]) -> Iterator[Account]:
    """Return an empty account."""
    account, responses = connected
    responses.clear()
    with mock_aws():
        yield account


@pytest.fixture
def responses(connected: tuple[Account, Responses]) -> Responses:
    return connected[1]


@pytest.fixture
def merchant() -> Merchant:
    return read_merchant(MERCHANT)


LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shoprelay/acme"}}


def create_stack(acme: Account, *, of: str = "acme") -> None:
    parameters = {"Merchant": {"Type": "String"}}
    template = {"Parameters": parameters, "Resources": {"Logs": LOGS}}
    acme.client("cloudformation").create_stack(
        StackName="shoprelay-acme",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Merchant", "ParameterValue": of}],
    )


def put_secret(acme: Account, document: str) -> None:
    acme.client("secretsmanager").create_secret(Name="shoprelay/acme", SecretString=document)


# ---- credentials and region ---------------------------------------------------------------------


def test_credentials_are_shown_by_their_account(acme: Account) -> None:
    found = account.credentials(acme)

    assert found.verdict is Verdict.OK
    assert found.detail.startswith("account 123456789012, arn:aws:sts::")


REJECTED = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"


def test_credentials_that_aws_rejects_are_wrong(
    connected: tuple[Account, Responses], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected[1]["/"] = (403, REJECTED)
    url = connected[0].client("lambda").meta.endpoint_url
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    expired = Account(region="us-east-1", session=boto3.session.Session())

    found = account.credentials(expired)

    assert (found.verdict, found.detail) == (
        Verdict.WRONG,
        "AWS rejects the credentials: ExpiredToken",
    )


def test_without_credentials_the_account_could_not_be_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    empty = Account(region="us-east-1", session=boto3.session.Session())

    found = account.credentials(empty)

    assert found.verdict is Verdict.UNKNOWN
    assert found.next == "export AWS_PROFILE=..."


def test_a_region_in_aws_region_only_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    found = account.region(boto3.session.Session(), None)

    assert (found.verdict, found.detail) == (Verdict.WRONG, "no region is set")


def test_the_secret_and_the_stack_must_be_in_one_region(acme: Account) -> None:
    assert account.region(acme.session, None).detail == "us-east-1"
    assert account.region(acme.session, "us-east-1").verdict is Verdict.OK
    assert account.region(acme.session, "eu-west-1").verdict is Verdict.WRONG


# ---- secret -------------------------------------------------------------------------------------


def test_a_whole_secret_is_ok(acme: Account, merchant: Merchant) -> None:
    put_secret(acme, json.dumps(SECRETS))

    assert secret.in_account(acme, "acme", merchant).verdict is Verdict.OK


def test_a_missing_secret_says_how_to_put_it(acme: Account, merchant: Merchant) -> None:
    found = secret.in_account(acme, "acme", merchant)

    assert (found.detail, found.next) == (
        "there is no secret shoprelay/acme",
        "make secret MERCHANT=acme",
    )


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        ('{"shopify": {"webhook_secrets": ["whsec-one"]}}', "the section is missing"),
        ('{"shopify": {"webhook_secrets": ["whsec-one\\n"]}}', "a line break at one end"),
        ("whsec-one", "the secret is not JSON"),
    ],
)
def test_a_secret_that_the_functions_would_reject_is_wrong_and_is_not_shown(
    acme: Account, merchant: Merchant, document: str, detail: str
) -> None:
    put_secret(acme, document)
    found = secret.in_account(acme, "acme", merchant)

    assert found.verdict is Verdict.WRONG
    assert detail in found.detail
    assert "whsec" not in repr(found)


def test_a_secret_that_is_marked_for_deletion_says_how_to_restore_it(
    acme: Account, merchant: Merchant
) -> None:
    put_secret(acme, json.dumps(SECRETS))
    acme.client("secretsmanager").delete_secret(SecretId="shoprelay/acme")

    found = secret.in_account(acme, "acme", merchant)

    assert found.next == "aws secretsmanager restore-secret --secret-id shoprelay/acme"


# ---- stack --------------------------------------------------------------------------------------


def test_a_missing_stack_will_be_created(acme: Account) -> None:
    found = stack.owner(acme, "shoprelay-acme", "acme")

    assert found.detail == "there is no stack shoprelay-acme yet: the deployment creates it"


def test_the_merchants_own_stack_is_ok(acme: Account) -> None:
    create_stack(acme)

    found = stack.owner(acme, "shoprelay-acme", "acme")

    assert (found.verdict, found.detail) == (
        Verdict.OK,
        "the stack shoprelay-acme is of acme, in CREATE_COMPLETE",
    )


def test_another_stack_of_that_name_is_wrong(acme: Account) -> None:
    create_stack(acme, of="other")

    assert stack.owner(acme, "shoprelay-acme", "acme").verdict is Verdict.WRONG


# ---- recursion ----------------------------------------------------------------------------------

RETRY = "shoprelay-acme-retry"


def test_a_function_that_is_not_deployed_yet_will_be_allowed_to_recurse(acme: Account) -> None:
    found = recursion.allowed(acme, RETRY)

    assert (found.verdict, found.detail) == (
        Verdict.OK,
        "there is no function shoprelay-acme-retry yet: the deployment allows its retries",
    )


def test_a_deployed_function_that_may_recurse_is_ok(acme: Account, responses: Responses) -> None:
    responses[stand_in.recursion(RETRY)] = (200, {"RecursiveLoop": "Allow"})

    assert recursion.allowed(acme, RETRY).verdict is Verdict.OK


def test_a_deployed_function_whose_loop_is_terminated_is_wrong(
    acme: Account, responses: Responses
) -> None:
    responses[stand_in.recursion(RETRY)] = (200, {"RecursiveLoop": "Terminate"})
    found = recursion.allowed(acme, RETRY)

    assert (found.verdict, found.detail) == (
        Verdict.WRONG,
        "Lambda stops each webhook after about 16 invocations of shoprelay-acme-retry",
    )
    assert found.next == (
        "aws lambda put-function-recursion-config --function-name shoprelay-acme-retry "
        "--recursive-loop Allow"
    )


@pytest.mark.parametrize(
    ("response", "detail"),
    [
        (
            stand_in.denied("lambda:GetFunctionRecursionConfig"),
            "you lack the permission lambda:GetFunctionRecursionConfig",
        ),
        # A partition, or an emulator, that lacks the operation.
        ((404, "no such page"), "GetFunctionRecursionConfig of AWS failed: 404"),
    ],
)
def test_a_recursion_that_aws_does_not_show_could_not_be_checked(
    acme: Account, responses: Responses, response: tuple[int, Any], detail: str
) -> None:
    responses[stand_in.recursion(RETRY)] = response
    found = run_check("recursion", lambda: recursion.allowed(acme, RETRY)).finding

    assert (found.verdict, found.detail) == (Verdict.UNKNOWN, detail)


# ---- limits -------------------------------------------------------------------------------------


def settings(whole: int, free: int, *, storage: int = 0, functions: int = 3) -> tuple[int, Any]:
    return 200, {
        "AccountLimit": {
            "ConcurrentExecutions": whole,
            "UnreservedConcurrentExecutions": free,
            "TotalCodeSize": 80_530_636_800,
        },
        "AccountUsage": {"FunctionCount": functions, "TotalCodeSize": storage},
    }


def concurrency(acme: Account, wanted: int) -> Finding:
    return limits.concurrency(acme, "shoprelay-acme-webhook", wanted, 5)


def test_a_new_account_with_ten_has_five_for_the_receiver_and_should_request_more(
    acme: Account, responses: Responses
) -> None:
    responses[stand_in.SETTINGS] = settings(10, 10)
    found = concurrency(acme, 0)

    assert found.verdict is Verdict.OK
    assert "5 for the receiver" in found.detail
    assert found.next.startswith("aws service-quotas request-service-quota-increase")


def test_an_account_whose_concurrency_retries_can_use_up_is_wrong(
    acme: Account, responses: Responses
) -> None:
    responses[stand_in.SETTINGS] = settings(1000, 5)

    assert concurrency(acme, 0).verdict is Verdict.WRONG


def test_a_hundred_must_stay_unreserved(acme: Account, responses: Responses) -> None:
    responses[stand_in.SETTINGS] = settings(1000, 149)
    found = concurrency(acme, 50)

    assert found.verdict is Verdict.WRONG
    assert found.detail == "reserving 50 of 149 leaves 99, but AWS requires 100"
    assert concurrency(acme, 49).verdict is Verdict.OK


def test_what_the_receiver_has_reserved_already_is_available_to_it(
    acme: Account, responses: Responses
) -> None:
    responses[stand_in.SETTINGS] = settings(1000, 110)
    responses[stand_in.reserved("shoprelay-acme-webhook")] = (
        200,
        {"ReservedConcurrentExecutions": 40},
    )

    assert concurrency(acme, 50).detail == "50 are reserved for the receiver, 100 are left"


def test_code_storage_that_is_used_up_is_wrong(acme: Account, responses: Responses) -> None:
    responses[stand_in.SETTINGS] = settings(1000, 1000, storage=80_530_636_800 - 9_000_000)

    assert limits.code_storage(acme, 9_000_000).verdict is Verdict.OK
    assert limits.code_storage(acme, 9_000_001).verdict is Verdict.WRONG


def test_requests_are_compared_with_the_accounts_quota(acme: Account, responses: Responses) -> None:
    responses[stand_in.QUOTA] = (200, {"Quota": {"Value": 2500.0}})

    assert limits.requests(acme, 1000).verdict is Verdict.OK
    assert limits.requests(acme, 2501).verdict is Verdict.WRONG


def test_a_quota_that_the_account_lacks_is_the_default_of_aws(
    acme: Account, responses: Responses
) -> None:
    responses[stand_in.QUOTA] = (400, {"__type": "NoSuchResourceException", "Message": "none"})
    responses[stand_in.DEFAULT_QUOTA] = (200, {"Quota": {"Value": 10000.0}})

    assert limits.requests(acme, 1000).detail.startswith("10000 requests a second")


def test_a_full_iam_quota_is_wrong(acme: Account) -> None:
    assert quotas.roles(acme, 3, 5).verdict is Verdict.OK
    found = quotas.roles(acme, 3, 5000)

    assert (found.verdict, found.detail) == (
        Verdict.WRONG,
        "Policies: 0 of 1500 are used, 5000 are needed",
    )
    assert found.next.endswith(
        "--service-code iam --quota-code L-E95E4862 --desired-value 3000 --region us-east-1"
    )


RULES = 103


def put_rules(acme: Account) -> None:
    """Create more rules than one page of ListRules has."""
    for number in range(RULES):
        acme.client("events").put_rule(Name=f"rule-{number}", ScheduleExpression="rate(1 hour)")


def test_rules_are_compared_with_the_accounts_quota(acme: Account, responses: Responses) -> None:
    put_rules(acme)
    responses[stand_in.QUOTA] = (200, {"Quota": {"Value": float(RULES + 1)}})
    assert quotas.rules(acme, 1) == Finding(
        verdict=Verdict.OK, detail="103 of 104 rules of EventBridge are used, 1 are needed"
    )
    responses[stand_in.QUOTA] = (200, {"Quota": {"Value": float(RULES)}})
    full = quotas.rules(acme, 1)

    assert full.verdict is Verdict.WRONG
    assert full.next.endswith("--service-code events --quota-code L-244521F2 --desired-value 206")
    # An update creates no rule.
    assert quotas.rules(acme, 0).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("merchants", "free", "more"),
    [(1, 10, False), (50, 1000, False), (100, 1000, False), (101, 1000, True), (200, 1000, True)],
)
def test_the_retries_of_many_merchants_should_have_more_concurrency(
    acme: Account, responses: Responses, merchants: int, free: int, *, more: bool
) -> None:
    responses[stand_in.SETTINGS] = settings(1000, free, functions=4 * merchants)
    found = quotas.all_retries(acme, 4, 5)

    assert found.verdict is Verdict.OK
    assert f"up to {merchants} merchants" in found.detail
    assert bool(found.next) == more


# ---- errors -----------------------------------------------------------------------------------


def test_a_missing_permission_could_not_be_checked(acme: Account, responses: Responses) -> None:
    responses[stand_in.SETTINGS] = stand_in.denied("lambda:GetAccountSettings")
    found = run_check("concurrency", lambda: concurrency(acme, 0))

    assert found == Check(
        name="concurrency",
        finding=Finding(
            verdict=Verdict.UNKNOWN,
            detail="you lack the permission lambda:GetAccountSettings",
            next="request it, or check in the console",
        ),
    )


@set_initial_no_auth_action_count(0)  # no permission for anything
def test_without_permissions_nothing_is_ok(acme: Account, merchant: Merchant) -> None:
    looks = [
        lambda: secret.in_account(acme, "acme", merchant),
        lambda: stack.owner(acme, "shoprelay-acme", "acme"),
        lambda: quotas.roles(acme, 3, 5),
        lambda: quotas.rules(acme, 1),
    ]
    found = [run_check("one", look).finding for look in looks]

    assert [one.verdict for one in found] != []
    assert not {Verdict.OK} & {one.verdict for one in found}


def test_without_a_connection_to_aws_it_could_not_be_checked(
    acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    unreachable = Account(region="us-east-1", session=acme.session)

    found = run_check("concurrency", lambda: concurrency(unreachable, 0)).finding

    assert (found.verdict, found.detail) == (
        Verdict.UNKNOWN,
        "the request to AWS failed: EndpointConnectionError",
    )


def test_a_bug_shows_the_type_of_the_error_only() -> None:
    def look() -> Finding:
        raise ValueError("whsec-one")

    assert run_check("one", look).finding.detail == "internal error: ValueError"


# ---- all checks ----------------------------------------------------------------------------------


def test_every_check_of_a_ready_account_is_ok(
    acme: Account, responses: Responses, merchant: Merchant
) -> None:
    put_secret(acme, json.dumps(SECRETS))
    responses[stand_in.SETTINGS] = settings(1000, 1000)
    responses[stand_in.QUOTA] = (200, {"Quota": {"Value": 10000.0}})
    subject = run.Deployment(
        name="acme",
        root=ROOT,
        secrets=None,
        merchant=merchant,
        section={"parameter_overrides": {"Merchant": "acme", "WebhookConcurrency": "50"}},
        template=template.read(ROOT / "template.yaml"),
    )
    found = [run_check(name, look) for name, look in run.region_checks(subject, acme)]

    assert {one.name: one.finding.verdict.value for one in found} == dict.fromkeys(
        (
            "secret",
            "stack",
            "recursion",
            "concurrency",
            "code storage",
            "requests",
            "roles",
            "rules",
            "all retries",
        ),
        "ok",
    )


def test_a_full_account_can_update_a_stack_that_exists(
    acme: Account, responses: Responses, merchant: Merchant
) -> None:
    put_rules(acme)
    create_stack(acme)
    responses[stand_in.QUOTA] = (200, {"Quota": {"Value": float(RULES)}})
    subject = run.Deployment(
        name="acme",
        root=ROOT,
        secrets=None,
        merchant=merchant,
        section={},
        template=template.read(ROOT / "template.yaml"),
    )
    looks = dict(run.region_checks(subject, acme))

    assert looks["rules"]().detail.endswith("0 are needed")
    assert looks["rules"]().verdict is Verdict.OK
    assert looks["roles"]().detail.endswith("1500 are used, 0 are needed")
