from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from cli.checks.finding import Check, Finding, Verdict, looked_at
from cli.checks.preflight import account, limits, run, secret, stack, template
from cli.checks.preflight.account import Account
from shared.settings import Merchant, read_merchant
from tests.cli import aws_stand_in as stand_in
from tests.cli.aws_stand_in import Answers

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
def connected() -> Iterator[tuple[Account, Answers]]:
    """Connect to the stand-in, which answers for Lambda and Service Quotas, and else to moto."""
    given: Answers = {}
    with stand_in.standing_in(given) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nobody")
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
        patch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", url)
        yield Account(region="us-east-1", session=boto3.session.Session()), given


@pytest.fixture
def acme(connected: tuple[Account, Answers]) -> Iterator[Account]:
    """Give an account with nothing in it."""
    account, answers = connected
    answers.clear()
    with mock_aws():
        yield account


@pytest.fixture
def answers(connected: tuple[Account, Answers]) -> Answers:
    return connected[1]


@pytest.fixture
def merchant() -> Merchant:
    return read_merchant(MERCHANT)


LOGS = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shoprelay/acme"}}


def create_stack(
    acme: Account, name: str = "shoprelay-acme", *, of: str = "acme", **more: Any
) -> None:
    parameters = {"Merchant": {"Type": "String"}}
    template = {"Parameters": parameters, "Resources": {"Logs": LOGS}, **more}
    acme.client("cloudformation").create_stack(
        StackName=name,
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": "Merchant", "ParameterValue": of}],
    )


def put_secret(acme: Account, document: str) -> None:
    acme.client("secretsmanager").create_secret(Name="shoprelay/acme", SecretString=document)


# ---- who and when -------------------------------------------------------------------------------


def test_credentials_are_told_by_their_account(acme: Account) -> None:
    found = account.credentials(acme)

    assert found.verdict is Verdict.OK
    assert found.told.startswith("account 123456789012, arn:aws:sts::")


@pytest.mark.parametrize(
    ("skew", "told"),
    [
        (600.0, "this machine's clock is 600 s ahead"),
        (-61.0, "this machine's clock is 61 s behind"),
    ],
)
def test_a_clock_that_aws_would_refuse_is_wrong(skew: float, told: str) -> None:
    assert account.clock(skew).told == told
    assert account.clock(skew).verdict is Verdict.WRONG
    assert account.clock(-59.0).verdict is Verdict.OK


REFUSED = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"


def test_the_clock_is_compared_with_the_date_of_an_answer_even_of_a_refusal(
    connected: tuple[Account, Answers], monkeypatch: pytest.MonkeyPatch
) -> None:
    connected[1]["/"] = (403, REFUSED)
    url = connected[0].client("lambda").meta.endpoint_url
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
    expired = Account(region="us-east-1", session=boto3.session.Session())

    found = account.credentials(expired)

    assert (found.verdict, found.told) == (
        Verdict.WRONG,
        "AWS does not take them: ExpiredToken",
    )
    assert expired.skew is not None
    assert abs(expired.skew) < account.MOST_SKEW


def test_without_credentials_the_account_could_not_be_checked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    nobody = Account(region="us-east-1", session=boto3.session.Session())

    found = account.credentials(nobody)

    assert found.verdict is Verdict.UNKNOWN
    assert found.next == "export AWS_PROFILE=..."


def test_a_region_that_only_aws_region_names_is_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")

    found = account.region(boto3.session.Session(), None)

    assert (found.verdict, found.told) == (Verdict.WRONG, "no region is set")


def test_the_secret_and_the_stack_must_be_in_one_region(acme: Account) -> None:
    assert account.region(acme.session, None).told == "us-east-1"
    assert account.region(acme.session, "us-east-1").verdict is Verdict.OK
    assert account.region(acme.session, "eu-west-1").verdict is Verdict.WRONG


# ---- secret -------------------------------------------------------------------------------------


def test_a_whole_secret_is_ok(acme: Account, merchant: Merchant) -> None:
    put_secret(acme, json.dumps(SECRETS))

    assert secret.in_account(acme, "acme", merchant).verdict is Verdict.OK


