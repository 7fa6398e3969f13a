"""Where a finding stands in the files a user has: what annotations and code scanners point at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.reporters import excerpt

if TYPE_CHECKING:
    from validator.facts import Reply, Submission
    from validator.findings import Location

STDIN = "-"


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file the user named, and where in it."""

    path: str | None
    """As the user named it; None for standard input."""
    line: int | None = None
    """None where the finding is about the whole, or the file's own lines are not the reply's."""
    column: int | None = None
    inside: str = ""
    """Which turn of a conversation in JSON it is, whose lines are no lines of the file."""


def in_file(submission: Submission, location: Location) -> FilePlace:
    """Return the place in a file of the user's; one about the program alone is about the whole."""
    reply = submission.reply
    found = excerpt.place(submission, location)
    if location.reply_line is None or found is None:
        path, inside = named(reply, reply.parts[0].origin)
        return FilePlace(path, inside=inside)
    path, inside = named(reply, found.origin)
    if inside:
        return FilePlace(path, inside=f"{inside}, line {found.line}")
    return FilePlace(path, found.line, found.column)


def named(reply: Reply, origin: str) -> tuple[str | None, str]:
    """Return the file a part of the reply came from, and which turn of it: `turn 3`."""
    if reply.name is not None and origin.startswith(f"{reply.name} "):
        return _path(reply.name), origin.removeprefix(reply.name).strip()
    return _path(origin), ""


def _path(name: str) -> str | None:
    return None if name == STDIN else name
