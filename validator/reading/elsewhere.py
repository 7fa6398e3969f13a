"""Code in places that are looked into where a part has none elsewhere: tool calls, backticks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import BlockKind
from validator.reading.calls import calls_in
from validator.reading.classify import is_one_line_program
from validator.reading.passage import Passage, Stretch

if TYPE_CHECKING:
    from validator.reading.survey import Survey

_INLINE = re.compile(r"(?P<ticks>`{1,3})(?P<code>[^`]{8,})(?P=ticks)")


def read_elsewhere(found: Survey, lines: list[str]) -> None:
    """Add the code of a part that has none in fences or among its words."""
    _called(found, lines)
    _inline(found, lines)


def _called(found: Survey, lines: list[str]) -> None:
    """Take the code out of calls of tools."""
    whole = found.numbered(Passage(tuple(lines), tuple(range(len(lines)))))
    calls = tuple(calls_in(whole))
    inside = {number for each in calls for number in whole.numbers[each.start : each.stop]}
    found.stretches[:] = [
        each for each in found.stretches if not inside.intersection(each.passage.numbers)
    ]
    for call in calls:
        found.stretches.append(
            Stretch(BlockKind.PYTHON, call.code, found.index, label="python", name=call.name)
        )
        found.recoveries.append(call.recovery)
    found.stretches.sort(key=lambda stretch: stretch.passage.span)


def _inline(found: Survey, lines: list[str]) -> None:
    """Take one-line programs in backticks."""
    inside = {index for stretch in found.stretches for index in stretch.passage.numbers}
    for index, line in enumerate(lines):
        number = found.first + index
        if "`" not in line or number in inside:
            continue
        for match in _INLINE.finditer(line):
            text = match["code"].strip()
            if is_one_line_program(text):
                passage = Passage((text,), (number,))
                found.stretches.append(
                    Stretch(BlockKind.PYTHON, passage, found.index, fenced=False)
                )
