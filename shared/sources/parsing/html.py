"""
Conversion of HTML to plain text in linear time.

The standard library's parser needs minutes for 200 kB of unclosed tags (gh-135462), and raises for
a character reference of 5000 digits: one description could block a webhook for good.
"""

from __future__ import annotations

import re
from html import unescape

_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small",
     "span", "strong", "sub", "sup", "u", "var", "wbr"}
)  # fmt: skip
# What follows a tag's name. As in browsers, a quote counts only after "=", and an unclosed tag
# extends to the end of the text. All quantifiers are possessive, so that nothing backtracks.
_TAG_REST = r"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)"""
_MARKUP = re.compile(
    rf"""
      <!--(?:-?>|.*?(?:--!?>|\Z))
    | <[!?][^>]*+(?:>|\Z)                        # "<![if !supportLists]>" of Word
    | </(?:>|[^a-z>][^>]*+(?:>|\Z))
    | <(?P<silent>script|style|template|noscript|title)(?=[\s/>]){_TAG_REST}(?<!/>)
      .*?(?:</(?P=silent)(?=[\s/>]){_TAG_REST}|\Z)
    | </?(?P<tag>[a-z][^\s/>]*+){_TAG_REST}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# More digits than `int` parses and than any character has.
_NO_CHARACTER = re.compile(r"&#[0-9]{1000,}+;?")
_SPACE = re.compile(r"\s+")
# What a page builder encodes, with its content.
_ENCODED = re.compile(
    r"\[(vc_raw_(?:html|js))(?:\s[^\[\]]*+)?\][^\[]*+(?:\[/\1\]|\Z)", re.IGNORECASE
)
_SHORTCODE = re.compile(r"\[(/?)([a-z][a-z0-9_-]{0,60}+)(\s[^\[\]]*+)?/?\]", re.IGNORECASE)
# Codes of WordPress and WooCommerce that stand alone and may have no attribute.
_ALONE = frozenset(
    {"add_to_cart", "audio", "caption", "embed", "gallery", "playlist", "product", "products",
     "video"}
)  # fmt: skip


def plain(html: str | None) -> str | None:
    """Return the text of an HTML fragment on one line; None if it is empty."""
    return _in_one_line(_without_tags(html)) if html else None


def description(html: str | None) -> str | None:
    """Return the text of a description without the shortcodes of page builders; like `plain`."""
    return _in_one_line(_without_shortcodes(_without_tags(html))) if html else None


def _without_tags(html: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", _MARKUP.sub(_replacement, html))


def _in_one_line(text: str) -> str | None:
    return _SPACE.sub(" ", unescape(text)).strip() or None


def _without_shortcodes(text: str) -> str:
    if "[" not in text:
        return text
    text = _ENCODED.sub(" ", text)
    closed = {code[2].lower() for code in _SHORTCODE.finditer(text) if code[1]}
    return _SHORTCODE.sub(lambda code: " " if _is_shortcode(code, closed) else code[0], text)


def _is_shortcode(code: re.Match[str], closed: set[str]) -> bool:
    # "[sic]" and "[new]" are text: a shortcode is closed, has attributes, or a builder's prefix.
    name = code[2].lower()
    return name in closed or "=" in (code[3] or "") or "_" in name or name in _ALONE


def _replacement(markup: re.Match[str]) -> str:
    tag = markup["silent"] or markup["tag"]
    return " " if tag and tag.lower() not in _INLINE else ""
