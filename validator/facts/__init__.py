"""The frozen types every stage returns: what was found, never what it means.

Read this first. Data flows one way::

    Reply → Submission → Diagnostic, Resolution → Layer → Run

Lines are 1-based and a span includes both ends, everywhere. Units are in the names. A guest that
fails is a `Run`; a package that does not exist is `Unresolved`; a damaged reply is a `Recovery`.
"""

from __future__ import annotations

from validator.facts.diagnostics import Diagnostic
from validator.facts.packages import (
    Layer,
    Pin,
    RefusedLine,
    Requirement,
    Resolution,
    Target,
    Undeclared,
    Unprovided,
    Unresolved,
    UnresolvedReason,
    Vulnerability,
)
from validator.facts.reply import (
    ASKED_FOR,
    LINE_END,
    Block,
    BlockKind,
    BlockRole,
    Command,
    Confidence,
    Decision,
    Part,
    Recovery,
    Reply,
    ReplyKind,
    RequirementLine,
    RequirementSource,
    Role,
    SourceFile,
    Span,
    Stop,
    Submission,
    Truncation,
    split_lines,
)
from validator.facts.run import (
    WORK,
    Artifact,
    Asset,
    Ending,
    Frame,
    Job,
    Limits,
    Observation,
    Plan,
    ProgramKind,
    Run,
    Traceback,
    Trial,
)

__all__ = [
    "ASKED_FOR",
    "LINE_END",
    "WORK",
    "Artifact",
    "Asset",
    "Block",
    "BlockKind",
    "BlockRole",
    "Command",
    "Confidence",
    "Decision",
    "Diagnostic",
    "Ending",
    "Frame",
    "Job",
    "Layer",
    "Limits",
    "Observation",
    "Part",
    "Pin",
    "Plan",
    "ProgramKind",
    "Recovery",
    "RefusedLine",
    "Reply",
    "ReplyKind",
    "Requirement",
    "RequirementLine",
    "RequirementSource",
    "Resolution",
    "Role",
    "Run",
    "SourceFile",
    "Span",
    "Stop",
    "Submission",
    "Target",
    "Traceback",
    "Trial",
    "Truncation",
    "Undeclared",
    "Unprovided",
    "Unresolved",
    "UnresolvedReason",
    "Vulnerability",
    "split_lines",
]
