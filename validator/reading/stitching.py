"""Continuations: the code of several parts made one text again, each line knowing its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery, Span
from validator.reading.grammar import State, is_whole, names_of, parse
from validator.reading.passage import Passage, Stretch, indent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = re.compile(r"[A-Za-z_][\w.]*")
_CHAIN = re.compile(r"\s*(?:el)?if\b(?P<test>.*):\s*(?:#.*)?$")
_MAX_OVERLAP_LINES = 400
_MIN_OVERLAP_CHARACTERS = 8
"""A shorter line, such as `pass` or `)`, ends and begins too many texts to prove anything."""


@dataclass(frozen=True, slots=True)
class Stitched:
    """Stretches of all parts in order, continuations joined."""

    stretches: tuple[Stretch, ...]
    recoveries: tuple[Recovery, ...]
    continued: frozenset[int]
    """Indices of the parts whose end a later part took up."""


def stitch(parts: Sequence[Sequence[Stretch]]) -> Stitched:
    """Join what each part begins with to what the part before broke off in."""
    done: list[Stretch] = []
    recoveries: list[Recovery] = []
    continued: set[int] = set()
    for stretches in parts:
        following = list(stretches)
        at = next((i for i, s in enumerate(following) if s.kind is BlockKind.PYTHON), None)
        before = next((i for i in reversed(range(len(done))) if _is_open(done[i])), None)
        if at is not None and before is not None and following[at].part == done[before].part + 1:
            joined = _join(done[before], following[at])
            if joined is not None:
                stretch, made = joined
                recoveries.extend(made)
                continued.add(done[before].part)
                done[before : before + 1] = [stretch]
                del following[at]
        done.extend(following)
    done = [
        _without_margin(stretch, before, recoveries)
        for before, stretch in zip([None, *done], done, strict=False)
    ]
    return Stitched(tuple(done), tuple(recoveries), frozenset(continued))


def goes_on_inside(first: Passage, second: Passage) -> bool:
    """Return True where `second`, as it is indented, only makes sense inside the end of `first`."""
    begins = next((line for line in second.lines if line.strip()), "")
    return indent(begins) > 0 and is_whole((first + second).text)


def _without_margin(
    stretch: Stretch, before: Stretch | None, recoveries: list[Recovery]
) -> Stretch:
    """Take off the margin of a block that continues nothing and does not parse with it."""
    passage = stretch.passage
    if stretch.kind is not BlockKind.PYTHON or parse(passage.text).state is not State.BROKEN:
        return stretch
    dedented = passage.dedented()
    if dedented.lines == passage.lines:
        return stretch
    if before is not None and goes_on_inside(before.passage, passage):
        return stretch
    recoveries.append(Recovery("reindented", passage.span, passage.text, dedented.text))
    return replace(stretch, passage=dedented)


def _is_open(stretch: Stretch) -> bool:
    return (
        stretch.kind is BlockKind.PYTHON
        and stretch.ends_part
        and (not stretch.closed or parse(stretch.passage.text).state is not State.WHOLE)
    )


def _join(first: Stretch, second: Stretch) -> tuple[Stretch, list[Recovery]] | None:
    if not (first.passage.text.strip() and second.passage.text.strip()):
        return None
    joined = _restated(first.passage, second.passage) or _continued(first, second)
    if joined is None:
        return None
    passage, recoveries = joined
    # The joined text is a later part's: what that part leaves open is open now.
    whole = replace(
        first,
        passage=passage,
        part=second.part,
        closed=second.closed,
        ends_part=second.ends_part,
        name=first.name or second.name,
        pieces=first.pieces + second.pieces,
    )
    return whole, recoveries


def _restated(first: Passage, second: Passage) -> tuple[Passage, list[Recovery]] | None:
    """The second says the first again from its beginning: the longer one stands for both."""
    shared = 0
    for one, other in zip(first.lines, second.lines, strict=False):
        if one.rstrip() != other.rstrip():
            break
        shared += 1
    needed = min(len(first), len(second))
    if shared < max(needed - 1, 1) or sum(map(len, first.lines[:shared])) < 20:
        return None
    if shared < len(first) and not second.lines[shared : shared + 1]:
        kept, lost = first, second
    elif shared < len(first) and not _begins(second.lines[shared], first.lines[shared]):
        return None
    else:
        kept, lost = second, first
    return kept, [Recovery("stitched", lost.span, lost.text, "")]


def _begins(line: str, half: str) -> bool:
    return bool(half.strip()) and line.strip().startswith(half.strip())


def _continued(first: Stretch, second: Stretch) -> tuple[Passage, list[Recovery]] | None:
    ranked = []
    for preference, (head, tail) in enumerate(_seams(first.passage, second.passage)):
        for shift in _shifts(head, tail):
            moved = _shift_beginning(tail, shift)
            passage = head + moved
            ranked.append((_rank(passage), preference, abs(shift), passage, moved))
    if not ranked:
        return None
    rank, _, shift, passage, moved = min(ranked, key=lambda item: item[:3])
    if rank[0] == _BROKEN and not _is_cut(first):
        return None
    return passage, _seam_recoveries(first.passage, second.passage, passage, moved, shift)


def _seam_recoveries(
    first: Passage, second: Passage, joined: Passage, moved: Passage, shift: int
) -> list[Recovery]:
    ends, begins = first.cut(len(first) - 1), second.cut(0, 1)
    seam = len(joined) - len(moved)
    span = Span(ends.span.first, begins.span.last)
    after = joined.cut(max(seam - 1, 0), seam + 1)
    recoveries = [Recovery("stitched", span, (ends + begins).text, after.text)]
    if shift:
        begun = second.cut(len(second) - len(moved)).cut(0, _beginning(moved))
        after = moved.cut(0, len(begun))
        recoveries.append(Recovery("reindented", begun.span, begun.text, after.text))
    return recoveries


_WHOLE, _UNFINISHED, _BROKEN = range(3)


def _rank(passage: Passage) -> tuple[int, int]:
    text = passage.text
    answer = parse(text)
    if answer.tree is not None:
        # Names nothing gives tell `return wid` and `th * height` from the one line they were.
        return (_WHOLE if is_whole(text) else _UNFINISHED), len(names_of(answer.tree).free)
    if answer.state is State.UNFINISHED:
        return _UNFINISHED, 0
    return _BROKEN, -answer.line


def _is_cut(stretch: Stretch) -> bool:
    return stretch.fenced and not stretch.closed


# ── where the seam is ────────────────────────────────────────────────────────────────────────────


def _seams(first: Passage, second: Passage) -> Iterator[tuple[Passage, Passage]]:
    """Yield the ways the two could meet, the likeliest first."""
    shared = _overlap(first, second)
    if shared:
        yield first, second.cut(shared)
        return
    first = first.cut(0, len(first.trimmed()) + _leading_blanks(first))
    half, rest = first.lines[-1], second.lines[0]
    if _begins(rest, half):
        yield first.cut(0, -1), second
    yield first, second
    if half.strip() and rest[:1].strip():
        last = first.cut(len(first) - 1)
        yield (
            first.cut(0, -1) + last.with_lines([half + _beyond_overlap(half, rest)]),
            second.cut(1),
        )


def _leading_blanks(passage: Passage) -> int:
    return next((i for i, line in enumerate(passage.lines) if line.strip()), 0)


def _overlap(first: Passage, second: Passage) -> int:
    """Return how many lines the second repeats of the first's end, the last of which may be cut."""
    ends = [line.strip() for line in first.lines]
    begins = [line.strip() for line in second.lines[:_MAX_OVERLAP_LINES]]
    for length in range(min(len(ends), len(begins)), 0, -1):
        if ends[-length:] == begins[:length]:
            text = "".join(begins[:length])
            return length if len(text) >= _MIN_OVERLAP_CHARACTERS else 0
    return 0


