"""
docs/coverage.md: every name on it exists in the code, and every name in the platforms' documents is
on it. The documents are not part of the repository.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"
PAGE = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
STATEMENTS = ["the document says", "where", "test"]
EXAMPLES = ["example", "printed", "built by"]
FOLDERS = ("datacue", "tracker", "yespo", "esputnik", "personaclick", "building")
# Tests in the files of examples that do not belong to one example.
NO_EXAMPLES = {
    "test_every_request_in_the_document_is_compared",
    "test_every_request_in_the_documents_is_compared",
    "test_fields_that_no_shop_provides_are_in_no_body",
}
PRINTED = re.compile(r'"([A-Za-z_]\w*)"\s*:')
CURL = "curl 'https://api.personaclick.com"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one of the page's tables, and the document that it is of."""

    document: str
    head: list[str]
    cells: list[str]


def rows() -> Iterator[Row]:
    document = ""
    head: list[str] = []
    for line in PAGE.splitlines():
        if line.startswith("## "):
            document = line[3:]
        if not line.startswith("| "):
            head = head if line.startswith("|---") else []
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if head:
            yield Row(document, head, cells)
        else:
            head = cells


ROWS = tuple(rows())


def names(head: list[str], column: int) -> list[str]:
    """Return what the cells of a column name in code."""
    cells = [row.cells[column] for row in ROWS if row.head == head]
    return sorted({name for cell in cells for name in re.findall(r"`([^`]+)`", cell)})


def found(name: str) -> bool:
    """Return whether a name of the page leads to a module, or to something in one."""
    whole = f"shared.destinations.{name}" if name.partition(".")[0] in FOLDERS else name
    first, *rest = whole.split(".")
    here: Any = import_module(first)
    for step in rest:
        first = f"{first}.{step}"
        if not hasattr(here, step):
            try:
                here = import_module(first)
            except ImportError:
                return False
        else:
            here = getattr(here, step)
    return True


@cache
def functions(file: str) -> frozenset[str]:
    """Return the tests of a file, which is named without its folder."""
    [path] = (ROOT / "tests").rglob(f"{file}.py")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


def is_tested(name: str) -> bool:
    file, _, function = name.partition("::")
    return function in functions(file)


def test_every_row_has_its_three_cells() -> None:
    assert len(ROWS) > 100
    assert [row for row in ROWS if row.head not in (STATEMENTS, EXAMPLES)] == []
    assert [row for row in ROWS if len(row.cells) != 3 or not all(row.cells)] == []


def test_every_name_of_the_page_is_in_the_code() -> None:
    assert [name for name in names(STATEMENTS, 1) if not found(name)] == []


def test_an_unknown_name_is_found() -> None:
    assert not found("datacue.pages.Banner")
    assert not found("datacue.nothing")
    assert not found("shared.settings.DataCue.api")


def test_every_test_of_the_page_exists() -> None:
    listed = names(STATEMENTS, 2) + [name for name in names(EXAMPLES, 2) if "::" in name]

    assert [name for name in listed if not is_tested(name)] == []


def test_every_statement_has_a_place_and_a_test_or_says_why_not() -> None:
    without = [
        row.cells[0]
        for row in ROWS
        if row.head == STATEMENTS
        and not (row.cells[1].startswith(("`", "nowhere: ")) and row.cells[2].startswith("`test_"))
    ]

    assert without == []


def test_every_example_is_built_by_a_test_of_examples_or_says_why_not() -> None:
    without = [
        row.cells[0]
        for row in ROWS
        if row.head == EXAMPLES
        and not re.match(r"`test_\w+_examples::|not producible: \w", row.cells[2])
    ]

    assert without == []


def test_every_test_of_an_example_is_on_the_page() -> None:
    files = sorted((ROOT / "tests" / "destinations").glob("test_*_examples.py"))
    listed = names(EXAMPLES, 2)

    for file in files:
        named = {one for one in functions(file.stem) if one.startswith("test_")} - NO_EXAMPLES
        assert sorted(one for one in named if f"{file.stem}::{one}" not in listed) == []


def without_markdown(text: str) -> str:
    return text.replace("\\_", "_")


def cells_of_markdown(text: str) -> set[str]:
    """Return the first cells of tables that name a field in code."""
    return set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))


def cells_of_html(text: str) -> set[str]:
    """Return the first cells of tables that name a field in HTML."""
    first = re.findall(r"<tr>\s*<td>\s*(\w+)\s*</td>", without_markdown(text))
    return set(first) | set(re.findall(r"^## (\w+)$", text, re.MULTILINE))


def cells_of_text(text: str) -> set[str]:
    """Return the first cells of tables that name a field and its type in plain text."""
    return set(re.findall(r"^(\w+) \| (?:string|number|boolean|Object|JSON)", text, re.MULTILINE))


def glued_cells(text: str) -> set[str]:
    """Return the names of events; of its tables nothing but the glue is left."""
    return set(re.findall(r'"eventName": "(\w+)"', text))


def printed(text: str) -> set[str]:
    """Return the keys of the JSON that a document prints."""
    return set(PRINTED.findall(text.replace("\\", "")))


