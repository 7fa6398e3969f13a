"""Lines that remember where in the reply they stood, and the stretches of code made of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Span

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Passage:
    """Some lines of text and, for each, the line of the reply it came from."""

    lines: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()

    @cached_property
    def text(self) -> str:
        """The lines joined, each with its line end; empty where there are none."""
        return "\n".join(self.lines) + "\n" if self.lines else ""

    @property
    def span(self) -> Span:
        """The first and the last line of the reply among them."""
        return Span(min(self.numbers, default=1), max(self.numbers, default=1))

    def __len__(self) -> int:
        return len(self.lines)

    def __add__(self, other: Passage) -> Passage:
        return Passage(self.lines + other.lines, self.numbers + other.numbers)

    def cut(self, start: int, stop: int | None = None) -> Passage:
        """Return the lines at the 0-based indices `start` up to, not including, `stop`."""
        return Passage(self.lines[start:stop], self.numbers[start:stop])

    def picked(self, indices: Sequence[int]) -> Passage:
        """Return the lines at some 0-based indices, in the order given."""
        lines, numbers = self.lines, self.numbers
        return Passage(tuple(lines[i] for i in indices), tuple(numbers[i] for i in indices))

    def with_lines(self, lines: Sequence[str]) -> Passage:
        """Return the same places with other words; one new line for each old one."""
        return Passage(tuple(lines), self.numbers)

    def trimmed(self) -> Passage:
        """Return it without blank lines at either end."""
        filled = [index for index, line in enumerate(self.lines) if line.strip()]
        return self.cut(filled[0], filled[-1] + 1) if filled else Passage()

    def dedented(self) -> Passage:
        """Return it with the indentation all filled lines share taken off."""
        margin = min((indent(line) for line in self.lines if line.strip()), default=0)
        return self.with_lines([line[margin:] for line in self.lines]) if margin else self

    def shifted(self, columns: int) -> Passage:
        """Return it with every filled line moved `columns` to the right, or left if negative."""
        return self.with_lines([_shift(line, columns) for line in self.lines])


def indent(line: str) -> int:
    """Return how many blanks `line` begins with."""
    return len(line) - len(line.lstrip(" \t"))


def _shift(line: str, columns: int) -> str:
    if not line.strip():
        return line
    return " " * columns + line if columns >= 0 else line[min(-columns, indent(line)) :]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of lines in one part of a reply that is not prose, with what is known about it."""

    kind: BlockKind
    passage: Passage
    part: int
    """Index of the part it stands in; of the last one, where several were joined."""
    label: str = ""
    """The whole info string."""
    fenced: bool = True
    closed: bool = True
    lead: tuple[str, ...] = field(default=())
    """The filled prose lines before it, nearest last, at most three."""
    name: str | None = None
    """The file name the reply gives it, as written."""
    opened: int = 0
    """The line of the reply its fence opens at; 0 where it has none."""
    ends_part: bool = False
    """True where nothing but blank lines follows in its part."""
    starts_part: bool = False
    """True where nothing but blank lines precedes it in its part."""
    filled: bool = False
    """True where what it leaves out was filled in from an earlier block."""
    applied: bool | None = None
    """Of a block that asks for changes: whether the code to change was found; None of others."""
    draft: bool = False
    """True where it stands in a thought that never ends."""
    guessed: bool = False
    """True where two parts were joined that could as well have met in another way."""
    pieces: tuple[int, ...] = ()
    """Indices, among the blocks of the reply, of what it was joined from."""
