"""What a terminal shows after all that was drawn on it: each character where it ended up.

Knows what programs send to a terminal of the kind `xterm-256color` (its terminfo, and ECMA-48),
colours and the like left out.
"""

from __future__ import annotations

import re

MAX_HISTORY_LINES = 200
"""Kept of what scrolled off the top, as a window does whose lines can be scrolled back to."""
_TOKEN = re.compile(
    r"\x1b\[(?P<private>[<-?]?)(?P<numbers>[\d;:]*)[ -/]*(?P<final>[@-~])"
    r"|\x1b[\]PX^_].{0,4096}?(?:\x07|\x1b\\)"
    r"|\x1b\((?P<charset>.)"
    r"|\x1b[ -/]*(?P<escape>[0-~])"
    r"|(?P<control>[\x00-\x1f\x7f])"
    r"|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)
_LINES = dict(zip(map(ord, "`ajklmnqtuvwx~"), "◆▒┘┐┌└┼─├┤┴┬│·", strict=True))
"""What letters stand for in the set of characters that lines are drawn with."""
_ALTERNATE = ("47", "1047", "1049")


class Screen:
    """A screen of so many lines and columns."""

    def __init__(self, lines: int, columns: int) -> None:
        """Begin blank, the cursor in the upper left."""
        self.lines, self.columns = lines, columns
        self.rows = self._blank()
        self.line = self.column = 0
        self.top, self.bottom = 0, lines
        """The lines that scroll."""
        self.saved = (0, 0)
        self.history: list = []
        self.last: list = []
        """What was on it before it was last cleared, or left for the screen behind it."""
        self.behind: tuple | None = None
        """The rows and the cursor of the ordinary screen, while there is another before it."""
        self.drawing_lines = False
        self.written = " "

    def _blank(self) -> list:
        return [[" "] * self.columns for _ in range(self.lines)]

    def feed(self, text: str) -> None:
        """Draw what a program wrote."""
        for token in _TOKEN.finditer(text):
            kind = token.lastgroup
            if kind == "text":
                self._write(token["text"])
            elif kind == "control":
                self._control(token["control"])
            elif kind == "charset":
                self.drawing_lines = token["charset"] == "0"
            elif kind == "escape":
                self._escape(token["escape"])
            elif kind == "final":
                self._sequence(token["private"], token["numbers"], token["final"])

    def shown(self) -> list:
        """Return the lines a person has seen: of a full screen, then of the terminal around it."""
        ordinary = [*self.history, *(self.behind[0] if self.behind else self.rows)]
        full = self.rows if self.behind else []
        full = full if _texts(full) else self.last
        return [*_texts(full), *_texts(ordinary)]

    def _write(self, text: str) -> None:
        for character in text.translate(_LINES) if self.drawing_lines else text:
            if self.column >= self.columns:
                self.column = 0
                self._line_feed()
            self.rows[self.line][self.column] = self.written = character
            self.column += 1

    def _control(self, control: str) -> None:
        if control == "\r":
            self.column = 0
        elif control in "\n\v\f":
            self._line_feed()
        elif control == "\b":
            self.column = max(min(self.column, self.columns - 1) - 1, 0)
        elif control == "\t":
            self.column = min(self.column // 8 * 8 + 8, self.columns - 1)

    def _line_feed(self) -> None:
        if self.line != self.bottom - 1:
            self.line = min(self.line + 1, self.lines - 1)
            return
        if self.top == 0 and not self.behind:
            self.history = [*self.history, self.rows[0]][-MAX_HISTORY_LINES:]
        self._move(self.top, self.top + 1)

    def _move(self, at: int, to: int) -> None:
        """Scroll what lies below: the line `to` comes to `at`, blank ones to where it was."""
        rows, count = self.rows[at : self.bottom], abs(to - at)
        blank = self._blank()[:count]
        moved = [*rows[count:], *blank] if to > at else [*blank, *rows]
        self.rows[at : self.bottom] = moved[: len(rows)]

    def _escape(self, escape: str) -> None:
        if escape == "M":
            if self.line == self.top:
                self._move(self.top, self.top - 1)
            else:
                self.line = max(self.line - 1, 0)
        elif escape in "DE":
            self._line_feed()
            self.column = 0 if escape == "E" else self.column
        elif escape == "7":
            self.saved = (self.line, self.column)
        elif escape == "8":
            self.line, self.column = self.saved

    def _sequence(self, private: str, numbers: str, final: str) -> None:
        if private:
            if private == "?" and final in "hl":
                self._switch(numbers.split(";"), on=final == "h")
            return
        values = [min(int(each), 9999) for each in numbers.split(";") if each.isdigit()]
        first = values[0] if values else 0
        if final in "ABCDEFGHadefI`":
            self._go(final, max(first, 1), values)
        elif final in "JKXP@LMSTb":
            self._change(final, first)
        elif final == "r":
            self.top = max(first, 1) - 1
            self.bottom = min(values[1], self.lines) if len(values) > 1 else self.lines
            if not self.top < self.bottom:
                self.top, self.bottom = 0, self.lines
            self.line = self.column = 0

    def _switch(self, modes: list, *, on: bool) -> None:
        """Go to the screen before the ordinary one, or back from it."""
        if not any(mode in _ALTERNATE for mode in modes) or on == bool(self.behind):
            return
        if on:
            self.behind = (self.rows, self.line, self.column)
            self.rows = self._blank()
        else:
            self._keep()
            self.rows, self.line, self.column = self.behind
            self.behind = None

    def _keep(self) -> None:
        if _texts(self.rows):
            self.last = [list(row) for row in self.rows]

    def _go(self, final: str, count: int, values: list) -> None:
        line, column = self.line, min(self.column, self.columns - 1)
        if final == "H" or final == "f":
            line, column = count - 1, (max(values[1], 1) if len(values) > 1 else 1) - 1
        elif final in "Gd`":
            line, column = (count - 1, column) if final == "d" else (line, count - 1)
        elif final in "AF":
            line = max(line - count, self.top if line >= self.top else 0)
        elif final in "BEe":
            line = min(line + count, (self.bottom if line < self.bottom else self.lines) - 1)
        elif final in "Ca":
            column += count
        elif final == "D":
            column -= count
        column = 0 if final in "EF" else column
        self.line = min(max(line, 0), self.lines - 1)
        self.column = min(max(column, 0), self.columns - 1)

    def _change(self, final: str, first: int) -> None:
        count, row, at = max(first, 1), self.rows[self.line], min(self.column, self.columns - 1)
        if final == "J":
            self._clear(first)
        elif final == "K":
            start, end = ((at, None), (0, at + 1), (0, None))[min(first, 2)]
            row[start:end] = " " * len(row[start:end])
        elif final == "X":
            row[at : at + count] = " " * len(row[at : at + count])
        elif final == "P":
            row[at:] = [*row[at + count :], *" " * min(count, len(row) - at)]
        elif final == "@":
            row[at:] = [*" " * min(count, len(row) - at), *row[at:]][: len(row) - at]
        elif final == "b":
            self._write(self.written * min(count, self.columns))
        elif final in "LM" and self.top <= self.line < self.bottom:
            count = min(count, self.bottom - self.line)
            self._move(self.line, self.line + (count if final == "M" else -count))
            self.column = 0
        elif final in "ST":
            count = min(count, self.bottom - self.top)
            self._move(self.top, self.top + (count if final == "S" else -count))

    def _clear(self, what: int) -> None:
        """Blank the screen from the cursor on, up to it, or all of it."""
        if what >= 2 or (what, self.line, self.column) == (0, 0, 0):
            if self.behind:
                self._keep()
            self.rows[:] = self._blank()
            return
        self._change("K", what)
        rest = range(self.line) if what == 1 else range(self.line + 1, self.lines)
        for line in rest:
            self.rows[line] = [" "] * self.columns


def _texts(rows: list) -> list:
    """Return the lines of some rows without the blank ones around them."""
    lines = ["".join(row).rstrip() for row in rows]
    filled = [number for number, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []
