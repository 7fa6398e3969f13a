"""What stands around the lines of a block without being code: gutters, quotes, prompts, magics.

None of it is taken off a block that parses as it stands: a docstring may show a session.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from validator.facts import Recovery
from validator.reading.commands import commands_in
from validator.reading.grammar import State, parse
from validator.reading.literals import Nesting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from validator.facts import Command
    from validator.reading.passage import Passage

_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")
_CELL_PROMPT = re.compile(r"\s*(?:In\s*\[\s*\d*\s*\]:|\.{3,}:)\s?")
_CELL_ANSWER = re.compile(r"\s*Out\s*\[\s*\d*\s*\]:")
_GUTTER = re.compile(r"[ \t]*(?P<number>\d{1,6})(?P<rest>[ \t]*[|:│┃→.)][ \t]?.*|[ \t]+.*|)")
_GUTTER_MARK = re.compile(r"[ \t]*[|:│┃→.)]")
_RULED = re.compile(r"[ \t]*(\d{1,6})[ \t]*[|│┃→]")
_MIN_GUTTER = 3
"""Lines in a row, outside of any fence; two may be anything."""
_MAGIC = re.compile(r"(?P<margin>[ \t]*)(?:%{1,2}(?P<magic>[a-z]\w*.*)|!(?P<shell>[\w./~\"'{-].*))")
_SHELL_MAGICS = ("pip ", "uv ", "conda ", "mamba ", "micromamba ")
_QUOTED = re.compile(r"[ \t]*>[ \t]?")


def undressed(passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Take a gutter of line numbers, quote marks and prompts off a block that needs them off.

    Each is a recovery of its own, and kept only where the block parses further without it.
    """
    first = next((line.lstrip() for line in passage.lines if line.strip()), "")
    recoveries: list[Recovery] = []
    for kind, telling, undo in _DRESS:
        if not telling(first) or (undone := undo(passage)) is None:
            continue
        if parse(passage.text).state is State.WHOLE:
            break
        recoveries.append(Recovery(kind, passage.span, passage.text, undone.text))
        passage = undone
        first = next((line.lstrip() for line in passage.lines if line.strip()), "")
    return passage, recoveries


def without_magics(passage: Passage) -> tuple[Passage, list[Recovery], list[Command]]:
    """Take the magics and shell lines of a notebook cell out, and return the shell's as commands.

    Where one is all there is in a suite, `pass` stands for it.
    """
    found = _magics(passage)
    if not found or parse(passage.text).tree is not None:
        return passage, [], []
    lines = list(passage.lines)
    recoveries: list[Recovery] = []
    commands: list[Command] = []
    for start, stop, match in found:
        told = passage.cut(start, stop)
        kept = f"{match['margin']}pass" if match["margin"] else ""
        recoveries.append(Recovery("notebook-magic", told.span, "\n".join(told.lines), kept))
        lines[start:stop] = [kept, *[""] * (stop - start - 1)]
        if match["shell"] or match["magic"].startswith(_SHELL_MAGICS):
            typed = told.with_lines([match["shell"] or match["magic"], *told.lines[1:]])
            commands.extend(commands_in(typed))
    undone = passage.with_lines(lines)
    before, after = parse(passage.text), parse(undone.text)
    if after.state is State.BROKEN and after.line <= before.line:
        return passage, [], []
    taken = {index for start, stop, _ in found for index in range(start, stop)}
    kept_lines = [index for index in range(len(lines)) if lines[index] or index not in taken]
    return undone.picked(kept_lines), recoveries, commands


def _magics(passage: Passage) -> list[tuple[int, int, re.Match[str]]]:
    """Return where magics and shell lines begin and end, 0-based, each with its first line."""
    if not any(line.lstrip()[:1] in ("%", "!") for line in passage.lines):
        return []
    nesting = Nesting()
    found: list[tuple[int, int, re.Match[str]]] = []
    stop = 0
    for index, line in enumerate(passage.lines):
        if index < stop:
            continue
        if nesting.inside or line.lstrip()[:1] not in ("%", "!"):
            nesting.read(line)
        elif match := _MAGIC.fullmatch(line):
            stop = index + 1
            while stop < len(passage) and passage.lines[stop - 1].endswith("\\"):
                stop += 1
            found.append((index, stop, match))
    return found


