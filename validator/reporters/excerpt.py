"""The lines around a place, numbered as the reply numbers them or as the file does."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len

from validator.facts import split_lines
from validator.reporters.untrusted import visible

if TYPE_CHECKING:
    from validator.facts import Submission
    from validator.findings import Finding, Location

LINES_BEFORE = 2
LINES_AFTER = 1
_MARKER_CHARACTERS = 24
"""A quote or list marker may stand before a line of code; a paragraph may not."""
_WORD = re.compile(r"\w+|\S")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an excerpt, fit to be shown."""

    number: int
    text: str
    primary: bool = False
    """True for the line the finding is about."""
    caret: tuple[int, int] | None = None
    """Where to underline: offset and length, in terminal cells."""
    label: str = ""
    """Why the line matters, where it is not the primary one."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of one document in ascending order, not necessarily adjacent."""

    lines: tuple[Line, ...]
    recovered: bool = False
    """True where the reply has the line in another shape, so that the file's is shown instead."""

    def moved(self, lines: int) -> Excerpt:
        """Return it with every number raised: the document begins further down in another."""
        if not lines:
            return self
        raised = tuple(replace(line, number=line.number + lines) for line in self.lines)
        return replace(self, lines=raised)

    @property
    def digits(self) -> int:
        """How wide the widest line number is."""
        return max(len(str(line.number)) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person opens an editor: a document they have, and where in it."""

    origin: str
    """The part of the reply, or the file's path where only the program has the line."""
    line: int
    column: int | None

    def __str__(self) -> str:
        """Return it as editors and terminals link it: `reply.md:31:5`."""
        column = f":{self.column}" if self.column else ""
        return f"{visible(self.origin)}:{self.line}{column}"


def place(submission: Submission, location: Location) -> Place | None:
    """Return the place in the reply, else in the program, else None."""
    if location.reply_line is not None:
        origin, line = submission.reply.place(location.reply_line)
        return Place(origin, line, _reply_column(submission, location))
    if location.path is not None and location.line is not None:
        return Place(location.path, location.line, location.column)
    return None


def of_reply(submission: Submission, finding: Finding) -> Excerpt | None:
    """Return the lines of the reply around a finding, or of the file where the reply shows others.

    A line that reading had to recover (out of a paragraph, say) is shown as it was recovered, with
    the file's numbers: the reply's own line would not be recognised.
    """
    submission = _as_it_stood(submission, finding)
    location = finding.location
    if location.reply_line is None:
        return of_file(submission, finding)
    if _marker_width(submission, location) is None:
        lines_of_file = of_file(submission, finding)
        return lines_of_file and replace(lines_of_file, recovered=True)
    index, line = part(submission, location.reply_line)
    related = tuple(
        (part(submission, other.reply_line)[1], label)
        for other, label in finding.related
        if other.reply_line is not None and part(submission, other.reply_line)[0] == index
    )
    held = submission.reply.parts[index]
    around = _around(_lines_of(held.text), line, _reply_column(submission, location), related)
    return around and around.moved(held.begins_at - 1)


def of_file(submission: Submission, finding: Finding) -> Excerpt | None:
    """Return the lines of the program around a finding, or None where it has no line there."""
    submission = _as_it_stood(submission, finding)
    location = finding.location
    file = submission.file(location.path)
    if file is None or location.line is None:
        return None
    related = tuple(
        (other.line, label)
        for other, label in finding.related
        if other.path == location.path and other.line is not None
    )
    return _around(_lines_of(file.text), location.line, location.column, related)


def _as_it_stood(submission: Submission, finding: Finding) -> Submission:
    """Return the program with the fault of the finding still in it, where reading undid it."""
    settles = finding.fix.settles if finding.fix is not None else ()
    return submission.undone(settles) if settles else submission


@lru_cache(maxsize=8)
def _lines_of(text: str) -> tuple[str, ...]:
    # Ten thousand findings in one long file would otherwise split it ten thousand times.
    return tuple(split_lines(text))


def part(submission: Submission, reply_line: int) -> tuple[int, int]:
    """Return the index of the part that holds `reply_line`, and the line within it."""
    first_lines = submission.reply.first_lines
    index = max(bisect_right(first_lines, reply_line) - 1, 0)
    return index, reply_line - first_lines[index] + 1


def _reply_column(submission: Submission, location: Location) -> int | None:
    width = _marker_width(submission, location)
    if location.column is None or width is None:
        return None
    return location.column + width


def _marker_width(submission: Submission, location: Location) -> int | None:
    """Return how far right the reply's line stands of the file's; None where it is another line."""
    lines = submission.reply.lines
    if location.reply_line is None or not 1 <= location.reply_line <= len(lines):
        return None
    file = submission.file(location.path)
    if file is None or location.line is None:
        return 0
    written = lines[location.reply_line - 1].rstrip()
    known = _lines_of(file.text)[location.line - 1 : location.line]
    wanted = known[0].rstrip() if known else written
    if not written.endswith(wanted.lstrip()):
        return None
    moved = len(written) - len(wanted)
    return moved if abs(moved) <= _MARKER_CHARACTERS else None


def _around(
    lines: tuple[str, ...], number: int, column: int | None, related: tuple[tuple[int, str], ...]
) -> Excerpt | None:
    if not 1 <= number <= len(lines):
        return None
    labels = {line: label for line, label in related if 1 <= line <= len(lines) and line != number}
    context = range(max(number - LINES_BEFORE, 1), min(number + LINES_AFTER, len(lines)) + 1)
    wanted = sorted({*_without_outer_blanks(lines, context, number), *labels})
    return Excerpt(
        tuple(
            _line(lines, each, column if each == number else None, number, labels)
            for each in wanted
        )
    )


def _without_outer_blanks(lines: tuple[str, ...], context: range, number: int) -> range:
    first, last = context.start, context.stop - 1
    while first < number and not lines[first - 1].strip():
        first += 1
    while last > number and not lines[last - 1].strip():
        last -= 1
    return range(first, last + 1)


def _line(
    lines: tuple[str, ...], each: int, column: int | None, number: int, labels: dict[int, str]
) -> Line:
    raw = lines[each - 1]
    return Line(
        number=each,
        text=visible(raw),
        primary=each == number,
        caret=_caret(raw, column),
        label=visible(labels.get(each, "")),
    )


def _caret(raw: str, column: int | None) -> tuple[int, int] | None:
    if column is None or not 1 <= column <= len(raw):
        return None
    word = _WORD.match(raw, column - 1)
    return cell_len(visible(raw[: column - 1])), cell_len(visible(word.group())) if word else 1
