"""Packages as a requirements.txt in the reply words them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import RequirementLine, RequirementSource, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reading.passage import Passage

_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_VERSION = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[\w.*+!-]+"
_REQUIREMENT = re.compile(
    rf"{_NAME}\s*(?:\[[\w\s,.-]*\])?\s*\(?(?P<version>{_VERSION}(?:\s*,\s*{_VERSION})*)?\)?\s*(?:;[^#]*)?(?:\s+\#.*)?"
)
_OPTION = re.compile(r"(?:-r|-e|-c|-f|-i|--[a-z-]+)(?:[ =].*)?|(?:git\+|https?://)\S+")


def is_requirements(text: str) -> bool:
    """Return True where every line is a requirement and at least one names a version."""
    lines = [line.strip().removesuffix("\\").rstrip() for line in text.splitlines() if line.strip()]
    named = False
    for line in lines:
        match = _REQUIREMENT.fullmatch(line)
        if match is None and not line.startswith("#") and not _OPTION.fullmatch(line):
            return False
        named = named or (match is not None and bool(match["version"]))
    return named


def is_requirement(text: str) -> bool:
    """Return True where a text has the form of one requirement."""
    return _REQUIREMENT.fullmatch(text) is not None


def is_versioned(text: str) -> bool:
    """Return True where a text has the form of one requirement that names a version."""
    match = _REQUIREMENT.fullmatch(text)
    return match is not None and match["version"] is not None


def requirements_in(passage: Passage) -> Iterator[RequirementLine]:
    """Yield the lines of a requirements block, continued ones joined; no comments, no blanks."""
    pending, first = "", 0
    for line, number in zip(passage.lines, passage.numbers, strict=True):
        text = re.sub(r"(?:^|\s)#.*", "", line).strip()
        goes_on = text.endswith("\\")
        first = first if pending else number
        pending = f"{pending} {text.removesuffix(chr(92)).strip()}".strip()
        if pending and not goes_on:
            yield RequirementLine(pending, Span(first, number), RequirementSource.BLOCK)
            pending = ""
    if pending:
        yield RequirementLine(pending, Span(first, passage.numbers[-1]), RequirementSource.BLOCK)
