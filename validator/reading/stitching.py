"""Continuations: the code of several parts made one text again, each line knowing its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery, Span, split_lines
from validator.reading.classify import is_only_prose, is_prose
from validator.reading.grammar import State, is_whole, names_of, parse
from validator.reading.margins import beginning
from validator.reading.passage import Passage, Stretch, indent
from validator.reading.seams import Seam, continued, overlapping

if TYPE_CHECKING:
    from collections.abc import Sequence

_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})")
_BRACKET = re.compile(r"[()\[\]{}=\"]")
_RESUMING = re.compile(
    r"\b(?:continu\w*|rest|remain\w*|resum\w*|left off|cut off|picking up)\b", re.IGNORECASE
)
_MAX_JOINED_CHARACTERS = 4_000_000
"""Of all joined texts together, each parsed some ten times; more is no conversation."""


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
    taken_up: set[int] = set()
    characters = 0
    for stretches in parts:
        following = list(stretches)
        at = next((i for i, s in enumerate(following) if s.kind is BlockKind.PYTHON), None)
        before = next((i for i in reversed(range(len(done))) if _may_go_on(done[i])), None)
        if at is not None and before is not None and following[at].part == done[before].part + 1:
            characters += len(done[before].passage.text) + len(following[at].passage.text)
            joined = _join(done[before], following[at], within=characters)
            if joined is not None:
                stretch, made = joined
                recoveries.extend(made)
                taken_up.add(done[before].part)
                done[before : before + 1] = [stretch]
                del following[at]
        done.extend(following)
    done = [
        _without_margin(stretch, before, recoveries)
        for before, stretch in zip([None, *done], done, strict=False)
    ]
    return Stitched(tuple(done), tuple(recoveries), frozenset(taken_up))


def goes_on_inside(first: Passage, second: Passage) -> bool:
    """Return True where `second`, as it is indented, only makes sense inside the end of `first`."""
    begins = next((line for line in second.lines if line.strip()), "")
    return indent(begins) > 0 and is_whole((first + second).text)


def is_open(stretch: Stretch) -> bool:
    """Return True where a block ends its part and is not done: its fence or its code is open."""
    return _may_go_on(stretch) and (
        not stretch.closed or parse(stretch.passage.text).state is not State.WHOLE
    )


def in_open_fence(text: str) -> tuple[str, int] | None:
    """Return a part that goes on in a fence the part before left open with that fence opened in it.

    Its own first fence, if it has any, only closes one, and what comes before that is no prose but
    for a line that announces it. The number says how many lines were added before it.
    """
    lines = split_lines(text)
    at = next((i for i, line in enumerate(lines) if _FENCE.match(line)), len(lines))
    if at < len(lines) and lines[at].strip().strip("`~"):
        return None
    if at < len(lines) and sum(1 for line in lines if _FENCE.match(line)) % 2 == 0:
        return None  # it opens one of its own
    begun = _announced(lines[:at])
    inside = "\n".join(lines[begun:at])
    if not inside.strip() or is_prose(inside):
        return None
    if begun:
        return "\n".join([*lines[: begun - 1], "```python", *lines[begun:]]), 0
    return f"```python\n{text}", 1


def announces_rest(line: str) -> bool:
    """Return True where a line of prose says that what was broken off goes on behind it."""
    return _RESUMING.search(line) is not None


def _announced(lines: Sequence[str]) -> int:
    """Return the index behind the blank line after words that announce the rest; 0 without."""
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if first + 1 >= len(lines) or lines[first + 1].strip():
        return 0
    line = lines[first]
    told = announces_rest(line) or line.rstrip().endswith(":")
    return first + 2 if told and is_only_prose(line) and not _BRACKET.search(line) else 0


def _may_go_on(stretch: Stretch) -> bool:
    return stretch.kind is BlockKind.PYTHON and stretch.ends_part


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


# ── two blocks ───────────────────────────────────────────────────────────────────────────────────


def _join(first: Stretch, second: Stretch, *, within: int) -> tuple[Stretch, list[Recovery]] | None:
    if not (first.passage.text.strip() and second.passage.text.strip()):
        return None
    if within > _MAX_JOINED_CHARACTERS:
        return None
    seam = overlapping(first.passage, second.passage)
    if seam is None and _goes_on(first, second):
        seam = continued(first.passage, second.passage)
        if seam is not None and not seam.whole and (first.closed or not first.fenced):
            seam = None
    if seam is None:
        return None
    # The joined text is a later part's: what that part leaves open is open now.
    whole = replace(
        first,
        passage=seam.passage,
        part=second.part,
        closed=second.closed,
        ends_part=second.ends_part,
        name=first.name or second.name,
        pieces=first.pieces + second.pieces,
        guessed=first.guessed or not seam.sure,
    )
    recoveries = _recoveries(first.passage, second.passage, seam)
    if not second.fenced:
        text = second.passage.text
        recoveries.append(Recovery("code-outside-block", second.passage.span, text, text))
    return whole, recoveries


def _goes_on(first: Stretch, second: Stretch) -> bool:
    """Tell a continuation from a text of its own, for two that share no lines."""
    begins = parse(second.passage.text)
    if _is_word_begun(first.passage, second.passage):
        return True
    if not is_open(first):
        # Closed and whole, it was cut all the same where what follows cannot begin anything.
        return second.starts_part and begins.state is State.BROKEN
    ends = parse(first.passage.text)
    if ends.tree is None or begins.tree is None:
        return True
    return not names_of(ends.tree).defined & names_of(begins.tree).defined


def _is_word_begun(first: Passage, second: Passage) -> bool:
    """Return True where a text ends in a name alone that nothing gives, and the next completes."""
    word, tree = first.lines[-1].strip(), parse(first.text).tree
    begins = second.lines[0].strip()
    if not word.isidentifier() or tree is None or not begins.startswith(word) or begins == word:
        return False
    return word in names_of(tree).free


def _recoveries(first: Passage, second: Passage, seam: Seam) -> list[Recovery]:
    if seam.passage.lines == first.lines:
        return [Recovery("stitched", second.span, second.text, "")]
    ends, begins = first.cut(len(first) - 1), second.cut(0, 1)
    at = len(seam.passage) - len(seam.added)
    span = Span(ends.span.first, begins.span.last)
    after = seam.passage.cut(max(at - 1, 0), at + 1)
    recoveries = [Recovery("stitched", span, (ends + begins).text, after.text)]
    if seam.columns:
        begun = second.cut(len(second) - len(seam.added)).cut(0, beginning(seam.added))
        moved = seam.added.cut(0, len(begun))
        recoveries.append(Recovery("reindented", begun.span, begun.text, moved.text))
    return recoveries
