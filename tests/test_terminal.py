"""The line that says what is going on, and what else is written to the same terminal."""

from __future__ import annotations

import io

import pytest

from validator.events import Progress
from validator.terminal import ProgressLine

ERASED = "\x1b[2K"


class Terminal(io.StringIO):
    """Takes what is written, and says that somebody looks at it."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _of_a_usual_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")


def test_a_report_is_written_where_the_line_was_and_the_line_comes_back() -> None:
    terminal = Terminal()
    with ProgressLine(terminal) as line:
        line(Progress("sandbox", "running main.py"))
        with line.aside():
            before = terminal.getvalue()
            line(Progress("sandbox", "running another"))
            terminal.write("REPORT\n")
            assert terminal.getvalue() == f"{before}REPORT\n"

    assert "running another" in terminal.getvalue().rpartition("REPORT\n")[2]
    assert before.endswith(ERASED)
    assert terminal.getvalue().endswith(ERASED)


def test_where_nobody_looks_nothing_is_written() -> None:
    stream = io.StringIO()
    with ProgressLine(stream) as line:
        line(Progress("sandbox", "running main.py"))
        with line.aside():
            stream.write("REPORT\n")

    assert stream.getvalue() == "REPORT\n"
