"""A function's own name that hides a variable around it: whose that is, and how to say so."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.program import FUNCTIONS, bound_names, first_line, own_nodes
from validator.syntax import NOT_PYTHON, parsing

if TYPE_CHECKING:
    from validator.facts import SourceFile
    from validator.rules.bindings import Function


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of one module, looked through once for all of its findings."""

    module: ast.Module
    functions: tuple[Function, ...]
    """All of them, methods and nested ones included, by the line they begin in."""
    assigned: frozenset[str]
    """The module's variables: what it assigns, rather than defines or imports."""

    def around(self, line: int) -> list[Function]:
        """Return the functions a line stands in, innermost first."""
        return [
            each
            for each in reversed(self.functions)
            if each.lineno <= line <= (each.end_lineno or each.lineno)
        ]

    def innermost(self, line: int) -> Function | None:
        """Return the function a line stands in, if it does."""
        return next(iter(self.around(line)), None)

    def hidden_by(self, function: Function | None, name: str) -> tuple[str, str]:
        """Return whose variable a function's own one hides, and the word that declares it.

        A name is looked up in the functions around, and then in the module, as Python does. Both
        are empty where nothing is hidden.
        """
        if function is None:
            return "", ""
        for outer in self.around(function.lineno):
            if outer is not function and name in bound_names(outer):
                arguments = {each.arg for each in ast.walk(outer.args) if isinstance(each, ast.arg)}
                variable = name in arguments or name in _assigned(outer)
                return (f"`{outer.name}`", "nonlocal") if variable else ("", "")
        return ("the module", "global") if name in self.assigned else ("", "")


def scopes(module: ast.Module) -> Scopes:
    """Look through a module once."""
    functions = (node for node in ast.walk(module) if isinstance(node, FUNCTIONS))
    in_order = sorted(functions, key=lambda node: node.lineno)
    return Scopes(module, tuple(in_order), _assigned(module))


def _assigned(scope: ast.Module | Function) -> frozenset[str]:
    return frozenset(
        node.id
        for node in own_nodes(scope)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def declaration(
    file: SourceFile, module: ast.Module, function: Function, declared: str, *, safe: bool
) -> Fix | None:
    """Return the edit that puts `declared` (`global x`) at the top of a function.

    Below its docstring and above the comments of its first statement; None where Python would
    refuse it, or the function stands on one line.
    """
    start, after = function.body[0], function.lineno
    if ast.get_docstring(function, clean=False) is not None and len(function.body) > 1:
        start, after = function.body[1], start.end_lineno or start.lineno
    lines = split_lines(file.text)
    line = first_line(start)
    indent = re.match(r"[ \t]*", lines[line - 1])
    while line - 1 > after and lines[line - 2].lstrip().startswith("#"):
        line -= 1  # a comment stays with what it is about
    if start.lineno == function.lineno or indent is None:
        return None
    added = f"{indent[0]}{declared}"
    if not _compiles(lines, module, function, line, added):
        return None
    edit = Edit(file.path, Span(line, line - 1), (added,))
    return Fix(f"declare `{declared}` in `{function.name}`", (edit,), safe=safe)


def _compiles(
    lines: list[str], module: ast.Module, function: Function, line: int, added: str
) -> bool:
    """Tell whether Python takes the line; only the module's statement around it can mind."""
    around = next(
        each
        for each in module.body
        if first_line(each) <= function.lineno <= (each.end_lineno or each.lineno)
    )
    first, last = first_line(around), around.end_lineno or around.lineno
    text = "\n".join([*lines[first - 1 : line - 1], added, *lines[line - 1 : last]])
    try:
        with parsing():
            compile(text, "<program>", "exec", dont_inherit=True)
    except NOT_PYTHON:
        return False
    return True
