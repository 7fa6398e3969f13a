"""RV204: names that are needed above the line that defines them."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix, Severity
from validator.rules.order import early_uses
from validator.rules.program import bound_by, first_line, own_nodes, trees
from validator.rules.rule import Evidence, Example, Rule, said_by
from validator.rules.words import listed, name_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from validator.facts import Diagnostic, SourceFile
    from validator.findings import Finding
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
            uses = _uses(module)
            said = undefined(evidence, file, module)
            defined = definitions(module)
            for number, group in enumerate(_by_statement(uses)):
                fixable = number < MAX_MOVES and len(file.text) < MAX_MOVED_IN
                fix = _move(file, module, group, uses) if fixable else None
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
    return tuple(each for each in evidence.said(*codes) if each.path == file.path)


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


def _uses(module: ast.Module) -> tuple[EarlyUse, ...]:
    try:
        return early_uses(module)
    except RecursionError:
        return ()  # nested too deeply to be walked: its linters and its run are left to judge it


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


# ── the fix ──────────────────────────────────────────────────────────────────────────────────────


def _move(
    file: SourceFile, module: ast.Module, group: list[EarlyUse], before: tuple[EarlyUse, ...]
) -> Fix | None:
    """Return the edit that moves a statement below what it needs, if that mends it.

    `group` holds the early uses of the statement, `before` those of the whole module.
    """
    statement = group[0].statement
    own = _with_comments(split_lines(file.text), statement)
    if _shares_a_line(module, statement):
        return None
    needed = {use.name for use in group}
    while True:
        moved = _moved(file, own, max(_end(module, name) for name in needed))
        if moved is None:
            return None
        edits, text, line = moved
        after = _uses_in(text)
        if after is None:
            return None
        missing = {use.name for use in after if use.statement.lineno == line} - needed
        if not missing:
            break
        needed |= missing
    if len(after) >= len(before):
        return None
    certain = any(use.certain for use in group)
    what = f"move line {own.last} below the definition of {listed(tuple(sorted(needed)))}"
    # A program that is certain to end here with a NameError has no behaviour to lose.
    return Fix(what, edits, safe=certain)


def _moved(file: SourceFile, own: Span, last: int) -> tuple[tuple[Edit, ...], str, int] | None:
    """Move lines below line `last`: the edits, the text they make, and the line moved to."""
    lines = split_lines(file.text)
    if last <= own.last:
        return None
    taken = _with_blanks(lines, own)
    block = tuple(lines[own.first - 1 : own.last])
    crowded = last < len(lines) and lines[last].strip()
    put = ("", "", *block, *(("",) if crowded else ()))
    edits = (Edit(file.path, taken, ()), Edit(file.path, Span(last + 1, last), put))
    head = [*lines[: taken.first - 1], *lines[taken.last : last]]
    comments = sum(line.startswith("#") for line in block[: own.last - own.first])
    text = "\n".join((*head, *put, *lines[last:])) + "\n"
    return edits, text, len(head) + 3 + comments


def _uses_in(text: str) -> tuple[EarlyUse, ...] | None:
    try:
        return _uses(ast.parse(text))
    except SyntaxError:
        return None  # a line end Python sees and we do not: nothing is moved then


def _with_blanks(lines: list[str], span: Span) -> Span:
    """Take the blank lines below along where there are blank lines above already."""
    last = span.last
    if span.first == 1 or not lines[span.first - 2].strip():
        while last < len(lines) and not lines[last].strip():
            last += 1
    return Span(span.first, last)


def _better(text: str, faults_before: int) -> bool:
    try:
        return len(_uses(ast.parse(text))) < faults_before
    except (SyntaxError, ValueError, RecursionError):
        return False


def _with_comments(lines: list[str], statement: ast.stmt) -> Span:
    """Return the lines of a statement and of the comments right above it."""
    first = first_line(statement)
    while first > 1 and lines[first - 2].startswith("#"):
        first -= 1
    return Span(first, statement.end_lineno or statement.lineno)


def _end(module: ast.Module, name: str) -> int:
    """Return the last line of the module-level statement that binds a name first."""
    for statement in module.body:
        inside = (statement, *own_nodes(ast.Module([statement], [])))
        if any(name in bound_by(node) for node in inside):
            return statement.end_lineno or statement.lineno
    raise AssertionError(f"{name!r} is not bound by the module")


def _shares_a_line(module: ast.Module, statement: ast.stmt) -> bool:
    span = range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    return any(
        each is not statement and (each.lineno in span or each.end_lineno in span)
        for each in module.body
    )
