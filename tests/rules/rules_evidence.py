"""Evidence for tests: a program as if a reply held it from its first line on, and runs of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from validator.facts import (
    Ending,
    Frame,
    Observation,
    Part,
    Plan,
    ProgramKind,
    Reply,
    Resolution,
    Run,
    SourceFile,
    Submission,
    Target,
    Traceback,
    split_lines,
)
from validator.linting.ruff import diagnose
from validator.rules import Evidence

OFFSET = 10
"""The program's first line is line 11 of its reply."""
NOTHING_NEEDED = Resolution(Target("3.11", "linux_x86_64"), "uv")


def source(text: str, path: str = "main.py") -> SourceFile:
    count = len(split_lines(text))
    return SourceFile(path, text, tuple(range(OFFSET + 1, OFFSET + count + 1)))


def submission(text: str, **others: str) -> Submission:
    files = (source(text), *(source(body, f"{name}.py") for name, body in others.items()))
    reply = Reply((Part("\n" * OFFSET + text, "reply.md"),))
    return Submission(reply=reply, files=files, entry_point="main.py")


def linted(text: str, **others: str) -> Evidence:
    """Return evidence with what the real ruff says; pyright needs node and has its own tests."""
    program = submission(text, **others)
    said = tuple(each for file in program.files for each in diagnose(file, python="3.11"))
    return Evidence(program, said)


def ran(text: str, **fields: Any) -> Evidence:
    """Return complete evidence of a program and its run; without `fields` it ended well."""
    return replace(linted(text), resolution=NOTHING_NEEDED, run=run(**fields))


def run(
    kind: ProgramKind = ProgramKind.SCRIPT,
    ending: Ending = Ending.EXITED,
    exit_code: int | None = 0,
    **fields: Any,
) -> Run:
    defaults: dict[str, Any] = {
        "stdout": b"",
        "stderr": b"",
        "completed": ending is Ending.EXITED and exit_code == 0,
    }
    given = defaults | fields
    return Run(
        backend="bubblewrap",
        plan=Plan(kind, "chosen by the test"),
        ending=ending,
        exit_code=exit_code,
        stdout_bytes=given.pop("stdout_bytes", len(given["stdout"])),
        stderr_bytes=given.pop("stderr_bytes", len(given["stderr"])),
        wall_seconds=given.pop("wall_seconds", 0.1),
        **given,
    )


def raised(type_name: str, message: str, *lines: int) -> Traceback:
    """Return a traceback through these lines of the program, outermost first, into a library."""
    frames = [Frame("main.py", line, f"step{line}") for line in lines]
    return Traceback(type_name, message, (*frames, Frame("/usr/lib/python3.11/lib.py", 1, "deep")))


def crashed(text: str, type_name: str, message: str, *lines: int) -> Evidence:
    trace = raised(type_name, message, *lines)
    return ran(text, exit_code=1, traceback=trace)


def saw(kind: str, **fields: Any) -> Observation:
    return Observation(kind, fields)
