"""The third-party modules a program imports, as its own text says; nothing is executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import stdlibs

from validator.errors import UsageError
from validator.packages.branches import Ways
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.facts import SourceFile
    from validator.packages.branches import Condition


@dataclass(frozen=True, slots=True)
class Import:
    """A module some line of the program imports."""

    module: str
    """Dotted, as deep as the line says: `from google.cloud import storage` is
    `google.cloud.storage`."""
    path: str
    line: int
    optional: bool = False
    """True where a `try` around it catches the ImportError, or a `suppress` holds it back."""

    @property
    def top(self) -> str:
        """The first name of the module."""
        return self.module.partition(".")[0]


def stdlib(python: str) -> frozenset[str]:
    """Return the standard library's top-level modules in Python `python`, `X.Y`.

    Raises:
        UsageError: for a Python nobody has listed the modules of.
    """
    try:
        return stdlibs.stdlib_module_names(python)
    except ImportError:
        raise UsageError(f"nothing is known about the modules of Python {python}") from None


@cache
def once_stdlib() -> frozenset[str]:
    """Return the modules that were in some Python's standard library, 2.7 and later."""
    # `stdlibs.ALL` begins with Python 1, whose `regex`, `find` and `util` are no one's any more.
    later = (each for each in stdlibs.KNOWN_VERSIONS if each == "2.7" or each.startswith("3."))
    return frozenset().union(*map(stdlibs.stdlib_module_names, later))


def third_party(
    files: Sequence[SourceFile], python: str, platform: str = "linux"
) -> tuple[Import, ...]:
    """Return the imports that neither the program nor the standard library of `python` answers.

    One entry a module, at its first place; a place that is not optional comes before one that is.
    What is imported only on another platform, or another Python, is not. A file that does not parse
    contributes nothing: it would not get as far as importing.
    """
    known = stdlib(python) | _local(files) | {"__main__"}
    found: dict[str, Import] = {}
    for file in files:
        for seen in _imports(file, python, platform):
            first = found.get(seen.module)
            if seen.top not in known and (first is None or first.optional > seen.optional):
                found[seen.module] = seen
    return tuple(found.values())


def modules_of(file: SourceFile) -> frozenset[str]:
    """Return the first names of all modules a file imports anywhere, whoever provides them."""
    tree = tree_of(file.text) if file.path.endswith(".py") else None
    nodes = ast.walk(tree) if tree else ()
    return frozenset(module.partition(".")[0] for node in nodes for module in _modules(node))


def _local(files: Sequence[SourceFile]) -> frozenset[str]:
    names: set[str] = set()
    for file in files:
        *folders, last = file.path.split("/")
        names.update(folders)
        names.add(last.removesuffix(".py"))
    return frozenset(names)


def _imports(file: SourceFile, python: str, platform: str) -> Iterator[Import]:
    if not file.path.endswith(".py"):
        return
    tree = tree_of(file.text)
    if tree is None:
        return
    ways = Ways(tree, python, platform)
    stack: list[tuple[ast.AST, _Place]] = [(tree, _Place())]
    while stack:
        node, place = stack.pop()
        for module in _modules(node):
            if ways.reach(place.conditions):
                yield Import(module, file.path, getattr(node, "lineno", 1), place.optional)
        stack.extend(reversed(list(_inside(node, place))))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a statement stands."""

    optional: bool = False
    conditions: tuple[Condition, ...] = ()


def _modules(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=str(module), level=0, names=names):
            yield from (
                module if alias.name == "*" else f"{module}.{alias.name}" for alias in names
            )


def _inside(node: ast.AST, place: _Place) -> Iterator[tuple[ast.AST, _Place]]:
    match node:
        case ast.Try(body=body, handlers=handlers) if any(map(_catches_import_error, handlers)):
            # What stands in the handler is the other way to do without the first: optional too.
            guarded = {id(child) for child in (*body, *handlers)}
            without = replace(place, optional=True)
            for child in ast.iter_child_nodes(node):
                yield child, without if id(child) in guarded else place
        case ast.With(items=items, body=body) if any(map(_suppresses_import_error, items)):
            yield from ((child, replace(place, optional=True)) for child in body)
        case ast.If(test=test, body=body, orelse=orelse):
            for way, statements in ((True, body), (False, orelse)):
                here = replace(place, conditions=(*place.conditions, (test, way)))
                yield from ((child, here) for child in statements)
        case ast.Match(subject=subject, cases=cases):
            for each in cases:
                asked = _is_case(subject, each.pattern)
                conditions = (*place.conditions, (asked, True)) if asked else place.conditions
                here = replace(place, conditions=conditions)
                yield from ((child, here) for child in each.body)
        case _:
            yield from ((child, place) for child in ast.iter_child_nodes(node))


def _is_case(subject: ast.expr, pattern: ast.pattern) -> ast.expr | None:
    """Return the test that a case of plain values comes to; None for any other."""
    match pattern:
        case ast.MatchValue(value=value):
            return ast.Compare(subject, [ast.Eq()], [value])
        case ast.MatchOr(patterns=patterns):
            values = [each.value for each in patterns if isinstance(each, ast.MatchValue)]
            if len(values) == len(patterns):
                return ast.Compare(subject, [ast.In()], [ast.Tuple(values)])
    return None


def _catches_import_error(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    if caught is None:
        return True
    return _is_broad(caught.elts if isinstance(caught, ast.Tuple) else [caught])


def _suppresses_import_error(item: ast.withitem) -> bool:
    match item.context_expr:
        case ast.Call(func=ast.Name(id="suppress") | ast.Attribute(attr="suppress"), args=args):
            return _is_broad(args)
    return False


def _is_broad(caught: Sequence[ast.expr]) -> bool:
    broad = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
    return any(isinstance(name, ast.Name) and name.id in broad for name in caught)
