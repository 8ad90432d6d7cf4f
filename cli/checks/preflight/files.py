"""Check the files on this machine: the merchant's, the secrets and samconfig.toml."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.live.page import is_local
from cli.merchants.files import load
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets


def merchant_file(path: Path) -> Finding:
    """Check that the merchant's file is valid, and no longer the example."""
    merchant = load(path)
    left = sorted(name for name, url in _all_addresses(merchant) if _is_example(url))
    if left:
        return wrong(
            f"still the address of the example: {', '.join(left)}", f"change it in {path.name}"
        )
    return ok(f"{', '.join(merchant.sources)} to {', '.join(merchant.destinations)}")


def deployable_file(path: Path) -> Finding:
    """Check the merchant's file, and that AWS can reach every address in it."""
    local = sorted(name for name, url in _all_addresses(load(path)) if is_local(url))
    if local:
        text = f"an address of this machine, which AWS cannot reach: {', '.join(local)}"
        return wrong(text, f"remove it from {path.name}")
    return merchant_file(path)


def _all_addresses(merchant: Merchant) -> Iterator[tuple[str, str]]:
    return _addresses(msgspec.to_builtins(merchant))


def _addresses(document: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the key and the value of every address in a merchant's document."""
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _addresses(value, f"{prefix}{key}.")
        elif isinstance(value, str) and value.startswith(("http://", "https://")):
            yield f"{prefix}{key}", value


def _is_example(url: str) -> bool:
    """Return whether an address is reserved, so that nobody can have it: RFC 2606, section 2."""
    return (urlsplit(url).hostname or "").rpartition(".")[2] in {"example", "invalid", "test"}


def secrets_file(path: Path, merchant: Merchant | None) -> Finding:
    """Check that a secret document has the keys that the merchant's file needs."""
    if merchant is None:
        return unknown("the merchant's file, which says what is needed, is wrong")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return wrong(f"{path.name} cannot be read: {type(error).__name__}", "set SECRETS=file.json")
    read_secrets(text, merchant)
    return ok(f"{path.name} has a section for each platform")


def section(path: Path, name: str) -> Mapping[str, Any]:
    """
    Return the parameters of ``sam deploy`` for a merchant. Raises NotConfigured.

    ``parameter_overrides`` is returned as a mapping, whether it is a text or a list in the file.
    """
    try:
        config = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotConfigured(f"{path.name} cannot be read: {type(error).__name__}") from None
    found = config.get(name, {}).get("deploy", {}).get("parameters")
    if not isinstance(found, dict):
        raise NotConfigured(f"{path.name} has no section", f"[{name}.deploy.parameters]")
    overrides = found.get("parameter_overrides", "")
    words = (
        shlex.split(overrides) if isinstance(overrides, str) else [str(one) for one in overrides]
    )
    return found | {"parameter_overrides": dict(word.partition("=")[::2] for word in words)}


def samconfig(found: Mapping[str, Any], name: str, known: Mapping[str, Any]) -> Finding:
    """
    Check that the section deploys this merchant, and sets only parameters that the template has.

    SAM ignores a parameter that the template lacks, such as a misspelt one (`merge_parameters` in
    samcli/commands/deploy/deploy_context.py), and deploys with the default. CloudFormation itself
    reports a wrong value, and a missing capability.
    """
    if off := [*_foreign(found, name), *_unknown(found["parameter_overrides"], known)]:
        return wrong(f"wrong for {name}: {'; '.join(off)}", "copy the section of acme")
    detail = f"deploys the stack {found['stack_name']}"
    if "AlarmEmail" in known and not found["parameter_overrides"].get("AlarmEmail"):
        nobody = f"{detail}; alarms are sent to nobody"
        return ok(nobody, "set AlarmEmail=... in parameter_overrides")
    return ok(detail)


def _foreign(found: Mapping[str, Any], name: str) -> Iterator[str]:
    for key in ("stack_name", "s3_prefix"):
        if found.get(key) != f"shoprelay-{name}":
            yield key
    if found["parameter_overrides"].get("Merchant") != name:
        yield "parameter_overrides, Merchant"


def _unknown(overrides: Mapping[str, str], known: Mapping[str, Any]) -> Iterator[str]:
    for key in overrides:
        if key not in known:
            yield f"parameter_overrides, {key}"
