"""Damage done to code in transit, undone where that makes more of it parse."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery, Span
from validator.reading.grammar import State, names_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reading.passage import Passage, Stretch

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_ENTITY_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos", "nbsp"})
_SMART = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2032": "'", "\u2033": '"'}
)
_SPACES = str.maketrans(
    {"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ", "\u200b": "", "\ufeff": ""}
)
_PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")


def mend(stretch: Stretch) -> tuple[Stretch, list[Recovery]]:
    """Undo HTML entities, typographic quotes and spaces that keep a Python block from parsing.

    A change is kept only where the parser gets further with it; each run of changed lines is a
    `mangled-markup` recovery.
    """
    recoveries: list[Recovery] = []
    if stretch.kind is not BlockKind.PYTHON:
        return stretch, recoveries
    passage = stretch.passage
    for undo in (_without_entities, _with_plain_spaces, _with_plain_quotes):
        mended = passage.with_lines([undo(line) for line in passage.lines])
        if mended.lines != passage.lines and _is_better(mended, passage):
            recoveries.extend(_changes(passage, mended))
            passage = mended
    return replace(stretch, passage=passage), recoveries


def without_prompts(passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Keep what was typed in an interactive session, without its prompts and its answers."""
    typed = [index for index, line in enumerate(passage.lines) if _PROMPT.match(line)]
    if not typed or not passage.lines[typed[0]].startswith(">>>"):
        return passage, []
    lines = tuple(_PROMPT.sub("", passage.lines[index], count=1) for index in typed)
    kept = replace(passage, lines=lines, numbers=tuple(passage.numbers[index] for index in typed))
    return kept, [Recovery("prompts", passage.span, passage.text, kept.text)]


def _without_entities(line: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match[0]), line) if "&" in line else line


def _with_plain_spaces(line: str) -> str:
    return line.translate(_SPACES) if not line.isascii() else line


def _with_plain_quotes(line: str) -> str:
    return line.translate(_SMART) if not line.isascii() else line


def _is_better(mended: Passage, passage: Passage) -> bool:
    before, after = parse(passage.text), parse(mended.text)
    if before.tree is not None:
        # `a &lt; b` on a line of its own is valid Python: a mask, and a name nobody gave.
        strange = names_of(before.tree).free & _ENTITY_NAMES
        return after.tree is not None and bool(strange)
    if after.state is not State.BROKEN:
        return True
    return after.line > before.line


def _changes(before: Passage, after: Passage) -> Iterator[Recovery]:
    run: list[int] = []
    for index, (old, new) in enumerate(zip(before.lines, after.lines, strict=True)):
        if old != new:
            run.append(index)
        elif run:
            yield _change(before, after, run)
            run = []
    if run:
        yield _change(before, after, run)


def _change(before: Passage, after: Passage, run: list[int]) -> Recovery:
    def text(passage: Passage) -> str:
        return passage.cut(run[0], run[-1] + 1).text

    span = Span(before.numbers[run[0]], before.numbers[run[-1]])
    return Recovery("mangled-markup", span, text(before), text(after))
