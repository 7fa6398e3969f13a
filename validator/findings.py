"""Judgements: a finding, the fix it may carry, and the report they add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.facts import (
        Diagnostic,
        Recovery,
        RequirementLine,
        Resolution,
        Run,
        Span,
        Submission,
    )


class Severity(StrEnum):
    """How much a finding weighs; only an error fails a reply, unless the user says otherwise."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for an error, and more for what weighs less: sorted by it the gravest come first."""
        return tuple(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in the program, in the reply, or both."""

    path: str | None = None
    line: int | None = None
    column: int | None = None
    """1-based, where known."""
    reply_line: int | None = None
    """Counted through all parts of the reply."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace whole lines of a file."""

    path: str
    span: Span
    """Lines to take out. A span whose `last` is `first - 1` inserts before `first`."""
    replacement: tuple[str, ...]
    """Lines to put there, without line ends."""


@dataclass(frozen=True, slots=True)
class RequirementEdit:
    """Rewrite a requirement line of the reply, leave it out, or add one."""

    before: RequirementLine | None
    """The line as the reply words it; None adds one."""
    after: RequirementLine | None
    """The line of ours in its place; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A mechanical repair."""

    description: str
    """What it does, in the imperative: "write the guard as `__name__ == "__main__"`"."""
    edits: tuple[Edit, ...]
    safe: bool
    """True where it cannot change what a correct program does."""
    requirements: tuple[RequirementEdit, ...] = ()
    settles: tuple[Recovery, ...] = ()
    """Of single lines: what reading has done in the program already, and the reply still owes."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """Why a finding fails nothing although it was found."""

    by: str
    """`comment`, in the reply itself, or `baseline`."""
    reason: str
    """In the words of whoever wrote the comment: untrusted text."""
    reply_line: int | None = None
    """Where the comment stands."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, said once, with everything that is known about it."""

    code: str
    """`RV202`; never reused."""
    name: str
    """`broken-main-guard`: the fault, not the cure."""
    severity: Severity
    message: str
    """One sentence, no full stop, complete without its location."""
    location: Location = field(default_factory=Location)
    related: tuple[tuple[Location, str], ...] = ()
    """Other places that matter, each with a word on why."""
    evidence: tuple[str, ...] = ()
    """What was seen: a linter's words, the last lines of a traceback. Untrusted text, cleaned."""
    hint: str = ""
    """What to do about it, addressed to whoever writes the next reply."""
    fix: Fix | None = None
    set_aside: SetAside | None = None
    """Who set it aside, and why; None where nobody did, or `select` and `ignore`."""


class Verdict(StrEnum):
    """What a report comes to."""

    PASSED = "passed"
    """Extracted, installed, ran, and did what its kind of program does."""
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"
    """We could not do our part, or the program asked for what we do not have."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A stage that was not done, and how to have it done."""

    stage: str
    """`linting`, `packages` or `sandbox`."""
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Seconds:
    """Wall time of each stage; None where it was not done. Stages overlap."""

    reading: float | None = None
    linting: float | None = None
    packages: float | None = None
    sandbox: float | None = None
    total: float = 0.0


@dataclass(frozen=True, slots=True)
class Diff:
    """What one fix did to one file."""

    path: str
    """`requirements.txt` for what the reply asks to have installed, wherever it says so."""
    text: str
    """A unified diff without its two lines of file names; it holds lines of the reply."""


@dataclass(frozen=True, slots=True)
class AppliedFix:
    """A fault that was mended: what it was, where it stood then, and what was done about it."""

    finding: Finding
    """As it was found; its fix is the one that was made."""
    diffs: tuple[Diff, ...]


@dataclass(frozen=True, slots=True)
class DroppedFix:
    """A fix that was tried and not kept, because judging again showed it to be for the worse."""

    finding: Finding
    because: str
    """What it would have brought: `RV208: module `math` has no attribute `square``."""


@dataclass(frozen=True, slots=True)
class Mending:
    """What was done to a program, without a model, before it was judged."""

    unsafe: bool
    """True where fixes were wanted that may change what a correct program does."""
    applied: tuple[AppliedFix, ...] = ()
    """In the order they were made."""
    dropped: tuple[DroppedFix, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Everything learned about one reply."""

    submission: Submission
    verdict: Verdict
    reason: str | None
    """Why it is inconclusive; None otherwise."""
    diagnostics: tuple[Diagnostic, ...] = ()
    resolution: Resolution | None = None
    run: Run | None = None
    findings: tuple[Finding, ...] = ()
    """Errors first, then in the order of the reply."""
    suppressed: tuple[Finding, ...] = ()
    """Found, and set aside because the user said so."""
    missing: tuple[Missing, ...] = ()
    seconds: Seconds = field(default_factory=Seconds)
    fixed: tuple[str, ...] = ()
    """Codes of the findings that were mended before this judgement, in order."""
    mending: Mending | None = None
    """What was mended and how; None where nobody asked for fixes."""
    excused: bool = False
    """True where it would have passed but for findings that a comment or a baseline set aside."""
    compared: bool = False
    """True where it was held against a baseline: what that did not set aside is new."""

    @property
    def left_for_the_model(self) -> tuple[Finding, ...]:
        """The errors that no fix of ours takes away: what somebody still has to write.

        Before anything was mended, those without a fix; afterwards those too whose fix was in vain.
        """
        tried = self.mending is not None
        unsafe = self.mending is not None and self.mending.unsafe
        return tuple(
            each
            for each in self.findings
            if each.severity is Severity.ERROR
            and (each.fix is None or (tried and (each.fix.safe or unsafe)))
        )
