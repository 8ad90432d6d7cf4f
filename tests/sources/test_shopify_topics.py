from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from shared.errors import NotUnderstood
from tests.sources.shop import CORPUS, DEADLINE, EVENTS, SHOP, envelope, failure, source, translate

beside = pytest.mark.skipif(not CORPUS.exists(), reason="the corpus is not beside the checkout")
PLACEHOLDER = "example string"


def index() -> list[Mapping[str, Any]]:
    text = (CORPUS / "index.jsonl").read_text() if CORPUS.exists() else ""
    return [json.loads(line) for line in text.splitlines()]


def topic_of(entry: Mapping[str, Any]) -> str:
    folder: str = entry["file"].split("/")[0]
    return folder.removeprefix("_derived__").removeprefix("_shapes__").replace("__", "/")


def valued(node: Any, key: str = "") -> Any:
    """Return a node with values for anonymised money, currencies and moments; the shape stays."""
    if isinstance(node, dict):
        return {name: valued(inner, name) for name, inner in node.items()}
    if isinstance(node, list):
        return [valued(inner, key) for inner in node]
    if node != PLACEHOLDER:
        return node
    if key.endswith("_at"):
        return "2026-11-21T09:00:00Z"
    return "USD" if "currency" in key else "1.00" if key in MONEY else node


MONEY = {
    "amount", "price", "compare_at_price", "discounted_price", "line_price", "variant_price",
    "total_price", "current_total_price", "total_discounts", "current_total_discounts",
}  # fmt: skip


def test_no_topic_is_both_handled_and_ignored() -> None:
    found = source()

    assert not found.handled & set(found.ignored)


def test_every_ignored_topic_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in source().ignored.values())


def test_the_topics_of_the_first_release_are_handled() -> None:
    assert source().handled == {
        "products/create", "products/update", "products/delete", "variants/in_stock",
        "variants/out_of_stock", "inventory_levels/update", "inventory_items/create",
        "inventory_items/update", "customers/create", "customers/update", "customers/enable",
        "customers/disable", "customers_email_marketing_consent/update", "customers/delete",
        "customers/merge", "orders/create", "orders/updated", "orders/paid", "orders/fulfilled",
        "orders/partially_fulfilled", "orders/cancelled", "orders/delete", "carts/create",
        "carts/update", "checkouts/create", "checkouts/update", "customers/data_request",
        "customers/redact", "shop/redact", "app/uninstalled",
    }  # fmt: skip


def test_an_unknown_topic_is_ignored_and_counted() -> None:
    found = translate("unicorns/create", b"not even json")

    assert found.ignored == "unknown topic"
    assert found.counts == ("unknown_topic",)


def test_an_ignored_topic_is_not_read() -> None:
    found = translate("refunds/create", b"not even json")

    assert found.ignored == "orders/updated comes with it and has the whole order"
    assert found.counts == ()


def test_a_test_webhook_is_ignored_unless_accepted() -> None:
    webhook = envelope("products/delete", {"id": 11}, **{"shopify-test": "true"})

    assert source().translate(webhook, DEADLINE).ignored == "a test webhook"
    assert source(accept_test=True).translate(webhook, DEADLINE).ignored == ""


def test_a_test_header_that_says_false_is_no_test() -> None:
    webhook = envelope("products/delete", {"id": 11}, **{"shopify-test": "false"})

    assert source().translate(webhook, DEADLINE).ignored == ""


def test_every_handled_topic_has_an_event() -> None:
    files = {path.stem.rsplit("__", 1)[0] for path in (EVENTS / "shopify").glob("*.json")}

    assert {name.replace("__", "/") for name in files} == source().handled


@beside
def test_every_topic_of_the_corpus_is_in_one_of_the_lists() -> None:
    found = source()
    topics = {topic_of(entry) for entry in index()}

    assert topics - found.handled - set(found.ignored) == set()
    assert len(topics) > 50


@beside
@pytest.mark.parametrize("entry", index(), ids=lambda entry: entry["file"])
def test_every_body_of_the_corpus_is_translated_ignored_or_not_understood(
    entry: Mapping[str, Any],
) -> None:
    raw = (CORPUS / entry["file"]).read_bytes()
    if entry["kind"] == "anonymised-shape":
        raw = json.dumps(valued(json.loads(raw))).encode()
    raw = re.sub(rb'("shop_domain": *)"[^"]*"', rb'\1"' + SHOP.encode() + b'"', raw)
    unreadable = {
        "orders__create/18.json": "$.currency",  # damaged: its order has none
        "_derived__products__update/8.json": "$.title",  # trimmed by include_fields
    }

    if path := unreadable.get(entry["file"]):
        with pytest.raises(NotUnderstood) as caught:
            translate(topic_of(entry), raw, accept_test=True)
        assert caught.value.path == path
    else:
        found = translate(topic_of(entry), raw, accept_test=True)
        assert found.changes or found.notice or found.ignored
        assert "unknown_topic" not in found.counts


@beside
@pytest.mark.parametrize(
    "entry",
    [entry for entry in index() if entry["kind"] == "anonymised-shape"],
    ids=lambda entry: entry["file"],
)
def test_an_anonymised_body_fails_only_where_a_value_is_replaced(entry: Mapping[str, Any]) -> None:
    path = failure(topic_of(entry), (CORPUS / entry["file"]).read_bytes())

    replaced = MONEY | {"currency", "currency_code", "presentment_currency", "updated_at"}
    assert path is None or path.rsplit(".", 1)[-1] in replaced
