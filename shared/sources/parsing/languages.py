"""
Texts in several languages at once, as qTranslate stores them and its shops send them:
``[:en]Tea[:de]Tee[:]``, and in older versions ``<!--:en-->Tea<!--:-->`` or ``{:en}Tea{:}``.
"""

from __future__ import annotations

import re

_CODE = rb"[a-z]{2,3}(?:[-_][A-Za-z]{2,8})?"
_MARK = re.compile(rb"\[:(%b)?\]|<!--:(%b)?-->|\{:(%b)?\}" % (_CODE, _CODE, _CODE))
_BEGIN = re.compile(rb"\[:%b\]|<!--:%b-->|\{:%b\}" % (_CODE, _CODE, _CODE))
# The marks need no escapes in JSON, so that a text can be divided without decoding it. A text
# without an end is matched too: else the search would begin again within it, in quadratic time.
_TEXT = re.compile(rb'"((?:[^"\\]++|\\.)*+)("?)', re.DOTALL)


def in_one_language(document: bytes, language: str | None) -> bytes:
    """
    Return a JSON document whose texts are in one language.

    A text without that language, and every text where it is None, has its own first one.
    """
    if not _BEGIN.search(document):
        return document
    wanted = (language or "").encode()
    return _TEXT.sub(lambda text: b'"%b%b' % (_chosen(text[1], wanted), text[2]), document)


def _chosen(text: bytes, wanted: bytes) -> bytes:
    if not _BEGIN.search(text):
        return text
    # Text before the first mark and after an end belongs to every language.
    parts: list[tuple[bytes, bytes]] = []
    language, at = b"", 0
    for mark in _MARK.finditer(text):
        parts.append((language, text[at : mark.start()]))
        language, at = mark[1] or mark[2] or mark[3] or b"", mark.end()
    parts.append((language, text[at:]))
    found = {language for language, part in parts if language and part}
    first = next((language for language, part in parts if language and part), b"")
    kept = {b"", wanted if wanted in found else first}
    return b"".join(part for language, part in parts if language in kept)
