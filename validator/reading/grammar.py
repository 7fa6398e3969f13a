"""What Python's own parser says about a text: whole, unfinished, or broken at a line."""

from __future__ import annotations

import ast
import builtins
import gc
import io
import re
import tokenize
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from validator import syntax
from validator.reading import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

_INCOMPLETE = 0x4000
"""`PyCF_ALLOW_INCOMPLETE_INPUT` of CPython ≥ 3.11, the flag `codeop` asks the parser with."""
_TOO_DEEP = (RecursionError, MemoryError)
_FORMATTED = re.compile(r"\b(?:[fF][rR]?|[rR][fF])(\"{3}|'{3}|\"|')")
_MANY_FIELDS = 10_000
_MAX_SCANNED_CHARACTERS = 2_000_000_000
_MAX_KEPT_CHARACTERS = 4_000_000
"""Of texts whose trees are held: about half a gigabyte of nodes."""
_MIN_KEPT = 16
"""Trees that are held however large they are: a text and its mended forms."""
BUILTINS = frozenset(dir(builtins)) | {
    "__name__",
    "__file__",
    "__doc__",
    "self",
    "cls",
}


class State(Enum):
    """How far a text is from being a Python program."""

    WHOLE = "whole"
    UNFINISHED = "unfinished"
    """More text could make it whole."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Parse:
    """The parser's answer."""

    state: State
    tree: ast.Module | None = None
    line: int = 0
    """1-based line the parser stopped at; 0 where it did not."""
    reason: str = ""


@dataclass(slots=True)
class _Kept:
    """The parser's latest answers, by text: every stage of a reading asks for the same blocks."""

    answers: dict[str, Parse] = field(default_factory=dict)
    characters: int = 0

    def answer(self, text: str) -> Parse:
        known = self.answers.pop(text, None)
        if known is None:
            known = _parsed(text)
            self.characters += len(text)
        self.answers[text] = known  # the latest asked for is forgotten last
        while self.characters > _MAX_KEPT_CHARACTERS and len(self.answers) > _MIN_KEPT:
            oldest = next(iter(self.answers))
            del self.answers[oldest]
            self.characters -= len(oldest)
        return known


_KEPT: ContextVar[_Kept | None] = ContextVar("_KEPT", default=None)


def parse(text: str) -> Parse:
    """Parse `text` as a module; never raises, and nothing of it is compiled or run."""
    kept = _KEPT.get()
    return _parsed(text) if kept is None else kept.answer(text)


def _parsed(text: str) -> Parse:
    if _has_endless_string(text):
        return Parse(State.BROKEN, None, 0, "an f-string has too many fields")
    with syntax.parsing():
        try:
            return Parse(State.WHOLE, syntax.parse(text))
        except SyntaxError as error:
            unfinished = _may_go_on(text, error)
            state = State.UNFINISHED if unfinished else State.BROKEN
            return Parse(state, None, error.lineno or 0, error.msg)
        except (ValueError, *_TOO_DEEP) as error:
            return Parse(State.BROKEN, None, 0, str(error) or "nested too deeply")


@contextmanager
def trees_kept_aside() -> Iterator[None]:
    """Hold syntax trees for one reading only, and spare the cycle collector the walk over them.

    Trees have no cycles. Parsing 1 MB of code takes 0.3 s with the collector paused and 1.0 s with
    it on (CPython 3.11.7): it visits all nodes again and again while they are being made.
    """
    was_on = gc.isenabled()
    gc.disable()
    token = _KEPT.set(_Kept())
    try:
        yield
    finally:
        _KEPT.reset(token)
        if was_on:
            gc.enable()


def _has_endless_string(text: str) -> bool:
    """Return True where one f-string would take long: CPython 3.11 scans all of it for each field.

    Two seconds of scanning are let through.
    """
    if text.count("{") < _MANY_FIELDS:
        return False
    position = 0
    while match := _FORMATTED.search(text, position):
        end = text.find(match[1], match.end())
        position = end + len(match[1]) if end >= 0 else len(text)
        fields = text.count("{", match.end(), position)
        if fields * (position - match.end()) > _MAX_SCANNED_CHARACTERS:
            return True
    return False


def _may_go_on(text: str, first: SyntaxError) -> bool:
    if _stopped_early(text, first):
        return _breaks_on_last_line(text, first)
    try:
        compile(text, "<reply>", "exec", ast.PyCF_ONLY_AST | _INCOMPLETE, dont_inherit=True)
    except SyntaxError as error:
        if error.msg == "incomplete input":
            return True
        return _breaks_on_last_line(text, error)
    except (ValueError, *_TOO_DEEP):
        return False
    return False


def _stopped_early(text: str, error: SyntaxError) -> bool:
    """Return True where the parser stopped at a token that more of the text follows.

    A plain "invalid syntax" stands at the last token it asked for, so it never saw the end.
    """
    if error.msg != "invalid syntax" or not error.lineno:
        return False
    text = text.rstrip()
    last = text.count("\n") + 1
    if error.lineno != last:
        return error.lineno < last
    rest = text[text.rfind("\n") + 1 :][max((error.end_offset or 0) - 1, 0) :]
    return bool(error.end_offset) and bool(rest.strip())


