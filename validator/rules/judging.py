"""From evidence to a verdict: every rule asked, each fault told once, the verdict earned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from validator.facts import ReplyKind
from validator.findings import Severity, Verdict
from validator.rules.linted import judge_linted
from validator.rules.merging import ENDED_THERE, merge
from validator.rules.registry import RULES
from validator.rules.rule import Evidence
from validator.rules.suppressions import set_aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from validator.findings import Finding, Missing, Report, SetAside

_RUN = "RV4"
_NO_CODE = "RV101"
MAX_FINDINGS = 1000
"""Of one rule. More are made to exhaust whoever reads them, and a verdict needs one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the evidence comes to."""

    findings: tuple[Finding, ...]
    """Errors first, then in the order of the reply."""
    suppressed: tuple[Finding, ...]
    """Found, and set aside by `select`, `ignore`, a comment or a baseline; they fail nothing. What
    they say of the run still keeps it from passing."""
    verdict: Verdict
    reason: str | None
    """Why it is inconclusive, in one line; None otherwise."""
    excused: bool = False
    """True where it would have passed but for what a comment or a baseline set aside."""


def judge(
    evidence: Evidence,
    *,
    missing: tuple[Missing, ...] = (),
    select: tuple[str, ...] = (),
    ignore: tuple[str, ...] = (),
    fail_on: Severity = Severity.ERROR,
) -> Judgement:
    """Ask every rule and come to a verdict.

    `select` and `ignore` hold codes, prefixes of codes, or names; an empty `select` takes all, and
    `ignore` is stronger. FAILED needs a finding that weighs at least `fail_on`; PASSED needs every
    stage done and a run that showed what its kind of program does; all else is INCONCLUSIVE.
    """
    judges = (*(rule().judge(evidence) for rule in RULES), judge_linted(evidence))
    found = [finding for each in judges for finding in islice(each, MAX_FINDINGS)]
    merged = merge(tuple(found), evidence)
    ordered = sorted(merged, key=_order)
    kept = tuple(each for each in ordered if _is_wanted(each, select, ignore))
    suppressed = tuple(each for each in ordered if not _is_wanted(each, select, ignore))
    kept, commented = set_aside(kept, evidence)
    kept = tuple(each for each in kept if _is_wanted(each, select, ignore))
    return _judgement(evidence, kept, (*suppressed, *commented), missing, fail_on)


def rejudge(
    report: Report, reasons: Mapping[int, SetAside], *, fail_on: Severity = Severity.ERROR
) -> Report:
    """Return a report with findings set aside, by their indices, and the verdict that leaves."""
    named = enumerate(report.findings)
    kept = tuple(each for index, each in named if index not in reasons)
    aside = (replace(report.findings[index], set_aside=reasons[index]) for index in sorted(reasons))
    linted = report.diagnostics if report.resolution is not None or report.missing else None
    evidence = Evidence(report.submission, linted, report.resolution, report.run)
    suppressed = (*report.suppressed, *aside)
    judged = _judgement(evidence, kept, suppressed, report.missing, fail_on)
    return replace(
        report,
        findings=judged.findings,
        suppressed=judged.suppressed,
        verdict=judged.verdict,
        reason=judged.reason,
        excused=judged.excused,
    )


def _judgement(
    evidence: Evidence,
    kept: tuple[Finding, ...],
    suppressed: tuple[Finding, ...],
    missing: tuple[Missing, ...],
    fail_on: Severity,
) -> Judgement:
    verdict, reason = _verdict(evidence, kept, missing, fail_on)
    stopping = _stopping(suppressed)
    if verdict is Verdict.PASSED and stopping:
        # A run that did not do its work was seen, whether or not one wants to hear of it.
        codes = dict.fromkeys(each.code for each in stopping)
        verdict, reason = Verdict.INCONCLUSIVE, f"{' and '.join(codes)} was set aside"
        excused = all(each.set_aside is not None for each in stopping)
    else:
        # Where there is no code no stage was done; that there is none is all that is the matter.
        excused = not missing and any(
            each.code == _NO_CODE and each.set_aside is not None for each in suppressed
        )
        excused = excused and verdict is Verdict.INCONCLUSIVE
    return Judgement(
        tuple(sorted(kept, key=_order)),
        tuple(sorted(suppressed, key=_order)),
        verdict,
        reason,
        excused,
    )


def _order(finding: Finding) -> tuple[int, bool, int, str, int, str]:
    place = finding.location
    line = place.reply_line or 0
    # What has no place in the reply is about all of it, and is told first.
    return (
        finding.severity.rank,
        line > 0,
        line,
        place.path or "",
        place.line or 0,
        finding.code,
    )


def _is_wanted(finding: Finding, select: tuple[str, ...], ignore: tuple[str, ...]) -> bool:
    return (not select or _matches(finding, select)) and not _matches(finding, ignore)


def _matches(finding: Finding, names: Iterable[str]) -> bool:
    code, name = finding.code.casefold(), finding.name.casefold()
    wanted = [each.casefold() for each in names]
    return any(code.startswith(each) or name == each for each in wanted)


def _stopping(suppressed: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those set aside that tell what was wrong with the run, or foretold its end."""
    return tuple(filter(_is_about_run, suppressed))


def _is_about_run(finding: Finding) -> bool:
    ended_there = any(each.startswith(ENDED_THERE) for each in finding.evidence)
    return finding.code.startswith(_RUN) or ended_there


def _verdict(
    evidence: Evidence,
    findings: tuple[Finding, ...],
    missing: tuple[Missing, ...],
    fail_on: Severity,
) -> tuple[Verdict, str | None]:
    if any(each.severity.rank <= fail_on.rank for each in findings):
        return Verdict.FAILED, None
    reason = _why_unknown(evidence, findings, missing)
    return (Verdict.INCONCLUSIVE, reason) if reason else (Verdict.PASSED, None)


def _why_unknown(
    evidence: Evidence, findings: tuple[Finding, ...], missing: tuple[Missing, ...]
) -> str | None:
    """Return what keeps the program from being called good, if anything does."""
    decision = evidence.submission.decision
    if decision is not None and decision.kind is ReplyKind.SNIPPETS:
        pieces = f"the reply shows pieces of code and no program: {decision.reason}"
        return f"{pieces}; --block has one judged all the same"
    if missing:
        return "; ".join(f"{_not_done(each.stage)}: {each.reason}" for each in missing)
    stages = (
        (evidence.diagnostics, "linting"),
        (evidence.resolution, "packages"),
        (evidence.run, "sandbox"),
    )
    for facts, stage in stages:
        if facts is None:
            return _not_done(stage)
    # A finding about the run that is no error says that the run did not show what it should.
    return next((each.message for each in findings if _is_about_run(each)), None)


_NOT_DONE = {
    "linting": "the program was not linted in full",
    "packages": "its packages were not installed",
    "sandbox": "the program was not run",
}


def _not_done(stage: str) -> str:
    return _NOT_DONE.get(stage, f"{stage} was not done")
