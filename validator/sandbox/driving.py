"""Drive a program as its kind asks: one run or several, with stand-ins for what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from validator.facts import (
    Asset,
    Ending,
    Job,
    Observation,
    ProgramKind,
    Role,
)
from validator.sandbox import missing, patience, placeholders
from validator.sandbox.picturing import with_picture
from validator.sandbox.trying import with_trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Layer, Plan, Run, Submission, Traceback
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

MAX_ATTEMPTS = 3
"""Runs of one invocation, each with stand-ins for files the one before it did not find."""
CLOCK_SECONDS = 0.1
"""How far before its deadline a run may seem to end that was stopped at it."""
USAGE_FILE = "usage_example.py"
_HELP = ("--help",)
_OWN_FAULTS = frozenset({
    "NameError", "UnboundLocalError", "AttributeError", "TypeError", "ImportError",
    "ModuleNotFoundError", "SyntaxError", "IndentationError",
})  # fmt: skip
MAX_USAGE_CHARACTERS = 20_000
_USAGE = re.compile(rb"^[ \t]*usage\b", re.IGNORECASE | re.MULTILINE)


def drive(
    plan: Plan,
    submission: Submission,
    backend: Backend,
    layer: Layer | None,
    settings: Settings,
) -> Run:
    """Run a program as often as its plan says and return the run that tells most.

    What was seen in the other runs is among its observations.

    Raises:
        SandboxUnavailable: when the sandbox, not the program, failed.
    """
    assert submission.entry_point is not None
    job = Job(
        files=submission.files,
        entry_point=submission.entry_point,
        plan=plan,
        layer=layer,
        limits=settings.limits,
        instrument=settings.instrument,
    )
    job = with_trial(_with_usage(job, submission))
    driver = _Driver(submission, backend, settings.placeholder_assets, plan.made_up)
    run = driver.invoke(job)
    run = with_picture(driver.laid(job), run, backend)
    extra = (
        *_ignored_close(job, run),
        *driver.stand_ins(),
        *driver.tested(job, run),
        *_unexercised(job, run, submission),
    )
    return replace(run, observations=(*run.observations, *extra))


class _Driver:
    """The runs of one program, and what had to be laid beside it for them."""

    def __init__(
        self,
        submission: Submission,
        backend: Backend,
        may_stand_in: bool,
        made_up: tuple[str, ...] = (),
    ) -> None:
        self.submission = submission
        self.made_up = made_up
        self.backend = backend
        self.may_stand_in = may_stand_in
        self.assets: dict[str, Asset] = {}

    def invoke(self, job: Job) -> Run:
        """Run a program once for each list of arguments, until a run fails; return the best.

        Where it asks for arguments and the reply shows none, once more with some that are made up;
        what comes of those is told, and counts where it can only be the program's own doing.
        """
        invocations = job.plan.invocations
        runs: list[tuple[tuple[str, ...], Run]] = []
        for arguments in invocations:
            run = self._run(replace(job, arguments=arguments))
            runs.append((arguments, run))
            if _failed(run, self.submission):
                break
        tried = self._with_made_up(job, runs)
        if len(runs) == 1 and not invocations[0] and tried is None:
            return runs[0][1]
        told = tuple(_invocation(arguments, run) for arguments, run in runs)
        if tried is not None:
            told = (*told, _invocation(job.plan.made_up, tried, made_up=True))
        counted = [] if tried is None or not _tells(tried) else [(job.plan.made_up, tried)]
        best = _most_telling([*runs, *counted], self.submission)
        return replace(best, observations=(*told, *best.observations))

    def _with_made_up(self, job: Job, runs: list[tuple[tuple[str, ...], Run]]) -> Run | None:
        """Run a program that wanted arguments and was shown none with some of ours."""
        shown = any(arguments not in ((), _HELP) for arguments, _ in runs)
        wanted = any(not arguments and wants_arguments(run, self.submission)
                     for arguments, run in runs)  # fmt: skip
        if shown or not wanted or not job.plan.made_up or not job.instrument:
            return None
        return self._run(replace(job, arguments=job.plan.made_up))

    def _run(self, job: Job) -> Run:
        """Run a job; where it came to grief over a missing file, again with one in its place."""
        for _ in range(MAX_ATTEMPTS):
            run = self._patiently(job)
            if not self.may_stand_in or not self._stand_in(run, job.layer):
                return run
        return self._patiently(job)

    def _patiently(self, job: Job) -> Run:
        """Run a job; where a busy machine gave it no time to begin, once more and for longer."""
        run = self.backend.run(self.laid(job))
        again = patience.longer(job, run)
        if again is None:
            return run
        return patience.told(again, self.backend.run(self.laid(again)))

    def laid(self, job: Job) -> Job:
        """Return a job with everything beside its program that stands in for what is missing."""
        return replace(job, assets=(*job.assets, *self.assets.values()))

    def _stand_in(self, run: Run, layer: Layer | None) -> bool:
        """Make what the run did not find; False where there is nothing new to be made."""
        new = [
            Asset(path, data)
            for path in missing.wanted(run, self.submission)
            if path not in self.assets and (data := self._content(path, layer)) is not None
        ]
        self.assets.update((asset.path, asset) for asset in new)
        return bool(new)

    def _content(self, path: str, layer: Layer | None) -> bytes | None:
        if path.rpartition(".")[2].lower() in placeholders.FONTS:
            return _font(layer)
        return placeholders.content(path, self.submission.files)

    def stand_ins(self) -> tuple[Observation, ...]:
        """Return what was laid beside the program."""
        # A file that only our own arguments named is none the reply ought to have had.
        named = [path for path in self.assets if path not in self.made_up]
        return tuple(Observation("placeholder", {"path": path}) for path in named)

    def tested(self, job: Job, run: Run) -> tuple[Observation, ...]:
        """Run the files of tests beside a program that came through, and return their cases."""
        paths = job.plan.tests
        if not paths or _failed(run, self.submission) or not job.instrument:
            return ()
        plan = replace(job.plan, kind=ProgramKind.TESTS, drivers=("cases",), needs_display=False)
        runs = (self._run(replace(job, entry_point=path, plan=plan)) for path in paths)
        return tuple(each for run in runs for each in _cases(run))


def _cases(run: Run) -> Iterator[Observation]:
    yield from (each for each in run.observations if each.kind == "case")
    if run.traceback is not None:
        frame = run.traceback.frames[-1] if run.traceback.frames else None
        yield Observation(
            "case",
            {
                "name": "the file of tests",
                "outcome": "error",
                "message": f"{run.traceback.type_name}: {run.traceback.message}"[:500],
                "path": frame.path if frame else None,
                "line": frame.line if frame else None,
            },
        )


def _font(layer: Layer | None) -> bytes | None:
    """Return some font of the program's own packages: none can be made from nothing."""
    if layer is None:
        return None
    for pattern in (
        "*/freesansbold.ttf",
        "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf",
        "*/*.ttf",
    ):
        for path in sorted(Path(layer.path).glob(pattern)):
            return path.read_bytes()
    return None


