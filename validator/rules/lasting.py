"""Programs made to run until somebody stops them: they watch, poll or keep a schedule."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from validator.rules.crash import own_frames
from validator.rules.program import trees
from validator.rules.pulse import asleep, quiet_seconds

if TYPE_CHECKING:
    from validator.facts import Frame, Run
    from validator.rules.rule import Evidence

FRESH_SECONDS = 5.0
"""Who wrote within them is still at what it does."""
_KEEPERS = frozenset({"schedule", "apscheduler", "watchdog"})


def runs_on(evidence: Evidence, run: Run) -> bool:
    """Tell whether a stopped program was asleep between two rounds of a loop that has no end.

    And shows that this is what it is for: it sees to Ctrl-C, keeps a schedule, or had just written.
    """
    frame = _stood(evidence, run)
    if frame is None or not asleep(run):
        return False
    for file, module in trees(evidence.submission):
        if file.path == frame.path and _pauses(module, frame.line):
            return _is_meant(module) or (
                run.stdout_bytes > 0 and quiet_seconds(run) < FRESH_SECONDS
            )
    return False


def _stood(evidence: Evidence, run: Run) -> Frame | None:
    frames = own_frames(evidence.submission, run.stacks[0]) if run.stacks else ()
    return frames[-1] if frames else None


def _pauses(module: ast.Module, line: int) -> bool:
    """Tell whether a line sleeps within a loop whose condition is always true."""
    return any(
        isinstance(call, ast.Call) and call.lineno <= line <= (call.end_lineno or line)
        and _name(call.func) == "sleep"
        for loop in ast.walk(module)
        if isinstance(loop, ast.While) and isinstance(loop.test, ast.Constant) and loop.test.value
        for call in ast.walk(loop)
    )  # fmt: skip


def _is_meant(module: ast.Module) -> bool:
    for node in ast.walk(module):
        match node:
            case ast.ExceptHandler(type=kind) if kind is not None:
                if any(_name(each) == "KeyboardInterrupt" for each in ast.walk(kind)):
                    return True
            case ast.Import(names=names):
                if any(each.name.partition(".")[0] in _KEEPERS for each in names):
                    return True
            case ast.ImportFrom(module=str(name)):
                if name.partition(".")[0] in _KEEPERS:
                    return True
    return False


def _name(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
