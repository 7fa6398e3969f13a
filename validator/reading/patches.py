"""Changes to code shown earlier in the reply: diffs and SEARCH/REPLACE blocks, applied to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery
from validator.reading.grammar import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.reading.passage import Passage, Stretch

_SEARCH = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL|HEAD)\b.*")
_MIDDLE = re.compile(r"={5,9}\s*")
_REPLACE = re.compile(r">{5,9} ?(?:REPLACE|UPDATED|\S+).*")
_HUNK = re.compile(r"@@(?: .*)?")
_HEADER = re.compile(
    r"(?:diff --git|index [0-9a-f]|--- |\+\+\+ |new file|similarity |rename |\*\*\* )"
)
_FILE = re.compile(r"(?:\+\+\+ (?:b/)?|\*\*\* Add File: )(?P<name>[^\s/]\S*)\s*")
_MAX_CHANGES = 200
"""Changes of one block that are applied; each is looked for in all the code before it."""


@dataclass(frozen=True, slots=True)
class Change:
    """Some lines to be found, and those to stand there instead."""

    old: tuple[str, ...]
    new: Passage


def changes_in(passage: Passage, label: str) -> tuple[Change, ...]:
    """Return the changes a block asks for; empty where it is no diff and no SEARCH/REPLACE."""
    searches = any(line.startswith("<<<<<") for line in passage.lines)
    named = label in ("diff", "patch", "udiff") or passage.lines[:1] == ("*** Begin Patch",)
    hunks = named or any(map(_HUNK.fullmatch, passage.lines))
    if not (searches or hunks) or parse(passage.text).tree is not None:
        return ()  # a program may hold a diff in a string
    return tuple(_searches(passage) if searches else _hunks(passage))


def apply(
    changes: Sequence[Change], stretches: Sequence[Stretch], patch: Passage
) -> tuple[list[Stretch], Recovery] | None:
    """Make some changes to the Python blocks before them, the latest that has the lines.

    Returns the blocks as they are then, and a `patched` recovery; None where the lines of a change
    are nowhere, or in one block twice.
    """
    if not changes or len(changes) > _MAX_CHANGES:
        return None
    made = list(stretches)
    for change in changes:
        for index in range(len(made) - 1, -1, -1):
            if made[index].kind is BlockKind.PYTHON and (
                changed := _changed(made[index].passage, change)
            ):
                made[index] = replace(made[index], passage=changed)
                break
        else:
            return None
    before = "".join(f"{line}\n" for change in changes for line in change.old)
    after = "".join(change.new.text for change in changes)
    return made, Recovery("patched", patch.span, before, after)


def new_file(changes: Sequence[Change]) -> Passage | None:
    """Return the text of a file that is made, where that is all the changes come to."""
    if len(changes) != 1 or any(line.strip() for line in changes[0].old):
        return None
    return changes[0].new


def name_in_patch(patch: Passage) -> str | None:
    """Return the name of the one file that a patch is about, where it says it."""
    names = {match["name"] for line in patch.lines if (match := _FILE.fullmatch(line))}
    return names.pop() if len(names) == 1 else None


def _changed(passage: Passage, change: Change) -> Passage | None:
    wanted = [line.rstrip() for line in change.old]
    if not any(wanted):
        return None
    have = [line.rstrip() for line in passage.lines]
    first = wanted[0]
    places = [
        index
        for index, line in enumerate(have)
        if line == first and have[index : index + len(wanted)] == wanted
    ]
    if len(places) != 1:
        return None
    return passage.cut(0, places[0]) + change.new + passage.cut(places[0] + len(wanted))


def _searches(passage: Passage) -> Iterator[Change]:
    old: list[int] = []
    new: list[int] = []
    side: list[int] | None = None
    for index, line in enumerate(passage.lines):
        if _SEARCH.fullmatch(line):
            old, new = [], []
            side = old
        elif side is old and _MIDDLE.fullmatch(line):
            side = new
        elif side is new and side is not None and _REPLACE.fullmatch(line):
            yield Change(tuple(passage.lines[i] for i in old), passage.picked(new))
            side = None
        elif side is not None:
            side.append(index)


def _hunks(passage: Passage) -> Iterator[Change]:
    lines: list[int] = []
    for index, line in enumerate(passage.lines):
        if _HUNK.fullmatch(line) or _HEADER.match(line):
            yield from _hunk(passage, lines)
            lines = []
        elif not line.startswith("\\"):
            lines.append(index)
    yield from _hunk(passage, lines)


def _hunk(passage: Passage, lines: Sequence[int]) -> Iterator[Change]:
    marks = [passage.lines[index][:1] for index in lines]
    if not any(mark in ("+", "-") and mark for mark in marks):
        return
    if any(mark not in ("", " ", "+", "-") for mark in marks):
        return
    old = tuple(passage.lines[i][1:] for i in lines if passage.lines[i][:1] != "+")
    new = passage.picked([i for i in lines if passage.lines[i][:1] != "-"])
    yield Change(old, new.with_lines([line[1:] for line in new.lines]))
