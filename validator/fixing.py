"""Applying the fixes that findings carry: pure, and never for the worse.

One pass applies every fix that touches lines no other fix of the pass touches; whoever judges
decides whether there is another pass. Lines that are not edited stay as they are, and every line
keeps its place in the reply.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import LINE_END, SourceFile, split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from validator.facts import Submission
    from validator.findings import Edit, Finding, Fix

MAX_PASSES = 20
"""Fixes that keep making room for others end here; the programs seen need two or three."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A submission with fixes applied, and the findings they came from."""

    submission: Submission
    applied: tuple[Finding, ...]


def apply(submission: Submission, findings: Iterable[Finding], *, unsafe: bool = False) -> Fixed:
    """Apply the fixes of `findings` once, in their order, leaving out those that overlap.

    Only safe fixes are applied unless `unsafe`. A fix after which a file no longer parses that did
    before is not kept, nor is one whose edits do not fit the files.
    """
    applied: list[Finding] = []
    taken: list[Edit] = []
    current = submission
    for finding in findings:
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe) or _overlaps(fix.edits, taken):
            continue
        candidate = _edited(submission, (*taken, *fix.edits))
        if candidate is not None and not _worse(current, candidate, fix):
            current = candidate
            taken.extend(fix.edits)
            applied.append(finding)
    return Fixed(current, tuple(applied))


def settle(
    submission: Submission,
    judge: Callable[[Submission], Iterable[Finding]],
    *,
    unsafe: bool = False,
) -> Fixed:
    """Judge and apply, again and again, until nothing is left to apply or `MAX_PASSES` are over.

    `judge` returns the findings of a submission, with their fixes.
    """
    applied: tuple[Finding, ...] = ()
    for _ in range(MAX_PASSES):
        # What is found again after its fix was made is not mended by making it once more.
        known = {(each.code, each.message) for each in applied}
        new = [each for each in judge(submission) if (each.code, each.message) not in known]
        fixed = apply(submission, new, unsafe=unsafe)
        if not fixed.applied:
            break
        submission, applied = fixed.submission, (*applied, *fixed.applied)
    return Fixed(submission, applied)


def _overlaps(edits: Iterable[Edit], taken: list[Edit]) -> bool:
    return any(_touch(edit, other) for edit in edits for other in taken)


def _touch(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    first, second = one.span, other.span
    if first.first == second.first:
        return True
    return first.first <= second.last and second.first <= first.last


def _edited(submission: Submission, edits: tuple[Edit, ...]) -> Submission | None:
    """Return the submission with the edits made, all counted in its own lines; None if none fit."""
    files = []
    for file in submission.files:
        own = sorted((each for each in edits if each.path == file.path), key=lambda e: e.span)
        if any(not _fits(each, file) for each in own):
            return None
        files.append(_rewritten(file, own) if own else file)
    if {each.path for each in edits} - {file.path for file in files}:
        return None
    return replace(submission, files=tuple(files))


def _fits(edit: Edit, file: SourceFile) -> bool:
    count = len(split_lines(file.text))
    return 1 <= edit.span.first <= count + 1 and edit.span.first - 1 <= edit.span.last <= count


def _rewritten(file: SourceFile, edits: list[Edit]) -> SourceFile:
    lines = split_lines(file.text)
    places = [*file.reply_lines, *(0 for _ in lines)][: len(lines)]
    # Lines that are moved keep the place they came from: they are known by their text.
    moved = _places_taken_out(lines, places, edits)
    for edit in reversed(edits):
        cut = slice(edit.span.first - 1, edit.span.last)
        origin = places[cut]
        lines[cut] = edit.replacement
        places[cut] = _places(edit, origin, moved)
    end = LINE_END.search(file.text)
    ending = end[0] if end else "\n"
    text = ending.join(lines) + ending if lines else ""
    return SourceFile(file.path, text, tuple(places))


def _places_taken_out(lines: list[str], places: list[int], edits: list[Edit]) -> dict[str, int]:
    return {
        lines[number - 1]: places[number - 1]
        for edit in edits
        if not edit.replacement
        for number in range(edit.span.first, edit.span.last + 1)
        if lines[number - 1].strip()
    }


def _places(edit: Edit, origin: list[int], moved: dict[str, int]) -> list[int]:
    if len(origin) == len(edit.replacement):
        return origin
    first = origin[0] if origin else 0
    return [moved.get(line, first) for line in edit.replacement]


def _worse(before: Submission, after: Submission, fix: Fix) -> bool:
    paths = {edit.path for edit in fix.edits}
    return any(_parses(before, path) and not _parses(after, path) for path in paths)


def _parses(submission: Submission, path: str) -> bool:
    file = submission.file(path)
    if file is None or not path.endswith((".py", ".pyw")):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(file.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
