"""HTML to plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "template", "noscript", "head", "title"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "q", "s", "small",
     "span", "strong", "sub", "sup", "u", "var", "wbr"}
)  # fmt: skip
_SPACE = re.compile(r"\s+")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._silent += tag in _SILENT
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        self._part(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

    def parse_marked_section(self, i: int, report: int = 1) -> int:
        # The standard library raises AssertionError for "<![foo]>"; browsers see a comment.
        return self.parse_bogus_comment(i, bool(report))

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append(" ")


def plain(html: str | None) -> str | None:
    """Give the text of an HTML fragment on one line; None when nothing is left."""
    if not html:
        return None
    parser = _Text()
    parser.feed(html)
    parser.close()
    return _SPACE.sub(" ", "".join(parser.parts)).strip() or None
