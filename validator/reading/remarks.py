"""What the comments of a program and its own description tell a reader to install."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from validator.reading.advising import commands_in_prose
from validator.reading.grammar import nodes_of, parse
from validator.reading.installing import requirements_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Command
    from validator.reading.passage import Passage

_MAY_INSTALL = re.compile(r"\b(?:install|add)\s", re.IGNORECASE)
_COMMENT = re.compile(r"[^\"'#]*#+(?P<words>.*)")
"""Behind a quotation mark a `#` may be part of a string."""


def installs_in_remarks(passage: Passage) -> Iterator[Command]:
    """Yield the installs that comments and the docstring of a module speak of, each a command.

    Not those in other strings, which the program has a use for of its own.
    """
    if not any(map(_MAY_INSTALL.search, passage.lines)):
        return
    described, quoted = _strings(passage.text)
    for at, (line, number) in enumerate(zip(passage.lines, passage.numbers, strict=True), 1):
        comment = _COMMENT.match(line)
        words = line if at in described else comment["words"] if comment else ""
        if number and at not in quoted and _MAY_INSTALL.search(words):
            told = commands_in_prose(words, number)
            yield from (command for command in told if any(requirements_of(command)))


def _strings(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the lines of a module's docstring, and those inside its other long strings."""
    tree = parse(text).tree
    if tree is None:
        return frozenset(), frozenset()
    match tree.body:
        case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
            described = _lines(docstring)
        case _:
            described = frozenset()
    strings = (
        _lines(node)
        for node in nodes_of(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and node.lineno != node.end_lineno
    )
    return described, frozenset().union(*strings) - described


def _lines(node: ast.expr) -> frozenset[int]:
    return frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
