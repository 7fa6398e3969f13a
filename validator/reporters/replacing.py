"""A fix told in the lines of the reply's own file, where those are the lines of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.findings import Location
from validator.reporters.places import in_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.facts import SourceFile, Submission
    from validator.findings import Edit, Fix, RequirementEdit


@dataclass(frozen=True, slots=True)
class Replacement:
    """Text to put in the place of a region, whose end is just past its last character."""

    first_line: int
    first_column: int
    last_line: int
    end_column: int
    text: str


Change = tuple[str | None, Replacement]
"""A file the user named, None for standard input, and what to replace in it."""


def replacements(submission: Submission, fix: Fix) -> tuple[Change, ...] | None:
    """Return a fix as replacements in the files of the reply; None where a part of it has no place.

    A fix can be told where each of its lines is the reply's own, or was one damaged line of it.
    """
    made = [_code(submission, edit) for edit in fix.edits]
    made += [_requirement(submission, edit) for edit in fix.requirements]
    known = tuple(each for each in made if each is not None)
    return known if known and len(known) == len(made) else None


def _code(submission: Submission, edit: Edit) -> Change | None:
    file = submission.file(edit.path)
    if file is None:
        return None
    lines = split_lines(file.text)
    if edit.span.last < edit.span.first:
        return _insertion(submission, file, lines, edit)
    wanted = range(edit.span.first, edit.span.last + 1)
    margins = {_margin(submission, file, lines, line) for line in wanted}
    places = [file.reply_line(line) for line in wanted]
    margin = margins.pop()
    if margins or margin is None or not _in_a_row(places):
        return None
    text = [margin + line for line in edit.replacement]
    return _region(submission, places[0], places[-1], text)


def _insertion(
    submission: Submission, file: SourceFile, lines: Sequence[str], edit: Edit
) -> Change | None:
    """Return an insertion before a line, or after the last, in the margin of that neighbour."""
    at_end = edit.span.first > len(lines)
    line = len(lines) if at_end else edit.span.first
    margin, place = _margin(submission, file, lines, line), file.reply_line(line)
    if margin is None or place is None:
        return None
    text = [margin + each for each in edit.replacement]
    where = in_file(submission, Location(reply_line=place))
    if where.line is None:
        return None
    if not at_end:
        new = "".join(f"{each}\n" for each in text)
        return where.path, Replacement(where.line, 1, where.line, 1, new)
    column = len(submission.reply.lines[place - 1]) + 1
    new = "".join(f"\n{each}" for each in text)
    return where.path, Replacement(where.line, column, where.line, column, new)


def _margin(
    submission: Submission, file: SourceFile, lines: Sequence[str], line: int
) -> str | None:
    """Return what stands before a line of the program in the reply; None where it is another."""
    place = file.reply_line(line)
    if place is None or not 1 <= line <= len(lines):
        return None
    written, known = submission.reply.lines[place - 1].rstrip(), lines[line - 1].rstrip()
    if not known:
        return "" if not written else None
    for shown in (known, *_damaged(submission, place, known)):
        if written.endswith(shown):
            return written.removesuffix(shown)
    return None


def _damaged(submission: Submission, place: int, known: str) -> list[str]:
    """Return how a line stood in the reply before reading mended that one line alone."""
    indent = known[: len(known) - len(known.lstrip())]
    return [
        indent + each.before.strip()
        for each in submission.recoveries
        if (each.span.first, each.span.last) == (place, place)
        and each.after.strip() == known.strip()
    ]


def _in_a_row(places: Sequence[int | None]) -> bool:
    first = places[0]
    return first is not None and list(places) == list(range(first, first + len(places)))


def _requirement(submission: Submission, edit: RequirementEdit) -> Change | None:
    if edit.before is None or edit.before.span.first != edit.before.span.last:
        return None
    number, old = edit.before.span.first, edit.before.text
    written = submission.reply.lines[number - 1]
    if written.count(old) != 1:
        return None
    if edit.after is None:
        return _region(submission, number, number, ()) if written.strip() == old else None
    new = written.replace(old, edit.after.text)
    return _region(submission, number, number, (new,))


def _region(
    submission: Submission, first: int | None, last: int | None, text: Sequence[str]
) -> Change | None:
    """Replace whole lines of one file by others; without any, their line ends go too."""
    start = in_file(submission, Location(reply_line=first))
    end = in_file(submission, Location(reply_line=last))
    if start.line is None or end.line is None or last is None or start.path != end.path:
        return None
    if not text:
        return start.path, Replacement(start.line, 1, end.line + 1, 1, "")
    column = len(submission.reply.lines[last - 1]) + 1
    return start.path, Replacement(start.line, 1, end.line, column, "\n".join(text))
