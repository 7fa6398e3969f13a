"""Progress, told to whoever listens: facts about our own work, not words for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of a stage has begun, moved on, or ended."""

    stage: str
    """`reading`, `linting`, `packages`, `sandbox` or `repair`."""
    step: str
    """What is going on, as a phrase: "building the image", "downloading numpy"."""
    done: int | None = None
    """How far, in `unit`s; None where the step has no measure."""
    total: int | None = None
    unit: str = ""
    """`bytes`, `steps`, `files`; empty where there is no measure."""
    text: str = ""
    """What a model has just written, for whoever wants to watch: untrusted, and any stretch."""


Listener = Callable[[Progress], None]
"""Called from any thread, often; must return at once and never raise."""


def ignore(progress: Progress) -> None:
    """Take no notice."""
