"""Moving statements below what they need: comments along, in their order, and only if it helps."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules.order import early_uses
from validator.rules.program import FUNCTIONS, bound_by, first_line, own_nodes
from validator.rules.words import listed
from validator.syntax import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.facts import SourceFile
    from validator.rules.bindings import EarlyUse

MAX_TRIES = 12
"""Moves worked out for one fix; each takes one more statement or definition into account."""


def early_uses_of(module: ast.Module) -> tuple[EarlyUse, ...]:
    """Return the names a module needs before it binds them; none where it is nested too deeply."""
    try:
        return early_uses(module)
    except RecursionError:
        return ()  # its linters and its run are left to judge it


def move(
    file: SourceFile, module: ast.Module, group: Sequence[EarlyUse], before: Sequence[EarlyUse]
) -> Fix | None:
    """Return the edits that move a statement below what it needs, if that mends it.

    `group` holds the early uses of the statement, `before` those of the whole module. What else
    comes too early, then or because of the move, goes with it, and what stands between: statements
    that do something keep their order among each other.
    """
    first = group[0].statement
    needed = {use.name for use in group}
    moving = {id(first)}
    for _ in range(MAX_TRIES):
        last = max(_end(module, name) for name in needed)
        moving |= {id(use.statement) for use in before if _between(use.statement, first, last)}
        plan = _plan(file, module, _with_those_between(module, moving), last)
        if plan is None:
            return None
        after = _uses_in(plan.text)
        if after is None:
            return None
        more, further = _still_early(module, plan, after, before, moving)
        more = {each for each in more if _between(each, first, last)}
        if not {id(each) for each in more} - moving and not further - needed:
            break
        moving |= {id(each) for each in more}
        needed |= further
    else:
        return None
    if len(after) >= len(before):
        return None
    certain = any(use.certain for use in group)
    what = f"move {plan.words} below the definition of {listed(tuple(sorted(needed)))}"
    # A program that is certain to end here with a NameError has no behaviour to lose.
    return Fix(what, plan.edits, safe=certain)


def _between(statement: ast.stmt, first: ast.stmt, last: int) -> bool:
    return first.lineno <= statement.lineno <= last


def _with_those_between(module: ast.Module, moving: set[int]) -> list[ast.stmt]:
    """Return what is moved, in order, with all between that is more than a definition."""
    numbers = [number for number, each in enumerate(module.body) if id(each) in moving]
    return [
        each
        for each in module.body[numbers[0] : numbers[-1] + 1]
        if id(each) in moving or not _only_defines(each)
    ]


def _only_defines(statement: ast.stmt) -> bool:
    kinds = (*FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)
    return isinstance(statement, kinds)


def _still_early(
    module: ast.Module,
    plan: _Plan,
    after: Iterable[EarlyUse],
    before: Sequence[EarlyUse],
    moving: set[int],
) -> tuple[set[ast.stmt], set[str]]:
    """Return what comes too early because of the move, and what the moved needs further down."""
    by_line = {each.lineno: each for each in module.body}
    known = {(id(use.statement), use.name) for use in before}
    more, further = set(), set()
    for use in after:
        statement = by_line.get(plan.origins[use.statement.lineno - 1])
        if id(statement) in moving:
            further.add(use.name)
        elif statement is not None and (id(statement), use.name) not in known:
            more.add(statement)
    return more, further


@dataclass(frozen=True, slots=True)
class _Plan:
    """A move that was worked out."""

    edits: tuple[Edit, ...]
    text: str
    """The file after it."""
    origins: tuple[int, ...]
    """For each of its lines, the line it had before; 0 for those put in."""
    words: str
    """`line 5`, `lines 5-7`."""


def _plan(
    file: SourceFile, module: ast.Module, statements: Sequence[ast.stmt], last: int
) -> _Plan | None:
    """Work out the move of statements below line `last`; None where it cannot be made."""
    lines = split_lines(file.text)
    if last <= (statements[-1].end_lineno or 0) or _share_a_line(module, statements):
        return None
    runs = _runs(lines, [_with_comments(lines, each) for each in statements])
    block = [number for run in runs for number in range(run.first, run.last + 1)]
    above, below = _space(lines, last)
    taken = [_with_blanks(lines, run) for run in runs]
    out = {number for span in taken for number in range(span.first, span.last + 1)}
    kept = [number for number in range(1, len(lines) + 1) if number not in out]
    head = sum(number <= last for number in kept)
    origins = (*kept[:head], *above, *block, *below, *kept[head:])
    put = tuple(lines[number - 1] if number else "" for number in (*above, *block, *below))
    text = "".join(f"{lines[number - 1] if number else ''}\n" for number in origins)
    edits = (
        *(Edit(file.path, span, ()) for span in taken),
        Edit(file.path, Span(last + 1, last), put),
    )
    return _Plan(edits, text, origins, _words(statements))


def _space(lines: Sequence[str], last: int) -> tuple[list[int], list[int]]:
    """Return the blank lines to put above and below what is moved below line `last`, each a 0.

    As many as part the definition there from what follows it, and none among plain statements.
    """
    if not lines[last - 1][:1].isspace():
        return [], []
    following = next((n for n in range(last, len(lines)) if lines[n].strip()), None)
    if following is None:
        return [0, 0], []
    return ([0] * min(following - last, 2) or [0]), ([] if following > last else [0])


def _words(statements: Sequence[ast.stmt]) -> str:
    first, last = statements[0].lineno, statements[-1].end_lineno or statements[-1].lineno
    if first == last:
        return f"line {first}"
    return (
        f"lines {first}-{last}" if len(statements) == 1 else f"what is done in lines {first}-{last}"
    )


def _runs(lines: Sequence[str], spans: Iterable[Span]) -> list[Span]:
    """Join spans with nothing but blank lines between them: they are moved as they stand."""
    runs: list[Span] = []
    for span in spans:
        if runs and not any(
            lines[number].strip() for number in range(runs[-1].last, span.first - 1)
        ):
            runs[-1] = Span(runs[-1].first, span.last)
        else:
            runs.append(span)
    return runs


def _uses_in(text: str) -> tuple[EarlyUse, ...] | None:
    try:
        return early_uses_of(parse(text))
    except SyntaxError:
        return None  # a line end Python sees and we do not: nothing is moved then


def _with_blanks(lines: Sequence[str], span: Span) -> Span:
    """Take the blank lines below along where there are blank lines above already."""
    last = span.last
    if span.first == 1 or not lines[span.first - 2].strip():
        while last < len(lines) and not lines[last].strip():
            last += 1
    return Span(span.first, last)


def _with_comments(lines: Sequence[str], statement: ast.stmt) -> Span:
    """Return the lines of a statement and of the comments right above it."""
    first = first_line(statement)
    while first > 1 and lines[first - 2].startswith("#") and not lines[first - 2].startswith("#!"):
        first -= 1
    return Span(first, statement.end_lineno or statement.lineno)


def _end(module: ast.Module, name: str) -> int:
    """Return the last line of the module-level statement that binds a name first."""
    for statement in module.body:
        inside = (statement, *own_nodes(ast.Module([statement], [])))
        if any(name in bound_by(node) for node in inside):
            return statement.end_lineno or statement.lineno
    raise AssertionError(f"{name!r} is not bound by the module")


def _share_a_line(module: ast.Module, statements: Sequence[ast.stmt]) -> bool:
    own = {id(each) for each in statements}
    taken = {
        number
        for each in statements
        for number in range(each.lineno, (each.end_lineno or each.lineno) + 1)
    }
    others = [each for each in module.body if id(each) not in own]
    if any(each.lineno in taken or each.end_lineno in taken for each in others):
        return True
    return len({each.lineno for each in statements}) < len(statements)
