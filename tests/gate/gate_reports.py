"""Reports for tests of the gate: a reply in, judged as if it had been linted, installed and run."""

from __future__ import annotations

from validator.facts import (
    Ending,
    Frame,
    Part,
    Plan,
    ProgramKind,
    Reply,
    Resolution,
    Run,
    Target,
    Traceback,
)
from validator.findings import Missing, Report
from validator.linting.ruff import diagnose
from validator.reading import read
from validator.rules import Evidence, judge


def ran(traceback: Traceback | None = None) -> Run:
    return Run(
        backend="bubblewrap",
        plan=Plan(ProgramKind.SCRIPT, "nothing in it says otherwise"),
        ending=Ending.EXITED,
        exit_code=1 if traceback else 0,
        stdout=b"hi\n",
        stderr=b"",
        stdout_bytes=3,
        stderr_bytes=0,
        wall_seconds=0.1,
        completed=traceback is None,
        traceback=traceback,
    )


def crash(line: int, kind: str, message: str) -> Run:
    return ran(Traceback(kind, message, (Frame("main.py", line, "<module>"),)))


def report(
    text: str,
    run: Run | None = None,
    *,
    origin: str = "reply.md",
    suppressions: bool = False,
    missing: tuple[Missing, ...] = (),
    ignore: tuple[str, ...] = (),
) -> Report:
    """Return the report of a reply whose program needs no packages and ended as `run` says."""
    submission = read(Reply((Part(text, origin),)))
    said = tuple(each for file in submission.files for each in diagnose(file, python="3.11"))
    found = bool(submission.files)
    evidence = Evidence(
        submission,
        said if found else None,
        Resolution(Target("3.11", "linux_x86_64"), "uv") if found else None,
        (run or ran()) if found and not missing else None,
        suppressions,
    )
    judgement = judge(evidence, missing=missing, ignore=ignore)
    return Report(
        submission,
        judgement.verdict,
        judgement.reason,
        diagnostics=evidence.diagnostics or (),
        resolution=evidence.resolution,
        run=evidence.run,
        findings=judgement.findings,
        suppressed=judgement.suppressed,
        missing=missing,
        excused=judgement.excused,
    )
