"""Arguments a program's own parser asks for, made up: by their types, choices and names. Pure."""

from __future__ import annotations

import ast
import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from validator.sandbox.shape import last_name
from validator.syntax import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Submission
    from validator.sandbox.shape import Shape

MAX_ARGUMENTS = 16
_FILE_TYPES = frozenset({"Path", "FileType", "File", "open", "FileText", "PurePath"})
_WHOLE = frozenset({"int", "INT", "IntRange"})
_REAL = frozenset({"float", "FLOAT", "FloatRange", "Decimal"})
_NAMED = (
    (re.compile(r"ur[li]|website|link|endpoint"), "http://localhost:8000/"),
    (re.compile(r"out(?:put)?(?:_|\b|file|path)|dest(?:ination)?|target_file|save"), "output.txt"),
    (re.compile(r"dir(?:ectory)?\b|folder"), "."),
    (re.compile(r"csv"), "input.csv"),
    (re.compile(r"json|config"), "input.json"),
    (re.compile(r"ima?ge?\b|picture|photo"), "input.png"),
    (re.compile(r"audio|sound|wav"), "input.wav"),
    (re.compile(r"file|path|input|source|src|document|^open$"), "input.txt"),
    (re.compile(r"date|day"), "2024-05-17"),
    (re.compile(r"e_?mail"), "alice@example.org"),
    (re.compile(r"num|count|age|width|height|size|length|amount|year|port|limit|index|^[abnxyk]$"
                r"|id$|rate|price|weight|score|radius|seconds|minutes|temp|value|principal"), "5"),
    (re.compile(r"expr|equation|formula"), "2 + 3"),
    (re.compile(r"user|name|person"), "Alice"),
    (re.compile(r"city|place|location|country"), "Paris"),
    (re.compile(r"colou?r"), "red"),
    (re.compile(r"op(?:erat(?:or|ion))?\b"), "add"),
)  # fmt: skip
_OTHERWISE = "hello"


class _Parameter(NamedTuple):
    """One thing a parser wants: its name, and what to write for it."""

    owner: str
    """The variable whose parser it was added to, or the function it is a parameter of."""
    words: tuple[str, ...]


def made_up(submission: Submission, shape: Shape) -> tuple[str, ...]:
    """Return arguments that the parser of a program ought to take; empty where none are needed.

    Required positionals and options of argparse, click and typer, one command where there are
    several; else what `sys.argv` is read for by number.
    """
    trees = [tree for file in submission.files if (tree := tree_of(file.text)) is not None]
    readers = (("argparse", _of_argparse), ("click", _of_decorators), ("typer", _of_decorators))
    for module, read in readers:
        if any(each == module or each.startswith(f"{module}.") for each in shape.modules):
            return tuple(chain.from_iterable(map(read, trees)))[:MAX_ARGUMENTS]
    return tuple(chain.from_iterable(map(_of_argv, trees)))[:MAX_ARGUMENTS]


# ── argparse ─────────────────────────────────────────────────────────────────────────────────────


def _of_argparse(tree: ast.Module) -> Iterator[str]:
    commands = dict(_commands(tree))
    chosen = next(iter(commands), None)
    parameters = [found for call in _calls(tree) if (found := _argument(call)) is not None]
    for each in parameters:
        if each.owner not in commands:
            yield from each.words
    if chosen is not None:
        yield commands[chosen]
        yield from chain.from_iterable(each.words for each in parameters if each.owner == chosen)


def _commands(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the variable of each parser of a command, and the command."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[target],
                value=ast.Call(
                    func=ast.Attribute(attr="add_parser"), args=[ast.Constant(value=str(name)), *_]
                ),
            ):
                yield last_name(target), name


def _argument(call: ast.Call) -> _Parameter | None:
    """Return what one `add_argument` requires; None where it requires nothing."""
    names = [each.value for each in call.args if isinstance(each, ast.Constant)]
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument" or not names:
        return None
    owner, name = last_name(call.func.value), str(names[-1])
    given = {each.arg: each.value for each in call.keywords if each.arg}
    nargs = given.get("nargs")
    if not name.startswith("-"):
        optional = isinstance(nargs, ast.Constant) and nargs.value in ("?", "*")
        return None if optional else _Parameter(owner, _values(name, given, nargs))
    required = isinstance(each := given.get("required"), ast.Constant) and each.value is True
    if not required:
        return None
    return _Parameter(owner, (name, *_values(name.lstrip("-"), given, nargs)))


def _values(name: str, given: dict[str, ast.expr], nargs: ast.expr | None) -> tuple[str, ...]:
    value = _value(name, given.get("type"), given.get("choices"))
    many = nargs.value if isinstance(nargs, ast.Constant) else 1
    return (value,) * (min(many, 8) if isinstance(many, int) else 1 if many is None else 2)


def _value(name: str, kind: ast.expr | None, choices: ast.expr | None) -> str:
    if isinstance(choices, ast.List | ast.Tuple | ast.Set) and choices.elts:
        first = choices.elts[0]
        if isinstance(first, ast.Constant):
            return str(first.value)
    kind_name = last_name(kind.func if isinstance(kind, ast.Call) else kind) if kind else ""
    if kind_name == "Choice" and isinstance(kind, ast.Call) and kind.args:
        return _value(name, None, kind.args[0])
    if kind_name in _WHOLE:
        return "5"
    if kind_name in _REAL:
        return "2.5"
    word = next((word for pattern, word in _NAMED if pattern.search(name.lower())), _OTHERWISE)
    return "input.txt" if kind_name in _FILE_TYPES and "." not in word else word


