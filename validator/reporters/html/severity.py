"""How much a finding or a verdict weighs, as a mark and a word: never by colour alone."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from validator.findings import Severity, Verdict
from validator.reporters.html.markup import Markup, element, joined

if TYPE_CHECKING:
    from collections.abc import Iterable

_MARKS = {
    Severity.ERROR: "\N{MULTIPLICATION X}",
    Severity.WARNING: "!",
    Severity.NOTE: "i",
    Verdict.FAILED: "\N{MULTIPLICATION X}",
    Verdict.INCONCLUSIVE: "?",
    Verdict.PASSED: "\N{CHECK MARK}",
}


def label(weight: Severity | Verdict) -> Markup:
    """Return the mark and the word; the mark is not read aloud."""
    return joined(
        (
            element("span", _MARKS[weight], class_="mark", aria_hidden="true"),
            f" {weight.value}",
        )
    )


def worst(severities: Iterable[Severity]) -> Severity | None:
    """Return the gravest, or None of none."""
    return min(severities, key=attrgetter("rank"), default=None)
