"""The pages are correct: generated parts are current, and every name on them exists."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli.docs import generated, topics
from cli.merchants import reference
from shared.delivery.settlement import Status
from shared.queue import backoff
from shared.settings import Delivery
from shared.sources.shopify.topics import HANDLED
from shared.sources.woocommerce import topics as woocommerce
from shared.sources.woocommerce.privacy import REDACT
from tests.test_architecture import LAYERS

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for pattern in ("README.md", "docs/*.md", "shared/destinations/*/README.md")
    for page in ROOT.glob(pattern)
)
# `shoprelay forget` creates the redaction: no store sends it.
WOOCOMMERCE = [topic for topic in woocommerce.HANDLED if topic != REDACT]
COMPLIANCE = {"customers/data_request", "customers/redact", "shop/redact"}


def read(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table under a heading, without its head."""
    text = read(page).split(f"\n{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table is not None
    lines = table[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("name", generated.FILES)
@pytest.mark.timeout(600)  # docs/mapping.md tries some ten thousand bodies
def test_what_is_generated_is_current(name: str) -> None:
    before = read(f"docs/{name}")

    assert generated.FILES[name](before) == before, "run `make docs`"


@pytest.mark.parametrize(
    "row",
    [
        "| `vendor` | products: `brand` | products: `brand` |",
        "| `variants[].price` | products: `extra.discount`, `extra.full_price`, `price` | products: `full_price`, `price` |",  # noqa: E501 - a row of the page
        "| `line_items[].price` | orders: `cart[].unit_price` | orders: `cart[].unit_price` |",
        "| `default_address.city` | `profile.location` | `profile.location` |",
    ],
)
def test_the_mapping_has_well_known_fields(row: str) -> None:
    assert row in read("docs/mapping.md").splitlines()


def test_the_night_page_is_its_template_with_recorded_output() -> None:
    prose = re.sub(
        r"^```console\n\$ .*?^```$", "", read("docs/night.md"), flags=re.MULTILINE | re.DOTALL
    )

    assert prose == re.sub(r"^<<.*>>$", "", read("bench/night/template.md"), flags=re.MULTILINE), (
        "run `make night`"
    )


def test_every_setting_has_a_description() -> None:
    class Undescribed(msgspec.Struct):
        name: str

    assert len(reference.reference().splitlines()) > 60
    with pytest.raises(ValueError, match="name has no description"):
        list(reference.table(Undescribed))


def schema() -> dict[str, Any]:
    read_schema: dict[str, Any] = json.loads(read("docs/merchant.schema.json"))
    return read_schema


def errors(document: dict[str, Any]) -> list[str]:
    # The library has no types.
    validator = import_module("jsonschema").Draft202012Validator(schema())
    return [error.message for error in validator.iter_errors(document)]


def merchant(name: str) -> dict[str, Any]:
    return tomllib.loads(read(f"merchants/{name}.toml"))


@pytest.mark.parametrize("name", ["acme", "demo"])
def test_the_schema_accepts_a_merchant_file(name: str) -> None:
    keys = schema()["$defs"]["Merchant"]["properties"]

    assert errors(merchant(name)) == []
    assert all("description" in keys[key] for key in ("name", "storefront", "currency"))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("shopify", "shop", "acme.example"),
        ("shopify", "shipping", True),
        ("delivery", "patience_hours", 1),
        ("yespo", "site_id", "8A412DC!"),
        ("personaclick", "shop_id", "not a key"),
    ],
)
def test_the_schema_rejects_what_the_settings_reject(section: str, key: str, value: Any) -> None:
    document = merchant("acme")
    document.setdefault(section, {})[key] = value

    assert errors(document) != []


def test_a_pattern_of_the_schema_is_not_python_s_alone() -> None:
    # `\Z` is the end of the text in Python alone: an editor would ask for the letter Z.
    assert r"\\Z" not in read("docs/merchant.schema.json")


def test_a_translation_without_a_text_is_described_by_its_docstring() -> None:
    def edited() -> None:
        """Translate orders/edited: the order as the edit left it."""

    assert topics.described(edited) == "the order as the edit left it"


def test_a_page_without_markers_is_rejected() -> None:
    with pytest.raises(ValueError, match="markers"):
        generated.FILES["configuration.md"]("# A page\n")


def named_tests() -> list[str]:
    found = [
        name for page in PAGES for name in re.findall(r"`(tests/[\w/]+\.py::\w+)`", read(page))
    ]
    return sorted(set(found))


@pytest.mark.parametrize("name", named_tests())
def test_a_named_test_exists(name: str) -> None:
    file, _, function = name.partition("::")
    tree = ast.parse(read(file))

    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_each_of_the_eight_guarantees_names_its_tests() -> None:
    text = read("docs/guarantees.md")
    guarantees = re.split(r"^\d+\. ", text, flags=re.MULTILINE)[1:]

    assert len(guarantees) == 8
    assert [one for one in guarantees if "::test_" not in one] == []


