"""From a submission to the report of the mended one: no more runs than it takes to be sure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.findings import DroppedFix, Mending, Severity
from validator.fixing.settling import Settled, settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.facts import Submission
    from validator.findings import Finding, Report
    from validator.fixing.settling import Judge

MAX_RUNS = 3
"""Of the mended program: a run may show that a fault is certain, and so make room for its fix."""
_RUN = "RV4"
_NEVER_STARTED = frozenset({"RV202", "RV205"})
"""Faults that keep a program from doing anything: what it does once mended is no step back."""


def mended(
    submission: Submission,
    *,
    examine: Judge,
    validate: Callable[[Submission], Report],
    unsafe: bool = False,
) -> Report:
    """Fix what can be fixed and return the report of what came of it.

    `examine` finds what shows without a run, `validate` everything. The program is fixed by what
    shows without a run, and run once; only a run that shows more to fix has it run again. Where the
    mended program fails in its run, twice, and the program as it came did not, no fix is kept.
    """
    state, found = Settled(submission), tuple(examine(submission))
    report: Report | None = None
    for _ in range(MAX_RUNS):
        before = state
        state = settle(state.submission, examine, unsafe=unsafe, found=found, before=before)
        if report is not None and len(state.applied) == len(before.applied):
            break
        report = validate(state.submission)
        found = report.findings
    assert report is not None, "the first round validates"
    if _may_be_a_step_back(state, report):
        original = validate(submission)
        if _fault_of_run(original) is None and original.run is not None:
            # A run that was only late, on a machine with other work, speaks against no fix.
            again = validate(state.submission)
            kept = _fault_of_run(again) is None and again.run is not None
            report, state = (again, state) if kept else (original, _nothing_kept(state, report))
    return _told(report, state, unsafe=unsafe)


def _may_be_a_step_back(state: Settled, report: Report) -> bool:
    codes = {each.finding.code for each in state.applied}
    return bool(codes) and not codes & _NEVER_STARTED and _fault_of_run(report) is not None


def _fault_of_run(report: Report) -> Finding | None:
    """Return the error that speaks of the run, whichever rule told it."""
    errors = [each for each in report.findings if each.severity is Severity.ERROR]
    of_run = next((each for each in errors if each.code.startswith(_RUN)), None)
    crashed = report.run is not None and report.run.traceback is not None
    return of_run or (next(iter(errors), None) if crashed else None)


def _nothing_kept(state: Settled, report: Report) -> Settled:
    fault = _fault_of_run(report)
    because = f"{fault.code}: {fault.message}" if fault else "its run failed"
    dropped = tuple(DroppedFix(each.finding, because) for each in state.applied)
    return Settled(state.submission, (), (*state.dropped, *dropped))


def _told(report: Report, state: Settled, *, unsafe: bool) -> Report:
    return replace(
        report,
        fixed=tuple(each.finding.code for each in state.applied),
        mending=Mending(unsafe, state.applied, state.dropped),
    )
