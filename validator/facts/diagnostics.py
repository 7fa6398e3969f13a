"""What linters said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.facts.reply import Span


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a linter said, in its own words."""

    tool: str
    """`ruff` or `pyright`."""
    code: str
    """The tool's own: `F821`, `reportUndefinedVariable`."""
    message: str
    path: str
    span: Span
    column: int
    """1-based column of the first character."""
    end_column: int
    """1-based column just past the last character."""
