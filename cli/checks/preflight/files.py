"""What can be looked at without AWS: the merchant's file and secrets, and samconfig.toml."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.checks.finding import Finding, ok, unknown, wrong
from cli.checks.preflight.template import fits
from cli.merchants.files import load
from shared.errors import NotConfigured
from shared.settings import Merchant, read_secrets


def merchant_file(path: Path) -> Finding:
    """See that the merchant's file is right, and no longer the example."""
    merchant = load(path)
    left = sorted(name for name, url in _addresses(merchant).items() if _is_example(url))
    if left:
        return wrong(f"still the example's address: {', '.join(left)}", f"change it in {path.name}")
    told = f"{', '.join(merchant.sources)} to {', '.join(merchant.destinations)}"
    return ok(told)


def _addresses(merchant: Merchant) -> dict[str, str]:
    return {
        "storefront": merchant.storefront,
        "catalog.placeholder_photo": merchant.catalog.placeholder_photo,
    }


def _is_example(url: str) -> bool:
    """Tell an address that nobody can have: RFC 2606, section 2."""
    return (urlsplit(url).hostname or "").rpartition(".")[2] in {"example", "invalid", "test"}


def secrets_file(path: Path, merchant: Merchant | None) -> Finding:
    """See that the secret document on this machine has what the merchant's file needs."""
    if merchant is None:
        return unknown("the merchant's file is wrong")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return wrong(f"{path.name} cannot be read: {type(error).__name__}", "SECRETS=file.json")
    read_secrets(text, merchant)
    return ok(f"{path.name} has a section for each platform")


def section(path: Path, name: str) -> Mapping[str, Any]:
    """
    Give the parameters of ``sam deploy`` for a merchant. Raises NotConfigured.

    ``parameter_overrides`` is a mapping here, whichever way it was written.
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
    """See that the section deploys this merchant, and sets what the template takes."""
    if off := [*_foreign(found, name), *_refused(found["parameter_overrides"], known)]:
        return wrong(f"not right for {name}: {'; '.join(off)}", "copy the section of acme")
    told = f"deploys the stack {found['stack_name']}"
    if "AlarmEmail" in known and not found["parameter_overrides"].get("AlarmEmail"):
        return ok(f"{told}; nobody is told of alarms", "AlarmEmail=... in parameter_overrides")
    return ok(told)


def _foreign(found: Mapping[str, Any], name: str) -> Iterator[str]:
    for key in ("stack_name", "s3_prefix"):
        if found.get(key) != f"shoprelay-{name}":
            yield key
    if found["parameter_overrides"].get("Merchant") != name:
        yield "parameter_overrides, Merchant"
    if "CAPABILITY_IAM" not in str(found.get("capabilities", "")):
        yield "capabilities"


def _refused(overrides: Mapping[str, str], known: Mapping[str, Any]) -> Iterator[str]:
    for key, value in overrides.items():
        if key not in known or not fits(known[key], value):
            yield f"parameter_overrides, {key}"
