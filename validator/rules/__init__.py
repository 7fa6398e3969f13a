"""From facts to findings and a verdict: pure, one class a rule."""

from __future__ import annotations

from validator.rules.judging import Judgement, judge, rejudge
from validator.rules.pages import catalogue, explain, page_of_linter
from validator.rules.registry import RULES
from validator.rules.rule import Evidence, Example, Rule

__all__ = [
    "RULES",
    "Evidence",
    "Example",
    "Judgement",
    "Rule",
    "catalogue",
    "explain",
    "judge",
    "page_of_linter",
    "rejudge",
]
