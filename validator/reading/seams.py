"""Where a text that was cut and the text that takes it up meet: overlaps, halves of lines, margins.

Models take up a cut text anywhere: at the next character, at the beginning of the line or many
lines before it, and at a margin of their own. Each way is tried; the parser, and the words the rest
of the program knows, say which it was.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from validator.reading.classify import substantial
from validator.reading.grammar import BUILTINS, State, is_whole, names_of, parse, shape_of
from validator.reading.margins import begun_at, open_columns, shifted, shifts
from validator.reading.passage import Passage, indent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W\d]\w*")
_MIN_OVERLAP_CHARACTERS = 8
"""Shorter lines, such as `pass` or `)`, end and begin too many texts to prove anything."""
_MAX_COMPARED_LINES = 100_000
_WHOLE, _UNFINISHED, _BROKEN = range(3)
_Meeting: TypeAlias = "tuple[Passage, Passage, str, Sequence[int]]"
"""The one text, the other, the words at their seam, and how far the other may have to move."""


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
    sure: bool = True
    """False where the two could as well have met otherwise, and would do something else then."""


# ── said again ───────────────────────────────────────────────────────────────────────────────────


def overlapping(first: Passage, second: Passage) -> Seam | None:
    """Join two texts where the second begins with lines that end the first.

    The first may end, and the second begin, in the middle of a line. Where the second says no more
    than the first, the first is kept.
    """
    ends = [line.strip() for line in first.lines]
    while ends and not ends[-1]:
        ends.pop()
    skip = begun_at(second)
    begins = [line.strip() for line in second.lines[skip:]]
    compared = 0
    for start in range(len(ends)):
        if not begins or not ends[start].endswith(begins[0]):
            continue
        shared = _shared(ends, start, begins)
        compared += shared
        if shared >= min(len(ends) - start, len(begins)) and _proves(ends[start:], begins[:shared]):
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


def _proves(ends: Sequence[str], begins: Sequence[str]) -> bool:
    """Tell lines said twice from lines that look alike: a single one has to be there as a whole."""
    sizes = [min(len(one), len(other)) for one, other in zip(ends, begins, strict=False)]
    several = sum(1 for size in sizes if size) > 1 or ends[0] == begins[0]
    return several and sum(sizes) >= _MIN_OVERLAP_CHARACTERS


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
    joined = head + moved
    others = [
        other + rest
        for rank, other, rest, moved_by in ranked
        if rank[:_MEASURED] == best[:_MEASURED]
        and (other + rest).lines != joined.lines
        # What stands right where it stands, and not at the margin, need not stand elsewhere.
        and (columns or not moved_by or indent(second.lines[0]) == 0)
    ]
    sure = best[0] != _WHOLE or all(_has_shape(other, joined) for other in others)
    return Seam(joined, moved, columns, whole=best[0] != _BROKEN, sure=sure)


_MEASURED = 3
"""How much of a rank is grammar and words; the rest is what models do more often."""


def _has_shape(one: Passage, other: Passage) -> bool:
    """Return True where two texts are one program but for the words in its strings."""
    first, second = parse(one.text).tree, parse(other.text).tree
    return first is not None and second is not None and shape_of(first) == shape_of(second)


def _meetings(first: Passage, second: Passage) -> Iterator[_Meeting]:
    """Yield the ways the two could meet, the likeliest first."""
    half, rest = first.lines[-1], second.lines[0]
    apart = (first, second, f"{half}\n{rest}", shifts(first, second))
    before, last, behind = first.cut(0, -1), first.cut(len(first) - 1), second.cut(1)
    begun = second.cut(begun_at(second))
    yield from _few_again(first, begun)
    if half.strip() and not rest.strip() and begun.lines[0].strip().startswith(half.strip()):
        # The blank lines are the ones before the line that was cut.
        yield before, begun, begun.lines[0], [indent(half) - indent(begun.lines[0])]
    if not rest.strip() or not half.strip():
        yield from _in_margin(first, second) if half and rest.strip() else [apart]
        return
    if rest.strip().startswith(half.strip()):
        yield from _line_again(before, second, indent(half))
    may_end = parse(first.text).tree is not None or half.rstrip().endswith(":")
    again, lines = _lines_joined(half, rest)
    joined = [(before + last.with_lines([line]), behind, line, [0]) for line in lines]
    # No line of a suite, and no line inside brackets, stands further out than the one before it.
    goes_on = _is_remainder(half, rest) or (again and not may_end)
    yield from [*joined, apart] if goes_on else [apart, *joined]
    if may_end:
        yield from _alone(first, second, 0)


def _few_again(first: Passage, second: Passage) -> Iterator[_Meeting]:
    """Yield where the second begins with some lines of the first's end, too short for a proof."""
    begins = [line.strip() for line in second.lines[:_MAX_FEW]]
    for count in range(2, min(len(first), len(begins)) + 1):
        *ends, half = (line.strip() for line in first.lines[-count:])
        if ends == begins[: count - 1] and half and begins[count - 1].startswith(half):
            columns = indent(first.lines[-count]) - indent(second.lines[0])
            yield first.cut(0, -count), second, second.lines[0], [columns]


