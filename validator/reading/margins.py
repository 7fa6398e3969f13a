"""How far in a continuation belongs that was written at a margin of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.reading.passage import indent

if TYPE_CHECKING:
    from validator.reading.passage import Passage

_NAMES = re.compile(r"[A-Za-z_][\w.]*")
_CHAIN = re.compile(r"\s*(?:el)?if\b(?P<test>.*):\s*(?:#.*)?$")


def begun_at(passage: Passage) -> int:
    """Return the index of the first line that is not blank; 0 where all are."""
    return next((i for i, line in enumerate(passage.lines) if line.strip()), 0)


def shifts(head: Passage, tail: Passage) -> list[int]:
    """Return the columns by which the beginning of `tail` may have to move, as it stands first."""
    first = next((line for line in tail.lines if line.strip()), None)
    if first is None:
        return [0]
    column = indent(first)
    chain = _chain_column(head, first)
    if chain is not None:
        return [chain - column]
    return [0, *sorted({level - column for level in open_columns(head)} - {0}, key=abs)]


def open_columns(head: Passage) -> list[int]:
    """Return the columns at which a statement could follow `head`, the innermost first."""
    columns: list[int] = []
    for line in reversed(head.lines):
        if not line.strip():
            continue
        column = indent(line)
        if not columns and line.rstrip().endswith(":"):
            columns.append(column + 4)
        if not columns or column < columns[-1]:
            columns.append(column)
        if column == 0:
            break
    return columns


def _chain_column(head: Passage, line: str) -> int | None:
    """Return the column of the open `if` chain an `elif` continues, where one clearly fits best.

    The links of a chain test one subject, so the chain whose tests name the most of what the `elif`
    names is its own; the parser accepts it on any open chain.
    """
    if not line.lstrip().startswith("elif") or (link := _CHAIN.match(line)) is None:
        return None
    wanted = set(_NAMES.findall(link["test"]))
    scores: dict[int, float] = {}
    lowest = 1 << 30
    for earlier in reversed(head.lines):
        column = indent(earlier)
        if not earlier.strip() or column > lowest:
            continue
        test = _CHAIN.match(earlier)
        # Anything but an `elif` ends, or begins, what chain there is at its column.
        lowest = column if earlier.lstrip().startswith("elif") else column - 1
        if test is not None:
            named = set(_NAMES.findall(test["test"]))
            likeness = len(wanted & named) / max(len(wanted | named), 1)
            scores[column] = max(scores.get(column, 0.0), likeness)
        if column == 0:
            break
    if not scores:
        return None
    best = max(scores.values())
    fitting = [column for column, score in scores.items() if score == best]
    return fitting[0] if best > 0 and len(fitting) == 1 else None


def beginning(tail: Passage) -> int:
    """Return how many lines `tail` has before its indentation first falls below where it began."""
    filled = [(i, indent(line)) for i, line in enumerate(tail.lines) if line.strip()]
    if not filled:
        return len(tail)
    return next((i for i, column in filled if column < filled[0][1]), len(tail))


def shifted(tail: Passage, columns: int) -> Passage:
    """Return `tail` with its beginning, up to where another suite begins, moved by `columns`."""
    if not columns:
        return tail
    stop = beginning(tail)
    if stop == len(tail) and indent(tail.lines[begun_at(tail)]) == 0:
        stop = _suite_end(tail)
    return tail.cut(0, stop).shifted(columns) + tail.cut(stop)


def _suite_end(tail: Passage) -> int:
    """A continuation that began at the margin ends where the next definition begins."""
    for index, line in enumerate(tail.lines):
        if index and re.match(r"(?:def|class|async def|@|if __name__)", line):
            return index
    return len(tail)
