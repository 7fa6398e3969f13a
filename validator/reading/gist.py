"""What a block of Python comes to, and what the blocks of a program add up to."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from validator.reading.endings import never_returns
from validator.reading.grammar import Names, Parse, names_of, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.reading.passage import Stretch

GUARD = re.compile(r"if\s+_*name_*\s*==\s*['\"]_*main_*['\"]")
"""A main guard, with its underscores or without."""


@dataclass(slots=True)
class Program:
    """What the blocks taken so far add up to."""

    wanted: frozenset[str] = frozenset()
    """What some block of the reply uses and does not give itself."""
    stretches: list[Stretch] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    first_defined: str = ""
    """Of `defined` in the order of the alphabet; empty where nothing is."""
    bound: set[str] = field(default_factory=set)
    free: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    """Names it uses and does not give."""
    imports: bool = False
    guarded: bool = False
    """True where a block of it has a main guard."""
    acts: bool = False
    """True where something happens when it is run."""
    whole: bool = True
    given: set[str] = field(default_factory=set)
    """Names assigned at the top level."""
    endless: str | None = None
    """What it never gets past, where that is the end of it."""
    stub: bool = False
    """True where all it does is to name functions without a body."""

    def take(self, stretch: Stretch, gist: Gist) -> None:
        """Add a block to it."""
        self.stub = gist.stub and (self.stub or not self.stretches)
        self.stretches.append(stretch)
        self.defined |= gist.names.defined
        known = {self.first_defined} if self.first_defined else set()
        self.first_defined = min(gist.names.defined | known, default="")
        self.bound |= gist.names.bound
        self.free |= gist.names.free
        self.missing -= gist.names.bound
        self.missing |= gist.names.free - self.bound
        self.lines |= gist.lines
        self.given |= gist.given
        self.acts = self.acts or gist.acts
        self.imports = self.imports or gist.imports
        self.guarded = self.guarded or gist.guarded
        self.whole = self.whole and gist.answer.tree is not None
        self.endless = never_returns(gist.answer.tree) if gist.answer.tree else None

    @property
    def closed(self) -> bool:
        """True where it parses and gives every name it uses."""
        return self.whole and not self.missing


@dataclass(frozen=True, slots=True)
class Gist:
    """What one block comes to."""

    answer: Parse
    names: Names
    lines: frozenset[str]
    given: frozenset[str]
    """Names assigned at the top level."""
    imports: bool
    acts: bool
    tests: bool
    stub: bool
    """True where it defines functions and none has a body."""

    @property
    def guarded(self) -> bool:
        """True where it has a main guard."""
        return any(map(GUARD.match, self.lines))

    def with_guard(self) -> Gist:
        """Return it with the guard that it has as the guard that was meant."""
        return replace(self, names=replace(self.names, free=self.names.free - {"name"}))

    @property
    def closed(self) -> bool:
        """True where it parses and needs no name it does not give."""
        return self.answer.tree is not None and not self.names.free


def gist_of(stretch: Stretch) -> Gist:
    """Return what a block gives, misses and does; guessed line by line where it does not parse."""
    text = stretch.passage.text
    answer = parse(text)
    names = names_of(answer.tree) if answer.tree else _guessed_names(text)
    body = answer.tree.body if answer.tree else []
    return Gist(
        answer,
        names,
        lines_of(stretch),
        given=frozenset(name for node in body for name in _given(node)),
        imports=any(isinstance(node, ast.Import | ast.ImportFrom) for node in body),
        acts=any(map(acts, body)),
        tests=_is_test(body),
        stub=_is_stub(body),
    )


def gists_of(stretches: Sequence[Stretch]) -> list[Gist]:
    """Return what each block of a reply comes to.

    The `name` of a main guard without its underscores is missing only where some block gives one.
    """
    gists = [gist_of(stretch) for stretch in stretches]
    if any("name" in gist.names.bound for gist in gists):
        return gists
    return [gist.with_guard() if gist.guarded else gist for gist in gists]


def lines_of(stretch: Stretch) -> frozenset[str]:
    """Return the lines of a block that say something, without their margins."""
    return frozenset(text for line in stretch.passage.lines if len(text := line.strip()) > 1)


def _given(node: ast.stmt) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _guessed_names(text: str) -> Names:
    defined = frozenset(re.findall(r"^(?:async\s+)?(?:def|class)\s+(\w+)", text, re.MULTILINE))
    bound = frozenset(re.findall(r"^(\w+)\s*=(?!=)", text, re.MULTILINE))
    return Names(defined, defined | bound, frozenset())


def acts(node: ast.stmt) -> bool:
    """Return True where a statement at the top level does more than to define and assign."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Await)
    return isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.AsyncWith)


def _is_test(body: Sequence[ast.stmt]) -> bool:
    names = [n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return bool(names) and all(re.match(r"(?i)test|.*tests?$", node.name) for node in names)


def _is_stub(body: Sequence[ast.stmt]) -> bool:
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    rest = [node for node in body if not isinstance(node, _BESIDE)]
    return bool(functions) and not rest and all(map(_is_bodiless, functions))


_BESIDE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)


def _is_bodiless(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Raise) and "NotImplemented" in ast.dump(node))
        for node in function.body
    )
