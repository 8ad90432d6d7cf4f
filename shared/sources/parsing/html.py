"""
HTML to plain text, in a time that grows with its length and no faster.

The standard library's parser needs minutes for 200 kB of unclosed tags (gh-135462), and raises for
a character reference of 5000 digits: one description could stop a webhook for good.
"""

from __future__ import annotations

import re
from html import unescape

_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small",
     "span", "strong", "sub", "sup", "u", "var", "wbr"}
)  # fmt: skip
# What follows a tag's name. As browsers do: a quote counts behind "=" alone, and what is never
# closed goes on to the end. Possessive throughout, so that no character is looked at twice.
_REST = r"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))?)*+(?:>|\Z)"""
_MARKUP = re.compile(
    rf"""
      <!--(?:-?>|.*?(?:--!?>|\Z))
    | <[!?][^>]*+(?:>|\Z)                        # "<![if !supportLists]>" of Word
    | </(?:>|[^a-z>][^>]*+(?:>|\Z))
    | <(?P<silent>script|style|template|noscript|title)(?=[\s/>]){_REST}(?<!/>)
      .*?(?:</(?P=silent)(?=[\s/>]){_REST}|\Z)
    | </?(?P<tag>[a-z][^\s/>]*+){_REST}
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
# More digits than `int` reads, and than any character has.
_NO_CHARACTER = re.compile(r"&#[0-9]{1000,}+;?")
_SPACE = re.compile(r"\s+")


def plain(html: str | None) -> str | None:
    """Give the text of an HTML fragment on one line; None when nothing is left."""
    if not html:
        return None
    text = _NO_CHARACTER.sub("\ufffd", _MARKUP.sub(_gap, html))
    return _SPACE.sub(" ", unescape(text)).strip() or None


def _gap(markup: re.Match[str]) -> str:
    tag = markup["silent"] or markup["tag"]
    return " " if tag and tag.lower() not in _INLINE else ""
