"""The keys of a secret document, as ``<platform>.<key>``: which there are, and a change of one."""

from __future__ import annotations

from typing import Any

import typer

from cli.merchants.reference import keys
from shared.errors import NotConfigured
from shared.settings import Merchant

_PREFIX = "secret."
LIST = "webhook_secrets"


def of(merchant: Merchant) -> list[str]:
    """Name every key of the platforms that a merchant has, and those of no platform."""
    wanted = {*merchant.sources, *merchant.destinations}
    found = [key.removeprefix(_PREFIX) for key in keys() if key.startswith(_PREFIX)]
    return [key for key in found if "." not in key or key.partition(".")[0] in wanted]


def replace(held: dict[str, Any], key: str, value: str) -> None:
    """Set a key, to its one value; an empty value changes nothing."""
    inside, field = _place(held, key)
    if value:
        inside[field] = [value] if field == LIST else value


def add(held: dict[str, Any], key: str, value: str) -> None:
    """Put a webhook secret before the others, any other value in place of the old."""
    inside, field = _place(held, key)
    if not value:
        raise typer.BadParameter("nothing was given: the key is as it was", param_hint=key)
    if field != LIST:
        replace(held, key, value)
        return
    inside[field] = [value, *(one for one in inside.get(field) or () if one != value)]


def finish(held: dict[str, Any], key: str) -> None:
    """Forget all but the newest webhook secret."""
    inside, field = _place(held, key)
    if field != LIST:
        raise typer.BadParameter(f"{key} has one value: nothing is left over", param_hint="KEY")
    values = inside.get(field) or []
    if len(values) <= 1:
        raise NotConfigured("there is no older secret to forget: rotate first", f"$.{key}")
    inside[field] = values[:1]


def count(held: dict[str, Any], key: str) -> int:
    """Count the values of a key."""
    section, _, field = key.rpartition(".")
    inside = held.get(section) if section else held
    value = inside.get(field) if isinstance(inside, dict) else None
    return len(value) if isinstance(value, list) else int(bool(value))


def _place(held: dict[str, Any], key: str) -> tuple[dict[str, Any], str]:
    """Give the section that a key is in, made where there is none, and its name there."""
    section, _, field = key.rpartition(".")
    if not section:
        return held, field
    if held.get(section) is None:
        held[section] = {}
    inside = held[section]
    if not isinstance(inside, dict):
        raise NotConfigured("the secret: no section of keys: put it whole, --file", f"$.{section}")
    return inside, field
