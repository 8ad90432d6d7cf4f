from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.sources.parsing.languages import in_one_language
from tests.sources import woo


def chosen(text: str, language: str | None = None) -> str:
    return str(json.loads(in_one_language(json.dumps({"name": text}).encode(), language))["name"])


@pytest.mark.parametrize(
    ("text", "german", "first"),
    [
        ("[:en]Tea[:de]Tee[:]", "Tee", "Tea"),
        ("[:en]Tea[:de]Tee", "Tee", "Tea"),
        ("<!--:en-->Tea<!--:--><!--:de-->Tee<!--:-->", "Tee", "Tea"),
        ("{:en}Tea{:}{:de}Tee{:}", "Tee", "Tea"),
        ("[:en]Tea[:fr]Thé[:]", "Tea", "Tea"),
        ("[:en][:fr]Thé[:]", "Thé", "Thé"),
        ("[:en]Tea[:de][:]", "Tea", "Tea"),
        ("No. 7 [:en]Tea[:de]Tee[:] x", "No. 7 Tee x", "No. 7 Tea x"),
        ('[:en]"Tea" \\ /\n[:de]"Grün" \U0001f375[:]', '"Grün" \U0001f375', '"Tea" \\ /\n'),
        ("[:en]a[:de]b[:en]c[:]", "b", "ac"),
        ("plain [:] text :) {:}", "plain [:] text :) {:}", "plain [:] text :) {:}"),
    ],
)
def test_a_text_in_several_languages_becomes_one(text: str, german: str, first: str) -> None:
    assert chosen(text, "de") == german
    assert chosen(text) == first


@given(st.text() | st.from_regex(r"(\[:(en|de)?\]|[a\"\\{:}]){0,8}", fullmatch=True))
def test_any_document_stays_json(text: str) -> None:
    chosen(text, "de")


def test_a_document_without_languages_is_not_changed() -> None:
    body = json.dumps(woo.product()).encode()

    assert in_one_language(body, "de") is body


def test_the_configured_language_of_a_store_is_sent() -> None:
    body = woo.product(
        name="[:en]Tea[:de]Tee[:]",
        description="<p>[:en]Hot[:de]Heiß[:]</p>",
        categories=[{"id": 15, "name": "[:en]Pots[:de]Kannen[:]"}],
    )

    product = woo.product_of(woo.translate("product.updated", body, language="de"))

    assert (product.name, product.description, product.categories) == ("Tee", "Heiß", ("Kannen",))
    assert woo.product_of(woo.translate("product.updated", body)).name == "Tea"
