"""The keys of a secret document, as ``<platform>.<key>``: which exist, and changes to one."""

from __future__ import annotations

from typing import Any

import typer

from cli.merchants.reference import keys
from shared.errors import NotConfigured
from shared.settings import Merchant

_PREFIX = "secret."
LIST = "webhook_secrets"


def of(merchant: Merchant) -> list[str]:
    """Return the keys of the merchant's platforms, and those that belong to no platform."""
    wanted = {*merchant.sources, *merchant.destinations}
    found = [key.removeprefix(_PREFIX) for key in keys() if key.startswith(_PREFIX)]
    return [key for key in found if "." not in key or key.partition(".")[0] in wanted]


def replace(document: dict[str, Any], key: str, value: str) -> None:
    """Set a key to one value; an empty value changes nothing."""
    inside, field = _place(document, key)
    if value:
        inside[field] = [value] if field == LIST else value


def add(document: dict[str, Any], key: str, value: str) -> None:
    """Put a webhook secret before the others; replace the value of any other key."""
    inside, field = _place(document, key)
    if not value:
        raise typer.BadParameter(
            "the value is empty and nothing was changed: type a value", param_hint=key
        )
    if field != LIST:
        replace(document, key, value)
        return
    inside[field] = [value, *(one for one in inside.get(field) or () if one != value)]


def finish(document: dict[str, Any], key: str) -> None:
    """Remove all but the newest webhook secret."""
    inside, field = _place(document, key)
    if field != LIST:
        raise typer.BadParameter(
            f"{key} has one value only: --finish is for webhook secrets", param_hint="KEY"
        )
    values = inside.get(field) or []
    if len(values) <= 1:
        raise NotConfigured("there is no older secret to remove: rotate first", f"$.{key}")
    inside[field] = values[:1]


def count(document: dict[str, Any], key: str) -> int:
    """Return the number of values of a key."""
    section, _, field = key.rpartition(".")
    inside = document.get(section) if section else document
    value = inside.get(field) if isinstance(inside, dict) else None
    return len(value) if isinstance(value, list) else int(bool(value))


def _place(document: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    """Return the section of a key, created where it is missing, and the key's name in it."""
    section, _, field = key.rpartition(".")
    if not section:
        return document, field
    if document.get(section) is None:
        document[section] = {}
    inside = document[section]
    if not isinstance(inside, dict):
        raise NotConfigured(
            "the secret: this section is not an object: put a whole document with --file",
            f"$.{section}",
        )
    return inside, field