# ── click and typer ──────────────────────────────────────────────────────────────────────────────


def _of_decorators(tree: ast.Module) -> Iterator[str]:
    """Yield the arguments of the first command that is declared on a function."""
    groups = {node.name for node in _functions(tree) if _decorated(node, "group")}
    commands = [node for node in _functions(tree) if _is_command(node)]
    run = {last_name(each) for call in _calls(tree) if last_name(call.func) == "run"
           for each in call.args[:1]}  # fmt: skip
    commands = commands or [node for node in _functions(tree) if node.name in run]
    if not commands:
        return
    first, grouped = commands[0], bool(groups) or len(commands) > 1
    if grouped:
        yield _command_name(first)
    for words in (*_declared(first), *_annotated(first)):
        yield from words


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _decorated(node: ast.FunctionDef, *names: str) -> list[ast.Call]:
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    return [call for call in calls if last_name(call.func) in names]


def _is_command(node: ast.FunctionDef) -> bool:
    return bool(_decorated(node, "command")) or any(
        last_name(each) == "command" for each in node.decorator_list
    )


def _command_name(node: ast.FunctionDef) -> str:
    for call in _decorated(node, "command"):
        if call.args and isinstance(call.args[0], ast.Constant):
            return str(call.args[0].value)
    return node.name.replace("_", "-")


def _declared(node: ast.FunctionDef) -> Iterator[tuple[str, ...]]:
    """Yield what click's decorators require, in the order they stand in."""
    for call in _decorated(node, "argument", "option"):
        names = [str(each.value) for each in call.args if isinstance(each, ast.Constant)]
        given = {each.arg: each.value for each in call.keywords if each.arg}
        required = given.get("required")
        asked = isinstance(required, ast.Constant) and required.value is True
        if not names or "default" in given:
            continue
        if last_name(call.func) == "argument":
            if not (isinstance(required, ast.Constant) and required.value is False):
                yield (_value(names[0], given.get("type"), None),)
        elif asked or "prompt" in given:
            yield (names[0], _value(names[0].lstrip("-"), given.get("type"), None))


def _annotated(node: ast.FunctionDef) -> Iterator[tuple[str, ...]]:
    """Yield what typer makes of parameters that have no default."""
    if _decorated(node, "argument", "option") or not any(
        each.annotation is not None for each in node.args.args
    ):
        return
    without = len(node.args.args) - len(node.args.defaults)
    for at, each in enumerate(node.args.args):
        default = node.args.defaults[at - without] if at >= without else None
        if default is not None and not _required(default):
            continue
        value = _value(each.arg, each.annotation, None)
        option = default is not None and last_name(_function(default)) == "Option"
        yield (f"--{each.arg.replace('_', '-')}", value) if option else (value,)


def _function(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _required(default: ast.expr) -> bool:
    """Tell whether a default is typer's way of saying that there is none: `Argument(...)`."""
    if not isinstance(default, ast.Call) or last_name(default.func) not in ("Argument", "Option"):
        return False
    if any(each.arg == "default" for each in default.keywords):
        return False
    first = default.args[0] if default.args else None
    return first is None or (isinstance(first, ast.Constant) and first.value is ...)


# ── sys.argv ─────────────────────────────────────────────────────────────────────────────────────


def _of_argv(tree: ast.Module) -> Iterator[str]:
    """Yield a value for each number `sys.argv` is read at, or each name it is unpacked into."""
    found: dict[int, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=function, args=[ast.Subscript() as read, *_]) if at := _index(read):
                found[at] = _value(last_name(function), function, None)
            case ast.Assign(targets=[target], value=value):
                for at, name in _unpacked(target, value):
                    found.setdefault(at, _value(name, None, None))
            case ast.Subscript() if at := _index(node):
                found.setdefault(at, _OTHERWISE)
    yield from (found.get(at, _OTHERWISE) for at in range(1, max(found, default=0) + 1))


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[int, str]]:
    """Yield the numbers of the arguments an assignment takes, each with the name it goes to."""
    match target, value:
        case ast.Tuple(elts=names), ast.Tuple(elts=values):
            for name, each in zip(names, values, strict=False):
                yield from _unpacked(name, each)
        case ast.Tuple(elts=names), ast.Subscript(value=argv, slice=ast.Slice()):
            if last_name(argv) == "argv":
                yield from ((at, last_name(each)) for at, each in enumerate(names, 1))
        case ast.Tuple(elts=names), _:
            if last_name(value) == "argv":
                yield from ((at, last_name(each)) for at, each in enumerate(names[1:], 1))
        case _, ast.Subscript() if at := _index(value):
            yield at, last_name(target)


def _index(node: ast.expr) -> int:
    """Return which argument an expression reads; 0 where it is none of them."""
    match node:
        case ast.Subscript(value=argv, slice=ast.Constant(value=int(at))):
            return at if last_name(argv) == "argv" and 0 < at <= MAX_ARGUMENTS else 0
    return 0


def _calls(tree: ast.Module) -> Iterable[ast.Call]:
    """Return the calls of a module in the order of its text."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))