def _breaks_on_last_line(text: str, error: SyntaxError) -> bool:
    # A line cut in the middle ("snake = ", "print('hel") is an ordinary error to the parser.
    last = text.rstrip("\r\n").count("\n") + 1
    if error.lineno != last:
        return False
    if "unterminated" in error.msg:
        return True
    final = text.rstrip()[-1:]
    return final in "=+-*/%,.([{<>&|^~@" or text.split()[-1] in vocabulary.HANGING_KEYWORDS


def is_whole(text: str) -> bool:
    """Return True where `text` parses, with every `return`, `yield` and `break` where it may be."""
    tree = parse(text).tree
    return tree is not None and not misplaced(tree, yields="yield" in text)


def misplaced(tree: ast.Module, *, yields: bool = True) -> bool:
    """Return True where a `return`, `yield`, `break` or `continue` stands where none may.

    Without `yields` there is no `yield` in it, and no expression is looked into.
    """
    children = _children if yields else _statements
    stack: list[tuple[ast.AST, bool, bool]] = [(tree, False, False)]
    while stack:
        node, in_function, in_loop = stack.pop()
        if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and not in_function:
            return True
        if isinstance(node, ast.Break | ast.Continue) and not in_loop:
            return True
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            in_function, in_loop = True, False
        elif isinstance(node, ast.ClassDef):
            in_function, in_loop = False, False
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            in_loop = True
        stack.extend((child, in_function, in_loop) for child in children(node))
    return False


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a program, taken without regard to scopes within it."""

    defined: frozenset[str]
    """Functions and classes at the top level."""
    bound: frozenset[str]
    """Everything any statement gives a value, imports and parameters included."""
    free: frozenset[str]
    """Used, and neither bound nor built in."""


def names_of(tree: ast.Module) -> Names:
    """Return the names `tree` defines, binds and misses; asked again for the same tree at once."""
    names = _NAMES.get(tree)
    if names is None:
        names = _NAMES[tree] = _collected(tree)
    return names


_NAMES: WeakKeyDictionary[ast.Module, Names] = WeakKeyDictionary()


def _collected(tree: ast.Module) -> Names:
    bound: set[str] = set()
    used: set[str] = set()
    for node in nodes_of(tree):
        sort = node.__class__
        if sort is ast.Name:
            (used if node.ctx.__class__ is ast.Load else bound).add(node.id)
        elif sort in _BINDERS:
            bound.update(_bindings(node))
    defined = frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )
    star = any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in tree.body)
    free = frozenset() if star else frozenset(used - bound - BUILTINS)
    return Names(defined, frozenset(bound), free)


_BINDERS = frozenset(
    {
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.alias,
        ast.arg,
        ast.ExceptHandler,
        ast.MatchAs,
        ast.MatchStar,
        ast.MatchMapping,
    }
)
_LEAVES = frozenset(
    {"ctx", "op", "ops", "id", "attr", "module", "level", "asname", "kind", "conversion",
     "type_comment", "type_ignores", "simple", "is_async"}
)  # fmt: skip
"""Fields that never hold a node with a name in it."""


def shape_of(tree: ast.Module) -> list[type[ast.AST]]:
    """Return the sorts of all nodes in order: equal for programs that differ in words alone."""
    return [node.__class__ for node in nodes_of(tree)]


_CHILD_FIELDS = {
    sort: () if sort is ast.Constant else tuple(f for f in sort._fields if f not in _LEAVES)
    for sort in vars(ast).values()
    if isinstance(sort, type) and issubclass(sort, ast.AST)
}


_SUITE_FIELDS = ("body", "orelse", "handlers", "finalbody", "cases")
_SUITES = {
    sort: tuple(f for f in sort._fields if f in _SUITE_FIELDS)
    for sort in _CHILD_FIELDS
    if sort not in (ast.Lambda, ast.IfExp, ast.Expression)
}
"""The fields of statements in lists; a `lambda` and a conditional expression have a body, too."""


def nodes_of(tree: ast.AST) -> Iterator[Any]:
    """Yield all nodes below `tree` that may hold a name, itself first; faster than `ast.walk`."""
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(_children(node))


def _children(node: ast.AST) -> list[ast.AST]:
    # ast.iter_child_nodes asks every node for all its fields, which takes longer than parsing did.
    found: list[ast.AST] = []
    for name in _CHILD_FIELDS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is list:
            found.extend(child for child in value if isinstance(child, ast.AST))
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def _statements(node: ast.AST) -> list[ast.AST]:
    return [child for name in _SUITES.get(node.__class__, ()) for child in getattr(node, name)]


def _bindings(node: ast.AST) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.alias():
            return [(node.asname or node.name).partition(".")[0]]
        case ast.arg():
            return [node.arg]
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            return [name]
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return [name]
        case _:
            return []


def tokens_of(text: str) -> list[tokenize.TokenInfo] | None:
    """Return the tokens of `text`, or None where it is not made of Python tokens."""
    try:
        return list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None
