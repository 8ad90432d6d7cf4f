from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sources.parsing.html import plain
from shared.sources.parsing.options import color, size


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Soft &amp; warm.</p><p>Wool</p>", "Soft & warm. Wool"),
        ("a<br>b<br/>c", "a b c"),
        ("<ul><li>one</li><li>two</li></ul>", "one two"),
        ("un<b>bro</b>ken", "unbroken"),
        ("x<style>p{color:red}</style><script>alert(1)</script>y", "x y"),
        ("5 &lt; 6 &#8212; caf&eacute;\xa0ok", "5 < 6 — café ok"),
        ("<![if !supportLists]>a<![endif]> <![foo bar]>b", "a b"),
        ("plain", "plain"),
        ("a<!-- <p>b</p> -->c<!-->d", "acd"),
        ("3 < 5 > 2, <3", "3 < 5 > 2, <3"),
        ("<img alt='x > y' src=\"a\">z", "z"),
        ("<p class=it's>don't</p>", "don't"),
        ("<svg><title/><style>p{}</STYLE ></svg>x<style>p{", "x"),
        ("x <a href='", "x"),
        ("<p> </p>", None),
        ("", None),
        (None, None),
    ],
)
def test_html_becomes_one_line_of_text(html: str | None, expected: str | None) -> None:
    assert plain(html) == expected


def test_a_character_reference_of_any_length_is_read() -> None:
    assert plain("a &#" + "9" * 5000 + "; b") == "a \ufffd b"


@pytest.mark.parametrize("piece", ["<!--", "<a b=", "<a '", "<a", "</", "<![", "<script "])
def test_a_description_of_unclosed_tags_is_converted_in_linear_time(piece: str) -> None:
    # The standard library's parser rescans the rest at every piece: minutes for this text.
    assert plain(f"x {piece * 300_000}") == "x"


@settings(deadline=None)
@given(st.text(alphabet="<>![]/-ab &;#?\"'=CDATA", max_size=30))
def test_any_text_becomes_text(html: str) -> None:
    assert plain(html) != ""


@pytest.mark.parametrize(
    "name",
    ["Color", "COLOUR", "Farbe", "Couleur", "Цвет", "Колір", "Select Color:", "色", "Kolor ramki"],
)
def test_a_colour_is_known_by_its_name_in_many_languages(name: str) -> None:
    assert color({"Material": "wool", name: "red"}) == "red"


@pytest.mark.parametrize("name", ["Size", "Größe", "GRÖSSE", "Taille", "Розмір", "Shoe size"])
def test_a_size_is_known_by_its_name_in_many_languages(name: str) -> None:
    assert size({"Material": "wool", name: "M"}) == "M"


def test_an_umlaut_may_be_two_characters() -> None:
    assert size({unicodedata.normalize("NFD", "Größe"): "M"}) == "M"


def test_other_options_are_neither() -> None:
    options = {"Material": "wool", "Sizing": "tight", "Title": "Default Title"}

    assert color(options) is None
    assert size(options) is None


def test_the_merchants_own_name_comes_first() -> None:
    options = {"Color": "red", "Frame Finish": "matt"}

    assert color(options, ("frame finish",)) == "matt"
    assert color(options, ("other",)) == "red"
