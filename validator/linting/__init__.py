"""What ruff and pyright say about a program, in their own words and without a judgement."""

from __future__ import annotations

from validator.linting.linter import Linter, PartlyLinted

__all__ = ["Linter", "PartlyLinted"]