def _ignored_close(job: Job, run: Run) -> tuple[Observation, ...]:
    """Say of a run that it was stopped for going on after its window was closed, not for time."""
    closed = [each.fields for each in run.observations if each.kind == "close"]
    in_time = run.wall_seconds < job.limits.wall_seconds - CLOCK_SECONDS
    if not closed or run.ending is not Ending.TIMED_OUT or not in_time:
        return ()
    return (Observation("ignored-close", dict(closed[-1])),)


# ── command lines ────────────────────────────────────────────────────────────────────────────────


def _invocation(arguments: tuple[str, ...], run: Run, *, made_up: bool = False) -> Observation:
    fields = {"arguments": list(arguments), "exit_code": run.exit_code, "ending": run.ending.value}
    return Observation("invocation", {**fields, "made_up": True} if made_up else fields)


def _tells(run: Run) -> bool:
    """Tell whether a run with made-up arguments says something of the program, good or bad.

    It does where it ended well, and where it crashed in a way that no argument can bring about.
    """
    if run.ending is not Ending.EXITED or run.exit_code == 0:
        return run.ending is Ending.EXITED
    trace = run.traceback
    return trace is not None and trace.type_name in _OWN_FAULTS and "NoneType" not in trace.message


def _most_telling(runs: list[tuple[tuple[str, ...], Run]], submission: Submission) -> Run:
    """Return the first run that failed; else one with the reply's arguments, none, or help."""
    for _, run in runs:
        if _failed(run, submission):
            return run

    def weight(item: tuple[tuple[str, ...], Run]) -> tuple[bool, int]:
        arguments, run = item
        shown = bool(arguments) and arguments != _HELP
        return not wants_arguments(run, submission), 2 if shown else 1 if not arguments else 0

    return max(runs, key=weight)[1]


def _failed(run: Run, submission: Submission) -> bool:
    if run.ending is Ending.EXITED and run.exit_code == 0:
        return False
    return not wants_arguments(run, submission)


def wants_arguments(run: Run, submission: Submission) -> bool:
    """Tell whether a run ended because arguments were wanting, or were not as they should be."""
    if run.ending is not Ending.EXITED or run.exit_code == 0:
        return False
    if run.traceback is None:
        return bool(_USAGE.search(run.stderr) or _USAGE.search(run.stdout))
    return run.traceback.type_name in ("IndexError", "ValueError") and "sys.argv" in _line(
        run.traceback, submission
    )


def _line(trace: Traceback, submission: Submission) -> str:
    """Return the program's own line an exception came from."""
    for frame in reversed(trace.frames):
        file = submission.file(frame.path)
        if file is not None:
            lines = file.text.splitlines()
            return lines[frame.line - 1] if 0 < frame.line <= len(lines) else ""
    return ""


# ── libraries ────────────────────────────────────────────────────────────────────────────────────


def _with_usage(job: Job, submission: Submission) -> Job:
    """Return the job of a library with the reply's usage example to run after it."""
    if job.plan.kind is not ProgramKind.LIBRARY:
        return job
    text = _usage(submission)
    if not text:
        return job
    plan = replace(job.plan, drivers=(*job.plan.drivers, "usage"))
    return replace(job, plan=plan, assets=(Asset(USAGE_FILE, text.encode()),))


def _usage(submission: Submission) -> str:
    """Return the blocks that show how a library is used and are not part of it, as one text."""
    if submission.decision is None:
        return ""
    aside = [
        submission.blocks[block.number - 1].text
        for block in submission.decision.blocks
        if block.role is Role.USAGE and block.path is None
    ]
    text = "\n".join(aside)
    return text if len(text) <= MAX_USAGE_CHARACTERS else ""


def _unexercised(job: Job, run: Run, submission: Submission) -> tuple[Observation, ...]:
    """Say of a library that nothing of it was used, where its reply shows no use of it."""
    library = job.plan.kind is ProgramKind.LIBRARY and "usage" not in job.plan.drivers
    if not library or _failed(run, submission) or job.plan.tests:
        return ()
    return (Observation("definitions-only", {}),)
