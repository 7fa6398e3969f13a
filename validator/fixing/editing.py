"""Edits into a submission: whole lines taken out and put in, every other line as it was.

One pass makes every fix that touches nothing another fix of the pass touches. Lines that are not
edited keep their text, their own line end and their place in the reply.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from itertools import chain, combinations
from typing import TYPE_CHECKING

from validator.facts import LINE_END, SourceFile
from validator.syntax import NOT_PYTHON, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from validator.facts import RequirementLine, Submission
    from validator.findings import Edit, Finding, Fix, RequirementEdit

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")

MAX_WEIGHED = 100
"""Fixes of one pass that are tried one by one, where not all of them can be made."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A submission with fixes made, and the findings they came from."""

    submission: Submission
    applied: tuple[Finding, ...]


def apply(submission: Submission, findings: Iterable[Finding], *, unsafe: bool = False) -> Fixed:
    """Make the fixes of `findings` once, in their order, leaving out those that overlap.

    Only safe fixes are made unless `unsafe`. A fix after which a file no longer parses that did
    before is not kept, nor is one whose edits do not fit the files or the requirements.
    """
    wanted = [
        (finding, finding.fix)
        for finding in findings
        if finding.fix is not None
        and (finding.fix.safe or unsafe)
        and not _overlaps_itself(finding.fix)
    ]
    # Mostly all of them can be made: one look at the files is then enough.
    together = _apart(wanted)
    fixes = [fix for _, fix in together]
    candidate = edited(submission, fixes)
    if candidate is not None and not _breaks(submission, candidate, fixes):
        return Fixed(candidate, tuple(finding for finding, _ in together))
    return _one_by_one(submission, wanted[:MAX_WEIGHED])


def _apart(wanted: Iterable[tuple[Finding, Fix]]) -> list[tuple[Finding, Fix]]:
    kept: list[tuple[Finding, Fix]] = []
    for finding, fix in wanted:
        if not any(_overlap(fix, other) for _, other in kept):
            kept.append((finding, fix))
    return kept


def _one_by_one(submission: Submission, wanted: Iterable[tuple[Finding, Fix]]) -> Fixed:
    current = Fixed(submission, ())
    made: list[Fix] = []
    for finding, fix in wanted:
        if any(_overlap(fix, each) for each in made):
            continue
        candidate = edited(submission, (*made, fix))
        if candidate is not None and not _breaks(current.submission, candidate, (fix,)):
            current = Fixed(candidate, (*current.applied, finding))
            made.append(fix)
    return current


def parses(submission: Submission, path: str) -> bool:
    """Tell whether a file can be read as Python; what is no Python can be read as it is."""
    file = submission.file(path)
    if file is None or not path.endswith((".py", ".pyw")):
        return True
    try:
        check(file.text)
    except NOT_PYTHON:
        return False
    return True


def _breaks(before: Submission, after: Submission, fixes: Iterable[Fix]) -> bool:
    paths = {edit.path for fix in fixes for edit in fix.edits}
    return any(parses(before, path) and not parses(after, path) for path in paths)


# ── what may be made in one pass ─────────────────────────────────────────────────────────────────


def _overlap(one: Fix, other: Fix) -> bool:
    if any(_touch(edit, each) for edit in one.edits for each in other.edits):
        return True
    return bool(_packages(one) & _packages(other))


def _overlaps_itself(fix: Fix) -> bool:
    return any(_touch(one, other) for one, other in combinations(fix.edits, 2))


def _touch(one: Edit, other: Edit) -> bool:
    if one.path != other.path:
        return False
    first, second = one.span, other.span
    if first.first == second.first:
        return True
    return first.first <= second.last and second.first <= first.last


def _packages(fix: Fix) -> frozenset[str]:
    lines = chain.from_iterable((each.before, each.after) for each in fix.requirements)
    return frozenset(package_name(line.text) for line in lines if line is not None)


def package_name(text: str) -> str:
    """Return the normalized name a requirement line begins with; the line itself where none."""
    match = _NAME.match(text.strip())
    return re.sub(r"[-_.]+", "-", match[0]).casefold() if match else text


# ── making it ────────────────────────────────────────────────────────────────────────────────────


def edited(submission: Submission, fixes: Sequence[Fix]) -> Submission | None:
    """Return the submission with the fixes made, all counted in its own lines.

    None where one of them does not fit the files or the requirements.
    """
    requirements = _required(submission.requirements, fixes)
    edits = [edit for fix in fixes for edit in fix.edits]
    files = {file.path: file for file in submission.files}
    fit = all(edit.path in files and _fits(edit, files[edit.path]) for edit in edits)
    if requirements is None or not fit:
        return None
    for path in {edit.path for edit in edits}:
        files[path] = _rewritten(files[path], fixes)
        if len(_LINE.findall(files[path].text)) != len(files[path].reply_lines):
            return None  # a lone CR has met an LF, and two lines are one
    settled = {recovery for fix in fixes for recovery in fix.settles}
    kept = tuple(each for each in submission.recoveries if each not in settled)
    written = tuple(files.values())
    return replace(submission, files=written, requirements=requirements, recoveries=kept)


def _required(
    lines: tuple[RequirementLine, ...], fixes: Sequence[Fix]
) -> tuple[RequirementLine, ...] | None:
    edits: list[RequirementEdit] = [edit for fix in fixes for edit in fix.requirements]
    instead = {edit.before: edit.after for edit in edits if edit.before is not None}
    if not instead.keys() <= set(lines):
        return None
    kept = (instead.get(line, line) for line in lines)
    added = (edit.after for edit in edits if edit.before is None)
    return tuple(dict.fromkeys(line for line in (*kept, *added) if line is not None))


def _fits(edit: Edit, file: SourceFile) -> bool:
    count = len(_LINE.findall(file.text))
    return 1 <= edit.span.first <= count + 1 and edit.span.first - 1 <= edit.span.last <= count


def _rewritten(file: SourceFile, fixes: Sequence[Fix]) -> SourceFile:
    lines: list[str] = _LINE.findall(file.text)
    end = LINE_END.search(file.text)
    ending = end[0] if end else "\n"
    if lines and not LINE_END.search(lines[-1]):
        lines[-1] += ending
    places = [*file.reply_lines, *(0 for _ in lines)][: len(lines)]
    pieces = [
        (edit, _places(edit, places, _taken_out(lines, places, fix)))
        for fix in fixes
        for edit in fix.edits
        if edit.path == file.path
    ]
    for edit, origins in sorted(pieces, key=lambda piece: piece[0].span, reverse=True):
        cut = slice(edit.span.first - 1, edit.span.last)
        lines[cut] = [line + ending for line in edit.replacement]
        places[cut] = origins
    return SourceFile(file.path, "".join(lines), tuple(places))


def _taken_out(lines: list[str], places: list[int], fix: Fix) -> dict[str, deque[int]]:
    """Return the lines a fix only takes out, and their places: it puts them in again elsewhere."""
    found: dict[str, deque[int]] = {}
    for edit in fix.edits:
        if edit.replacement:
            continue
        for index in range(edit.span.first - 1, min(edit.span.last, len(lines))):
            text = lines[index].rstrip("\r\n")
            if text.strip():
                found.setdefault(text, deque()).append(places[index])
    return found


def _places(edit: Edit, places: list[int], moved: dict[str, deque[int]]) -> list[int]:
    origin = places[edit.span.first - 1 : edit.span.last]
    if len(origin) == len(edit.replacement):
        return origin
    first = origin[0] if origin else 0
    return [moved[line].popleft() if moved.get(line) else first for line in edit.replacement]
