"""Damage done to code in transit, undone where that makes more of it parse or bind.

Each way of damage is a step with a name. A step is kept where the parser gets further with it;
those that help only together are tried together at the end. What stands in string literals stays as
it is, but for what marks the literals' own ends.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Recovery, Span
from validator.reading.classify import substantial
from validator.reading.dunders import (
    with_bold_dunders,
    with_eaten_dunders,
    with_eaten_guard,
    with_eaten_stars,
)
from validator.reading.flattened import unfolded
from validator.reading.grammar import State, names_of, parse
from validator.reading.literals import outside_strings
from validator.reading.passage import Passage, indent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from validator.reading.passage import Stretch

    _Steps = tuple[tuple[str, Callable[[Passage], Passage]], ...]

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_ENTITY_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos", "nbsp"})
_TELLING = re.compile(rf"{_ENTITY.pattern}|\\[_*]|\*\*\w")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_CODE_TAG = re.compile(r"</?(?:code|pre)\b", re.IGNORECASE)
_BROKEN = re.compile(r"<br\s*/?>|</?(?:code|pre|p|div)\b[^<>]*>", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([_*\[\]()#<>=+.!~|-])")
_ESCAPED_NAME = re.compile(r"(?<!\\)\\_")
_SMART = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2032": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    }
)  # fmt: skip
_SPACES = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u202f\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad", ""),
    }
)
_WIDE: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if not chr(code).isalnum()},
    0x3001: ",",
    0x3010: "[",
    0x3011: "]",
}
"""Marks as Chinese and Japanese keyboards write them (Unicode, Halfwidth and Fullwidth Forms)."""
_TAB_WIDTHS = (4, 8)
_MAX_ROUNDS = 3
"""How often all steps are gone through: what one undoes may let another see."""


def mend(stretch: Stretch) -> tuple[Stretch, list[Recovery]]:
    """Undo what was done to a Python block on its way; any other block is left as it is."""
    if stretch.kind is not BlockKind.PYTHON:
        return stretch, []
    passage, recoveries = mended(stretch.passage)
    return (replace(stretch, passage=passage) if recoveries else stretch), recoveries


def mended(passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Return a passage of Python with the damage undone, each kind of it a recovery by name.

    HTML entities and `<br>`, typographic quotes and spaces, escaped and eaten markup, mixed tabs
    and lost line ends. A block that parses changes only where names it lacks prove the damage.
    """
    recoveries: list[Recovery] = []
    for _ in range(_MAX_ROUNDS):
        whole = parse(passage.text).tree is not None
        steps = _BINDING_STEPS if whole else _STEPS
        passage, made = _one_by_one(steps, passage)
        if not made and not whole:
            passage, made = _all_at_once(steps, passage)
        recoveries.extend(made)
        if not made:
            break
    return passage, recoveries