def test_a_secret_that_is_not_there_says_how_to_put_it(acme: Account, merchant: Merchant) -> None:
    found = secret.in_account(acme, "acme", merchant)

    assert (found.told, found.next) == ("shoprelay/acme is not there", "make secret MERCHANT=acme")


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ('{"shopify": {"webhook_secrets": ["whsec-one"]}}', "the section is missing"),
        ('{"shopify": {"webhook_secrets": ["whsec-one\\n"]}}', "a line break at one end"),
        ("whsec-one", "the secret is not JSON"),
    ],
)
def test_a_secret_that_would_start_no_function_is_wrong_and_is_not_shown(
    acme: Account, merchant: Merchant, document: str, told: str
) -> None:
    put_secret(acme, document)
    found = secret.in_account(acme, "acme", merchant)

    assert found.verdict is Verdict.WRONG
    assert told in found.told
    assert "whsec" not in repr(found)


def test_a_secret_that_is_marked_for_deletion_is_to_be_restored(
    acme: Account, merchant: Merchant
) -> None:
    put_secret(acme, json.dumps(SECRETS))
    acme.client("secretsmanager").delete_secret(SecretId="shoprelay/acme")

    found = secret.in_account(acme, "acme", merchant)

    assert found.next == "aws secretsmanager restore-secret --secret-id shoprelay/acme"


# ---- stack --------------------------------------------------------------------------------------


def test_a_stack_that_is_not_there_will_be_made(acme: Account) -> None:
    found = stack.state(acme, "shoprelay-acme", "acme")

    assert found.told == "shoprelay-acme is not there yet: it will be made"


def test_a_stack_that_is_there_will_be_updated(acme: Account) -> None:
    create_stack(acme)

    found = stack.state(acme, "shoprelay-acme", "acme")

    assert (found.verdict, found.told) == (
        Verdict.OK,
        "shoprelay-acme is in CREATE_COMPLETE: it will be updated",
    )


def test_somebody_elses_stack_of_that_name_is_wrong(acme: Account) -> None:
    create_stack(acme, of="other")

    assert stack.state(acme, "shoprelay-acme", "acme").verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("status", "following"),
    [
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --stack-name shoprelay-acme"),
        ("ROLLBACK_FAILED", "aws cloudformation delete-stack --stack-name shoprelay-acme"),
        ("DELETE_FAILED", "aws cloudformation delete-stack --stack-name shoprelay-acme"),
        ("UPDATE_IN_PROGRESS", "wait for it: aws cloudformation describe-stack-events"),
        ("DELETE_IN_PROGRESS", "wait for it: aws cloudformation describe-stack-events"),
        (
            "UPDATE_ROLLBACK_FAILED",
            "aws cloudformation continue-update-rollback --stack-name shoprelay-acme",
        ),
    ],
)
def test_a_stack_that_cannot_be_updated_says_what_to_type(
    acme: Account, status: str, following: str
) -> None:
    create_stack(acme)
    moto_stack().status = status

    found = stack.state(acme, "shoprelay-acme", "acme")

    assert found.verdict is Verdict.WRONG
    assert status in found.told
    assert following in found.next


