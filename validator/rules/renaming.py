"""Names nobody defines written as the one that was meant, and the `self` a method left out."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.program import FUNCTIONS, bound_names
from validator.rules.respelling import ELSEWHERE, meant_by
from validator.rules.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validator.facts import SourceFile
    from validator.rules.bindings import Function
    from validator.rules.hidden import Scopes

    Place = tuple[int, int]

MAX_PLACES = 50
"""Uses of one name that are rewritten."""
_CALLABLE = frozenset(
    name
    for name, value in vars(builtins).items()
    if callable(value) and not name.startswith("_") and name.islower()
)


def renaming(file: SourceFile, known: Scopes, name: str, places: Sequence[Place]) -> Fix | None:
    """Return the edit that writes an undefined name as the one that was meant, if there is one.

    `places` are line and column, 1-based, of its uses. Meant is what Python calls what other
    languages call so, the method of the object at hand, or the one name near it that is bound
    wherever it is used and can be used so. Safe, since where a name is bound nowhere no correct
    program gets past its use.
    """
    meant = ELSEWHERE.get(name) or _own(known, name, places) or _near(known, name, places)
    edits = written_as(file, name, places, meant) if meant else None
    return Fix(f"write `{name}` as `{meant}`", edits, safe=True) if edits else None


def _own(known: Scopes, name: str, places: Sequence[Place]) -> str | None:
    """Return the method of the object at hand that goes by the name, where each use has one."""
    classes = [node for node in ast.walk(known.module) if isinstance(node, ast.ClassDef)]
    for line, _ in places:
        method = next(iter(known.around(line)), None)
        owner = next((each for each in classes if method in each.body), None)
        if method is None or owner is None or [a.arg for a in method.args.args[:1]] != ["self"]:
            return None
        own = [each for each in owner.body if isinstance(each, FUNCTIONS) and each.name == name]
        if len(own) != 1 or own[0].decorator_list:
            return None
    return f"self.{name}"


def _near(known: Scopes, name: str, places: Sequence[Place]) -> str | None:
    module = known.module
    calls = [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
    ]
    only_called = len(calls) >= len(places)
    visible = [bound_names(module) | (_CALLABLE if only_called else frozenset())]
    for line, _ in places:
        around = known.around(line)
        visible.append(visible[0].union(*(bound_names(each) for each in around)))
    meant = meant_by(name, frozenset.intersection(*visible[1:])) if places else None
    if meant is None or not _suits(module, meant, calls, only_called=only_called):
        return None
    return meant


def _suits(module: ast.Module, name: str, calls: Iterable[ast.Call], *, only_called: bool) -> bool:
    """Tell whether a name can be used as the unknown one is: called, with as many arguments."""
    bindings = [node for node in ast.walk(module) if name in _defined_or_set(node)]
    functions = [node for node in bindings if isinstance(node, FUNCTIONS)]
    values = [node.value for node in bindings if isinstance(node, ast.Assign)]
    if not only_called:
        return not any(isinstance(node, (*FUNCTIONS, ast.ClassDef)) for node in bindings)
    if values and all(_is_plain(value) for value in values):
        return False
    return all(_takes(function, call) for function in functions for call in calls)


def _defined_or_set(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (each.id for each in targets if isinstance(each, ast.Name))


def _is_plain(value: ast.expr) -> bool:
    kinds = (ast.Constant, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.JoinedStr, ast.ListComp)
    return isinstance(value, kinds)


def _takes(function: Function, call: ast.Call) -> bool:
    arguments = function.args
    if any(isinstance(each, ast.Starred) for each in call.args) or arguments.vararg:
        return True
    positional = len(arguments.posonlyargs) + len(arguments.args)
    least = positional - len(arguments.defaults)
    given = len(call.args) + len(call.keywords)
    return len(call.args) <= positional and (
        given >= least or any(not k.arg for k in call.keywords)
    )


def written_as(
    file: SourceFile, name: str, places: Sequence[Place], meant: str
) -> tuple[Edit, ...] | None:
    """Return the edits that write `meant` where `name` stands at these places, line by line.

    None where it does not stand at one of them: a column may be counted in other units.
    """
    lines = split_lines(file.text)
    changed: dict[int, str] = {}
    # From the right, so that what is left of it keeps its column.
    for line, column in sorted(set(places), key=lambda place: (place[0], -place[1])):
        if line > len(lines) or len(places) > MAX_PLACES:
            return None
        text = changed.get(line, lines[line - 1])
        before, rest = text[: column - 1], text[column - 1 :]
        if not rest.startswith(name):
            return None
        changed[line] = f"{before}{meant}{rest[len(name) :]}"
    return tuple(Edit(file.path, Span(line, line), (text,)) for line, text in changed.items())


def taking_self(file: SourceFile, known: Scopes, places: Sequence[Place]) -> Fix | None:
    """Return the edit that makes `self` the first parameter of the methods that use it unbound.

    None where one of the uses stands in no method, or in one that is called without an object.
    """
    methods = {
        id(statement): statement
        for node in ast.walk(known.module)
        if isinstance(node, ast.ClassDef)
        for statement in node.body
        if isinstance(statement, FUNCTIONS)
    }
    lines = split_lines(file.text)
    edits: dict[int, Edit] = {}
    names: dict[str, None] = {}
    for line, _ in places:
        method = next((each for each in known.around(line) if id(each) in methods), None)
        text = _with_self(lines, method) if method is not None else None
        if method is None or text is None:
            return None
        edits[method.lineno] = Edit(file.path, Span(method.lineno, method.lineno), (text,))
        names[method.name] = None
    return Fix(
        f"give {listed(tuple(names))} the parameter `self`", tuple(edits.values()), safe=True
    )


def _with_self(lines: Sequence[str], method: Function) -> str | None:
    first = [*method.args.posonlyargs, *method.args.args][:1]
    if method.decorator_list or [each.arg for each in first] in (["self"], ["cls"]):
        return None
    head, paren, rest = lines[method.lineno - 1].partition("(")
    if not paren or not head.rstrip().endswith(method.name):
        return None
    separator = "" if rest.lstrip().startswith(")") else ", "
    return f"{head}(self{separator}{rest.lstrip()}"