def _line_again(before: Passage, second: Passage, column: int) -> Iterator[_Meeting]:
    """Yield how a line said again from its beginning may stand: alone at its margin, or not."""
    rest = second.lines[0]
    moved = (before, second, rest, [column - indent(rest)])
    alone = (before + _at(second, column), second.cut(1), rest, [0])
    following = next((indent(line) for line in second.lines[1:] if line.strip()), column)
    yield from [alone, moved] if following >= column else [moved, alone]


def _alone(before: Passage, second: Passage, least: int) -> Iterator[_Meeting]:
    """Yield how a first line that alone lost its margin may stand behind `before`."""
    rest = second.lines[0]
    filled = [indent(line) for line in second.lines[1:] if line.strip()]
    following = filled[0] - 4 * rest.rstrip().endswith(":") if filled else 0
    for column in sorted(open_columns(before), key=lambda each: abs(each - following)):
        if column >= max(least, 1) and indent(rest) == 0 and following > 0:
            yield before + _at(second, column), second.cut(1), rest, [0]


def _at(passage: Passage, column: int) -> Passage:
    """Return the first line of a passage with its margin made `column` wide."""
    return passage.cut(0, 1).with_lines([" " * column + passage.lines[0].lstrip()])


def _in_margin(first: Passage, second: Passage) -> Iterator[_Meeting]:
    """Yield how two texts meet where the first was cut before the first word of a line."""
    half, rest = first.lines[-1], second.lines[0]
    before, last = first.cut(0, -1), first.cut(len(first) - 1)
    filled = before.cut(0, begun_at(before) + len(before.trimmed()))
    if filled.lines and filled.lines[-1].strip() == rest.strip():
        yield filled.cut(0, -1), second, rest, [0]
    again = (before, second, rest, shifts(before, second))
    on = (before + last.with_lines([half + rest]), second.cut(1), rest, [0])
    following = next((indent(line) for line in second.lines[1:] if line.strip()), None)
    if following is not None and rest.rstrip().endswith((":", "(", "[", "{")):
        following -= 4
    if following in (indent(rest), len(half) + indent(rest)):
        starts_anew = following == indent(rest)
    else:
        starts_anew = indent(rest) in open_columns(before)
    yield from [again, on] if starts_anew else [on, again]
    yield from _alone(before, second, len(half))


def _is_remainder(half: str, rest: str) -> bool:
    """Tell the end of a line from a line: further out than its like, or doing nothing by itself."""
    if indent(rest) != indent(half):
        return indent(rest) < indent(half)
    tree = parse(rest.strip()).tree
    return tree is not None and not substantial(tree)


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
    behind = len(passage) - answer.line
    if answer.state is State.UNFINISHED or (answer.line and behind <= 0):
        return _UNFINISHED, 0
    return _BROKEN, behind


def _lines_joined(half: str, rest: str) -> tuple[bool, list[str]]:
    """Return the lines that `half`, cut, and `rest`, which takes it up, may be, likeliest first.

    And whether `rest` begins with the word that `half` ends in.
    """
    whole, text = half + rest, rest.lstrip()
    word = _LAST_WORD.search(half)
    if word is None or not text.startswith(word[0]):
        return False, [whole, *_without_overlap(half, text)]
    # The word that was cut, or the one before a mark, is said again from its beginning.
    again = half[: word.start()] + text
    said_again = len(word[0]) >= _MIN_WORD_CHARACTERS
    return said_again, [again, whole] if said_again else [whole, again]


def _without_overlap(half: str, text: str) -> Iterator[str]:
    """Yield a line cut at `half` and taken up by `text`, which repeats the end of it."""
    for length in range(min(len(half), len(text), _MAX_LINE), 2, -1):
        if half.endswith(text[:length]):
            yield half + text[length:]
            return


_LAST_WORD = re.compile(r"(?<!\w)[^\W\d]\w*[^\w\n]*$")
_MIN_WORD_CHARACTERS = 3
"""A shorter one may as well begin what follows it."""
_MAX_FEW = 4
_MAX_LINE = 2_000
"""Characters of a line looked at for an overlap inside it."""
