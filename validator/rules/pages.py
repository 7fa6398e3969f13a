"""The page of each rule, made from the rule itself."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from validator.findings import Severity
from validator.rules.linted import PASSED_THROUGH, Linted
from validator.rules.registry import RULES

if TYPE_CHECKING:
    from validator.rules.rule import Rule

Row = tuple[str, str, Severity, str]
"""Code, name, severity and one sentence."""


def explain(code_or_name: str) -> str | None:
    """Return a rule's page as Markdown, or None where there is no such rule.

    Upper and lower case are the same. A linter's own code has a short page that says where its
    own is to be found.
    """
    wanted = code_or_name.strip().casefold()
    for rule in RULES:
        if wanted in (rule.code.casefold(), rule.name.casefold()):
            return _page(rule)
    for row in PASSED_THROUGH:
        if wanted in (row.code.casefold(), row.name.casefold()):
            return _linter_page(row)
    return None


def catalogue() -> tuple[Row, ...]:
    """Return code, name, severity and summary of every rule; those of linters come last."""
    own = tuple((rule.code, rule.name, rule.severity, _summary(rule)) for rule in RULES)
    linters = tuple((row.code, row.name, row.severity, row.summary) for row in PASSED_THROUGH)
    return own + linters


def _text(rule: type[Rule]) -> str:
    return inspect.cleandoc(rule.__doc__ or "")


def _summary(rule: type[Rule]) -> str:
    return _text(rule).partition("\n")[0]


def _page(rule: type[Rule]) -> str:
    summary, _, rest = _text(rule).partition("\n")
    about, _, cure = rest.strip().partition("## What to do")
    parts = (
        f"# {rule.code} {rule.name} ({rule.severity.value})",
        summary,
        about.strip(),
        "## Example",
        _fenced(rule.example.bad),
        "Better:",
        _fenced(rule.example.good),
        f"## What to do\n{cure.rstrip()}",
    )
    return "\n\n".join(parts) + "\n"


def _fenced(text: str) -> str:
    fence = "````" if "```" in text else "```"
    return f"{fence}\n{text.rstrip()}\n{fence}"


def page_of_linter(code: str) -> str | None:
    """Return the address of a linter's page on a rule of its own; None where the rule is ours."""
    row = next((each for each in PASSED_THROUGH if each.code == code), None)
    return None if row is None else _address(row)


def _address(row: Linted) -> str:
    if row.code.startswith("report"):
        return "https://microsoft.github.io/pyright/#/configuration"
    return f"https://docs.astral.sh/ruff/rules/{row.name}"


def _linter_page(row: Linted) -> str:
    head = f"# {row.code} {row.name} ({row.severity.value})"
    return f"{head}\n\n{row.summary}\n\nA linter's own rule, passed through: {_address(row)}\n"
