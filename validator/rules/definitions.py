"""RV204: names that are needed above the line that defines them."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules.moving import early_uses_of, move
from validator.rules.program import bound_by, own_nodes, trees
from validator.rules.rule import Evidence, Example, Rule, said_by
from validator.rules.words import listed, name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Diagnostic, SourceFile
    from validator.findings import Finding, Fix
    from validator.rules.bindings import EarlyUse


MAX_MOVES = 3
"""Fixes worked out at once: each is tried first. Whoever applies them judges again anyway."""
MAX_MOVED_IN = 200_000
"""Characters of a file in which moves are worked out."""


class UseBeforeDefinition(Rule):
    """A name is needed at module level above the line that defines it.

    ## What it does
    Follows the module from top to bottom as Python runs it, and the calls of the module's own
    functions and classes to any depth. `generate()` above `def generate` is found, and so is
    `main()` above a helper that only `main` needs, which linters let pass.
    It is a warning where a condition stands before the use, so that it may not come to it.

    ## Why it matters
    The program ends with a NameError for a function that anyone can see is there.

    ## What to do
    Move the call below the definitions, best to the end of the file. `--fix` does, comments
    included.
    """

    code = "RV204"
    name = "use-before-definition"
    example = Example(
        bad="def main():\n    greet()\n\n\nmain()\n\n\ndef greet():\n    print('hello')\n",
        good="def main():\n    greet()\n\n\ndef greet():\n    print('hello')\n\n\nmain()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding for each module-level statement that comes too early."""
        for file, module in trees(evidence.submission):
            uses = early_uses_of(module)
            said = undefined(evidence, file, module)
            defined = definitions(module)
            for number, group in enumerate(_by_statement(uses)):
                fixable = number < MAX_MOVES and len(file.text) < MAX_MOVED_IN
                fix = move(file, module, group, uses) if fixable else None
                yield self._finding(evidence, file, group, defined, said, fix)
            yield from self._only_linted(evidence, file, {use.name for use in uses}, defined, said)

    def _finding(
        self,
        evidence: Evidence,
        file: SourceFile,
        uses: list[EarlyUse],
        defined: dict[str, int],
        said: tuple[Diagnostic, ...],
        fix: Fix | None,
    ) -> Finding:
        line = uses[0].node.lineno if not uses[0].calls else _call_line(uses[0])
        names = tuple(dict.fromkeys(use.name for use in uses))
        related = [
            (evidence.at(file.path, defined[name]), f"`{name}` is defined here") for name in names
        ]
        related += [
            (evidence.at(file.path, use.node.lineno, use.node.col_offset + 1), _way(use))
            for use in uses
            if use.calls
        ]
        return self.find(
            _message(uses, names, line, defined),
            evidence.at(file.path, line),
            severity=None if any(use.certain for use in uses) else Severity.WARNING,
            related=tuple(related),
            evidence=tuple(said_by(each) for each in said if name_in(each.message) in names),
            hint=f"Move the call below the definition of {listed(names)}.",
            fix=fix,
        )

    def _only_linted(
        self,
        evidence: Evidence,
        file: SourceFile,
        known: set[str],
        defined: dict[str, int],
        said: tuple[Diagnostic, ...],
    ) -> Iterator[Finding]:
        """Take up what linters call undefined though the module defines it further down."""
        for each in said:
            name = name_in(each.message)
            if name in defined and name not in known:
                known.add(name)
                yield self.find(
                    f"`{name}` is used in line {each.span.first}, above its definition",
                    evidence.at(file.path, each.span.first, each.column),
                    severity=Severity.WARNING,
                    related=((evidence.at(file.path, defined[name]), f"`{name}` is defined here"),),
                    evidence=(said_by(each),),
                    hint=f"Define `{name}` above its use.",
                )


def undefined(evidence: Evidence, file: SourceFile, module: ast.Module) -> tuple[Diagnostic, ...]:
    """Return what linters call undefined in a file, so far as they can know.

    Ruff knows that `from x import *` may define anything. Pyright believes to know what `x` holds,
    which is nothing where it was not found: there only ruff is believed.
    """
    codes = ["F821", "F822"]
    if not _imports_unknown_names(evidence, module):
        codes.append("reportUndefinedVariable")
    said = tuple(each for each in evidence.said(*codes) if each.path == file.path)
    tried = _where_it_is_tried(module) if said else frozenset()
    return tuple(each for each in said if each.span.first not in tried)


def _where_it_is_tried(module: ast.Module) -> frozenset[int]:
    """Return the lines in which a NameError is expected, and told apart by its handler."""
    return frozenset(
        line
        for node in ast.walk(module)
        if isinstance(node, ast.Try)
        and any("NameError" in ast.unparse(each.type) for each in node.handlers if each.type)
        for statement in node.body
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    )


def _imports_unknown_names(evidence: Evidence, module: ast.Module) -> bool:
    own = {file.path.partition("/")[0].removesuffix(".py") for file in evidence.submission.files}
    return any(
        (node.module or "").partition(".")[0] not in sys.stdlib_module_names | own
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and "*" in {alias.name for alias in node.names}
    )


def definitions(module: ast.Module) -> dict[str, int]:
    """Return the names a module binds, each with the first line that does.

    Linters may call them undefined where they come early.
    """
    found: dict[str, int] = {}
    for node in own_nodes(module):
        for name in bound_by(node):
            found.setdefault(name, getattr(node, "lineno", 1))
    return found


def _by_statement(uses: Iterable[EarlyUse]) -> Iterator[list[EarlyUse]]:
    groups: dict[int, list[EarlyUse]] = {}
    for use in uses:
        groups.setdefault(id(use.statement), []).append(use)
    yield from groups.values()


def _call_line(use: EarlyUse) -> int:
    """Return the line of the module-level call that leads to the use."""
    first = use.calls[0]
    for node in ast.walk(use.statement):
        if isinstance(node, ast.Call) and _called(node.func) == first:
            return node.lineno
    return use.statement.lineno


def _called(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _message(
    uses: list[EarlyUse],
    names: tuple[str, ...],
    line: int,
    defined: dict[str, int],
) -> str:
    where = listed(names, lambda name: f"`{name}` (line {defined[name]})")
    if uses[0].calls:
        return f"`{uses[0].calls[0]}()` is called in line {line}, above {where} that it needs"
    if len(names) > 1:
        return f"line {line} stands above what it needs: {where}"
    below = defined[names[0]]
    return f"`{names[0]}` is used in line {line}, above its definition in line {below}"


def _way(use: EarlyUse) -> str:
    return f"`{use.name}` is needed here, by way of " + " → ".join(
        f"`{each}`" for each in use.calls
    )
