"""For tests of driving: a program in, what it did and what that was judged to be out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.facts import (
    Command,
    Limits,
    Part,
    Reply,
    Resolution,
    SourceFile,
    Span,
    Submission,
    Target,
)
from validator.rules import Evidence, judge
from validator.sandbox import drive, plan
from validator.settings import load

if TYPE_CHECKING:
    from validator.facts import Decision, Layer, Run
    from validator.findings import Finding, Verdict
    from validator.sandbox.backend import Backend

NOTHING_NEEDED = Resolution(Target("3.11", "linux_x86_64"), "uv")


@dataclass(frozen=True)
class Outcome:
    """What became of a program."""

    run: Run
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> list[str]:
        return [each.code for each in self.findings]

    def seen(self, kind: str, *names: str) -> list[tuple[object, ...]]:
        """Return these fields of every observation of a kind."""
        found = (each.fields for each in self.run.observations if each.kind == kind)
        return [tuple(fields.get(name) for name in names) for fields in found]


def program(
    text: str,
    *,
    commands: tuple[str, ...] = (),
    decision: Decision | None = None,
    files: dict[str, str] | None = None,
) -> Submission:
    """Return a program as if line 1 of it was line 1 of its reply."""
    sources = {"main.py": text, **(files or {})}
    return Submission(
        reply=Reply((Part(text, "reply.md"),)),
        files=tuple(
            SourceFile(path, body, tuple(range(1, body.count("\n") + 2)))
            for path, body in sources.items()
        ),
        commands=tuple(Command(each, Span(1, 1)) for each in commands),
        entry_point="main.py",
        decision=decision,
    )


def outcome(
    backend: Backend,
    submission: Submission | str,
    *,
    seconds: float = 10.0,
    layer: Layer | None = None,
    **flags: object,
) -> Outcome:
    """Drive a program and judge what it did, its text not linted."""
    if isinstance(submission, str):
        submission = program(submission)
    settings = replace(load(flags), limits=Limits(wall_seconds=seconds, memory_mib=256))
    how = plan(submission, settings.kind)
    run = drive(how, submission, backend, layer, settings)
    judgement = judge(Evidence(submission, (), NOTHING_NEEDED, run))
    return Outcome(run, judgement.verdict, judgement.findings)
