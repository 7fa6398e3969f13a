"""What stands between the fences of a part: words, commands and names in them, and code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import BlockKind
from validator.reading.advising import commands_in_prose
from validator.reading.flattened import unfolded
from validator.reading.mending import straightened, with_line_breaks
from validator.reading.passage import Passage, Stretch
from validator.reading.paths import name_above, name_in_comment, name_in_prose
from validator.reading.undressing import without_gutters
from validator.reading.unfenced import find_unfenced

if TYPE_CHECKING:
    from validator.reading.survey import Survey


def read_prose(
    found: Survey, lines: list[str], start: int, stop: int, lead: tuple[str, ...]
) -> tuple[str, ...]:
    """Add the code and the commands in `lines[start:stop]`; return its last filled lines."""
    if not any(map(str.strip, lines[start:stop])):
        return lead
    region = Passage(
        tuple(lines[start:stop]), tuple(range(found.first + start, found.first + stop))
    )
    for line, number in zip(region.lines, region.numbers, strict=True):
        if "install" in line or "`" in line or " add " in line:
            found.commands.extend(commands_in_prose(line, number))
        if ".py" in line and (name := name_in_prose(line)) is not None:
            found.names.append(name)
    region, gutters = without_gutters(with_line_breaks(region))
    found.recoveries.extend(gutters)
    open_lines = straightened(unfolded(region))
    last = stop > found.filled.last
    final = open_lines.trimmed().numbers[-1:] if last else ()
    for run in find_unfenced(open_lines, last=last):
        ends = run.numbers[-1:] == final
        before = [
            line
            for line in lines[
                max(start, run.numbers[0] - found.first - 6) : run.numbers[0] - found.first
            ]
            if line.strip()
        ]
        stretch = Stretch(
            BlockKind.PYTHON,
            run,
            found.index,
            fenced=False,
            closed=not ends,
            lead=tuple(before[-3:]),
            name=name_in_comment(run.lines[0]) or (name_above(before[-1]) if before else None),
            ends_part=ends,
            starts_part=run.numbers[0] - found.first <= found.filled.first,
        )
        found.add(stretch)
    filled = [line for line in lines[max(start, stop - 8) : stop] if line.strip()]
    return (*lead, *filled)[-3:]
