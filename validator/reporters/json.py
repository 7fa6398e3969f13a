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

if TYPE_CHECKING:
    from validator.facts import (
        Decision,
        Diagnostic,
        Pin,
        Recovery,
        Requirement,
        Resolution,
        Run,
        Span,
        Submission,
        Traceback,
        Unresolved,
    )
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
        "submission": _submission(submission),
        "diagnostics": [_diagnostic(submission, each) for each in report.diagnostics],
        "resolution": None if report.resolution is None else _resolution(report.resolution),
        "run": None if report.run is None else _run(report.run),
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


# ── the submission ───────────────────────────────────────────────────────────────────────────────


def _submission(submission: Submission) -> dict[str, Any]:
    return {
        "origin": submission.reply.origin,
        "parts": [
            {
                "origin": part.origin,
                "stop": part.stop.value,
                "first_line": first,
                "begins_at": part.begins_at,
            }
            for part, first in zip(
                submission.reply.parts, submission.reply.first_lines, strict=True
            )
        ],
        "entry_point": submission.entry_point,
        "files": [
            {
                "path": file.path,
                "text": file.text,
                "reply_lines": _lines(file.reply_span),
                "line_map": file.reply_lines,
            }
            for file in submission.files
        ],
        "requirements": [
            {"text": each.text, "reply_lines": _lines(each.span), "source": each.source.value}
            for each in submission.requirements
        ],
        "commands": [
            {"text": each.text, "reply_lines": _lines(each.span)} for each in submission.commands
        ],
        "recoveries": [_recovery(each) for each in submission.recoveries],
        "truncations": [
            {
                "reply_lines": _lines(each.span),
                "evidence": each.evidence,
                "continued": each.continued,
            }
            for each in submission.truncations
        ],
        "decision": None if submission.decision is None else _decision(submission.decision),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "kind": decision.kind.value,
        "reason": decision.reason,
        "confidence": decision.confidence.value,
        "blocks": [
            {
                "number": each.number,
                "reply_lines": _lines(each.span),
                "holds": each.kind.value,
                "role": each.role.value,
                "reason": each.reason,
                "path": each.path,
            }
            for each in decision.blocks
        ],
    }


def _lines(span: Span | None) -> list[int] | None:
    return None if span is None else [span.first, span.last]


def _diagnostic(submission: Submission, diagnostic: Diagnostic) -> dict[str, Any]:
    file = submission.file(diagnostic.path)
    return {
        "tool": diagnostic.tool,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "lines": _lines(diagnostic.span),
        "column": diagnostic.column,
        "end_column": diagnostic.end_column,
        "reply_line": None if file is None else file.reply_line(diagnostic.span.first),
    }


# ── its packages ─────────────────────────────────────────────────────────────────────────────────


def _resolution(resolution: Resolution) -> dict[str, Any]:
    target = resolution.target
    return {
        "target": {"python": target.python, "platform": target.platform, "libc": target.libc},
        "resolver": resolution.resolver,
        "requirements": [_requirement(each) for each in resolution.requirements],
        "pins": [
            {
                "name": pin.name,
                "version": pin.version,
                "sha256": pin.sha256,
                "filename": pin.filename,
                "required_by": pin.required_by,
                "url": pin.url or None,
                "built_from": pin.built_from or None,
                "vulnerabilities": _vulnerabilities(pin),
            }
            for pin in resolution.pins
        ],
        "unresolved": [_unresolved(each) for each in resolution.unresolved],
        "undeclared": [
            {
                "module": each.module,
                "path": each.path,
                "line": each.line,
                "distribution": each.distribution,
                "optional": each.optional,
                "candidates": each.candidates,
                "note": each.note or None,
                "brought_by": each.brought_by,
            }
            for each in resolution.undeclared
        ],
        "unprovided": [
            {
                "module": each.module,
                "path": each.path,
                "line": each.line,
                "optional": each.optional,
                "candidates": each.candidates,
            }
            for each in resolution.unprovided
        ],
        "cutoff": resolution.cutoff,
        "refused": [
            {
                "text": each.line.text,
                "reply_lines": _lines(each.line.span),
                "kind": each.kind,
                "reason": each.reason,
            }
            for each in resolution.refused
        ],
    }


def _vulnerabilities(pin: Pin) -> list[dict[str, Any]] | None:
    if pin.vulnerabilities is None:
        return None
    return [
        {
            "id": each.id,
            "aliases": each.aliases,
            "summary": each.summary,
            "fixed_in": each.fixed_in,
        }
        for each in pin.vulnerabilities
    ]


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        "requirement": str(requirement),
        "name": requirement.canonical,
        "source": requirement.source.value,
        "reply_lines": _lines(requirement.span),
        "import_name": requirement.import_name,
    }


def _unresolved(unresolved: Unresolved) -> dict[str, Any]:
    return {
        "requirement": str(unresolved.requirement),
        "reason": unresolved.reason.value,
        "nearest": unresolved.nearest,
        "message": unresolved.message,
        "latest": unresolved.latest,
        "wheel_pythons": unresolved.wheel_pythons,
        "relaxed_to": unresolved.relaxed_to,
        "candidates": unresolved.candidates,
        "nearest_below": unresolved.nearest_below,
        "nearest_above": unresolved.nearest_above,
        "other_python": unresolved.other_python,
        "build_log": unresolved.build_log,
        "reply_lines": _lines(unresolved.requirement.span),
    }


# ── its run ──────────────────────────────────────────────────────────────────────────────────────


def _run(run: Run) -> dict[str, Any]:
    return {
        "backend": run.backend,
        "kind": run.plan.kind.value,
        "kind_reason": run.plan.reason,
        "ending": run.ending.value,
        "exit_code": run.exit_code,
        "completed": run.completed,
        "stdout": run.stdout,
        "stderr": run.stderr,
        "stdout_bytes": run.stdout_bytes,
        "stderr_bytes": run.stderr_bytes,
        "wall_seconds": run.wall_seconds,
        "traceback": None if run.traceback is None else _traceback(run.traceback),
        "stacks": [_traceback(each) for each in run.stacks],
        # The kind comes last so that no field of the guest's can stand in for it.
        "observations": [
            {**dict(sorted(each.fields.items())), "kind": each.kind} for each in run.observations
        ],
        "artifacts": [{"path": each.path, "kind": each.kind} for each in run.artifacts],
    }


def _traceback(traceback: Traceback) -> dict[str, Any]:
    return {
        "type": traceback.type_name,
        "message": traceback.message,
        "frames": [
            {"path": frame.path, "line": frame.line, "function": frame.function}
            for frame in traceback.frames
        ],
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


def _recovery(recovery: Recovery) -> dict[str, Any]:
    return {
        "kind": recovery.kind,
        "reply_lines": _lines(recovery.span),
        "before": recovery.before,
        "after": recovery.after,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "safe": fix.safe,
        "description": fix.description,
        "edits": [
            {"path": each.path, "lines": _lines(each.span), "replacement": each.replacement}
            for each in fix.edits
        ],
        "requirements": [
            {
                "before": None if each.before is None else each.before.text,
                "after": None if each.after is None else each.after.text,
            }
            for each in fix.requirements
        ],
        "settles": [_recovery(each) for each in fix.settles],
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
