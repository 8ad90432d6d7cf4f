"""The base of all values: frozen, built by keyword, with a repr that omits hidden fields."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, dataclass_transform

import msgspec

if TYPE_CHECKING:
    # For mypy only: it checks the arguments of this function, but not those of msgspec's.
    from dataclasses import replace
else:
    from msgspec.structs import replace

__all__ = ["Hidden", "MutableValue", "Value", "replace"]

T = TypeVar("T")
# Marks a field that `repr` must not show: a person's data, a secret, or a body.
Hidden = Annotated[T, msgspec.Meta(extra={"hidden": True})]
_MARK = "Hidden["


class _KeywordMeta(msgspec.StructMeta):
    """Make fields keyword-only by default: a subclass does not inherit this option of msgspec."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> Any:
        return super().__new__(mcs, name, bases, namespace, **{"kw_only": True, **options})


class _HidesFields:
    __slots__ = ()

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({', '.join(shown)})"

    # Rich's tracebacks use this instead of `repr`.
    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        kind: Any = type(self)
        hidden = _hidden_fields(kind)
        return (
            (name, getattr(self, name)) for name in kind.__struct_fields__ if name not in hidden
        )


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Value(_HidesFields, msgspec.Struct, frozen=True, metaclass=_KeywordMeta):  # type: ignore[misc]  # hides what a struct shows
    """
    A frozen struct. Its `repr` omits every field whose annotation is ``Hidden[...]``.

    It is a struct and not a dataclass because modules are imported faster: a dataclass generates
    and compiles source code, and a cold start imports more than a hundred of them.
    """


@dataclass_transform(kw_only_default=True, field_specifiers=(msgspec.field,))
class MutableValue(_HidesFields, msgspec.Struct, metaclass=_KeywordMeta):  # type: ignore[misc]  # as `Value`
    """A mutable `Value`: the state of one delivery or one container."""


@cache
def _hidden_fields(kind: type) -> frozenset[str]:
    # Annotations are text (`from __future__ import annotations`): nothing is resolved.
    return frozenset(
        name
        for base in kind.__mro__
        for name, annotation in vars(base).get("__annotations__", {}).items()
        if _MARK in str(annotation)
    )
