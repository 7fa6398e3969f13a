"""Transcripts: a text with both speakers in it, taken apart at the marks before their turns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PERSON = r"user|human|you|me|prompt|instruction|question|system|developer"
_MODEL = r"assistant|ai|bot|model|chatgpt|gpt[-\w.]*|claude|gemini|copilot|llama|response|answer"
_ROLE = rf"(?:(?P<person>{_PERSON})|(?P<model>{_MODEL}))"
_BEGUN = r"(?:\s*(?:</?s>|<bos>|<\|begin_of_text\|>|<\|endoftext\|>))*\s*"
_STYLES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_BEGUN}<\|im_start\|>\s*{_ROLE}\s*",
        rf"{_BEGUN}<\|start_header_id\|>\s*{_ROLE}\s*<\|end_header_id\|>\s*",
        rf"{_BEGUN}<\|{_ROLE}\|>\s*",
        rf"{_BEGUN}<start_of_turn>\s*{_ROLE}\s*",
        rf"{_BEGUN}(?:(?P<person>\[INST\])|(?P<model>\[/INST\]))[ \t]*",
        rf"#{{1,6}}\s*\**{_ROLE}\**\s*:?\s*\**\s*$",
        rf"\*\*{_ROLE}\s*:?\s*\*\*\s*:?\s*",
        rf"role\s*:\s*{_ROLE}\s*$",
        rf"\[{_ROLE}\]\s*:?\s*",
        rf"{_ROLE}(?:\s+said)?\s*:\s*",
    )
)
"""Marks at the beginning of a line; a transcript keeps to one style."""
_TEMPLATES = 5
"""The first five styles are chat templates: no fence quotes them by chance, and they may stand
anywhere in a line."""
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
    start: int
    stop: int
    """Where in its line it stands."""


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
    # A turn may open a fence behind its mark, on the same line.
    inside = _inside_fences([style.sub("", line, count=1) for line in lines])
    marks = [
        _Mark(index, match["model"] is not None, match.start(), match.end())
        for index, line in enumerate(lines)
        for match in (style.finditer(line) if template else _at_start(style, line, inside[index]))
    ][:_MAX_MARKS]
    if {mark.model for mark in marks} != {True, False}:
        return None
    end = _Mark(len(lines), False, 0, 0)
    pairs = zip(marks, [*marks[1:], end], strict=True)
    return tuple(_turn(lines, mark, following) for mark, following in pairs if mark.model)


def _at_start(style: re.Pattern[str], line: str, inside: bool) -> Iterator[re.Match[str]]:
    match = None if inside else style.match(line)
    if match is not None:
        yield match


def _turn(lines: Sequence[str], mark: _Mark, following: _Mark) -> Turn:
    # The mark's own line may hold the first words; a template's goes on with the line behind it.
    if mark.line == following.line:
        return Turn(lines[mark.line][mark.stop : following.start] + "\n", mark.line + 1)
    kept = [lines[mark.line][mark.stop :], *lines[mark.line + 1 : following.line]]
    if following.start:
        kept.append(lines[following.line][: following.start])
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
