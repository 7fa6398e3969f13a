"""RV206 and RV207: names that are not there when they are needed."""

from __future__ import annotations

import ast
import difflib
from itertools import groupby
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules.definitions import definitions, undefined
from validator.rules.guards import broken_guards
from validator.rules.hidden import declaration, scopes
from validator.rules.missing_imports import import_fix, missing_import
from validator.rules.program import bound_by, trees
from validator.rules.renaming import renaming, taking_self
from validator.rules.rule import Evidence, Example, Rule, quoted, said_by
from validator.rules.words import name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Diagnostic, SourceFile
    from validator.findings import Finding, Fix
    from validator.rules.bindings import Function
    from validator.rules.hidden import Scopes
    from validator.rules.missing_imports import Import

MAX_RELATED = 5
"""Other uses of the same name that are pointed at; more would not help to mend it."""

MAX_FIXES = 100
"""Declarations worked out for one file at once; whoever makes them judges again anyway."""

MAX_COMPARED = 500
"""Names of a program that an unknown one is compared with."""


class UndefinedName(Rule):
    """A name is used that nothing defines.

    ## What it does
    Puts together what ruff (F821) and pyright (reportUndefinedVariable) say, one finding a name,
    however often it is used. A name the module does define, only further down, is
    `use-before-definition`; one in a mangled guard is `broken-main-guard`.

    ## Why it matters
    The program ends with a NameError when it comes to it, which may be long after it started.

    ## What to do
    Import it, define it, or write the name that was meant. `--fix` adds a missing import of the
    standard library or of what is known by custom (`np`), writes `true` as `True` and a name with a
    slip in it as the only one near that fits, and gives a method the `self` it uses.
    """

    code = "RV206"
    name = "undefined-name"
    example = Example(
        bad="print(random.randint(1, 6))\n",
        good="import random\n\nprint(random.randint(1, 6))\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each name."""
        for file, module in trees(evidence.submission):
            below = definitions(module)
            guards = {guard.line for guard in broken_guards(file)}
            own = [
                each
                for each in undefined(evidence, file, module)
                if each.span.first not in guards and name_in(each.message) not in below
            ]
            known = scopes(module) if own else None
            for name, uses in _by_name(own):
                assert known is not None, "there is something undefined"
                yield self._finding(evidence, file, known, name, uses)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        known: Scopes,
        name: str,
        uses: list[Diagnostic],
    ) -> Finding:
        places = sorted({(use.span.first, use.column) for use in uses})
        wanted = missing_import(file, name, places[0])
        fix = _fix(file, known, name, wanted, places)
        others = tuple(
            (evidence.at(file.path, *place), "used here as well")
            for place in places[1 : MAX_RELATED + 1]
        )
        return self.find(
            f"nothing defines {quoted(name)}",
            evidence.at(file.path, *places[0]),
            related=others,
            evidence=_once(uses),
            hint=_hint(name, wanted, fix, known.module),
            fix=fix,
        )


def _fix(
    file: SourceFile,
    known: Scopes,
    name: str,
    wanted: Import | None,
    places: list[tuple[int, int]],
) -> Fix | None:
    if wanted is not None:
        return import_fix(file, known.module, wanted)
    if name == "self":
        return taking_self(file, known, places)
    return renaming(file, known, name, places)


def _hint(name: str, wanted: Import | None, fix: Fix | None, module: ast.Module) -> str:
    if wanted is not None:
        return f"Add `{wanted.line}`."
    if fix is not None:
        return f"{fix.description[:1].upper()}{fix.description[1:]}."
    known = [each for each in _bound_anywhere(module) if each != name]
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    if near:
        return f"Define {quoted(name)}, or write `{near[0]}` if that is what is meant."
    return f"Define or import {quoted(name)}, or leave out what needs it."


def _bound_anywhere(module: ast.Module) -> list[str]:
    """Return the names that any part of a module binds, as many as are worth comparing with."""
    nodes = ast.walk(module)
    return sorted({name for node in nodes for name in _binds(node)})[:MAX_COMPARED]


def _binds(node: ast.AST) -> Iterable[str]:
    return (node.arg,) if isinstance(node, ast.arg) else bound_by(node)


class UnboundLocal(Rule):
    """A function reads a name of its own before it has given it a value.

    ## What it does
    Puts together what ruff (F823) and pyright (unbound, possibly unbound) say about the names of a
    function, one finding a function and name. Where the module has a variable of that name, a
    missing `global` is meant. A name that is merely *possibly* unbound is a warning where
    the module has such a variable, and a note otherwise.

    ## Why it matters
    An assignment anywhere in a function makes the name local in all of it. The program ends
    with an UnboundLocalError, often only when a key is pressed or a branch is taken.

    ## What to do
    Say `global name` or `nonlocal name` at the top of the function, or pass the value in and
    return it. `--fix` does the first.
    """

    code = "RV207"
    name = "unbound-local"
    example = Example(
        bad="score = 0\n\n\ndef hit():\n    score += 1\n\n\nhit()\n",
        good="score = 0\n\n\ndef hit():\n    global score\n    score += 1\n\n\nhit()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each function and name."""
        said = evidence.said("F823", "reportUnboundVariable", "reportPossiblyUnbound")
        for file, module in trees(evidence.submission):
            own = [each for each in said if each.path == file.path]
            known = scopes(module)
            groups = (
                (name, function, inside)
                for name, uses in _by_name(own)
                for function, inside in _by_function(known, uses)
            )
            for number, group in enumerate(groups):
                yield self._finding(evidence, file, known, *group, fixable=number < MAX_FIXES)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        known: Scopes,
        name: str,
        function: Function | None,
        uses: list[Diagnostic],
        *,
        fixable: bool,
    ) -> Finding:
        first = min(uses, key=lambda use: (use.span, use.column))
        certain = any(use.code != "reportPossiblyUnbound" for use in uses)
        owner, keyword = known.hidden_by(function, name)
        where = f"`{function.name}`" if function else "the module"
        verb = "reads" if certain else "may read"
        why = f"; it hides {owner}'s own `{name}`" if owner else ""
        fix = None
        if function is not None and keyword and fixable:
            # Where it ends each time it comes here, no correct program loses anything.
            declared = f"{keyword} {name}"
            fix = declaration(file, known.module, function, declared, safe=certain)
        weight = Severity.WARNING if owner else Severity.NOTE
        hint = (
            f"Say `{keyword} {name}` at the top of {where}."
            if owner
            else f"Give `{name}` a value on every way to this line."
        )
        return self.find(
            f"{where} {verb} {quoted(name)} before giving it a value{why}",
            evidence.at(file.path, first.span.first, first.column),
            severity=None if certain else weight,
            evidence=_once(uses),
            hint=hint,
            fix=fix,
        )


def _by_function(
    known: Scopes, uses: list[Diagnostic]
) -> Iterator[tuple[Function | None, list[Diagnostic]]]:
    groups: dict[int, tuple[Function | None, list[Diagnostic]]] = {}
    for use in uses:
        function = known.innermost(use.span.first)
        groups.setdefault(id(function), (function, []))[1].append(use)
    yield from groups.values()


def _by_name(said: Iterable[Diagnostic]) -> Iterator[tuple[str, list[Diagnostic]]]:
    def name(each: Diagnostic) -> str:
        return name_in(each.message)

    for key, group in groupby(sorted(said, key=name), key=name):
        yield key, list(group)


def _once(said: Iterable[Diagnostic]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said_by(each) for each in said))
