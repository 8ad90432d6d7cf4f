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


def plain(html: str | None) -> str | None:
    """Return the text of an HTML fragment on one line; None if it is empty."""
    if not html:
        return None
    text = _NO_CHARACTER.sub("\ufffd", _MARKUP.sub(_replacement, html))
    return _SPACE.sub(" ", unescape(text)).strip() or None


def _replacement(markup: re.Match[str]) -> str:
    tag = markup["silent"] or markup["tag"]
    return " " if tag and tag.lower() not in _INLINE else ""
