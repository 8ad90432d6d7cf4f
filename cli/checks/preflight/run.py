"""All checks of a deployment: first the files on this machine, then the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from cli.checks.cloudformation import describe_stack, stack_name
from cli.checks.finding import Check, Finding, Verdict, run_check, unknown, wrong
from cli.checks.preflight import artefact, files, limits, quotas, recursion, secret, stack, template
from cli.checks.preflight.account import Account, credentials, region, session
from cli.merchants.files import load
from shared.errors import NotConfigured
from shared.settings import Merchant

T = TypeVar("T")
NamedCheck = tuple[str, Callable[[], Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What would be deployed, as far as it can be read; what cannot be read is empty."""

    name: str
    root: Path
    secrets: Path | None
    merchant: Merchant | None
    section: Mapping[str, Any]
    template: template.Template

    @property
    def overrides(self) -> Mapping[str, str]:
        """The stack's parameters that samconfig.toml sets."""
        found: Mapping[str, str] = self.section.get("parameter_overrides", {})
        return found


def deployment(name: str, root: Path, secrets: Path | None) -> Deployment:
    """Read the files of a deployment. Only the template must be readable."""
    return Deployment(
        name=name,
        root=root,
        secrets=secrets,
        merchant=_tried(lambda: load(root / "merchants" / f"{name}.toml")),
        section=_tried(lambda: files.section(root / "samconfig.toml", name)) or {},
        template=template.read(root / "template.yaml"),
    )


def _tried(read: Callable[[], T]) -> T | None:
    try:
        return read()
    except NotConfigured:
        return None


def checks(subject: Deployment) -> Iterator[Check]:
    """Run all checks and yield their results."""
    for name, look in local_checks(subject):
        yield run_check(name, look)
    yield from account_checks(subject)


def local_checks(subject: Deployment) -> Iterator[NamedCheck]:
    """Yield the checks that need no credentials."""
    root, name, read = subject.root, subject.name, subject.template
    yield "merchant's file", lambda: files.deployable_file(root / "merchants" / f"{name}.toml")
    yield (
        "samconfig.toml",
        lambda: files.samconfig(
            files.section(root / "samconfig.toml", name), name, read.parameters
        ),
    )
    if subject.secrets is not None:
        path = subject.secrets
        yield "secret document", lambda: files.secrets_file(path, subject.merchant)
    yield (
        "artefact",
        lambda: artefact.artefact(root, name, template.functions(read)),
    )


def account_checks(subject: Deployment) -> Iterator[Check]:
    """Run the checks of the account; stop where the credentials or the region are wrong."""
    found = session()
    if found is None:
        detail = "AWS_PROFILE names a profile that does not exist"
        yield Check(name="credentials", finding=wrong(detail, "aws configure list-profiles"))
        return
    account = Account(region=found.region_name or "us-east-1", session=found)
    who = run_check("credentials", lambda: credentials(account))
    yield who
    if who.finding.verdict is not Verdict.OK:
        return
    place = run_check("region", lambda: region(found, subject.section.get("region")))
    yield place
    if place.finding.verdict is Verdict.OK:
        for name, look in region_checks(subject, account):
            yield run_check(name, look)


def region_checks(subject: Deployment, account: Account) -> Iterator[NamedCheck]:
    """Yield the checks of one account and region."""
    read, name = subject.template, subject.name
    functions = template.functions(read)
    yield "secret", lambda: secret.in_account(account, name, subject.merchant)
    yield "stack", lambda: stack.owner(account, stack_name(name), name)
    yield "recursion", lambda: recursion.allowed(account, f"{stack_name(name)}-retry")
    yield "concurrency", lambda: _concurrency(subject, account)
    yield (
        "code storage",
        lambda: limits.code_storage(account, len(functions) * artefact.MOST_BYTES),
    )
    yield "requests", lambda: limits.requests(account, _rate(read))
    # An update creates no roles and rules, so a full account can still be updated.
    new = cache(lambda: describe_stack(account.client("cloudformation"), stack_name(name)) is None)
    yield "roles", lambda: quotas.roles(account, *(_roles(read) if new() else (0, 0)))
    yield "rules", lambda: quotas.rules(account, template.schedules(read) if new() else 0)
    retries = template.most_retries(read)
    yield "all retries", lambda: quotas.all_retries(account, len(functions), retries)


def _concurrency(subject: Deployment, account: Account) -> Finding:
    read = subject.template
    override = subject.overrides.get("WebhookConcurrency")
    wanted = template.default(read, "WebhookConcurrency") if override is None else override
    if not str(wanted).isdecimal():
        return unknown("WebhookConcurrency is not a number")
    receiver = f"{stack_name(subject.name)}-webhook"
    return limits.concurrency(account, receiver, int(wanted), template.most_retries(read))


def _rate(read: template.Template) -> float:
    apis = template.of(read, "Serverless::HttpApi")
    return max(float(one["DefaultRouteSettings"]["ThrottlingRateLimit"]) for one in apis)


def _roles(read: template.Template) -> tuple[int, int]:
    """Count the roles, with SAM's own for a function without one, and the managed policies."""
    made = sum("Role" not in one for one in template.functions(read).values())
    return made + len(template.of(read, "IAM::Role")), len(template.of(read, "IAM::ManagedPolicy"))
