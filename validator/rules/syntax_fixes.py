"""What makes a file readable that Python refuses: found by trying, and certain where it is alone.

Nothing that works is lost, for the file does not run at all. What might be lost is what was meant:
a fix is safe only where Python takes one reading of each line and no other that anyone would write.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Edit, Fix
from validator.rules import brackets, slips
from validator.rules.indenting import reindented
from validator.rules.program import bound_by
from validator.rules.rule import quoted
from validator.rules.words import listed
from validator.syntax import NOT_PYTHON, check, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validator.facts import SourceFile
    from validator.rules.indenting import Change

MAX_CHARACTERS = 60_000
"""Of a file whose errors are mended: each reading has all of it parsed."""
MAX_SLIPS = 6
"""Of one file; one with more was not meant as Python, or is not whole."""
MAX_READINGS = 160
"""Of one line and its statement."""
_GROUPED_NAME = re.compile(r"(?<![\w)\]])\([\w.]+\)")
_AWAITS = re.compile(r"(?P<indent>\s*)(?P<target>\w+\s*=\s*)?await\s+(?P<what>[\w.]+\(.*\))\s*")
_PRESET = frozenset(dir(builtins)) | {"__file__", "__name__", "asyncio"}
_INDENTATION = (IndentationError, TabError)


@dataclass(frozen=True, slots=True)
class _Error:
    line: int
    indentation: bool


@dataclass(frozen=True, slots=True)
class _Reading:
    """The lines of a file as they may have been meant."""

    change: Change
    lines: tuple[str, ...]
    error: _Error | None
    """What Python says then; None where it takes the file."""
    sure: bool
    """False where it is one of several that nobody can tell apart by trying."""


def syntax_fix(file: SourceFile) -> Fix | None:
    """Return the edits after which Python takes the file; None where nobody can know them.

    Each line it stumbles over is read in the ways it may have been meant, until the whole file can
    be read. Safe where there was one way at each of them.
    """
    if len(file.text) > MAX_CHARACTERS:
        return None
    found = _mended(file.text)
    if found is None:
        return None
    changed, certain = found
    edits = tuple(
        Edit(file.path, Span(number, number), (text,)) for number, text in sorted(changed.items())
    )
    return Fix(_words(changed, split_lines(file.text)), edits, safe=certain)


@lru_cache(maxsize=32)
def _mended(text: str) -> tuple[dict[int, str], bool] | None:
    lines = tuple(split_lines(text))
    changed: dict[int, str] = {}
    certain, error = True, _error(lines)
    for _ in range(MAX_SLIPS):
        if error is None:
            break
        readings = _best(lines, error)
        if not readings:
            return None
        chosen = readings[0]
        certain = certain and len(readings) == 1 and _is_sure(chosen)
        changed |= dict(chosen.change)
        lines, error = chosen.lines, chosen.error
    if error is not None or not changed:
        return None
    return changed, certain and not _divides_as_it_did_not(text, changed, lines)


def _words(changed: dict[int, str], lines: Sequence[str]) -> str:
    numbers = sorted(changed)
    if all(changed[each].strip() == lines[each - 1].strip() for each in numbers):
        where = "line" if len(numbers) == 1 else "lines"
        return f"indent {where} {listed([str(each) for each in numbers], '{}'.format)} as meant"
    first = f"write line {numbers[0]} as {quoted(changed[numbers[0]].strip())}"
    others = len(numbers) - 1
    return f"{first}, and mend {others} more" if others else first


def _divides_as_it_did_not(text: str, changed: dict[int, str], lines: Sequence[str]) -> bool:
    """Tell a program of Python 2 that divides: `/` of whole numbers gave a whole number there."""
    before = split_lines(text)
    printed = any(re.match(r"\s*print\s+[^(]", before[number - 1]) for number in changed)
    return printed and any(isinstance(each, ast.Div) for each in ast.walk(_tree(lines)))


# ── the readings of one error ────────────────────────────────────────────────────────────────────


def _best(lines: tuple[str, ...], error: _Error) -> list[_Reading]:
    """Return the readings that get Python furthest, each once, the likeliest first."""
    tried: dict[Change, bool] = {}
    for change, sure in islice(_changes(lines, error), MAX_READINGS):
        tried[change] = tried.get(change, False) or sure
    readings = [_read(lines, change, sure=sure) for change, sure in tried.items() if change]
    whole = [each for each in readings if each.error is None]
    if whole:
        return _plausible(_distinct(whole))
    last = {id(each): max(number for number, _ in each.change) for each in readings}
    further = [
        each
        for each in readings
        if each.error is not None and each.error.line > max(error.line, last[id(each)])
    ]
    furthest = max((each.error.line for each in further if each.error), default=0)
    return [each for each in further if each.error and each.error.line == furthest]


def _changes(lines: tuple[str, ...], error: _Error) -> Iterator[tuple[Change, bool]]:
    if error.indentation:
        yield from reindented(lines, error.line)
        return
    before = next((n for n in range(error.line - 1, 0, -1) if lines[n - 1].strip()), None)
    for number in (error.line, before):
        if number is None or number > len(lines):
            continue
        line = lines[number - 1]
        alone = chain(
            slips.readings(line),
            slips.with_other_quotes(line),
            brackets.rightly_closed(lines, number),
        )
        yield from ((((number, each),), True) for each in alone)
        guesses = chain(brackets.opened_or_dropped(line), brackets.quoted_to_an_end(line))
        for each, sure in guesses:
            yield ((number, each),), sure
        for at, text, sure in brackets.closed(lines, number):
            yield ((at, text),), sure
        yield from (((place,), True) for place in brackets.separated(lines, number))
    yield from ((change, True) for change in _run_by_asyncio(lines, error.line))


def _run_by_asyncio(lines: Sequence[str], number: int) -> Iterator[Change]:
    """Return the line that awaits outside any function handed to `asyncio.run` instead."""
    match = _AWAITS.fullmatch(lines[number - 1]) if number <= len(lines) else None
    if match is None:
        return
    around = (line for line in reversed(lines[: number - 1]) if line[:1].strip())
    if not match["indent"] or next(around, "").startswith("if __name__"):
        yield ((number, f"{match['indent']}{match['target'] or ''}asyncio.run({match['what']})"),)


def _read(lines: tuple[str, ...], change: Change, *, sure: bool) -> _Reading:
    now = list(lines)
    for number, text in change:
        now[number - 1] = text
    return _Reading(change, tuple(now), _error(now), sure)


def _error(lines: Iterable[str]) -> _Error | None:
    try:
        check("\n".join(lines) + "\n")
    except SyntaxError as error:
        return _Error(max(error.lineno or 1, 1), isinstance(error, _INDENTATION))
    except NOT_PYTHON:
        return _Error(1, indentation=False)
    return None


def _tree(lines: Iterable[str]) -> ast.Module:
    return parse("\n".join(lines) + "\n")


# ── which of them anyone would write ─────────────────────────────────────────────────────────────


def _distinct(readings: Iterable[_Reading]) -> list[_Reading]:
    """Return the readings that come to different programs, each sure if one way to it is."""
    found: dict[str, _Reading] = {}
    for each in readings:
        program = ast.dump(_tree(each.lines))
        if each.sure and not found.setdefault(program, each).sure:
            found[program] = each
        found.setdefault(program, each)
    return list(found.values())


def _plausible(readings: list[_Reading]) -> list[_Reading]:
    """Leave out what Python takes and nobody writes, as long as something is left."""
    if len(readings) == 1:
        return readings
    sound = [each for each in readings if not _is_odd(each)]
    unknown = {id(each): _unknown_names(each) for each in sound or readings}
    fewest = min(unknown.values())
    return [each for each in sound or readings if unknown[id(each)] == fewest]


def _is_sure(reading: _Reading) -> bool:
    """Tell whether a reading that is alone may be taken for what was meant.

    Not where it comes to nothing, or speaks of what nobody has defined.
    """
    if reading.error is not None:
        return reading.sure  # it cannot be looked at closer before the rest can be read
    nodes = [node for each in _statements(reading) for node in ast.walk(each)]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return reading.sure and not _is_odd(reading) and names <= _known(reading)


def _statements(reading: _Reading) -> list[ast.stmt]:
    """Return the statements that hold the lines a reading changes; of a block, its header."""
    changed = {number for number, _ in reading.change}
    found = []
    for node in ast.walk(_tree(reading.lines)):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno
            if changed & set(range(node.lineno, max(last or 0, node.lineno) + 1)):
                found.append(node)
    return found


def _is_odd(reading: _Reading) -> bool:
    """Tell a value that nothing is done with, a tuple without its brackets, a name in brackets."""
    if any(_GROUPED_NAME.search(slips.masked(text)) for _, text in reading.change):
        return True
    return any(_comes_to_nothing(each, reading.lines) for each in _statements(reading))


def _comes_to_nothing(statement: ast.stmt, lines: Sequence[str]) -> bool:
    match statement:
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.Constant()):
            return False
        case ast.Expr() | ast.Assert(test=ast.Tuple()):
            return True
        case ast.Assign(value=ast.Tuple() as value) | ast.Return(value=ast.Tuple() as value):
            line = lines[value.lineno - 1].encode()
            return line[value.col_offset : value.col_offset + 1] != b"("
    return False


def _unknown_names(reading: _Reading) -> int:
    nodes = ast.walk(_tree(reading.lines))
    return len({node.id for node in nodes if isinstance(node, ast.Name)} - _known(reading))


def _known(reading: _Reading) -> frozenset[str]:
    """Return the names that anything in the file binds, and those Python has."""
    nodes = tuple(ast.walk(_tree(reading.lines)))
    bound = {name for node in nodes for name in bound_by(node)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return frozenset(bound) | _PRESET