def endpoints(text: str) -> set[str]:
    found = re.findall(r"Endpoint: `([A-Z]+)` `([^`]+)`", text)
    return {f"`{method}` `{url}`" for method, url in found} | {
        f"`{url}`" for url in re.findall(r"^(https://\S+) \| POST", text, re.MULTILINE)
    }


def values(text: str) -> set[str]:
    """Return the names of events: what examples say as type, subtype or event."""
    return set(re.findall(r"""(?<!\w)(?:type|subtype|event)["']?: ?["'](\w+)["']""", text))


Read = Callable[[str], set[str]]
# Placeholders for names of the shop, and values of a browser that are no fields.
STANDING_FOR = {"some_tags", "some_tags1", "a", "h", "w"}
DOCUMENTS: Mapping[str, tuple[str, Read]] = {
    "DataCue, the API of 2018-09": ("datacue-api.md", cells_of_markdown),
    "DataCue, the early events": ("datacue-events-early.md", cells_of_markdown),
    "Yespo": ("yespo-tracker.md", cells_of_html),
    "eSputnik": ("esputnik-tracker.txt", glued_cells),
    "PersonaClick": ("personaclick-tracker.txt", cells_of_text),
}


def seed(file: str) -> str:
    path = SEEDS / file
    if not path.is_file():
        pytest.skip("the platforms' documents are not here")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_name_of_a_document_is_on_the_page(document: str) -> None:
    file, read = DOCUMENTS[document]
    text = seed(file)
    section = PAGE.partition(f"\n## {document}\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", section))))

    wanted = (read(text) | printed(text) | values(text)) - STANDING_FOR
    assert len(wanted) > 20
    assert sorted(wanted - listed) == []
    assert sorted(one for one in endpoints(text) if one not in section) == []


# Which heading of a document has how many requests: those of one tab, for all tabs say the same.
def of_datacue(text: str) -> Counter[str]:
    return Counter(
        heading
        for heading, block in by_heading(text)
        for kind, body in re.findall(r"^```([\w-]*)\n(.*?)^```", block, re.MULTILINE | re.DOTALL)
        if _asks(heading, kind, body)
    )


def _asks(heading: str, kind: str, body: str) -> bool:
    if kind == "javascript--browser":
        return "datacue.track(" in body
    if kind == "json":
        return heading in {"Format", "Context (optional)", "Timestamp (optional)", "Batch"}
    return kind == "python" and ("data = {" in body or "requests.delete" in body)


def by_heading(text: str) -> Iterator[tuple[str, str]]:
    """Return each heading and what stands below it; within code a line may begin like one."""
    bare = re.sub(
        r"^```.*?^```",
        lambda code: code[0].replace("\n#", "\n //"),
        text,
        flags=re.MULTILINE | re.DOTALL,
    )
    parts = re.split(r"^#{1,4} (.*)$", bare, flags=re.MULTILINE)
    for heading, block in zip(parts[1::2], parts[2::2], strict=True):
        yield heading.strip(), block


def of_yespo(text: str) -> Counter[str]:
    return Counter(
        heading
        for heading, block in _events(text)
        for _ in re.findall(r"^```(?:json)?\n\{", block, re.MULTILINE)
    )


def _events(text: str) -> Iterator[tuple[str, str]]:
    parts = re.split(r"^## (\w+)$", text, flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def of_esputnik(text: str) -> Counter[str]:
    last, found = "", []
    for block in re.findall(r"^(?:\{\n.*?^\}|eS\(.*?\);)", text, re.MULTILINE | re.DOTALL):
        named = re.search(r"""(?:"eventName": "|'sendEvent', ')(\w+)""", block)
        last = named[1] if named else last
        found.append(last)
    return Counter(found)


def of_personaclick(text: str) -> Counter[str]:
    return Counter(_called(one) for one in text.split(CURL)[1:])


def _called(curl: str) -> str:
    """Return the name of a printed call: its path, its event, and what makes it differ."""
    path = curl.partition("'")[0]
    event = re.search(r'"event":"(\w+)"', curl)
    marks = [one for one in ("full_cart", "full_wish") if f'"{one}"' in curl]
    marks += ["with source"] * ('"source":' in curl.partition("' # ")[0])
    return " ".join([path, *([event[1]] if event else []), *marks])


COUNTED: Mapping[str, Callable[[str], Counter[str]]] = {
    "DataCue, the API of 2018-09": of_datacue,
    "DataCue, the early events": of_datacue,
    "Yespo": of_yespo,
    "eSputnik": of_esputnik,
    "PersonaClick": of_personaclick,
}


@pytest.mark.parametrize("document", COUNTED)
def test_every_printed_request_is_on_the_page(document: str) -> None:
    text = seed(DOCUMENTS[document][0])
    listed = {
        row.cells[0]: int(row.cells[1])
        for row in ROWS
        if row.head == EXAMPLES and row.document == document
    }

    assert json.dumps(listed, sort_keys=True) == json.dumps(COUNTED[document](text), sort_keys=True)
