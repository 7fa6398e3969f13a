"""Whether a correction is still the program it began with: a weak model sends another that runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.facts import Submission
    from validator.repair.rounds import Story

LEAST_LINES = 4
"""Of a program; of a shorter one, a correction may well leave no line."""
KEPT = 0.1
"""The share of its lines that a program keeps at least through any correction seen."""
_NAMES = re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+(\w+)", re.MULTILINE)
_COMMON = frozenset({"main", "__init__", "run"})
"""Names that two programs share which have nothing else in common."""


def is_another_program(story: Story) -> bool:
    """Tell whether nothing of the program that the user brought is left in the best one.

    No function or class of its own, and hardly a line. A prompt's first reply is nobody's program:
    the model may begin anew.
    """
    first, best = story.rounds[0], story.best
    if first.message is not None or first is best:
        return False
    before, after = _lines(first.report.submission), _lines(best.report.submission)
    if len(before) < LEAST_LINES or _names(before) & _names(after):
        return False
    return len(before & after) < KEPT * len(before)


def _lines(submission: Submission) -> frozenset[str]:
    lines = (line.strip() for file in submission.files for line in file.text.split("\n"))
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _names(lines: frozenset[str]) -> frozenset[str]:
    return frozenset(_NAMES.findall("\n".join(lines))) - _COMMON
