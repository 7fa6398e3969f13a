"""Edits as a person reads them: unified diffs, written from the edits themselves.

Comparing the texts would cost the square of their length, and may show another edit than was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import Span, split_lines
from validator.findings import Diff, Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.facts import Submission
    from validator.findings import Fix

CONTEXT = 2
"""Unchanged lines shown around a change."""
REQUIREMENTS = "requirements.txt"


def diffs(submission: Submission, fix: Fix) -> tuple[Diff, ...]:
    """Return what `fix` does to `submission`, one diff a file, in the order of the files.

    What reading had done already, and the fix settles, is shown as done by the fix.
    """
    found = [
        Diff(file.path, unified(split_lines(file.undone(fix.settles).text), edits))
        for file in submission.files
        if (edits := [each for each in fix.edits if each.path == file.path])
    ]
    if fix.requirements:
        lines = [line.text for line in submission.requirements]
        found.append(Diff(REQUIREMENTS, unified(lines, _as_edits(submission, fix))))
    return tuple(found)


def _as_edits(submission: Submission, fix: Fix) -> list[Edit]:
    numbers = {line: number for number, line in enumerate(submission.requirements, start=1)}
    end = len(submission.requirements) + 1
    edits = []
    for each in fix.requirements:
        number = numbers[each.before] if each.before else end
        span = Span(number, number if each.before else number - 1)
        edits.append(Edit(REQUIREMENTS, span, (each.after.text,) if each.after else ()))
    return edits


def unified(lines: Sequence[str], edits: Sequence[Edit]) -> str:
    """Return a unified diff of `lines`, with its hunk headers; every line of it ends.

    `edits` are of these lines and do not overlap.
    """
    shown, shift = [], 0
    for group in _hunks(edits):
        first = max(group[0].span.first - CONTEXT, 1)
        last = min(group[-1].span.last + CONTEXT, len(lines))
        body = [*_body(lines, group, first, last)]
        old = last - first + 1
        new = sum(not line.startswith("-") for line in body)
        start = first + shift
        shown.append(f"@@ -{_range(first, old)} +{_range(start, new)} @@")
        shown += body
        shift += new - old
    return "".join(f"{line}\n" for line in shown)


def _hunks(edits: Sequence[Edit]) -> Iterator[list[Edit]]:
    group: list[Edit] = []
    for edit in sorted(edits, key=lambda each: each.span):
        if group and edit.span.first - group[-1].span.last > 2 * CONTEXT + 1:
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _body(lines: Sequence[str], group: Sequence[Edit], first: int, last: int) -> Iterator[str]:
    at = first
    for edit in group:
        yield from (f" {line}" for line in lines[at - 1 : edit.span.first - 1])
        yield from (f"-{line}" for line in lines[edit.span.first - 1 : edit.span.last])
        yield from (f"+{line}" for line in edit.replacement)
        at = edit.span.last + 1
    yield from (f" {line}" for line in lines[at - 1 : last])


def _range(first: int, count: int) -> str:
    # An empty range is named by the line before it, as patch reads it.
    return f"{first if count else first - 1},{count}"
