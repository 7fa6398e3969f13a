"""One text that holds several files, each below a comment that names it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind
from validator.reading.classify import substantial
from validator.reading.grammar import State, names_of, parse
from validator.reading.paths import name_in_divider

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.reading.passage import Passage, Stretch

_MAX_FILES = 100


def divided(stretch: Stretch) -> list[Stretch]:
    """Return a stretch for each file that a Python stretch holds; itself where that is one.

    Files are told apart only by comments at the margin that name each another `.py`, and only where
    every one of them parses alone, the last as far as it goes, and imports what it has of others.
    """
    if stretch.kind is not BlockKind.PYTHON or ".py" not in stretch.passage.text:
        return [stretch]
    files = _files(stretch.passage, stretch.lead[-1] if stretch.lead else "")
    last = len(files) - 1
    if not 0 < last < _MAX_FILES:
        return [stretch]
    return [
        replace(
            stretch,
            passage=passage,
            name=name,
            closed=stretch.closed or place < last,
            ends_part=stretch.ends_part and place == last,
            starts_part=stretch.starts_part and not place,
        )
        for place, (name, passage) in enumerate(files)
    ]


def _files(passage: Passage, lead: str) -> list[tuple[str, Passage]]:
    """Return the files by name; none where it is not sure that they are files."""
    named = {
        index: name
        for index, line in enumerate(passage.lines)
        if line.startswith("#") and (name := name_in_divider(line)) is not None
    }
    if lead.startswith("#") and (name := name_in_divider(lead)) is not None:
        named.setdefault(-1, name)
    places = sorted(named)
    if len(places) < 2 or _is_code(passage.cut(0, max(places[0], 0))):
        return []
    files: list[tuple[str, Passage]] = []
    taken: set[str] = set()
    for place, stop in zip(places, [*places[1:], len(passage)], strict=True):
        found = named[place]
        path = found.name if found.name not in taken else found.owned
        piece = passage.cut(place + 1, stop).trimmed()
        if path is None or path in taken or not _is_file(piece, last=stop == len(passage)):
            return []
        taken.add(path)
        files.append((path, piece))
    return [] if _is_one_program(files) else files


def _is_one_program(files: Sequence[tuple[str, Passage]]) -> bool:
    """Return True where a file uses what another gives without importing it: a section."""
    given: set[str] = set()
    for _, passage in files:
        tree = parse(passage.text).tree
        names = names_of(tree) if tree is not None else None
        if names is not None and names.free & given:
            return True
        given |= names.bound if names is not None else set()
    return False


def _is_file(piece: Passage, *, last: bool) -> bool:
    answer = parse(piece.text)
    if answer.tree is None:
        return last and answer.state is State.UNFINISHED
    return substantial(answer.tree)


def _is_code(passage: Passage) -> bool:
    tree = parse(passage.text).tree
    return tree is None or bool(tree.body)
