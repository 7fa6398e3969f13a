"""Judge and fix, again and again, until nothing is left to fix; what makes it worse is not kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.findings import AppliedFix, DroppedFix, Severity
from validator.fixing.diffs import diffs
from validator.fixing.editing import apply, parses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from validator.facts import Submission
    from validator.findings import Finding
    from validator.fixing.editing import Fixed

    Judge = Callable[[Submission], Iterable[Finding]]
    Fault = tuple[str, str | None, str]

MAX_PASSES = 20
"""Fixes that keep making room for others end here; the programs seen need two or three."""
MAX_SINGLES = 8
"""Fixes of one pass that are weighed one by one, where together they made it worse."""
_LINE_NUMBERS = re.compile(r"\blines? \d+(?:\s*(?:-|to|and)\s*\d+)?")


@dataclass(frozen=True, slots=True)
class Settled:
    """A submission nothing more can be done for, and what was done."""

    submission: Submission
    applied: tuple[AppliedFix, ...] = ()
    dropped: tuple[DroppedFix, ...] = ()


def settle(
    submission: Submission,
    judge: Judge,
    *,
    unsafe: bool = False,
    found: Iterable[Finding] | None = None,
    before: Settled | None = None,
) -> Settled:
    """Make the fixes that `judge` finds until there are no new ones or `MAX_PASSES` are over.

    `judge` returns the findings of a submission, with their fixes; `found` are those of the first,
    where they are known already. A fix is dropped where judging again shows an error that was not
    there before, unless it made a file parse: what was wrong further on could not be seen.
    `before` is what was done to the submission earlier; its fixes are not tried again.
    """
    state = before or Settled(submission)
    applied, dropped = list(state.applied), list(state.dropped)
    tried = {_key(each.finding) for each in applied} | {_key(each.finding) for each in dropped}
    findings = tuple(judge(submission) if found is None else found)
    for _ in range(MAX_PASSES):
        # What is found again after its fix was made is not mended by making it once more.
        new = [each for each in findings if _key(each) not in tried]
        step, after, refused = _step(submission, findings, new, judge, unsafe=unsafe)
        if not step.applied and not refused:
            break
        for finding in step.applied:
            assert finding.fix is not None, "it was applied"
            applied.append(AppliedFix(finding, diffs(submission, finding.fix)))
        dropped += refused
        tried |= {_key(each) for each in step.applied} | {_key(each.finding) for each in refused}
        submission, findings = step.submission, after
    return Settled(submission, tuple(applied), tuple(dropped))


def _step(
    submission: Submission,
    findings: tuple[Finding, ...],
    new: list[Finding],
    judge: Judge,
    *,
    unsafe: bool,
) -> tuple[Fixed, tuple[Finding, ...], list[DroppedFix]]:
    """Make one pass: what was made, what is found after it, and what was not kept.

    All is tried together first; only where that does harm is each fix weighed by itself.
    """
    together = apply(submission, new, unsafe=unsafe)
    if not together.applied:
        return together, findings, []
    after = tuple(judge(together.submission))
    if _harm(submission, together, findings, after) is None:
        return together, after, []
    # A linter of ours that was too late the first time would make its words the fix's harm.
    findings = (*findings, *judge(submission))
    if _harm(submission, together, findings, after) is None:
        return together, after, []
    kept, kept_after, refused = apply(submission, ()), findings, []
    for finding in together.applied[:MAX_SINGLES]:
        more = apply(submission, (*kept.applied, finding), unsafe=unsafe)
        after = tuple(judge(more.submission))
        harm = _harm(submission, more, findings, after)
        if harm is None:
            kept, kept_after = more, after
        else:
            refused.append(DroppedFix(finding, f"{harm.code}: {harm.message}"))
    return kept, kept_after, refused


def _harm(
    before: Submission, fixed: Fixed, found: Iterable[Finding], after: Iterable[Finding]
) -> Finding | None:
    """Return the first error that was not there before, in any weight; None where nothing is worse.

    What a fix changed in the lines it stands on is no new fault, so line numbers are not compared.
    """
    paths = {file.path for file in before.files}
    if any(not parses(before, path) and parses(fixed.submission, path) for path in paths):
        return None
    known = {_fault(each) for each in found}
    errors = (each for each in after if each.severity is Severity.ERROR)
    return next((each for each in errors if _fault(each) not in known), None)


def _fault(finding: Finding) -> Fault:
    return finding.code, finding.location.path, _LINE_NUMBERS.sub("", finding.message)


def _key(finding: Finding) -> tuple[Fault, int | None]:
    # Lines of the program move as it is mended; the reply's stay.
    return _fault(finding), finding.location.reply_line