def _beyond_overlap(half: str, rest: str) -> str:
    """Return what `rest` adds to a line cut at `half`, which it may repeat the end of."""
    text = rest.lstrip()
    for length in range(min(len(half), len(text)), 2, -1):
        if half.endswith(text[:length]):
            return text[length:]
    return text


# ── how far in it belongs ────────────────────────────────────────────────────────────────────────


def _shifts(head: Passage, tail: Passage) -> list[int]:
    """Return the columns by which the beginning of `tail` may have to move, as it stands first."""
    first = next((line for line in tail.lines if line.strip()), None)
    if first is None:
        return [0]
    column = indent(first)
    chain = _chain_column(head, first)
    if chain is not None:
        return [chain - column]
    return [0, *sorted({level - column for level in _open_columns(head)} - {0}, key=abs)]


def _open_columns(head: Passage) -> list[int]:
    """Return the columns at which a statement could follow `head`, the innermost first."""
    columns: list[int] = []
    for line in reversed(head.lines):
        if not line.strip():
            continue
        column = indent(line)
        if not columns and line.rstrip().endswith(":"):
            columns.append(column + 4)
        if not columns or column < columns[-1]:
            columns.append(column)
        if column == 0:
            break
    return columns


def _chain_column(head: Passage, line: str) -> int | None:
    """Return the column of the open `if` chain an `elif` continues, where one clearly fits best.

    The links of a chain test one subject, so the chain whose tests name the most of what the `elif`
    names is its own; the parser accepts it on any open chain.
    """
    if not line.lstrip().startswith("elif") or (link := _CHAIN.match(line)) is None:
        return None
    wanted = set(_NAMES.findall(link["test"]))
    scores: dict[int, float] = {}
    lowest = 1 << 30
    for earlier in reversed(head.lines):
        column = indent(earlier)
        if not earlier.strip() or column > lowest:
            continue
        test = _CHAIN.match(earlier)
        # Anything but an `elif` ends, or begins, what chain there is at its column.
        lowest = column if earlier.lstrip().startswith("elif") else column - 1
        if test is not None:
            named = set(_NAMES.findall(test["test"]))
            likeness = len(wanted & named) / max(len(wanted | named), 1)
            scores[column] = max(scores.get(column, 0.0), likeness)
        if column == 0:
            break
    if not scores:
        return None
    best = max(scores.values())
    fitting = [column for column, score in scores.items() if score == best]
    return fitting[0] if best > 0 and len(fitting) == 1 else None


def _beginning(tail: Passage) -> int:
    """Return how many lines `tail` has before its indentation first falls below where it began."""
    filled = [(i, indent(line)) for i, line in enumerate(tail.lines) if line.strip()]
    if not filled:
        return len(tail)
    return next((i for i, column in filled if column < filled[0][1]), len(tail))


def _shift_beginning(tail: Passage, columns: int) -> Passage:
    if not columns:
        return tail
    stop = _beginning(tail)
    if stop == len(tail) and indent(tail.lines[_leading_blanks(tail)]) == 0:
        stop = _suite_end(tail)
    return tail.cut(0, stop).shifted(columns) + tail.cut(stop)


def _suite_end(tail: Passage) -> int:
    """A continuation that began at the margin ends where the next definition begins."""
    for index, line in enumerate(tail.lines):
        if index and re.match(r"(?:def|class|async def|@|if __name__)", line):
            return index
    return len(tail)