def guarded(passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Return a whole file of Python with its main guard as it must have been written."""
    written = with_eaten_guard(passage)
    if written.lines == passage.lines:
        return passage, []
    return written, list(_changes("eaten-dunder", passage, written))


def _one_by_one(steps: _Steps, passage: Passage) -> tuple[Passage, list[Recovery]]:
    recoveries: list[Recovery] = []
    for kind, undo in steps:
        undone = undo(passage)
        if undone.lines != passage.lines and _is_better(undone, passage):
            recoveries.extend(_changes(kind, passage, undone))
            passage = undone
    return passage, recoveries


def _all_at_once(steps: _Steps, passage: Passage) -> tuple[Passage, list[Recovery]]:
    """Some damage shows only when other damage on the same line is undone too."""
    recoveries: list[Recovery] = []
    undone = passage
    for kind, undo in steps:
        further = undo(undone)
        recoveries.extend(_changes(kind, undone, further))
        undone = further
    if not recoveries or not _is_better(undone, passage):
        return passage, []
    return undone, recoveries


def _is_better(mended: Passage, passage: Passage) -> bool:
    before, after = parse(passage.text), parse(mended.text)
    if before.tree is not None:
        # `a &lt; b` on a line of its own is valid Python: a mask, and a name nobody gave.
        return after.tree is not None and len(names_of(after.tree).free) <= len(
            names_of(before.tree).free
        )
    if after.state is not State.BROKEN:
        return True
    if after.line != before.line:
        return after.line > before.line
    # A bracket closed once too often is told before what is wrong above it.
    return _breaks_above(passage, before.line) and not _breaks_above(mended, after.line)


def _breaks_above(passage: Passage, line: int) -> bool:
    return parse(passage.cut(0, max(line - 1, 0)).text).state is State.BROKEN


def straightened(passage: Passage) -> Passage:
    """Undo what was done to single lines of a passage that is mostly prose.

    A line changes only where it is no Python as it stands, and a statement or the header of one
    without entities, typographic quotes and spaces, and escapes.
    """
    if passage.text.isascii() and not _TELLING.search(passage.text):
        return passage
    return passage.with_lines([_straight(line) for line in passage.lines])


def with_line_breaks(passage: Passage) -> Passage:
    """Return prose with the code of its lines that is broken by `<br>` on lines of its own."""
    if not any(_BREAK.search(line) for line in passage.lines if "<" in line):
        return passage
    lines: list[str] = []
    places: list[int] = []
    for index, line in enumerate(passage.lines):
        broken = _BREAK.search(line) is not None and _CODE_TAG.search(line) is not None
        pieces = _BROKEN.split(line) if broken else [line]
        lines.extend(pieces)
        places.extend([index] * len(pieces))
    return passage.picked(places).with_lines(lines)


def _straight(line: str) -> str:
    if not line.strip() or (line.isascii() and not _TELLING.search(line)):
        return line
    single = Passage((line,), (1,))
    for undo in (_without_entities, _with_plain_spaces, _with_plain_quotes, with_bold_dunders,
                 _without_escapes):  # fmt: skip
        single = undo(single)
    changed = single.lines[0]
    return changed if _is_statement(changed) and not _is_statement(line) else line


def _is_statement(line: str) -> bool:
    text = line.strip()
    tree = parse(f"{text} pass" if text.endswith(":") else text).tree
    return tree is not None and substantial(tree)


# ── the steps ────────────────────────────────────────────────────────────────────────────────────


def _without_entities(passage: Passage) -> Passage:
    if "&" not in passage.text:
        return passage
    tree = parse(passage.text).tree
    if tree is not None and not (
        _ENTITY.search(passage.text) and names_of(tree).free & _ENTITY_NAMES
    ):
        return passage
    return passage.with_lines(
        [_ENTITY.sub(lambda match: html.unescape(match[0]), line) for line in passage.lines]
    )


def _without_breaks(passage: Passage) -> Passage:
    if "<br" not in passage.text.lower():
        return passage
    changed = outside_strings(passage.lines, lambda text: _BREAK.sub("\n", text))
    lines: list[str] = []
    places: list[int] = []
    for index, line in enumerate(changed):
        pieces = line.split("\n")
        kept = pieces[:-1] if len(pieces) > 1 and not pieces[-1].strip() else pieces
        lines.extend(kept)
        places.extend([index] * len(kept))
    return passage.picked(places).with_lines(lines)


def _with_plain_spaces(passage: Passage) -> Passage:
    return _translated(passage, _SPACES)


def _with_plain_quotes(passage: Passage) -> Passage:
    return _translated(passage, _SMART)


def _with_narrow_marks(passage: Passage) -> Passage:
    return _translated(passage, _WIDE)


def _translated(passage: Passage, table: dict[int, str]) -> Passage:
    if passage.text.isascii():
        return passage
    return passage.with_lines(outside_strings(passage.lines, lambda text: text.translate(table)))


def _without_escapes(passage: Passage) -> Passage:
    r"""Take off markdown's backslashes; `\_` means nothing in Python, not in a string either."""
    if "\\" not in passage.text:
        return passage
    lines = [_ESCAPED_NAME.sub("_", line) for line in passage.lines]
    return passage.with_lines(outside_strings(lines, lambda text: _ESCAPED.sub(r"\1", text)))


def _with_spaces_for_tabs(passage: Passage) -> Passage:
    reason = parse(passage.text).reason
    if "\t" not in passage.text or ("indent" not in reason and "tab" not in reason.lower()):
        return passage
    made = (_expanded(passage, width) for width in _TAB_WIDTHS)
    return max(made, key=lambda each: (parse(each.text).tree is not None, parse(each.text).line))


def _expanded(passage: Passage, width: int) -> Passage:
    return passage.with_lines(
        [line[: indent(line)].expandtabs(width) + line.lstrip(" \t") for line in passage.lines]
    )


_BINDING_STEPS: _Steps = (
    ("html-entities", _without_entities),
    ("eaten-dunder", with_eaten_dunders),
    ("eaten-stars", with_eaten_stars),
)
"""What may be wrong with a block that parses."""
_STEPS: _Steps = (
    ("html-entities", _without_entities),
    ("line-breaks", _without_breaks),
    ("odd-spaces", _with_plain_spaces),
    ("smart-quotes", _with_plain_quotes),
    ("full-width", _with_narrow_marks),
    ("eaten-dunder", with_bold_dunders),
    ("escaped-markup", _without_escapes),
    ("mixed-tabs", _with_spaces_for_tabs),
    ("flattened", unfolded),
    ("eaten-dunder", with_eaten_dunders),
    ("eaten-stars", with_eaten_stars),
)


# ── what changed ─────────────────────────────────────────────────────────────────────────────────


def _changes(kind: str, before: Passage, after: Passage) -> Iterator[Recovery]:
    """Yield a recovery for each run of lines that differ; a line may have become several."""
    if after.lines == before.lines:
        return
    old, new = _by_place(before), _by_place(after)
    run: list[int] = []
    for number in old:
        if old[number] != new.get(number):
            run.append(number)
        elif run:
            yield _change(kind, run, old, new)
            run = []
    if run:
        yield _change(kind, run, old, new)


def _by_place(passage: Passage) -> dict[int, str]:
    found: dict[int, str] = {}
    for line, number in zip(passage.lines, passage.numbers, strict=True):
        found[number] = found.get(number, "") + f"{line}\n"
    return found


def _change(kind: str, run: list[int], old: dict[int, str], new: dict[int, str]) -> Recovery:
    before = "".join(old[number] for number in run)
    after = "".join(new.get(number, "") for number in run)
    return Recovery(kind, Span(run[0], run[-1]), before, after)
