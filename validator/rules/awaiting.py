"""Coroutines that a program makes to start itself, and never runs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.missing_imports import Import, import_fix
from validator.rules.program import bound_names, own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile

_ASYNCIO = Import("import asyncio", standard=True)


def unawaited(module: ast.Module) -> Iterator[tuple[ast.Expr, str]]:
    """Return the statements that only make a coroutine where the program starts, with its name.

    At module level or under a main guard, of a function of the module's own that nothing decorates.
    """
    own = {
        each.name
        for each in module.body
        if isinstance(each, ast.AsyncFunctionDef)
        and not each.decorator_list
        and not any(isinstance(node, ast.Yield) for node in own_nodes(each))
    }
    others = {each.name for each in module.body if isinstance(each, ast.FunctionDef)}
    for statement in _at_the_start(module):
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if name in own - others:
                yield statement, name


def _at_the_start(module: ast.Module) -> Iterator[ast.stmt]:
    for statement in module.body:
        match statement:
            case ast.If(test=ast.Compare(left=ast.Name(id="__name__")), body=body):
                yield from body
            case _:
                yield statement


def running(file: SourceFile, module: ast.Module, statement: ast.Expr) -> Fix | None:
    """Return the edits that hand a coroutine to `asyncio.run`; None where it shares its line.

    Safe: as it stands, nothing of it is run.
    """
    lines = split_lines(file.text)
    line = statement.lineno
    if statement.end_lineno != line or line > len(lines):
        return None
    call = ast.get_source_segment(file.text, statement) or ""
    if lines[line - 1].count(call) != 1 or not call:
        return None
    text = lines[line - 1].replace(call, f"asyncio.run({call})")
    edits: tuple[Edit, ...] = (Edit(file.path, Span(line, line), (text,)),)
    if "asyncio" not in bound_names(module):
        edits = (*import_fix(file, module, _ASYNCIO).edits, *edits)
    return Fix(f"run it with `asyncio.run({call})`", edits, safe=True)
