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
_BEHIND = re.compile(r"\s#+(?=\s)")
_OPTIONAL = re.compile(r"\boptional", re.IGNORECASE)


def installs_in_remarks(passage: Passage) -> Iterator[Command]:
    """Yield the installs that comments and the docstring of a module speak of, each a command.

    Not those in other strings, which the program has a use for of its own, nor those of what it
    says that it can do without: beside an import that is tried.
    """
    if not any(map(_MAY_INSTALL.search, passage.lines)):
        return
    described, passed_over = _places(passage.text)
    for at, (line, number) in enumerate(zip(passage.lines, passage.numbers, strict=True), 1):
        comment = _COMMENT.match(line)
        words = line if at in described else comment["words"] if comment else ""
        if not number or at in passed_over or _OPTIONAL.search(words):
            continue
        # A comment may be followed by another that is about it.
        for piece in filter(_MAY_INSTALL.search, _BEHIND.split(words)):
            told = commands_in_prose(piece, number)
            yield from (command for command in told if any(requirements_of(command)))


def _places(text: str) -> tuple[frozenset[int], frozenset[int]]:
    """Return the lines of a module's docstring, and those of long strings and tried imports."""
    tree = parse(text).tree
    if tree is None:
        return frozenset(), frozenset()
    match tree.body:
        case [ast.Expr(value=ast.Constant(value=str()) as docstring), *_]:
            described = _lines(docstring)
        case _:
            described = frozenset()
    others = (_lines(node) for node in nodes_of(tree) if _is_passed_over(node))
    return described, frozenset().union(*others) - described


def _is_passed_over(node: ast.AST) -> bool:
    match node:
        case ast.Constant() | ast.JoinedStr():
            return node.lineno != node.end_lineno
        case ast.Try(body=body):
            return any(isinstance(each, ast.Import | ast.ImportFrom) for each in body)
    return False


def _lines(node: ast.expr | ast.stmt) -> frozenset[int]:
    return frozenset(range(node.lineno, (node.end_lineno or node.lineno) + 1))
