"""A page of styled lines for a terminal: prose is wrapped under itself, code is cut at the edge."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.text import Text

MIN_WIDTH = 40
MAX_PROSE_WIDTH = 110
"""Prose wider than this is tiring to read; code may use the whole terminal."""


class Page:
    """Collects lines and renders them once, with or without colour.

    Widths are terminal cells, so that a line of Chinese ends where a line of English does. Text
    handed in must already be clean (see `untrusted`): it is shown as it is, never as markup.
    """

    def __init__(self, *, color: bool, width: int) -> None:
        # An empty environment: NO_COLOR, COLUMNS and TERM were for the command line to weigh.
        self._console = Console(
            file=StringIO(),
            force_terminal=color,
            color_system="standard" if color else None,
            width=max(width, MIN_WIDTH),
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            _environ={},
        )
        self._lines: list[Text] = []

    def prose(self, lead: Text | str, body: Text | str = "", *, hang: int | None = None) -> None:
        """Add `lead` and `body` on one line, wrapped; further lines stand `hang` cells in.

        `hang` is the width of `lead` unless given.
        """
        start = _text(lead)
        hang = start.cell_len if hang is None else hang
        width = min(self._console.width, MAX_PROSE_WIDTH)
        whole = start + _text(body)
        # The first line may be longer than the rest, which all move right by `hang`.
        first = whole.wrap(self._console, width, no_wrap=False)[0]
        self._lines.append(first)
        rest = whole[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
        if rest.plain:
            for line in rest.wrap(self._console, max(width - hang, MIN_WIDTH // 2)):
                self._lines.append(Text(" " * hang) + line)

    def code(self, text: Text | str) -> None:
        """Add one line, cut with dots where the terminal ends."""
        line = _text(text).copy()
        width = self._console.width
        if line.cell_len > width:
            line.truncate(width - 3, overflow="crop")
            line.append("...", style="dim")
        self._lines.append(line)

    def verbatim(self, text: Text | str) -> None:
        """Add one line that is neither wrapped nor cut: a command to be copied."""
        self._lines.append(_text(text))

    def gap(self) -> None:
        """Add an empty line, unless the page is empty or ends with one."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def __str__(self) -> str:
        """Return the page; no line ends in spaces, and the last one ends."""
        with self._console.capture() as captured:
            for line in self._lines:
                line.rstrip()
                self._console.print(line, soft_wrap=True)
        return captured.get()


def _text(value: Text | str) -> Text:
    return Text(value) if isinstance(value, str) else value
