"""More time for a program that was stopped before a busy machine let it begin. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from validator.facts import FAIR_SHARE, SLOW_TO_START, Ending, Observation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validator.facts import Job, Run

MOST = 3.0
"""Times the seconds a program gets, at the very most, where it had next to no processor."""
_BEGUN = frozenset({"frames", "window", "port", "page", "response", "terminal", "input"})


def longer(job: Job, run: Run) -> Job | None:
    """Return the job with the wall time that its share of a processor asks for.

    None where the run is as good as any: it ended, had begun with what its kind does, slept, had
    half a processor, or was past its imports and of a kind that takes no time to start.
    """
    felt = _felt(run)
    seconds, state = felt.get("cpu_seconds"), felt.get("state")
    if run.ending is not Ending.TIMED_OUT or state != "running" or not isinstance(seconds, float):
        return None
    if any(each.kind in _BEGUN for each in run.observations):
        return None
    if job.plan.kind not in SLOW_TO_START and not _loading(job, run):
        return None
    share = seconds / run.wall_seconds
    if share >= FAIR_SHARE:
        return None
    times = min(MOST, 1 / max(share, 1 / MOST))
    limits = replace(job.limits, wall_seconds=job.limits.wall_seconds * times)
    return replace(job, limits=limits)


def told(job: Job, run: Run) -> Run:
    """Return a run that had longer, saying how long."""
    seen = Observation("longer", {"seconds": round(job.limits.wall_seconds, 1)})
    return replace(run, observations=(*run.observations, seen))


def _loading(job: Job, run: Run) -> bool:
    """Tell whether a stopped program stood in its imports, or had not come to its first line."""
    texts = {file.path: file.text.split("\n") for file in job.files}
    for stack in run.stacks[:1]:
        for frame in reversed(stack.frames):
            lines = texts.get(frame.path, ())
            if 0 < frame.line <= len(lines):
                return lines[frame.line - 1].lstrip().startswith(("import ", "from "))
    return True


def _felt(run: Run) -> Mapping[str, Any]:
    return next((each.fields for each in run.observations if each.kind == "pulse"), {})
