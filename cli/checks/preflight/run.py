"""Every check in the order of a deployment: first what stands here, then the account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cli.checks.finding import Check, Finding, Verdict, looked_at, unknown, wrong
from cli.checks.preflight import artefact, files, limits, secret, stack, template
from cli.checks.preflight.account import Account, clock, credentials, region, session
from cli.merchants.files import load
from shared.errors import NotConfigured
from shared.settings import Merchant

T = TypeVar("T")
Named = tuple[str, Callable[[], Finding]]


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

    @property
    def stack(self) -> str:
        """The stack's name."""
        return f"shoprelay-{self.name}"


def deployment(name: str, root: Path, secrets: Path | None) -> Deployment:
    """Read what is there. Only the template must be readable."""
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
    """Look at everything, one by one."""
    for name, look in here(subject):
        yield looked_at(name, look)
    yield from there(subject)


def here(subject: Deployment) -> Iterator[Named]:
    """Give what needs no credentials."""
    root, name, read = subject.root, subject.name, subject.template
    yield "merchant's file", lambda: files.merchant_file(root / "merchants" / f"{name}.toml")
    yield (
        "samconfig.toml",
        lambda: files.samconfig(
            files.section(root / "samconfig.toml", name), name, read.parameters
        ),
    )
    if subject.secrets is not None:
        path = subject.secrets
        yield "secret document", lambda: files.secrets_file(path, subject.merchant)
    yield "template", lambda: template.lint(root / "template.yaml")
    yield (
        "artefact",
        lambda: artefact.artefact(root, name, template.functions(read)),
    )


def there(subject: Deployment) -> Iterator[Check]:
    """Look at the account; at nothing behind a door that stays shut."""
    found = session()
    if found is None:
        told = wrong("AWS_PROFILE names a profile that is not there", "aws configure list-profiles")
        yield Check(name="credentials", finding=told)
        return
    account = Account(region=found.region_name or "us-east-1", session=found)
    who = looked_at("credentials", lambda: credentials(account))
    yield who
    if (skew := account.skew) is not None:
        yield looked_at("clock", lambda: clock(skew))
    if who.finding.verdict is not Verdict.OK:
        return
    place = looked_at("region", lambda: region(found, subject.section.get("region")))
    yield place
    if place.finding.verdict is Verdict.OK:
        for name, look in inside(subject, account):
            yield looked_at(name, look)


def inside(subject: Deployment, account: Account) -> Iterator[Named]:
    """Give what is in the account."""
    read, name = subject.template, subject.name
    functions = template.functions(read)
    wanted = template.fixed_names(read, name)
    yield "secret", lambda: secret.in_account(account, name, subject.merchant)
    yield "stack", lambda: stack.state(account, subject.stack, name)
    yield "names", lambda: stack.names(account, subject.stack, wanted)
    yield "concurrency", lambda: _concurrency(subject, account)
    yield (
        "code storage",
        lambda: limits.code_storage(account, len(functions) * artefact.MOST_BYTES),
    )
    yield "requests", lambda: limits.requests(account, _rate(read))
    yield "roles", lambda: limits.roles(account, *_roles(read))
    yield "upload bucket", lambda: stack.upload_bucket(account, subject.section.get("s3_bucket"))


def _concurrency(subject: Deployment, account: Account) -> Finding:
    read = subject.template
    said = subject.overrides.get("WebhookConcurrency")
    wanted = template.default(read, "WebhookConcurrency") if said is None else said
    if not str(wanted).isdecimal():
        return unknown("WebhookConcurrency is no number")
    door = f"shoprelay-{subject.name}-webhook"
    return limits.concurrency(account, door, int(wanted), template.most_retries(read))


def _rate(read: template.Template) -> float:
    apis = template.of(read, "Serverless::HttpApi")
    return max(float(one["DefaultRouteSettings"]["ThrottlingRateLimit"]) for one in apis)


def _roles(read: template.Template) -> tuple[int, int]:
    """Count the roles, SAM's own for a function without one included, and the managed policies."""
    made = sum("Role" not in one for one in template.functions(read).values())
    return made + len(template.of(read, "IAM::Role")), len(template.of(read, "IAM::ManagedPolicy"))
