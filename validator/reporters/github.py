"""The report as GitHub workflow commands: annotations that stand in the reply's own file.

GitHub shows ten errors and ten warnings a step, so findings keep the order of the report, which
puts errors first. The escapes are those of the runner's toolkit (`packages/core/src/command.ts` of
actions/toolkit, read 2026-11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.findings import Severity, Verdict
from validator.reporters import excerpt, wording
from validator.reporters.untrusted import one_line, visible

if TYPE_CHECKING:
    from validator.findings import AppliedFix, Finding, Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_VERDICT_COMMANDS = {
    Verdict.PASSED: "notice",
    Verdict.FAILED: "error",
    Verdict.INCONCLUSIVE: "warning",
}
_FROM_STDIN = "-"
DIFF_LINES = 12
"""Shown of what one fix changed."""


def render(report: Report) -> str:
    """Return one workflow command a finding, one a stage that was not done, and the verdict last.

    Every line is a command, and nothing of the reply's can begin another one.
    """
    lines = [_annotation(report, finding) for finding in report.findings]
    lines += [
        _command(
            "notice",
            _fix_made(each),
            **_place(report, each.finding),
            title=f"fixed {each.finding.code} {each.finding.name}",
        )
        for each in (report.mending.applied if report.mending else ())
    ]
    lines += [
        _command("warning", f"{each.reason}\n{each.remedy}".strip(), title=f"{each.stage} not done")
        for each in report.missing
    ]
    return "\n".join([*lines, _verdict(report)]) + "\n"


def _annotation(report: Report, finding: Finding) -> str:
    said = [one_line(finding.message, 600)]
    said += [one_line(each) for each in finding.evidence[:3]]
    if finding.hint:
        said.append(f"hint: {one_line(finding.hint, 600)}")
    return _command(
        _COMMANDS[finding.severity],
        "\n".join(said),
        **_place(report, finding),
        title=f"{finding.code} {finding.name}",
    )


def _fix_made(made: AppliedFix) -> str:
    what = one_line(made.finding.fix.description if made.finding.fix else "", 600)
    changed = [visible(line) for diff in made.diffs for line in split_lines(diff.text)]
    return "\n".join([what, *changed[:DIFF_LINES]])


def _place(report: Report, finding: Finding) -> dict[str, str]:
    """Return where to annotate; the reply's file is in the repository, the program's is not."""
    place = excerpt.place(report.submission, finding.location)
    if finding.location.reply_line is None or place is None or place.origin == _FROM_STDIN:
        return {}
    where = {"file": place.origin, "line": str(place.line)}
    return {**where, "col": str(place.column)} if place.column else where


def _verdict(report: Report) -> str:
    origin = visible(report.submission.reply.origin)
    reason = f": {one_line(report.reason)}" if report.reason else ""
    counts = wording.counts(report.findings)
    message = f"{origin} {report.verdict.value}{reason} ({counts})"
    return _command(_VERDICT_COMMANDS[report.verdict], message, title="Reply Validator")


def _command(name: str, message: str, **properties: str) -> str:
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {said}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