def without_gutters(passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Take the line numbers off code that stands among prose; each run of it is a recovery."""
    numbers = [_numbered(line) for line in passage.lines]
    if not any(numbers):
        return passage, []
    lines = list(passage.lines)
    recoveries: list[Recovery] = []
    start = 0
    while start < len(numbers):
        stop = start + 1
        while stop < len(numbers) and numbers[start] and numbers[stop] == numbers[stop - 1] + 1:
            stop += 1
        run = passage.cut(start, stop)
        undone = _without_gutter(run) if stop - start >= _MIN_GUTTER else None
        if undone is not None and parse(undone.text).state is not State.BROKEN:
            recoveries.append(Recovery("gutter", run.span, run.text, undone.text))
            lines[start:stop] = undone.lines
        start = stop
    return (passage.with_lines(lines) if recoveries else passage), recoveries


def _numbered(line: str) -> int:
    """Return the number a line begins with before a rule; 0 of others."""
    match = _RULED.match(line)
    return int(match[1]) if match is not None else 0


# ── what may stand before every line ─────────────────────────────────────────────────────────────


def _without_gutter(passage: Passage) -> Passage | None:
    filled = [index for index, line in enumerate(passage.lines) if line.strip()]
    matches = [_GUTTER.fullmatch(passage.lines[index]) for index in filled]
    if len(matches) < 2 or not all(matches):
        return None
    known = [match for match in matches if match is not None]
    if any(int(b["number"]) != int(a["number"]) + 1 for a, b in pairwise(known)):
        return None
    rests = [match["rest"] for match in known]
    worded = [rest for rest in rests if rest.strip()]
    if worded and all(map(_GUTTER_MARK.match, worded)):
        rests = [_GUTTER_MARK.sub("", rest, count=1) for rest in rests]
    lines = list(passage.lines)
    for index, rest in zip(filled, rests, strict=True):
        lines[index] = rest if rest.strip() else ""
    undone = passage.with_lines(lines).dedented()
    return undone if _is_further(undone, passage) else None


def _without_quotes(passage: Passage) -> Passage | None:
    if not all(_QUOTED.match(line) for line in passage.lines if line.strip()):
        return None
    undone = passage.with_lines([_QUOTED.sub("", line, count=1) for line in passage.lines])
    return undone if _is_further(undone, passage) else None


def _without_plusses(passage: Passage) -> Passage | None:
    """Take the marks of a diff off that makes a new file, where it is fenced as Python."""
    if not all(line.startswith("+") for line in passage.lines if line.strip()):
        return None
    return passage.with_lines([line[1:] for line in passage.lines]).dedented()


def _without_prompts(passage: Passage) -> Passage | None:
    """Keep what was typed in an interactive session, without its prompts and its answers."""
    margin = passage.dedented()
    typed = [index for index, line in enumerate(margin.lines) if _PROMPT.match(line)]
    kept = margin.picked(typed)
    return kept.with_lines([_PROMPT.sub("", line, count=1) for line in kept.lines])


def _without_cell_prompts(passage: Passage) -> Passage | None:
    """Keep the cells of a notebook session: what follows `In [1]:` up to what it answered."""
    lines: list[str] = []
    places: list[int] = []
    inside = False
    for index, line in enumerate(passage.lines):
        if (match := _CELL_PROMPT.match(line)) is not None:
            lines.append(line[match.end() :])
            places.append(index)
            inside = True
        elif _CELL_ANSWER.match(line) or not line.strip():
            inside = inside and not line.strip()
        elif inside and line[:1] in (" ", "\t"):
            lines.append(line)
            places.append(index)
    return passage.picked(places).with_lines(lines)


def _is_further(undone: Passage, passage: Passage) -> bool:
    before, after = parse(passage.text), parse(undone.text)
    if after.tree is not None or before.tree is not None:
        return before.tree is None and bool(undone.text.strip())
    return after.line > before.line or after.state is State.UNFINISHED


_DRESS: Sequence[tuple[str, Callable[[str], bool], Callable[[Passage], Passage | None]]] = (
    ("gutter", lambda first: first[:1].isdigit(), _without_gutter),
    ("diff-marks", lambda first: first.startswith("+"), _without_plusses),
    ("quote-marks", lambda first: first.startswith("> "), _without_quotes),
    ("prompts", lambda first: first.startswith(">>>"), _without_prompts),
    ("prompts", lambda first: _CELL_PROMPT.match(first) is not None, _without_cell_prompts),
)
"""What may stand before every line, how its first filled line tells, and how it is taken off."""
