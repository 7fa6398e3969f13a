"""Whether the model is asked again, and which round was best: pure functions of the rounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import ReplyKind
from validator.findings import Severity, Verdict
from validator.fingerprints import fault

if TYPE_CHECKING:
    from validator.findings import Finding, Report
    from validator.repair.rounds import Budget, Round

_RUNS_WORSE = 2
"""Replies in a row worse than an earlier one, after which a model is taken to be going astray."""


def why_stop(rounds: tuple[Round, ...], budget: Budget) -> str | None:
    """Return why the last round is the last, or None where the model should be asked again.

    The first round is never counted against `budget.rounds`: nothing was corrected in it.
    """
    last = rounds[-1].report
    if last.verdict is Verdict.PASSED:
        return "passed"
    if last.verdict is Verdict.INCONCLUSIVE and not shows_pieces(last):
        return f"inconclusive: {last.reason or 'a part of the work could not be done'}"
    return _stuck(rounds) or _spent(rounds, budget)


def _stuck(rounds: tuple[Round, ...]) -> str | None:
    *earlier, last = (fingerprints(each.report) for each in rounds)
    if len(rounds) > 1 and not any(has_program(each.report) for each in rounds[-2:]):
        return "no code twice"
    if last in earlier:
        return "no progress" if last == earlier[-1] else "oscillation"
    return "regressions" if _regressed(rounds) else None


def _regressed(rounds: tuple[Round, ...]) -> bool:
    before, after = rounds[:-_RUNS_WORSE], rounds[-_RUNS_WORSE:]
    if not before:
        return False
    least = min(_badness(each.report) for each in before)
    return all(_badness(each.report) > least for each in after)


def _spent(rounds: tuple[Round, ...], budget: Budget) -> str | None:
    if len(rounds) > budget.rounds:
        return "out of rounds"
    if sum(each.tokens for each in rounds) >= budget.tokens:
        return "out of tokens"
    return "out of seconds" if sum(each.seconds for each in rounds) >= budget.seconds else None


def shows_pieces(report: Report) -> bool:
    """Tell a reply of pieces to look at: nothing of ours is missing, but a program is."""
    decision = report.submission.decision
    return decision is not None and decision.kind is ReplyKind.SNIPPETS and not report.missing


def has_program(report: Report) -> bool:
    """Tell whether there is a program to go on with."""
    return bool(report.submission.files) and not shows_pieces(report)


def fingerprints(report: Report) -> frozenset[str]:
    """Return what is wrong, without where: a fault that only moved is the same fault."""
    return frozenset(fault(each) for each in report.findings if each.severity is not Severity.NOTE)


# ── which was best ───────────────────────────────────────────────────────────────────────────────


def best(rounds: tuple[Round, ...]) -> Round:
    """Return the round whose program came furthest, the earliest of equals."""
    return min(rounds, key=lambda each: _badness(each.report))


def _badness(report: Report) -> tuple[int, int, int, int]:
    verdicts = (Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.FAILED)
    return (
        verdicts.index(Verdict.FAILED if shows_pieces(report) else report.verdict),
        # Before the count: a reply without code has one error, a nearly finished program three.
        -_reached(report),
        _number(report.findings, Severity.ERROR),
        _number(report.findings, Severity.WARNING),
    )


def _reached(report: Report) -> int:
    """Return how far validation came: no code, code that does not parse, parses, or ran."""
    if not has_program(report):
        return 0
    if any(each.code in ("RV102", "RV201") for each in _errors(report)):
        return 1
    return 2 if report.run is None else 3


def _errors(report: Report) -> tuple[Finding, ...]:
    return tuple(each for each in report.findings if each.severity is Severity.ERROR)


def _number(findings: tuple[Finding, ...], severity: Severity) -> int:
    return sum(each.severity is severity for each in findings)