def figures() -> list[tuple[str, str]]:
    return re.findall(r"\[([^]]*\d[^]]*)\]\((proof/\w+\.md)\)", read("docs/guarantees.md"))


def test_a_figure_of_a_last_run_is_on_its_page() -> None:
    listed = figures()

    assert len(listed) >= 5
    for text, page in listed:
        there = set(re.findall(r"[\d.,]*\d", read(f"docs/{page}")))
        assert set(re.findall(r"(?<!\w)[\d.,]*\d(?!xx)", text)) <= there, text


def test_the_readme_is_short() -> None:
    assert len(read("README.md").splitlines()) <= 250


def test_the_index_lists_every_page() -> None:
    listed = re.findall(r"^\* \[[^]]+\]\((\w[\w-]*\.md)\)", read("docs/README.md"), re.MULTILINE)
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"README.md"}

    assert sorted(listed) == sorted(pages)


@pytest.mark.parametrize("package", LAYERS)
def test_the_architecture_page_lists_every_room(package: str) -> None:
    table = read("docs/architecture.md").split(f"\n| `{package}/` | holds |\n")[1].split("\n\n")[0]
    listed = re.findall(r"^\| `(\w+)(?:/|\.py)` \|", table, re.MULTILINE)

    assert sorted(listed) == sorted(room for rooms in LAYERS[package] for room in rooms)


def links() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
            if not target.startswith(("https://", "http://")):
                yield page, target


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub makes of headings."""
    bare = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize(("page", "target"), sorted(set(links())))
def test_a_link_has_a_target(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page

    assert file.exists()
    assert not anchor or anchor in anchors(file.read_text(encoding="utf-8"))


def paths() -> list[tuple[str, str]]:
    """Return the files of the repository that the pages name in code."""
    pattern = r"`((?:shared|functions|cli|tests|events|docs|merchants)/[\w/.]+\.\w+)`"
    return sorted({(page, path) for page in PAGES for path in re.findall(pattern, read(page))})


# Files that a reader creates.
OTHERS = {"merchants/myshop.secrets.json", "merchants/myshop.toml", "merchants/NAME.toml"}


@pytest.mark.parametrize(("page", "path"), paths())
def test_a_named_file_exists(page: str, path: str) -> None:
    assert path in OTHERS or (ROOT / path).exists(), page


def seconds(text: str) -> float:
    if text == "at once":
        return 0.0
    number, unit = text.split()[:2]
    return float(number) * {"s": 1, "min": 60, "h": 3600}[unit]


def test_the_table_of_waits_is_the_code_s() -> None:
    *waits, end = rows("docs/delivery.md", "## Waits")

    assert tuple((seconds(since), seconds(wait)) for since, wait in waits) == backoff.WAITS
    assert seconds(end[0]) == Delivery().patience_hours * 3600


def test_every_status_is_documented() -> None:
    listed = re.findall(r'"status": "(\w+)"', read("docs/responses.md"))

    assert listed == ["delivered", "queued", "dead_letter", "superseded", "duplicate", "ignored"]
    assert set(listed) == {status.value for status in Status}


def test_the_subscriptions_are_the_handled_topics() -> None:
    blocks = re.findall(r"^```toml\n(.*?)^```$", read("docs/shopify.md"), re.DOTALL | re.MULTILINE)
    [block] = [one for one in map(tomllib.loads, blocks) if "webhooks" in one]
    ordinary, compliance = block["webhooks"]["subscriptions"]

    assert set(ordinary["topics"]) == set(HANDLED) - COMPLIANCE
    assert set(compliance["compliance_topics"]) == COMPLIANCE


def test_the_table_has_every_handled_topic_of_woocommerce() -> None:
    listed = set()
    for cell, _ in rows("docs/topics.md", "## WooCommerce"):
        resource = ""
        for word in cell.split(", "):
            resource = word.partition(".")[0] if "." in word else resource
            listed.add(word if "." in word else f"{resource}.{word}")

    assert listed == set(WOOCOMMERCE)


def test_the_table_has_every_handled_topic_of_shopify() -> None:
    listed = set()
    for cell, _ in rows("docs/topics.md", "## Shopify"):
        resource = ""
        for word in cell.split(", "):
            resource = word.partition("/")[0] if "/" in word else resource
            listed.add(word if "/" in word else f"{resource}/{word}")

    assert listed == set(HANDLED)


def test_the_mapping_page_says_that_deletes_reach_every_platform() -> None:
    section = (ROOT / "docs/mapping.md").read_text().partition("## Shopify: products/delete")[2]

    for platform in ("DataCue", "Yespo", "eSputnik", "PersonaClick"):
        assert platform in section.partition("\n## ")[0]
    assert "Nothing of it" not in section.partition("\n## ")[0]
