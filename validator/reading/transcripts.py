"""Transcripts: a text with both speakers in it, taken apart at the marks before their turns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

_PERSON = r"user|human|you|me|prompt|instruction|question|system|developer"
_MODEL = r"assistant|ai|bot|model|chatgpt|gpt[-\w.]*|claude|gemini|copilot|llama|response|answer"
_ROLE = rf"(?:(?P<person>{_PERSON})|(?P<model>{_MODEL}))"
_STYLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"<\|im_start\|>\s*{_ROLE}\s*",
        rf"<\|start_header_id\|>\s*{_ROLE}\s*<\|end_header_id\|>\s*",
        rf"<\|{_ROLE}\|>\s*",
        rf"<start_of_turn>\s*{_ROLE}\s*",
        rf"#{{1,6}}\s*\**{_ROLE}\**\s*:?\s*\**\s*$",
        rf"\*\*{_ROLE}\s*:?\s*\*\*\s*:?\s*",
        rf"{_ROLE}\s*:\s*",
    )
)
"""Marks at the beginning of a line; a transcript keeps to one style."""
_TEMPLATES = 4
"""The first four styles are chat templates, which no fence can quote by chance."""
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})(?P<info>.*)$")
_ASKED = re.compile(r">(?!>)\s?")
_ANSWERED = re.compile(r">>(?!>) ?")
_MAX_MARKS = 10_000


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model said at one time."""

    text: str
    line: int
    """The line of the transcript it begins at."""


@dataclass(frozen=True, slots=True)
class _Mark:
    line: int
    """0-based index."""
    model: bool
    width: int
    """Characters of its line that belong to the mark."""


def turns_of(text: str) -> tuple[Turn, ...] | None:
    """Return the model's turns of a transcript in order; None where `text` is none.

    A transcript begins with a mark, of a person or of the model, and has marks of both; or it
    begins with what a person asked, quoted (`> `), and goes on so at least twice.
    """
    lines = split_lines(text)
    first = next((line for line in lines if line.strip()), "")
    for rank, style in enumerate(_STYLES):
        if style.match(first):
            return _marked(lines, style, template=rank < _TEMPLATES)
    return _quoted(lines) if _ASKED.match(first) else None


# ── marks ────────────────────────────────────────────────────────────────────────────────────────


def _marked(
    lines: Sequence[str], style: re.Pattern[str], *, template: bool
) -> tuple[Turn, ...] | None:
    marks: list[_Mark] = []
    # A turn may open a fence behind its mark, on the same line.
    inside = _inside_fences([style.sub("", line, count=1) for line in lines])
    for index, line in enumerate(lines):
        match = style.match(line)
        if match is not None and (template or not inside[index]) and len(marks) < _MAX_MARKS:
            marks.append(_Mark(index, match["model"] is not None, match.end()))
    if {mark.model for mark in marks} != {True, False}:
        return None
    stops = [mark.line for mark in marks[1:]] + [len(lines)]
    return tuple(
        _turn(lines, mark, stop) for mark, stop in zip(marks, stops, strict=True) if mark.model
    )


def _turn(lines: Sequence[str], mark: _Mark, stop: int) -> Turn:
    # The mark's own line may hold the first words; a template's goes on with the line behind it.
    own = lines[mark.line][mark.width :]
    kept = [own, *lines[mark.line + 1 : stop]]
    while not kept[-1].strip() and len(kept) > 1:
        kept.pop()  # what parts it from the next mark is not the model's
    return Turn("".join(f"{line}\n" for line in kept), mark.line + 1)


def _inside_fences(lines: Sequence[str]) -> list[bool]:
    """Say of each line whether it stands in a fence that is closed before another one opens.

    A turn that was cut leaves its fence open: the next fence with a label is another one, and what
    stands between them is no part of the first.
    """
    fences = [
        (index, bool(match["info"].strip()))
        for index, line in enumerate(lines)
        if (match := _FENCE.match(line)) is not None
    ]
    inside = [False] * len(lines)
    opened: int | None = None
    for index, labelled in fences:
        if opened is None or labelled:
            opened = index
            continue
        inside[opened + 1 : index] = [True] * (index - opened - 1)
        opened = None
    return inside


# ── quotes ───────────────────────────────────────────────────────────────────────────────────────


def _quoted(lines: Sequence[str]) -> tuple[Turn, ...] | None:
    """Take `> ` for what a person asked and `>> `, or no mark at all, for what the model said."""
    inside = _inside_fences(lines)
    asked = [_ASKED.match(line) is not None and not inside[i] for i, line in enumerate(lines)]
    if any(
        _FENCE.match(_ASKED.sub("", line, count=1))
        for line, by in zip(lines, asked, strict=True)
        if by
    ):
        return None  # code in the quote: a reply that was quoted as a whole
    turns: list[Turn] = []
    begun: int | None = None
    for index in range(len(lines) + 1):
        ends = index == len(lines) or asked[index]
        if begun is None and not ends and lines[index].strip():
            begun = index
        elif begun is not None and ends:
            kept = [_ANSWERED.sub("", line, count=1) for line in lines[begun:index]]
            turns.append(Turn("".join(f"{line}\n" for line in kept), begun + 1))
            begun = None
    return tuple(turns) if len(turns) > 1 else None
