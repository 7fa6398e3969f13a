"""Where on the page a line stands: the ids that findings, lines and frames link to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import split_lines
from validator.reporters.html.markup import Markup, element
from validator.reporters.untrusted import one_line
from validator.reporters.wording import part_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validator.facts import Submission
    from validator.findings import Finding, Location, Report

LINES_SHOWN = 4000
"""Of the reply and of each file, from its start; past them, what stands around a finding."""
LINES_AROUND = 3
FINDINGS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Marked:
    """One finding and the number it has on the page."""

    number: int
    finding: Finding


@dataclass(frozen=True, slots=True)
class Places:
    """Which lines of a report's reply and program are on its page, and what is said about them."""

    submission: Submission
    reply: frozenset[int]
    """The lines of the reply that are shown."""
    files: Mapping[str, frozenset[int]]
    """The same for each file of the program."""
    numbers: Mapping[str, int]
    """The place of each file among the files: its name is the model's, and no id of ours."""
    of_reply: Mapping[int, tuple[Marked, ...]]
    of_file: Mapping[tuple[str, int], tuple[Marked, ...]]
    twins: Mapping[int, tuple[str, int]]
    """The first line of the program that each line of the reply became."""

    def reply_id(self, line: int | None) -> str | None:
        """Return the id of a line of the reply, or None where it is not shown."""
        return f"reply-{line}" if line in self.reply else None

    def file_id(self, path: str | None, line: int | None) -> str | None:
        """Return the id of a line of the program, or None where it is not shown."""
        if path is None or line not in self.files.get(path, ()):
            return None
        return f"file-{self.numbers[path]}-{line}"

    def links(self, location: Location) -> tuple[Markup, ...]:
        """Return links to a place: its line in the reply, then in the program."""
        found: list[Markup] = []
        reply = self.reply_id(location.reply_line)
        if location.reply_line is not None and reply is not None:
            found.append(element("a", self.reply_name(location.reply_line), href=f"#{reply}"))
        if location.path is not None:
            line = f" line {location.line}" if location.line else ""
            name = f"{one_line(location.path, 120)}{line}"
            file = self.file_id(location.path, location.line)
            found.append(element("a", name, href=f"#{file}") if file else element("span", name))
        return tuple(found)

    def reply_name(self, reply_line: int) -> str:
        """Return a line of the reply as a person would call it: `reply line 27`."""
        origin, line = self.submission.reply.place(reply_line)
        if len(self.submission.reply.parts) == 1:
            return f"reply line {line}"
        return f"{part_name(origin)} line {line}"


def places(report: Report) -> Places:
    """Return what of the report's reply and program its page shows."""
    submission = report.submission
    of_reply: dict[int, list[Marked]] = {}
    of_file: dict[tuple[str, int], list[Marked]] = {}
    for number, finding in enumerate(report.findings[:FINDINGS_SHOWN], start=1):
        marked, location = Marked(number, finding), finding.location
        if location.reply_line is not None:
            of_reply.setdefault(location.reply_line, []).append(marked)
        if location.path is not None and location.line is not None:
            of_file.setdefault((location.path, location.line), []).append(marked)
    twins: dict[int, tuple[str, int]] = {}
    for file in submission.files:
        for line, reply_line in enumerate(file.reply_lines, start=1):
            if reply_line:
                twins.setdefault(reply_line, (file.path, line))
    return Places(
        submission=submission,
        reply=_lines_shown(len(submission.reply.lines), set(of_reply)),
        files={
            file.path: _lines_shown(
                len(split_lines(file.text)), {line for path, line in of_file if path == file.path}
            )
            for file in submission.files
        },
        numbers={file.path: number for number, file in enumerate(submission.files, start=1)},
        of_reply={line: tuple(marked) for line, marked in of_reply.items()},
        of_file={place: tuple(marked) for place, marked in of_file.items()},
        twins=twins,
    )


def _lines_shown(count: int, pointed_at: set[int]) -> frozenset[int]:
    around = {
        line
        for each in pointed_at
        for line in range(max(each - LINES_AROUND, 1), min(each + LINES_AROUND, count) + 1)
    }
    return frozenset(around).union(range(1, min(count, LINES_SHOWN) + 1))
