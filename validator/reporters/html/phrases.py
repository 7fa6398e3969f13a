"""Sentences as a page says them: what stands in backticks is code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.reporters.html.markup import Markup, element, joined
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reporters.html.markup import Node

_QUOTED = re.compile(r"(?<!`)(`{1,2})(?!`)(.+?)(?<!`)\1(?!`)")
"""Backticks are how findings quote code; two where the code has one of its own."""


def phrase(text: str, limit: int) -> Markup:
    """Return `text` on one line of at most `limit` characters, its quoted code set as code."""
    return joined(_pieces(one_line(text, limit)))


def path(text: str, limit: int) -> Markup:
    """Return a name that may be a path, to be broken after a slash before it is in a word."""
    first, *others = one_line(text, limit).split("/")
    pieces: list[Node] = [first]
    for other in others:
        pieces += ["/", element("wbr"), other]
    return joined(pieces)


def sentence(text: str, limit: int = 400) -> Markup:
    """Return `text` as a sentence: with a capital, unless code begins it, and a full stop."""
    said = one_line(text, limit)
    return joined((*_pieces(said[:1].upper() + said[1:]), "." if said else None))


def _pieces(text: str) -> Iterator[Node]:
    end = 0
    for match in _QUOTED.finditer(text):
        yield text[end : match.start()]
        yield element("code", match[2], class_="quoted")
        end = match.end()
    yield text[end:]
