"""Where a text that was cut and the text that takes it up meet: overlaps, halves of lines, margins.

Models take up a cut text anywhere: at the next character, at the beginning of the line or many
lines before it, and at a margin of their own. Each way is tried; the parser, and the words the rest
of the program knows, say which it was.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.reading.grammar import BUILTINS, State, is_whole, names_of, parse
from validator.reading.margins import begun_at, shifted, shifts
from validator.reading.passage import Passage, indent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W\d]\w*")
_MIN_OVERLAP_CHARACTERS = 12
"""Shorter lines, such as `pass` or `)`, end and begin too many texts to prove anything."""
_MAX_COMPARED_LINES = 100_000
_WHOLE, _UNFINISHED, _BROKEN = range(3)


@dataclass(frozen=True, slots=True)
class Seam:
    """Two texts joined: what came out, and how much of the second was new and had to move."""

    passage: Passage
    added: Passage
    """The lines that came from the second, moved where they had to be."""
    columns: int = 0
    """By how much the beginning of the second was moved to the right; negative to the left."""
    whole: bool = True
    """False where the joined text does not parse, not even as one that goes on."""


# ── said again ───────────────────────────────────────────────────────────────────────────────────


def overlapping(first: Passage, second: Passage) -> Seam | None:
    """Join two texts where the second begins with lines, two or more, that end the first.

    The first may end, and the second begin, in the middle of a line. Where the second says no more
    than the first, the first is kept.
    """
    ends = [line.strip() for line in first.lines]
    while ends and not ends[-1]:
        ends.pop()
    skip = begun_at(second)
    begins = [line.strip() for line in second.lines[skip:]]
    compared = 0
    for start in range(len(ends) - 1):
        if not begins or not ends[start].endswith(begins[0]):
            continue
        shared = _shared(ends, start, begins)
        compared += shared
        if shared >= min(len(ends) - start, len(begins)) and _proves(begins[:shared]):
            return _overlapped(first, second, start, len(ends), skip)
        if compared > _MAX_COMPARED_LINES:
            break
    return None


def _shared(ends: list[str], start: int, begins: list[str]) -> int:
    """Return how many lines agree; the last of either text may be the beginning of the other's."""
    count = min(len(ends) - start, len(begins))
    for index in range(1, count):
        one, other = ends[start + index], begins[index]
        if one == other:
            continue
        cut = (start + index == len(ends) - 1 and other.startswith(one)) or (
            index == len(begins) - 1 and one.startswith(other)
        )
        return index + 1 if cut else index
    return count


def _proves(lines: list[str]) -> bool:
    filled = [line for line in lines if line]
    return len(filled) > 1 and sum(map(len, filled)) >= _MIN_OVERLAP_CHARACTERS


def _overlapped(first: Passage, second: Passage, start: int, stop: int, skip: int) -> Seam:
    begins = skip + stop - 1 - start
    if begins >= len(second):
        return Seam(first, Passage())
    pairs = zip(first.lines[start + 1 : stop], second.lines[skip + 1 :], strict=False)
    columns = next((indent(one) - indent(other) for one, other in pairs if one.strip()), 0)
    completed = second.lines[begins].strip()
    if len(completed) < len(first.lines[stop - 1].strip()):
        return Seam(first, Passage())
    added = shifted(second.cut(begins), columns)
    return Seam(first.cut(0, stop - 1) + added, added, columns)


# ── taken up ─────────────────────────────────────────────────────────────────────────────────────


def continued(first: Passage, second: Passage) -> Seam | None:
    """Join two texts where the second goes on from the end of the first, in the likeliest way."""
    known = _known(first, second)
    ranked = []
    for preference, (head, tail, seam, margins) in enumerate(_meetings(first, second)):
        unknown = len(set(_WORD.findall(seam)) - known)
        for columns in margins:
            moved = shifted(tail, columns)
            rank = _rank(head + moved)
            ranked.append(((*rank, unknown, preference, abs(columns)), head, moved, columns))
    if not ranked:
        return None
    best, head, moved, columns = min(ranked, key=lambda item: item[0])
    return Seam(head + moved, moved, columns, whole=best[0] != _BROKEN)


def _meetings(
    first: Passage, second: Passage
) -> Iterator[tuple[Passage, Passage, str, Sequence[int]]]:
    """Yield the ways the two could meet, the likeliest first.

    Each with the words at its seam, and the columns by which the second may have to move.
    """
    first = first.cut(0, len(first.trimmed()) + begun_at(first))
    second = second.cut(begun_at(second))
    half, rest = first.lines[-1], second.lines[0]
    before, behind = first.cut(0, -1), second.cut(1)
    if rest.strip().startswith(half.strip()):
        yield before, second, rest, [indent(half) - indent(rest)]
    yield first, second, f"{half}\n{rest}", shifts(first, second)
    last = first.cut(len(first) - 1)
    for joined in dict.fromkeys((half + rest, half + _beyond_overlap(half, rest))):
        yield before + last.with_lines([joined]), behind, joined, [0]


def _known(first: Passage, second: Passage) -> set[str]:
    """Return the words both texts use away from the seam, and those Python knows."""
    lines = (*first.lines[:-1], *second.lines[1:])
    return {*_WORD.findall("\n".join(lines)), *keyword.kwlist, *BUILTINS}


def _rank(passage: Passage) -> tuple[int, int]:
    text = passage.text
    answer = parse(text)
    if answer.tree is not None:
        # Names nothing gives tell `return wid` and `th * height` from the one line they were.
        return (_WHOLE if is_whole(text) else _UNFINISHED), len(names_of(answer.tree).free)
    if answer.state is State.UNFINISHED:
        return _UNFINISHED, 0
    return _BROKEN, -answer.line


def _beyond_overlap(half: str, rest: str) -> str:
    """Return what `rest` adds to a line cut at `half`, which it may repeat the end of."""
    text = rest.lstrip()
    for length in range(min(len(half), len(text), _MAX_LINE), 2, -1):
        if half.endswith(text[:length]):
            return text[length:]
    return text


_MAX_LINE = 2_000
"""Characters of a line looked at for an overlap inside it."""
