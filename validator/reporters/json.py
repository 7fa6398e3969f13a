"""The report for programs: contract version 1, described by `report-v1.schema.json` beside this.

Fields are added, never renamed, never removed and never given another meaning.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from validator.reporters.json_facts import (
    diagnostic_of,
    lines_of,
    recovery_of,
    resolution_of,
    run_of,
    submission_of,
)

if TYPE_CHECKING:
    from validator.facts import Submission
    from validator.findings import Finding, Fix, Location, Mending, Report, SetAside

VERSION = 1
MAX_DEPTH = 24
"""Of an observation's details, which a guest may have nested to break whoever reads them."""
_NUMBERS = re.compile(r"\[\n\s*(?:\d+,\n\s*)*\d+\n\s*\]")
"""A list of line numbers over many lines; inside a JSON string no line can end."""


def render(report: Report) -> str:
    """Return the report as one JSON object, in ASCII, with its keys always in the same order.

    Program output is decoded as UTF-8 with replacement characters and is otherwise as it came:
    escaped by JSON, it can do nothing to a terminal. A figure that is no number becomes null.
    """
    text = json.dumps(_plain(_report(report)), indent=2, allow_nan=False)
    return _NUMBERS.sub(lambda match: " ".join(match[0].split()), text) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) every report of this version is valid against."""
    text = files(__package__).joinpath("report-v1.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as JSON can say it to every reader: no NaN, no half of a surrogate pair."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {_plain(str(key)): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth + 1) for item in value]
    return value if value is None or isinstance(value, int) else str(value)


def _report(report: Report) -> dict[str, Any]:
    submission = report.submission
    seconds = report.seconds
    return {
        "version": VERSION,
        "verdict": report.verdict.value,
        "reason": report.reason,
        "excused": report.excused,
        "submission": submission_of(submission),
        "diagnostics": [diagnostic_of(submission, each) for each in report.diagnostics],
        "resolution": None if report.resolution is None else resolution_of(report.resolution),
        "run": None if report.run is None else run_of(report.run),
        "findings": [_finding(submission, each) for each in report.findings],
        "suppressed": [_finding(submission, each) for each in report.suppressed],
        "fixed": report.fixed,
        "mending": None if report.mending is None else _mending(report, report.mending),
        "missing": [
            {"stage": each.stage, "reason": each.reason, "remedy": each.remedy}
            for each in report.missing
        ],
        "seconds": {
            "reading": seconds.reading,
            "linting": seconds.linting,
            "packages": seconds.packages,
            "sandbox": seconds.sandbox,
            "total": seconds.total,
        },
    }


# ── the judgement ────────────────────────────────────────────────────────────────────────────────


def _finding(submission: Submission, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "message": finding.message,
        **_location(submission, finding.location),
        "related": [
            {**_location(submission, location), "message": why} for location, why in finding.related
        ],
        "evidence": finding.evidence,
        "hint": finding.hint,
        "fix": None if finding.fix is None else _fix(finding.fix),
        "set_aside": None if finding.set_aside is None else _set_aside(finding.set_aside),
    }


def _set_aside(aside: SetAside) -> dict[str, Any]:
    return {"by": aside.by, "reason": aside.reason, "reply_line": aside.reply_line}


def _location(submission: Submission, location: Location) -> dict[str, Any]:
    place = None
    if location.reply_line is not None:
        part, line = submission.reply.place(location.reply_line)
        place = {"part": part, "line": line}
    return {
        "path": location.path,
        "line": location.line,
        "column": location.column,
        "reply_line": location.reply_line,
        "reply_place": place,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "safe": fix.safe,
        "description": fix.description,
        "edits": [
            {"path": each.path, "lines": lines_of(each.span), "replacement": each.replacement}
            for each in fix.edits
        ],
        "requirements": [
            {
                "before": None if each.before is None else each.before.text,
                "after": None if each.after is None else each.after.text,
            }
            for each in fix.requirements
        ],
        "settles": [recovery_of(each) for each in fix.settles],
    }


def _mending(report: Report, mending: Mending) -> dict[str, Any]:
    submission = report.submission
    return {
        "unsafe": mending.unsafe,
        "applied": [
            {
                "finding": _finding(submission, each.finding),
                "diffs": [{"path": diff.path, "text": diff.text} for diff in each.diffs],
            }
            for each in mending.applied
        ],
        "dropped": [
            {"finding": _finding(submission, each.finding), "because": each.because}
            for each in mending.dropped
        ],
        "left_for_the_model": [
            {"code": each.code, "name": each.name, "message": each.message}
            for each in report.left_for_the_model
        ],
    }
