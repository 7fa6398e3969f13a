"""The code of a Jupyter notebook that came as the JSON it is kept in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.reading.commands import commands_in, is_shell_cell
from validator.reading.passage import Passage
from validator.reading.undressing import without_magics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Command, Recovery

_TELLING = ('"cells"', '"cell_type"')


@dataclass(frozen=True, slots=True)
class Notebook:
    """The cells of a notebook as one program, and what had to be taken out of it."""

    code: Passage
    recoveries: tuple[Recovery, ...]
    commands: tuple[Command, ...]


def notebook_in(passage: Passage) -> Notebook | None:
    """Return the code of all cells, each line numbered as the line of JSON that holds it.

    None where the passage is no notebook, or one without code.
    """
    first = next((line for line in passage.lines if line.strip()), "")
    if not first.lstrip().startswith("{"):
        return None
    text = passage.text
    if not all(each in text for each in _TELLING):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    lines: list[str] = []
    numbers: list[int] = []
    recoveries: list[Recovery] = []
    commands: list[Command] = []
    at = 0
    for source in _sources(data):
        cell, at = _placed(source, passage, at)
        cell = cell.trimmed()
        if cell.lines and is_shell_cell(cell.lines[0]):
            commands.extend(commands_in(cell))
            continue
        cell, magics, shown = without_magics(cell)
        recoveries.extend(magics)
        commands.extend(shown)
        if lines and cell.lines:
            lines.append("")
            numbers.append(0)
        lines.extend(cell.lines)
        numbers.extend(cell.numbers)
    code = Passage(tuple(lines), tuple(numbers))
    return Notebook(code, tuple(recoveries), tuple(commands)) if code.text.strip() else None


def _sources(data: Any) -> Iterator[list[str]]:
    cells = data.get("cells")
    for cell in cells if isinstance(cells, list) else ():
        if isinstance(cell, dict) and cell.get("cell_type") == "code":
            source = cell.get("source")
            lines = source if isinstance(source, list) else [source]
            yield "".join(line for line in lines if isinstance(line, str)).split("\n")


def _placed(lines: list[str], passage: Passage, at: int) -> tuple[Passage, int]:
    """Return lines of code at the lines of JSON that hold them, looked for from index `at` on."""
    places: list[int] = []
    for line in lines:
        told = json.dumps(line, ensure_ascii=False)[1:-1] if line.strip() else ""
        near = range(at, min(at + _MAX_BETWEEN, len(passage)) if told else at)
        at = next((index for index in near if _holds(passage.lines[index], told)), at)
        places.append(passage.numbers[at])
    return Passage(tuple(lines), tuple(places)), at


def _holds(line: str, told: str) -> bool:
    return len(line) <= _MAX_LINE and told in line


_MAX_LINE = 2_000
"""Characters: a longer line holds a picture, or all of the notebook."""
_MAX_BETWEEN = 500
"""Lines of JSON between two lines of code: what a cell printed."""
