"""What a rule is: a class whose docstring is its page, judging one body of evidence."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from validator.findings import Finding, Location, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from validator.facts import Diagnostic, Resolution, Run, Span, Submission
    from validator.findings import Fix


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the stages learned about one reply; None where a stage was not done."""

    submission: Submission
    diagnostics: tuple[Diagnostic, ...] | None = None
    resolution: Resolution | None = None
    run: Run | None = None
    suppressions: bool = False
    """Whether comments in the reply may set findings aside: the user says, never the reply."""

    def at(self, path: str | None, line: int | None, column: int | None = None) -> Location:
        """Return a place in a file of the program, with its place in the reply."""
        file = self.submission.file(path)
        reply_line = file.reply_line(line) if file is not None and line is not None else None
        return Location(path=path, line=line, column=column, reply_line=reply_line)

    def in_reply(self, span: Span | None) -> Location:
        """Return a place in the reply, with the program's line that came from there, if one did."""
        if span is None:
            return Location()
        for file in self.submission.files:
            if span.first in file.reply_lines:
                line = file.reply_lines.index(span.first) + 1
                return Location(path=file.path, line=line, reply_line=span.first)
        return Location(reply_line=span.first)

    def said(self, *codes: str) -> tuple[Diagnostic, ...]:
        """Return what the linters said under any of these codes of theirs."""
        return tuple(each for each in self.diagnostics or () if each.code in codes)

    def on(self, path: str, line: int) -> tuple[Diagnostic, ...]:
        """Return what the linters said about one line."""
        said = self.diagnostics or ()
        return tuple(each for each in said if (each.path, each.span.first) == (path, line))


@dataclass(frozen=True, slots=True)
class Example:
    """Part of a page, and a test: `bad` earns the finding, `good` does not.

    Both are a program for the rules about code, and a reply or a requirement for the others.
    """

    bad: str
    good: str


class Rule(ABC):
    """One kind of fault. Its docstring says what it does, why it matters and what to do.

    `severity` is what its findings weigh unless a rule has reason to say otherwise of one of them.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity] = Severity.ERROR
    example: ClassVar[Example]

    @abstractmethod
    def judge(self, evidence: Evidence) -> Iterable[Finding]:
        """Return a finding for each time the fault is there."""

    @classmethod
    def find(
        cls,
        message: str,
        location: Location,
        *,
        severity: Severity | None = None,
        related: tuple[tuple[Location, str], ...] = (),
        evidence: tuple[str, ...] = (),
        hint: str = "",
        fix: Fix | None = None,
    ) -> Finding:
        """Return a finding of this rule."""
        return Finding(
            code=cls.code,
            name=cls.name,
            severity=severity or cls.severity,
            message=message,
            location=location,
            related=related,
            evidence=evidence,
            hint=hint,
            fix=fix,
        )


def quoted(text: str, limit: int = 80) -> str:
    """Return untrusted text as one short line in backticks."""
    line = " ".join(text.replace("`", "'").split())
    printable = "".join(char for char in line if char.isprintable())
    return f"`{printable if len(printable) <= limit else printable[: limit - 3] + '...'}`"


def said_by(diagnostic: Diagnostic) -> str:
    """Return a linter's words as a line of evidence."""
    message = " ".join(diagnostic.message.split())
    return f"{diagnostic.tool} {diagnostic.code}: {message}"
