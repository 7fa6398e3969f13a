"""Lines that stand too far left or right: where they may belong, by the blocks around them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TAB_WIDTHS = (4, 8)
UNIT = 4
MAX_LINES = 12
"""Of a block whose indentation was lost; of a longer one nobody can say where it ends."""
_DEFINES = re.compile(r"\s*(?:@|def\b|class\b|async\s+def\b|import\b|from\b|if\s+__name__)")

Change = tuple[tuple[int, str], ...]
"""Lines by their number, each with what it becomes."""


def reindented(lines: Sequence[str], number: int) -> Iterator[tuple[Change, bool]]:
    """Return the ways to indent line `number`, and those that go with it, like a block around it.

    Each with whether it is more than a guess: a line that misses a level by a blank is, one that
    stands a whole level off may be any block's. Tabs among spaces first: where there are any, they
    are what is wrong.
    """
    if any("\t" in _margin(line) for line in lines):
        yield from ((each, not _holds_text(each)) for each in _without_tabs(lines))
        return
    above = _above(lines, number)
    if above is None or number > len(lines) or not lines[number - 1].strip():
        return
    indent, opens = _indent(lines[number - 1]), lines[above - 1].rstrip().endswith(":")
    if opens and indent <= _indent(lines[above - 1]):
        if above == number - 1:
            level = _indent(lines[above - 1]) + UNIT
            yield from ((each, True) for each in _into_the_block(lines, number, level))
        return
    for level in _nearest(_levels(lines, number), indent):
        for run in ([number], _run(lines, number)):
            change = _shifted(lines, run, level - indent)
            yield change, abs(level - indent) < UNIT / 2 and not _holds_text(change)


def _holds_text(change: Change) -> bool:
    """Tell whether a string may span the lines, whose blanks are its own."""
    return any(quotes in text for _, text in change for quotes in ('"""', "'''"))


def _without_tabs(lines: Sequence[str]) -> Iterator[Change]:
    for width in TAB_WIDTHS:
        yield tuple(
            (number, f"{margin.expandtabs(width)}{line[len(margin) :]}")
            for number, line in enumerate(lines, start=1)
            if "\t" in (margin := _margin(line))
        )


def _into_the_block(lines: Sequence[str], number: int, level: int) -> Iterator[Change]:
    """Return the lines from `number` on made the block of the header above; the most first.

    What stands further right already, below no header among them, is in its block.
    """
    indent, block, opens = _indent(lines[number - 1]), [], False
    for at in range(number, min(number + MAX_LINES, len(lines)) + 1):
        line = lines[at - 1]
        deeper = _indent(line) > indent
        if not line.strip() or _indent(line) < indent or _DEFINES.match(line):
            break
        if deeper and not opens:
            break
        block.append(at)
        opens = opens if deeper else line.rstrip().endswith(":")
    for length in range(len(block), 0, -1):
        yield _shifted(lines, block[:length], level - indent)


def _run(lines: Sequence[str], number: int) -> list[int]:
    """Return the lines from `number` on that stand as far right as it does, or further."""
    indent, run = _indent(lines[number - 1]), [number]
    for at in range(number + 1, len(lines) + 1):
        if lines[at - 1].strip() and _indent(lines[at - 1]) < indent:
            break
        run.append(at)
    return run


def _levels(lines: Sequence[str], number: int) -> list[int]:
    """Return how far the blocks around a line are indented, innermost first."""
    levels: list[int] = []
    for at in range(number - 1, 0, -1):
        line = lines[at - 1]
        if line.strip() and not line.lstrip().startswith("#"):
            indent = _indent(line)
            if not levels:
                levels += [indent + UNIT] if line.rstrip().endswith(":") else []
                levels.append(indent)
            elif indent < levels[-1]:
                levels.append(indent)
    return levels


def _nearest(levels: Sequence[int], indent: int) -> list[int]:
    """Return the levels a line may have been meant for: the one it just misses, or any."""
    missed = [level for level in levels if 0 < abs(level - indent) < UNIT / 2]
    others = [level for level in levels if level != indent]
    return missed if len(missed) == 1 else sorted(others, key=lambda each: abs(each - indent))


def _shifted(lines: Sequence[str], numbers: Sequence[int], by: int) -> Change:
    return tuple(
        (number, " " * (_indent(line) + by) + line.lstrip())
        for number in numbers
        if (line := lines[number - 1]).strip()
    )


def _above(lines: Sequence[str], number: int) -> int | None:
    """Return the line of code above a line; comments are none."""
    for at in range(min(number - 1, len(lines)), 0, -1):
        if lines[at - 1].strip() and not lines[at - 1].lstrip().startswith("#"):
            return at
    return None


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _indent(line: str) -> int:
    return len(_margin(line))
