"""A file of the program as Python sees it: its syntax tree, its module-level names, its error."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from validator.syntax import parse, parsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import SourceFile, Submission

MAX_CHARACTERS = 1_000_000
"""A longer file is judged by its linters and its run alone: its tree would fill the memory."""
MAX_DEPTH = 120
"""Of nested syntax; no program written by hand comes near, and deeper trees exhaust the stack."""

Scope = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True, slots=True)
class Broken:
    """Why Python refuses a file."""

    type_name: str
    """`SyntaxError`, `IndentationError` or `TabError`."""
    message: str
    line: int
    column: int | None


def tree(file: SourceFile | None) -> ast.Module | None:
    """Return the syntax tree of a Python file; None where there is none to be had."""
    result = _parse(file.text) if file is not None and is_python(file) else None
    return result if isinstance(result, ast.Module) else None


def broken(file: SourceFile) -> Broken | None:
    """Return why Python refuses the file; None where it does not, or is not asked."""
    result = _parse(file.text) if is_python(file) else None
    return result if isinstance(result, Broken) else None


def trees(submission: Submission) -> Iterator[tuple[SourceFile, ast.Module]]:
    """Return every file that has a tree, with it."""
    for file in submission.files:
        module = tree(file)
        if module is not None:
            yield file, module


def is_standard(module: str) -> bool:
    """Tell whether a module, or the package it is in, comes with Python."""
    return module.partition(".")[0] in sys.stdlib_module_names


def is_python(file: SourceFile) -> bool:
    """Tell whether a file holds Python, by its name."""
    return file.path.endswith((".py", ".pyw"))


@lru_cache(maxsize=64)
def _parse(text: str) -> ast.Module | Broken | None:
    if len(text) > MAX_CHARACTERS:
        return None
    try:
        with parsing():
            module = parse(text)
            if _too_deep(module):
                return None
            # The compiler refuses what the grammar lets pass: `return` outside a function.
            compile(text, "<program>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return _broken(error)
    except ValueError as error:  # a NUL, or an integer literal past the interpreter's limit
        return Broken("SyntaxError", str(error), 1, None)
    except (RecursionError, MemoryError):
        return None
    return module


def _broken(error: SyntaxError) -> Broken:
    return Broken(
        type_name=type(error).__name__,
        message=error.msg or "invalid syntax",
        line=max(error.lineno or 1, 1),
        column=error.offset if error.offset and error.offset > 0 else None,
    )


def _too_deep(module: ast.Module) -> bool:
    level: list[ast.AST] = [module]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """Return every node that runs in a scope itself, not in the functions and classes within it.

    Comprehensions count as part of the scope; their targets do not bind in it, see `bound_names`.
    """
    body: list[ast.AST] = [scope.body] if isinstance(scope, ast.Lambda) else list(scope.body)
    stack = body[::-1]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            continue
        stack.extend(list(ast.iter_child_nodes(node))[::-1])


def bound_names(scope: Scope) -> frozenset[str]:
    """Return the names a scope binds: parameters, assignments, imports, definitions, captures.

    Names it declares `global` or `nonlocal` are not its own.
    """
    nodes = tuple(own_nodes(scope))
    # A comprehension's targets live in a scope of their own; what `:=` binds there does not.
    inner = {
        id(name)
        for node in nodes
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    names = {name for node in nodes if id(node) not in inner for name in bound_by(node)}
    if isinstance(scope, (*FUNCTIONS, ast.Lambda)):
        names.update(argument.arg for argument in _arguments(scope.args))
    for node in nodes:
        if isinstance(node, ast.Global | ast.Nonlocal):
            names.difference_update(node.names)
    return frozenset(names)


def bound_by(node: ast.AST) -> Iterator[str]:
    """Return the names one node binds where it stands, its children aside."""
    match node:
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
        case ast.ImportFrom(names=aliases):
            yield from (alias.asname or alias.name for alias in aliases)
        case ast.ExceptHandler(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchAs(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def first_line(statement: ast.stmt) -> int:
    """Return the line a statement begins in, its decorators included."""
    match statement:
        case (
            ast.FunctionDef(decorator_list=[first, *_])
            | ast.AsyncFunctionDef(decorator_list=[first, *_])
            | ast.ClassDef(decorator_list=[first, *_])
        ):
            return first.lineno
    return statement.lineno


def declared_global(scope: Scope) -> frozenset[str]:
    """Return the names a function declares `global`."""
    return frozenset(
        name for node in own_nodes(scope) if isinstance(node, ast.Global) for name in node.names
    )


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (each for each in (arguments.vararg, arguments.kwarg) if each is not None)
