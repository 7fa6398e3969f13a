"""Text that is not ours made fit to be shown: visible, on one line, cut, and fenced.

Program output, file names, exception messages and the reply itself may hold terminal escapes,
direction overrides or a whole forged report. Nothing of theirs reaches a reader but through here.
"""

from __future__ import annotations

import re

from validator.facts import split_lines
from validator.rules.noise import clean, strip_noise

_JOINER = "\u200d"
"""Holds emoji together; harmless, and its escape would tear them apart."""
_TRACEBACK = b"Traceback (most recent call last):"
_SYNTAX_ERROR = re.compile(rb'^  File "[^\n]*", line \d+$', re.MULTILINE)
"""How the report of a syntax error begins: it has no headline."""
_BACKTICKS = re.compile(r"`+")
TAB_COLUMNS = 4


def visible(text: str) -> str:
    """Return `text` as one line on which nothing hides and nothing acts.

    Tabs become spaces; control characters, line ends, direction overrides, no-break and zero-width
    spaces and lone surrogates become `<U+001B>`. The latter are also what a reader must see when
    they are the fault.
    """
    if text.isprintable():
        return text
    spaced = text.replace("\t", " " * TAB_COLUMNS)
    return "".join(
        char if char.isprintable() or char == _JOINER else f"<U+{ord(char):04X}>" for char in spaced
    )


def one_line(text: str, limit: int = 300) -> str:
    """Return `text` with its lines joined by spaces, visible, and at most `limit` characters."""
    return cut(visible(" ".join(text.split())), limit)


def cut(text: str, limit: int) -> str:
    """Return `text`, or its first `limit - 3` characters and three dots."""
    return text if len(text) <= limit else text[: max(limit - 3, 0)] + "..."


def tail(data: bytes, *, max_lines: int, max_bytes: int) -> tuple[str, ...]:
    """Return the last lines a program wrote, each visible, without the noise of a jail.

    The cut is made before anything is decoded, so that the size of the output costs nothing.
    """
    kept = data[-max_bytes:]
    lines = split_lines(strip_noise(clean(kept)))
    if len(data) > max_bytes and len(lines) > 1:
        lines = lines[1:]  # its beginning was cut away
    while lines and not lines[-1].strip():
        lines.pop()
    return tuple(visible(line) for line in lines[-max_lines:])


def without_traceback(stderr: bytes) -> bytes:
    """Return what stood before the last traceback in `stderr`: a finding tells that one better."""
    before, found, _ = stderr.rpartition(_TRACEBACK)
    if found:
        return before
    syntax_error = _SYNTAX_ERROR.search(stderr)
    return stderr[: syntax_error.start()] if syntax_error else stderr


def fenced(text: str, label: str = "text") -> str:
    """Return `text` in a fence longer than any run of backticks inside it."""
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{label}\n{text}\n{fence}"
