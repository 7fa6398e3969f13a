"""Python in colour: each line as elements whose classes the style sheet knows."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from validator.reporters.html.markup import Markup, Node, element, joined
from validator.reporters.untrusted import cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pygments.token import _TokenType

COLORED_CHARACTERS = 200_000
"""A longer text is shown plain: a lexer made of patterns is not handed what was made to be slow."""
COLORED_LINE_CHARACTERS = 2_000
LINE_CHARACTERS = 4_000
"""Shown of one line."""


def colored(lines: Sequence[str]) -> tuple[Markup, ...]:
    """Return each line of some Python, its keywords, names, strings and comments told apart."""
    if (
        sum(map(len, lines)) > COLORED_CHARACTERS
        or max(map(len, lines), default=0) > COLORED_LINE_CHARACTERS
    ):
        return tuple(plain(line) for line in lines)
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
        return tuple(plain(line) for line in lines)
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
