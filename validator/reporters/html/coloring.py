"""Python in colour: each line as elements whose classes the style sheet knows."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.untrusted import cut

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pygments.token import _TokenType

COLORED_CHARACTERS = 60_000
"""Of a reply, or of all files of a program; a longer one is shown plain. A lexer takes up to 30 µs
a character where someone made each of them a token."""
COLORED_LINE_CHARACTERS = 2_000
LINE_CHARACTERS = 4_000
"""Shown of one line."""


def is_worth_coloring(texts: Iterable[str]) -> bool:
    """Return whether a page can afford to tell the words of all of `texts` apart."""
    return sum(map(len, texts)) <= COLORED_CHARACTERS


# The program mostly is one block of the reply, line for line.
@lru_cache(maxsize=8)
def colored(lines: tuple[str, ...]) -> tuple[Markup, ...] | None:
    """Return each line of some Python, its keywords, names, strings and comments told apart.

    None where a line is too long for that, or the lexer sees other lines than we do.
    """
    if max(map(len, lines), default=0) > COLORED_LINE_CHARACTERS:
        return None
    # Its import costs more than a whole report does, and most runs show no page.
    from pygments.lexers.python import PythonLexer

    lexer = PythonLexer(stripnl=False, ensurenl=False)
    rows: list[list[tuple[str, str]]] = [[]]
    # NUL and form feed are no line ends to us; lone returns have been made one by whoever split.
    for token, value in lexer.get_tokens("\n".join(lines)):
        first, *others = value.split("\n")
        rows[-1].append((_class(token), first))
        rows += [[(_class(token), other)] for other in others]
    if len(rows) != len(lines):
        return None
    return tuple(joined(_runs(row)) for row in rows)


def plain(line: str) -> Markup:
    """Return one line without colours, cut where it is of no use any more."""
    return joined((cut(line, LINE_CHARACTERS),))


def _runs(row: Iterable[tuple[str, str]]) -> Iterable[Node]:
    for name, pieces in groupby(row, key=lambda piece: piece[0]):
        text = "".join(piece for _, piece in pieces)
        yield element("span", text, class_=name) if name and text else text


def _class(token: _TokenType) -> str:
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    for kind, name in (
        (Comment, "c"),
        (String, "s"),
        (Number, "m"),
        (Keyword, "k"),
        (Operator.Word, "k"),
        (Name.Function, "f"),
        (Name.Class, "f"),
        (Name.Decorator, "f"),
        (Name.Builtin, "b"),
    ):
        if kind in token.split():  # its ancestors, and itself
            return name
    return ""
