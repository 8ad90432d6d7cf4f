from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sources.parsing.html import description, plain
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


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<p>[vc_row a=&#8221;b&#8221;][vc_column]</p>\n<p>Keeps tea hot.</p>\n<p>[/vc_row]</p>",
            "Keeps tea hot.",
        ),
        ('[et_pb_text admin_label="Text"]Warm[/et_pb_text]', "Warm"),
        ('[caption id="a" width="3"]<img src="x">A pot[/caption] next', "A pot next"),
        ("a [gallery ids='1,2'] b [gallery] c [add_to_cart id=7]", "a b c"),
        ("[TABS]First[/TABS]", "First"),
        ("[button]Buy[/button] now", "Buy now"),
        ("a [vc_raw_html]JTNDc2NyaXB0JTNF[/vc_raw_html] b", "a b"),
        ("a [vc_raw_js]JTNDc2NyaXB0JTNF", "a"),
        ("[fusion_separator /]x [contact-form-7 id=&quot;1&quot;]", "x"),
        ("[sic] 5 [cm] [1], [new]! [see page 3] [", "[sic] 5 [cm] [1], [new]! [see page 3] ["),
        ("[vc_row]", None),
        ("<p> </p>", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_description_has_no_shortcodes(html: str | None, expected: str | None) -> None:
    assert description(html) == expected


@pytest.mark.parametrize("part", ["[", "[a ", "[/a", "[vc_raw_html]", "[a]", "[[a b=", "[a_b"])
def test_shortcodes_of_any_length_are_read_in_linear_time(part: str) -> None:
    def seconds(count: int) -> float:
        text, begin = part * count, time.process_time()
        description(text)
        return time.process_time() - begin

    assert seconds(200_000) < 20 * seconds(20_000) + 0.5


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
