"""The lines that may open or close a fence, whatever list or quote they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from validator.reading import vocabulary
from validator.reading.classify import is_python_label, label_word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MARK = re.compile(
    r"(?P<prefix>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*)"
    r"(?P<marker>`{3,}|~{3,}|'{3}(?=\s*(?:[A-Za-z]\w*\s*)?$))(?P<rest>.*)"
)
"""A line that may open or close a fence, whatever list or quote it stands in."""
_GLUED_OPENER = re.compile(r"(?P<before>.*\S)\s*(?P<marker>`{3,}|~{3,})(?P<rest>\w+)\s*")
_WORD = re.compile(r"[\w+#./:\\-]+(?<![.:!?,;])")


class Sort(Enum):
    """What stands behind the marker of such a line."""

    BARE = "bare"
    LABEL = "label"
    WORDS = "words"
    """Something that is no info string stands behind it."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line that may open or close a fence."""

    index: int
    sort: Sort
    marker: str
    rest: str
    prefix: str
    lead: str = ""

    def closes(self, opener: Mark) -> bool:
        """Return True where CommonMark takes it for the end of the fence `opener` begins."""
        return (
            self.sort is Sort.BARE
            and self.marker[0] == opener.marker[0]
            and len(self.marker) >= len(opener.marker)
        )

    def opens_like(self, opener: Mark) -> bool:
        """Return True where it begins a fence of the same sort as `opener`."""
        return self.sort is Sort.LABEL and self.marker == opener.marker and not self.lead


def find_marks(lines: Sequence[str]) -> Iterator[Mark]:
    """Yield the lines that may open or close a fence, in order."""
    for index, line in enumerate(lines):
        if ("```" in line or "~~~" in line or "'''" in line) and (mark := _mark(index, line)):
            yield mark


def _mark(index: int, line: str) -> Mark | None:
    match = _MARK.match(line)
    if match is None:
        return _glued_opener(index, line)
    marker, rest = match["marker"], match["rest"].strip()
    if marker[0] == "`" and "`" in rest:
        return None
    return Mark(index, _sort(rest), marker, rest, match["prefix"])


def _glued_opener(index: int, line: str) -> Mark | None:
    match = _GLUED_OPENER.fullmatch(line)
    if match is None or not is_python_label(match["rest"]) or "`" in match["before"]:
        return None
    return Mark(index, Sort.LABEL, match["marker"], match["rest"], "", match["before"])


def _sort(rest: str) -> Sort:
    if not rest:
        return Sort.BARE
    if _WORD.fullmatch(rest) or rest.startswith("{") or "=" in rest:
        return Sort.LABEL
    return Sort.LABEL if label_word(rest) in vocabulary.LABELS else Sort.WORDS