@pytest.mark.parametrize("status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_whose_last_update_is_over_can_be_updated(acme: Account, status: str) -> None:
    create_stack(acme)
    moto_stack().status = status

    assert stack.state(acme, "shoprelay-acme", "acme").verdict is Verdict.OK


def moto_stack() -> Any:
    """Reach into moto: there is no call that makes a stack fail."""
    from moto.cloudformation.models import cloudformation_backends  # noqa: PLC0415 - heavy

    [found] = cloudformation_backends["123456789012"]["us-east-1"].stacks.values()
    return found


# ---- names --------------------------------------------------------------------------------------

NAMES = [("LogGroup", "/shoprelay/acme"), ("Function", "shoprelay-acme-webhook")]


def test_names_that_nobody_has_are_free(acme: Account) -> None:
    assert stack.names(acme, "shoprelay-acme", NAMES).told == "2 names are free, or the stack's own"


def test_the_stacks_own_names_are_not_in_its_way(acme: Account) -> None:
    create_stack(acme)

    assert stack.names(acme, "shoprelay-acme", NAMES).verdict is Verdict.OK


def test_a_log_group_and_a_function_of_somebody_else_are_in_the_way(
    acme: Account, answers: Answers
) -> None:
    acme.client("logs").create_log_group(logGroupName="/shoprelay/acme")
    answers[stand_in.configuration("shoprelay-acme-webhook")] = (200, {"FunctionName": "x"})

    assert stack.names(acme, "shoprelay-acme", NAMES).told == (
        "taken by somebody else: LogGroup /shoprelay/acme, Function shoprelay-acme-webhook"
    )


def test_a_log_group_whose_name_only_begins_so_is_not_in_the_way(acme: Account) -> None:
    acme.client("logs").create_log_group(logGroupName="/shoprelay/acme-two")

    assert stack.names(acme, "shoprelay-acme", NAMES).verdict is Verdict.OK


def test_alarms_dashboards_and_topics_are_looked_for_too(acme: Account) -> None:
    acme.client("sns").create_topic(Name="shoprelay-acme-alarms")
    acme.client("cloudwatch").put_dashboard(DashboardName="shoprelay-acme", DashboardBody="{}")
    wanted = [
        ("Topic", "shoprelay-acme-alarms"),
        ("Dashboard", "shoprelay-acme"),
        ("Alarm", "shoprelay-acme-dead-letters"),
    ]

    assert stack.names(acme, "shoprelay-acme", wanted).told == (
        "taken by somebody else: Topic shoprelay-acme-alarms, Dashboard shoprelay-acme"
    )


def test_a_name_that_may_not_be_looked_for_is_not_taken_for_free(
    acme: Account, answers: Answers
) -> None:
    answers[stand_in.configuration("shoprelay-acme-webhook")] = stand_in.denied(
        "lambda:GetFunctionConfiguration"
    )
    found = stack.names(acme, "shoprelay-acme", NAMES)

    assert found.verdict is Verdict.UNKNOWN
    assert "you lack lambda:GetFunctionConfiguration" in found.told


# ---- the bucket of SAM --------------------------------------------------------------------------


def test_before_the_first_deployment_sam_has_no_bucket(acme: Account) -> None:
    assert stack.upload_bucket(acme, None).verdict is Verdict.OK


def test_sams_bucket_is_found_by_its_stack(acme: Account) -> None:
    acme.client("s3").create_bucket(Bucket="sam-source")
    create_stack(acme, stack.SAM_STACK, Outputs={"SourceBucket": {"Value": "sam-source"}})

    assert stack.upload_bucket(acme, None).told == "sam-source can be reached"


def test_sams_stack_without_its_bucket_is_wrong(acme: Account) -> None:
    create_stack(acme, stack.SAM_STACK)

    assert stack.upload_bucket(acme, None).verdict is Verdict.WRONG


def test_a_bucket_that_samconfig_names_must_be_there(acme: Account) -> None:
    assert stack.upload_bucket(acme, "none").told == "there is no bucket none"


# ---- limits -------------------------------------------------------------------------------------


def settings(whole: int, free: int, *, storage: int = 0) -> tuple[int, Any]:
    return 200, {
        "AccountLimit": {
            "ConcurrentExecutions": whole,
            "UnreservedConcurrentExecutions": free,
            "TotalCodeSize": 80_530_636_800,
        },
        "AccountUsage": {"FunctionCount": 3, "TotalCodeSize": storage},
    }


def concurrency(acme: Account, wanted: int) -> Finding:
    return limits.concurrency(acme, "shoprelay-acme-webhook", wanted, 5)


def test_a_new_account_with_ten_has_five_for_the_door_and_should_ask_for_more(
    acme: Account, answers: Answers
) -> None:
    answers[stand_in.SETTINGS] = settings(10, 10)
    found = concurrency(acme, 0)

    assert found.verdict is Verdict.OK
    assert "5 for the door" in found.told
    assert found.next.startswith("aws service-quotas request-service-quota-increase")


def test_an_account_whose_rest_the_retries_can_use_up_has_no_door(
    acme: Account, answers: Answers
) -> None:
    answers[stand_in.SETTINGS] = settings(1000, 5)

    assert concurrency(acme, 0).verdict is Verdict.WRONG


def test_aws_keeps_a_hundred_that_nobody_can_reserve(acme: Account, answers: Answers) -> None:
    answers[stand_in.SETTINGS] = settings(1000, 149)
    found = concurrency(acme, 50)

    assert found.verdict is Verdict.WRONG
    assert found.told == "reserving 50 of 149 leaves 99, and AWS keeps 100"
    assert concurrency(acme, 49).verdict is Verdict.OK


def test_what_the_door_has_reserved_already_counts_for_it(acme: Account, answers: Answers) -> None:
    answers[stand_in.SETTINGS] = settings(1000, 110)
    answers[stand_in.reserved("shoprelay-acme-webhook")] = (
        200,
        {"ReservedConcurrentExecutions": 40},
    )

    assert concurrency(acme, 50).told == "50 are reserved for the door, 100 are left"


def test_code_storage_that_is_used_up_is_wrong(acme: Account, answers: Answers) -> None:
    answers[stand_in.SETTINGS] = settings(1000, 1000, storage=80_530_636_800 - 9_000_000)

    assert limits.code_storage(acme, 9_000_000).verdict is Verdict.OK
    assert limits.code_storage(acme, 9_000_001).verdict is Verdict.WRONG


def test_requests_are_compared_with_the_accounts_quota(acme: Account, answers: Answers) -> None:
    answers[stand_in.QUOTA] = (200, {"Quota": {"Value": 2500.0}})

    assert limits.requests(acme, 1000).verdict is Verdict.OK
    assert limits.requests(acme, 2501).verdict is Verdict.WRONG


def test_a_quota_that_the_account_has_not_of_its_own_is_awss_default(
    acme: Account, answers: Answers
) -> None:
    answers[stand_in.QUOTA] = (400, {"__type": "NoSuchResourceException", "Message": "none"})
    answers[stand_in.DEFAULT_QUOTA] = (200, {"Quota": {"Value": 10000.0}})

    assert limits.requests(acme, 1000).told.startswith("10000 requests a second")


def test_iam_that_is_full_is_wrong(acme: Account) -> None:
    assert limits.roles(acme, 3, 5).verdict is Verdict.OK
    assert limits.roles(acme, 3, 5000).told == "Policies: 0 of 1500, 5000 are needed"


# ---- refusals -----------------------------------------------------------------------------------


def test_what_one_may_not_see_could_not_be_checked(acme: Account, answers: Answers) -> None:
    answers[stand_in.SETTINGS] = stand_in.denied("lambda:GetAccountSettings")
    found = looked_at("concurrency", lambda: concurrency(acme, 0))

    assert found == Check(
        name="concurrency",
        finding=Finding(
            verdict=Verdict.UNKNOWN,
            told="you lack lambda:GetAccountSettings",
            next="ask for it, or look in the console",
        ),
    )


@set_initial_no_auth_action_count(0)  # nobody may do anything
def test_nothing_that_is_forbidden_is_taken_for_wrong_or_for_right(
    acme: Account, merchant: Merchant
) -> None:
    looks = [
        lambda: secret.in_account(acme, "acme", merchant),
        lambda: stack.state(acme, "shoprelay-acme", "acme"),
        lambda: limits.roles(acme, 3, 5),
        lambda: stack.upload_bucket(acme, "some-bucket"),
    ]
    found = [looked_at("one", look).finding for look in looks]

    assert [one.verdict for one in found] != []
    assert not {Verdict.OK} & {one.verdict for one in found}


def test_an_aws_that_cannot_be_reached_could_not_be_checked(
    acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", "http://127.0.0.1:9")
    cut_off = Account(region="us-east-1", session=acme.session)

    found = looked_at("concurrency", lambda: concurrency(cut_off, 0)).finding

    assert (found.verdict, found.told) == (
        Verdict.UNKNOWN,
        "AWS could not be asked: EndpointConnectionError",
    )


def test_a_bug_of_ours_shows_its_kind_and_nothing_else() -> None:
    def look() -> Finding:
        raise ValueError("whsec-one")

    assert looked_at("one", look).finding.told == "internal error: ValueError"


# ---- all of it ----------------------------------------------------------------------------------


def test_an_account_that_is_ready_is_ok_thing_by_thing(
    acme: Account, answers: Answers, merchant: Merchant
) -> None:
    put_secret(acme, json.dumps(SECRETS))
    answers[stand_in.SETTINGS] = settings(1000, 1000)
    answers[stand_in.QUOTA] = (200, {"Quota": {"Value": 10000.0}})
    subject = run.Deployment(
        name="acme",
        root=ROOT,
        secrets=None,
        merchant=merchant,
        section={"parameter_overrides": {"Merchant": "acme", "WebhookConcurrency": "50"}},
        template=template.read(ROOT / "template.yaml"),
    )
    found = [looked_at(name, look) for name, look in run.inside(subject, acme)]

    assert {one.name: one.finding.verdict.value for one in found} == dict.fromkeys(
        (
            "secret",
            "stack",
            "names",
            "concurrency",
            "code storage",
            "requests",
            "roles",
            "upload bucket",
        ),
        "ok",
    )
