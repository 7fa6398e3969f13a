"""Where a line stands in Python's strings and brackets, told without a parser.

Broken code has strings too: what undoes damage must leave them alone, and a fence or a bracket
inside one ends nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_PIECES = re.compile(
    r"""('{3}|"{3})|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\#.*|([(\[{])|([)\]}])""", re.VERBOSE
)
_MAX_LINES_OPEN = 200
"""A bracket left open by a typing error must not swallow the rest of the reply."""


class Nesting:
    """Whether the lines read so far leave a bracket or a long string open."""

    def __init__(self) -> None:
        self.quote = ""
        """The quotes of the long string that is open; empty where none is."""
        self._depth = 0
        self._lines_open = 0

    @property
    def inside(self) -> bool:
        """True inside a long string or a bracket."""
        return bool(self.quote) or (self._depth > 0 and self._lines_open < _MAX_LINES_OPEN)

    def read(self, line: str) -> None:
        """Take in one more line."""
        position = 0
        if self.quote:
            position = _end_of(self.quote, line, 0)
            if position < 0:
                return
            self.quote = ""
        while match := _PIECES.search(line, position):
            position = match.end()
            if match[1]:
                closing = _end_of(match[1], line, position)
                if closing < 0:
                    self.quote = match[1]
                    break
                position = closing
            else:
                self._depth = max(self._depth + bool(match[2]) - bool(match[3]), 0)
        self._lines_open = self._lines_open + 1 if self._depth else 0


def outside_strings(lines: Iterable[str], change: Callable[[str], str]) -> list[str]:
    """Return `lines` with `change` made to what stands outside string literals and comments."""
    nesting = Nesting()
    return [_changed(line, nesting, change) for line in lines]


def _changed(line: str, nesting: Nesting, change: Callable[[str], str]) -> str:
    opened = nesting.quote
    nesting.read(line)
    position = 0
    if opened:
        position = _end_of(opened, line, 0)
        if position < 0:
            return line
    kept = [line[:position]]
    while match := _PIECES.search(line, position):
        if match[2] or match[3]:
            kept.append(change(line[position : match.end()]))
            position = match.end()
            continue
        kept.append(change(line[position : match.start()]))
        end = match.end()
        if match[1]:
            closing = _end_of(match[1], line, end)
            end = closing if closing >= 0 else len(line)
        kept.append(line[match.start() : end])
        position = end
    kept.append(change(line[position:]))
    return "".join(kept)


def _end_of(quote: str, line: str, start: int) -> int:
    """Return the index behind the next `quote` that no backslash escapes, or -1."""
    at = line.find(quote, start)
    while at > 0 and _backslashes(line, at) % 2:
        at = line.find(quote, at + 1)
    return at + 3 if at >= 0 else -1


def _backslashes(line: str, stop: int) -> int:
    return stop - len(line[:stop].rstrip("\\"))
