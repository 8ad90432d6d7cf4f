"""
The reference of all settings: every key of a merchant's file and of the secret document. Types,
defaults, limits and meanings are read from the fields of `shared.settings`. ``make docs`` writes it
into docs/configuration.md, and the JSON schema of a merchant's file into docs/merchant.schema.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from shared.settings import Merchant, Secrets

Row = tuple[str, str, str, str]


def reference() -> str:
    """Return the two tables as Markdown."""
    return "\n".join(
        (
            "## The merchant's file, `merchants/<name>.toml`\n",
            *table(Merchant),
            "\n## The secret document, `merchants/<name>.secrets.json`\n",
            *table(Secrets),
        )
    )


def schema() -> str:
    """Return the JSON schema of a merchant's file."""
    found = _portable(msgspec.json.schema(Merchant))
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"


def keys() -> list[str]:
    """Return every key, those of the secret document with the prefix ``secret.``."""
    merchant = [path for path, *_ in _fields(Merchant, "")]
    return merchant + [f"secret.{path}" for path, *_ in _fields(Secrets, "")]


def _portable(part: Any) -> Any:
    """Return a schema without what differs by process or is known to Python only."""
    if isinstance(part, list):
        return [_portable(one) for one in part]
    if not isinstance(part, dict):
        return part
    portable = {key: _portable(value) for key, value in part.items()}
    if part.get("uniqueItems") and isinstance(part.get("default"), list):
        # The order of a set differs by process.
        portable["default"] = sorted(part["default"])
    if isinstance(part.get("pattern"), str):
        # `\Z` is the end of the text in Python. In a JSON schema `$` is the end, `\Z` the letter Z.
        portable["pattern"] = part["pattern"].replace(r"\Z", "$")
    return portable


def table(struct: type[msgspec.Struct]) -> Iterator[str]:
    """Return the lines of a table. Raise ValueError for a key without a description."""
    yield "| key | type | default | meaning |"
    yield "|---|---|---|---|"
    for path, kind, default, meaning in _fields(struct, ""):
        yield f"| `{path}` | {kind} | {default} | {meaning} |"


def _fields(struct: type[msgspec.Struct], prefix: str) -> Iterator[Row]:
    described = inspect.type_info(struct)
    assert isinstance(described, inspect.StructType)  # noqa: S101 - for mypy: a struct is given
    for field in described.fields:
        path = f"{prefix}{field.name}"
        kind, meaning = _described(field.type)
        section = _section(kind)
        if section is not None:
            yield from _fields(section, f"{path}.")
        elif not meaning:
            raise ValueError(f"{path} has no description")
        else:
            yield path, _kind(kind), _default(field), meaning


def _described(kind: inspect.Type) -> tuple[inspect.Type, str]:
    """Return a type without its description, and the description."""
    if not isinstance(kind, inspect.Metadata):
        return kind, ""
    return kind.type, (kind.extra_json_schema or {}).get("description", "")


def _section(kind: inspect.Type) -> type[msgspec.Struct] | None:
    options = kind.types if isinstance(kind, inspect.UnionType) else (kind,)
    return next((one.cls for one in options if isinstance(one, inspect.StructType)), None)


def _kind(kind: inspect.Type) -> str:
    match kind:
        case inspect.UnionType(types=types):
            return " or ".join(_kind(one) for one in types)
        case inspect.LiteralType(values=values):
            return " or ".join(f"`{_encoded(one)}`" for one in sorted(values, key=str))
        case inspect.VarTupleType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return f"list of {_kind(item)}"
        case inspect.DictType(key_type=key, value_type=value):
            return f"table of {_kind(key)} to {_kind(value)}"
        case _:
            return _simple(kind)


def _simple(kind: inspect.Type) -> str:
    match kind:
        case inspect.NoneType():
            return "null"
        case inspect.BoolType():
            return "true or false"
        case inspect.StrType(pattern=pattern, min_length=shortest):
            return "text" + _limits(pattern, shortest)
        case inspect.IntType(ge=least, le=most):
            return "whole number" + _bounds((least, "at least"), (most, "at most"))
        case inspect.FloatType(gt=over, ge=least, le=most):
            return "number" + _bounds((over, "over"), (least, "at least"), (most, "at most"))
        case _:
            raise TypeError(f"no words for {type(kind).__name__}")


def _limits(pattern: str | None, shortest: int | None) -> str:
    if pattern in {r"^https?://[^\s/]+[^\s]*$", r"^https?://[^\s/?#]+[^\s?#]*$"}:
        return ": an address"
    if pattern == r"\A\S(?s:.*\S)?\Z":
        return " without a blank at either end"
    if pattern:
        bare = pattern.removeprefix("^").removesuffix("$").removesuffix(r"\Z")
        return ": `" + bare.replace("|", "\\|") + "`"
    return f", {shortest} or more characters" if shortest and shortest > 1 else ""


def _bounds(*bounds: tuple[float | None, str]) -> str:
    limits = [f"{word} {_plain(number)}" for number, word in bounds if number is not None]
    return f", {', '.join(limits)}" if limits else ""


def _plain(number: float) -> str:
    return f"{number:g}"


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**required**"
    value = field.default
    if value is msgspec.NODEFAULT:
        value = field.default_factory()
    return "-" if value is None else f"`{_encoded(value)}`"


def _encoded(value: Any) -> str:
    if isinstance(value, frozenset):
        value = sorted(value)
    return msgspec.json.encode(value).decode()
