"""What tests of packages submit, and to which target."""

from __future__ import annotations

from validator.facts import (
    Part,
    Reply,
    RequirementLine,
    RequirementSource,
    SourceFile,
    Span,
    Submission,
    Target,
)

TARGET = Target("3.11", "linux_x86_64", "glibc 2.36")


def submit(requirements: str = "", **files: str) -> Submission:
    """A reply that requires one thing a line and holds `main="…"` as main.py."""
    sources = tuple(
        SourceFile(f"{name}.py", text, tuple(range(1, text.count("\n") + 1)))
        for name, text in files.items()
    )
    lines = tuple(
        RequirementLine(text, Span(number, number), RequirementSource.BLOCK)
        for number, text in enumerate(requirements.splitlines(), 1)
    )
    return Submission(
        Reply((Part("", "reply.md"),)),
        files=sources,
        requirements=lines,
        entry_point="main.py" if sources else None,
    )
