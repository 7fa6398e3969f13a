"""Files that shell commands write out as they stand: `cat > app.py <<'EOF'` and its relatives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.reading.passage import Passage

_OPENS = re.compile(
    r"[ \t]*(?:[\w.@:~/-]*[$#%] )?(?P<command>[^<#\n]*)<<(?P<dash>-?)[ \t]*"
    r"(?P<quote>['\"\\]?)(?P<end>[A-Za-z_]\w*)['\"]?(?P<behind>[^<\n]*)"
)
_INTO = re.compile(
    r"(?:>{1,2}|\btee\b(?:\s+-a)?)\s*(?P<quote>['\"]?)(?P<name>[\w@+~./-]+)(?P=quote)"
)
_RUNS = re.compile(r"(?:.*[&|;]\s*)?(?:\S*/)?(?:python[\d.]*|py|uv run(?: python)?)(?:\s+-)?\s*")
_NOWHERE = "/dev/"
_MAX_COMMAND = 300
"""Characters of the line that writes a file."""


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A text that a command was given, and the file it goes into."""

    start: int
    """0-based index of the line with the command."""
    stop: int
    """Index behind the line that ends it; of the end where none does."""
    name: str | None
    """None where Python is to run it."""
    text: Passage
    closed: bool


def heredocs_in(passage: Passage) -> Iterator[Heredoc]:
    """Yield the texts in a passage of shell that go into a file or to Python, in order.

    What the shell would fill in (`$NAME`, where the end's word is not quoted) stays as written.
    """
    index = 0
    while index < len(passage):
        line = passage.lines[index]
        opened = _OPENS.fullmatch(line) if "<<" in line and len(line) <= _MAX_COMMAND else None
        if opened is None:
            index += 1
            continue
        stop = _end(passage, index + 1, opened)
        command = f"{opened['command']} {opened['behind']}"
        name = _file(command)
        if name is not None or _RUNS.fullmatch(opened["command"].strip() + " "):
            text = passage.cut(index + 1, stop)
            if opened["dash"]:
                text = text.with_lines([line.lstrip("\t") for line in text.lines])
            closed = stop < len(passage)
            yield Heredoc(index, min(stop + 1, len(passage)), name, text.dedented(), closed)
        index = stop + 1


def _end(passage: Passage, start: int, opened: re.Match[str]) -> int:
    """Return the index of the line that is the end's word; of the end where none is."""
    for index in range(start, len(passage)):
        if passage.lines[index].strip() == opened["end"]:
            return index
    return len(passage)


def _file(command: str) -> str | None:
    """Return the one file the command writes, the last it names."""
    names = [match["name"] for match in _INTO.finditer(command)]
    return next((name for name in reversed(names) if not name.startswith(_NOWHERE)), None)
