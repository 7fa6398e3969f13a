"""Reports as GitLab's code quality JSON: findings in the merge request's own lines.

Fields as in "Code Quality report format" of GitLab's documentation (read 2026-11): `description`,
`check_name`, `fingerprint`, `severity`, `location.path` and `location.lines.begin`. What was set
aside is left out: the format has no word for it.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from validator.findings import Severity, Verdict
from validator.fingerprints import fingerprints
from validator.reporters.places import in_file
from validator.reporters.untrusted import one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.findings import Finding, Report

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.NOTE: "info"}
_STDIN = "stdin"
_FIRST_LINE = 1
"""Of what is about a whole reply; the format knows nothing without a line."""


def render_all(reports: Sequence[Report]) -> str:
    """Return one list of issues, in ASCII, whose fingerprints are all different."""
    # The same block judged twice, as with --alternatives, is one issue.
    issues = {each["fingerprint"]: each for report in reports for each in _issues(report)}
    return json.dumps(list(issues.values()), indent=2) + "\n"


def _issues(report: Report) -> Iterator[dict[str, Any]]:
    made = fingerprints(report.submission, (*report.findings, *report.suppressed))
    for finding, fingerprint in zip(report.findings, made, strict=False):
        yield _issue(report, finding, fingerprint)
    if report.verdict is Verdict.INCONCLUSIVE and report.missing:
        # Without it the widget would say that there is nothing.
        yield from (
            {
                "description": f"{each.stage} not done: {one_line(each.reason, 600)}",
                "check_name": f"{each.stage}-not-done",
                "fingerprint": _unique(_path(report), each.stage),
                "severity": "info",
                "location": {"path": _path(report), "lines": {"begin": _FIRST_LINE}},
            }
            for each in report.missing
        )


def _issue(report: Report, finding: Finding, fingerprint: str) -> dict[str, Any]:
    place = in_file(report.submission, finding.location)
    path = _STDIN if place.path is None else visible(PurePath(place.path).as_posix())
    hint = f" ({one_line(finding.hint, 600)})" if finding.hint else ""
    return {
        "description": one_line(finding.message, 600) + hint,
        "check_name": f"{finding.code} {finding.name}",
        "fingerprint": _unique(path, fingerprint),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": path, "lines": {"begin": place.line or _FIRST_LINE}},
    }


def _path(report: Report) -> str:
    origin = report.submission.reply.name or report.submission.reply.parts[0].origin
    return _STDIN if origin == "-" else visible(PurePath(origin).as_posix())


def _unique(path: str, what: str) -> str:
    return sha256(f"{path}\n{what}".encode("utf-8", "replace")).hexdigest()[:32]
