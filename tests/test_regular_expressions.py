"""
Every regular expression takes linear time: foreign text of 1 MB must not stop a function.

The expressions are found in the source of every module, so that a new one cannot be forgotten. Each
is run on hostile texts that are built from its own parts. The measure is processor time for each
character, which must not grow with the text: a busy machine does not change it, and a quadratic
expression exceeds the limit at a few kilobytes.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from re import _constants as code  # type: ignore[attr-defined]  # not in typeshed
from re import _parser as parser  # type: ignore[attr-defined]  # not in typeshed
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("shared", "functions", "cli")
# Any other function of ``re`` compiles an expression that would not be found.
ALLOWED = {"compile", "escape", "ASCII", "DOTALL", "IGNORECASE", "MULTILINE", "VERBOSE", "Match"}
ALLOWED |= {"Pattern"}

# The first is short enough for an exponential expression; the last is for the worst text only.
LENGTHS = (16, 256, 8192)
LONGEST = 2**20
# Processor time for one character, in seconds. A linear expression takes up to 0.1 us; a quadratic
# one takes 5 ns for each pair of characters: 40 us for each of 8,192.
LIMIT = 4e-6
REPEATS = 5
CHARACTERS = "aZ0 \t\n\x00é@.,:;-_/\\<>&=\"'?#%[({"
TAILS = ("", "\n\x00")

Texts = dict[str, Callable[[int], str]]


def expressions(source: str, namespace: Mapping[str, Any]) -> Iterator[re.Pattern[Any]]:
    """Yield the expressions of a module. Raise ValueError for one that is not compiled in it."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.ImportFrom(module="re"):
                raise ValueError("from re import ...: write `import re`")
            case ast.Attribute(value=ast.Name(id="re"), attr=name) if name not in ALLOWED:
                raise ValueError(f"re.{name}: write `re.compile`, outside of functions")
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr="compile")):
                yield _evaluate(node, namespace)
            case ast.Call(keywords=keywords):
                # msgspec and CloudFormation-like tables: Meta(pattern=...).
                for keyword in keywords:
                    if keyword.arg == "pattern" and _is_text(keyword.value):
                        yield re.compile(_evaluate(keyword.value, namespace))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.Constant)


def _evaluate(node: ast.expr, namespace: Mapping[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<expression>", "eval"), dict(namespace))  # noqa: S307


def literals(parsed: Any) -> Iterator[str]:
    """Yield the literal characters of a parsed expression, and the ends of its ranges, in order."""
    for name, value in parsed:
        if name in {code.LITERAL, code.NOT_LITERAL}:
            yield chr(value)
        elif name is code.RANGE:
            yield from map(chr, value)
        else:
            yield from _literals_below(value)


def _literals_below(value: Any) -> Iterator[str]:
    if isinstance(value, list | parser.SubPattern):
        yield from literals(value) if _is_parsed(value) else _in_each(value)
    elif isinstance(value, tuple):
        yield from _in_each(value)


def _in_each(values: Any) -> Iterator[str]:
    for one in values:
        yield from _literals_below(one)


def _is_parsed(value: Any) -> bool:
    return all(isinstance(one, tuple) and len(one) == 2 for one in value)


def hostile(pattern: re.Pattern[Any]) -> Texts:
    """Return functions that make a text of a length, by a description of the text."""
    text = pattern.pattern
    source = text.decode("latin-1") if isinstance(text, bytes) else text
    own = "".join(literals(parser.parse(source, pattern.flags & ~re.UNICODE)))
    ends = range(1, min(len(own), 40) + 1)
    units = [
        *CHARACTERS,
        *own,
        *(own[end - 1 : end + 1] for end in ends),
        *(own[:end] for end in ends),
    ]
    # A repetition, and one after each beginning of what the expression accepts.
    texts = [("", unit) for unit in units]
    texts += [
        (own[:end], unit) for end in ends for unit in ("a", "0", " ", own[end : end + 1] or "a")
    ]
    return {
        f"{start!r} + {unit!r} * n + {tail!r}": _text(start, unit, tail)
        for start, unit in dict.fromkeys(texts)
        for tail in TAILS
    }


def _text(start: str, unit: str, tail: str) -> Callable[[int], str]:
    return lambda length: start + unit * max(1, length // len(unit)) + tail


def seconds_per_character(pattern: re.Pattern[Any], text: str) -> float:
    """Return the least processor time of several runs; one run if it is below the limit."""
    subject: Any = text.encode("utf-8") if isinstance(pattern.pattern, bytes) else text
    least = float("inf")
    for _ in range(REPEATS):
        started = time.thread_time()
        pattern.fullmatch(subject)
        for _match in pattern.finditer(subject):
            pass
        least = min(least, (time.thread_time() - started) / len(subject))
        if least < LIMIT:
            break
    return least


def slow_text(pattern: re.Pattern[Any]) -> str | None:
    """Return the text for which a pattern takes more than the limit, None if there is none."""
    worst, of_worst = 0.0, ""
    texts = hostile(pattern)
    for described, make in texts.items():
        taken = 0.0
        for length in LENGTHS:
            taken = seconds_per_character(pattern, make(length))
            if taken >= LIMIT:
                return f"{described}, n = {length}"
        if taken > worst:
            worst, of_worst = taken, described
    if seconds_per_character(pattern, texts[of_worst](LONGEST)) >= LIMIT:
        return f"{of_worst}, n = {LONGEST}"
    return None


def all_expressions() -> Iterator[Any]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            if "pattern=" in source or "re." in source:
                relative = path.relative_to(ROOT)
                module = importlib.import_module(".".join(relative.with_suffix("").parts))
                for number, one in enumerate(expressions(source, vars(module))):
                    yield pytest.param(one, id=f"{relative}-{number}")


@pytest.mark.parametrize("pattern", list(all_expressions()))
def test_an_expression_takes_linear_time(pattern: re.Pattern[Any]) -> None:
    assert slow_text(pattern) is None


@pytest.mark.parametrize(
    "slow",
    [
        # The address search of the first release: one dead letter stopped every redaction.
        rb"[^\s\"<>,;:\\]+@[^\s\"'<>,;:\\]+",
        r"^https?://[^\s/]+[^\s]*$",
        r"^[^\sA-Z]+@[^\sA-Z]+\Z",
        r"(a|a)*b",
        r"\s+$",
        r"<b>.*?</b>",
    ],
)
def test_an_expression_that_backtracks_is_found(slow: str | bytes) -> None:
    assert slow_text(re.compile(slow)) is not None


@pytest.mark.parametrize(
    "source",
    [
        "import re\ndef f(x): return re.search('a+$', x)",
        "from re import compile",
        "import re\ndef f(x): return re.compile(x)",
    ],
)
def test_an_expression_that_cannot_be_collected_is_rejected(source: str) -> None:
    with pytest.raises((ValueError, NameError)):
        list(expressions(source, {"re": re}))


def test_expressions_are_collected_from_every_kind_of_declaration() -> None:
    source = "X = re.compile(rf'a{N}', re.I)\nclass A:\n  b: Annotated[str, Meta(pattern=r'^c$')]"

    found = list(expressions(source.replace("re.I", "re.IGNORECASE"), {"re": re, "N": 1}))

    assert [one.pattern for one in found] == ["a1", "^c$"]
    assert len(list(all_expressions())) > 70
