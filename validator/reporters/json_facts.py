"""The facts of a report as JSON: the reply, its packages, its run, with the keys of version 1."""

from __future__ import annotations

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

# ── the submission ───────────────────────────────────────────────────────────────────────────────


def submission_of(submission: Submission) -> dict[str, Any]:
    """Return the program found in a reply, and what was undone to find it."""
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
                "reply_lines": lines_of(file.reply_span),
                "line_map": file.reply_lines,
            }
            for file in submission.files
        ],
        "requirements": [
            {"text": each.text, "reply_lines": lines_of(each.span), "source": each.source.value}
            for each in submission.requirements
        ],
        "commands": [
            {"text": each.text, "reply_lines": lines_of(each.span)} for each in submission.commands
        ],
        "recoveries": [recovery_of(each) for each in submission.recoveries],
        "truncations": [
            {
                "reply_lines": lines_of(each.span),
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
                "reply_lines": lines_of(each.span),
                "holds": each.kind.value,
                "role": each.role.value,
                "reason": each.reason,
                "path": each.path,
            }
            for each in decision.blocks
        ],
    }


def lines_of(span: Span | None) -> list[int] | None:
    """Return the first and the last line of a span, both of it."""
    return None if span is None else [span.first, span.last]


def diagnostic_of(submission: Submission, diagnostic: Diagnostic) -> dict[str, Any]:
    """Return what a linter said, with its place in the reply."""
    file = submission.file(diagnostic.path)
    return {
        "tool": diagnostic.tool,
        "code": diagnostic.code,
        "message": diagnostic.message,
        "path": diagnostic.path,
        "lines": lines_of(diagnostic.span),
        "column": diagnostic.column,
        "end_column": diagnostic.end_column,
        "reply_line": None if file is None else file.reply_line(diagnostic.span.first),
    }


def recovery_of(recovery: Recovery) -> dict[str, Any]:
    """Return what reading had to undo."""
    return {
        "kind": recovery.kind,
        "reply_lines": lines_of(recovery.span),
        "before": recovery.before,
        "after": recovery.after,
    }


# ── its packages ─────────────────────────────────────────────────────────────────────────────────


def resolution_of(resolution: Resolution) -> dict[str, Any]:
    """Return what the program asks to have installed, and what that comes to."""
    target = resolution.target
    return {
        "target": {
            "python": target.python,
            "platform": target.platform,
            "libc": target.libc,
            "full_python": target.full_python,
        },
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
                "host": each.host or None,
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
        "unfit": [
            {
                "name": each.name,
                "version": each.version,
                "filename": each.filename,
                "why": each.why,
            }
            for each in resolution.unfit
        ],
        "cutoff": resolution.cutoff,
        "refused": [
            {
                "text": each.line.text,
                "reply_lines": lines_of(each.line.span),
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
        "reply_lines": lines_of(requirement.span),
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
        "reply_lines": lines_of(unresolved.requirement.span),
    }


# ── its run ──────────────────────────────────────────────────────────────────────────────────────


def run_of(run: Run) -> dict[str, Any]:
    """Return what the program did when it ran."""
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
