"""RV401 to RV413: how the program's run ended, and whether that is the program's doing."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

from validator.facts import Ending, ProgramKind
from validator.findings import Severity
from validator.rules import excuses, lacking, lasting, noise, pulse
from validator.rules.crash import (
    crash_line,
    ended_by,
    lacks_input,
    lacks_surroundings,
    line_of,
    missing_module,
    network_ended,
    own_frames,
    said_network,
)
from validator.rules.program import is_standard
from validator.rules.pulse import alive, asked, frames_shown
from validator.rules.rule import Evidence, Example, Rule, said_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Run, Traceback
    from validator.findings import Finding, Location

MAX_FRAMES = 5
"""Of the program's own, pointed at from a crash; the innermost are the ones that matter."""

_ADVICE = {
    "FileNotFoundError": "The program starts in an empty folder: make the file, or do without it.",
    "ModuleNotFoundError": "Name the package in requirements.txt, or do without it.",
    "RecursionError": "Give the recursion an end that is reached, or write it as a loop.",
    "ZeroDivisionError": "Make sure the divisor is not 0 before dividing.",
    "KeyError": "Make sure the key is there, or use `.get`.",
    "IndexError": "Make sure the list is long enough before indexing it.",
}


class Crashed(Rule):
    """The program, or a thread of it, ended with an exception that nothing caught.

    ## What it does
    Reports the exception and the line of the program it came from, mapped to the reply, with what
    linters had to say about that line. A crash that another rule foresaw is told by that rule, with
    the traceback as its evidence. A program that fails for want of something the sandbox does not
    have is not charged with it: the verdict is inconclusive then.

    ## Why it matters
    The program does not work.

    ## What to do
    Mend the line, or what led to it.
    """

    code = "RV401"
    name = "crashed"
    example = Example(bad="print(1 / 0)\n", good="print(1 / 2)\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where an exception ended the run."""
        trace = ended_by(evidence.run) if evidence.run else None
        if trace is None or network_ended(evidence, trace) or lacks_input(trace):
            return
        if lacking.need(evidence):
            return
        frames = own_frames(evidence.submission, trace)
        said = evidence.on(frames[-1].path, frames[-1].line) if frames else ()
        yield self.find(
            crash_line(trace),
            innermost(evidence, trace),
            severity=Severity.NOTE if _is_ours(evidence, trace) else None,
            related=tuple(
                (evidence.at(frame.path, frame.line), f"called from here, in `{frame.function}`")
                for frame in frames[:-1][-MAX_FRAMES:]
            ),
            evidence=tuple(dict.fromkeys(said_by(each) for each in said)),
            hint=_advice(evidence, trace),
        )


def _is_ours(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether it failed for want of something that was never given to it."""
    if lacks_surroundings(trace) or _reason_of_ours(evidence, trace):
        return True
    module = missing_module(trace)
    # Where packages were not seen to, an import that fails says nothing about the program.
    return module is not None and evidence.resolution is None and not is_standard(module)


def _reason_of_ours(evidence: Evidence, trace: Traceback) -> str:
    """Return why an exception may be of our making; empty where the program alone made it."""
    if excuses.made_of_our_answer(evidence, trace):
        return "It may come of what was typed for it here; a person may have typed something else."
    if excuses.made_of_stand_in(evidence, trace):
        return "It may come of what the generated file holds; run it with the real one."
    if excuses.made_of_our_request(evidence, trace):
        return "It may come of what was sent to it here, which is not what its clients send."
    if excuses.wants_port_rights(evidence, trace):
        return "Ports below 1024 are for root alone; choose a higher one."
    if excuses.wants_arguments(evidence, trace):
        return "Run it with its arguments, and check that they are there before using them."
    if excuses.wants_repository(evidence, trace):
        return "Run it in a folder that git keeps."
    if excuses.wants_home(trace):
        return "Run it where that folder is."
    if excuses.missing_file(evidence) is not None:
        return "Run it where the file is, or put what it holds into the program."
    return ""


def _advice(evidence: Evidence, trace: Traceback) -> str:
    if reason := _reason_of_ours(evidence, trace):
        return reason
    if lacks_surroundings(trace):
        return "The sandbox does not have what it needs; run it where there is a desktop."
    if missing_module(trace) == "pkg_resources":
        return "Require `setuptools<82`: newer ones no longer hold it, and a package here needs it."
    return _ADVICE.get(trace.type_name.rpartition(".")[2], "")


def innermost(evidence: Evidence, trace: Traceback) -> Location:
    """Return the program's own line that an exception came from."""
    frames = own_frames(evidence.submission, trace)
    if frames:
        return evidence.at(frames[-1].path, frames[-1].line)
    return evidence.at(evidence.submission.entry_point, None)


class TimedOut(Rule):
    """The program was still running at the deadline, and nothing shows that it should be.

    ## What it does
    Reports a program that had to be stopped, with the line each thread stood in. A game that draws,
    a window that is open and a server that listens are meant to run on: they have succeeded. So may
    be one that sleeps between the rounds of an endless loop, where it sees to Ctrl-C, keeps a
    schedule or goes on writing: that is a note.

    ## Why it matters
    It loops for ever, waits for something that never comes, or is far too slow.

    ## What to do
    Give the loop an end. Where the program only needs longer, give it longer with `--seconds`.
    """

    code = "RV402"
    name = "timed-out"
    example = Example(bad="while True:\n    pass\n", good="for turn in range(3):\n    pass\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the run was stopped at its deadline for nothing to show."""
        run = evidence.run
        if run is None or run.ending is not Ending.TIMED_OUT or alive(run):
            return
        wanting = lacking.need(evidence) or lacking.waits_for_network(run)
        if run.plan.kind is ProgramKind.GAME or asked(run) or wanting:
            return
        lasts = lasting.runs_on(evidence, run)
        how = _UNTIL_STOPPED if lasts else f"{_where(evidence, run)}{pulse.told(run)}"
        yield self.find(
            f"still running after {run.wall_seconds:.0f} s{how}",
            stood(evidence, run),
            related=tuple(_threads(evidence, run)),
            hint="" if lasts else _ALIVE.get(run.plan.kind, "Give the loop an end."),
            severity=Severity.NOTE
            if lasts or pulse.starved(run, loading=_loading(evidence, run))
            else None,
        )


def _loading(evidence: Evidence, run: Run) -> bool:
    """Tell whether a stopped program had not got beyond its imports, or to its first line."""
    lines = [line_of(evidence, stack).lstrip() for stack in run.stacks]
    return not any(lines) or lines[0].startswith(("import ", "from "))


_UNTIL_STOPPED = ", as it is made to run until somebody stops it"
_ALIVE = {
    ProgramKind.WINDOW: "No window came up: show it before the program waits for anything.",
    ProgramKind.SERVER: "Nothing listened on a port: start the server before anything that waits.",
}


def stood(evidence: Evidence, run: Run) -> Location:
    """Return the program's own line in which a stopped run stood."""
    for stack in run.stacks:
        if own_frames(evidence.submission, stack):
            return innermost(evidence, stack)
    return evidence.at(evidence.submission.entry_point, None)


def _where(evidence: Evidence, run: Run) -> str:
    for stack in run.stacks:
        frames = own_frames(evidence.submission, stack)
        if frames:
            function = frames[-1].function
            named = f", in `{function}`" if function != "<module>" else ""
            return f", in line {frames[-1].line} of `{frames[-1].path}`{named}"
    return ""


def _threads(evidence: Evidence, run: Run) -> Iterator[tuple[Location, str]]:
    for stack in run.stacks[1 : MAX_FRAMES + 1]:
        if own_frames(evidence.submission, stack):
            yield innermost(evidence, stack), "another thread stood here"


class OutOfMemory(Rule):
    """The program used more memory than it may.

    ## What it does
    Reports a run that was stopped at its memory limit.

    ## Why it matters
    It grows without bound, or is made for a larger machine.

    ## What to do
    Keep less in memory at once. Where it really needs more, raise `--memory-mib`.
    """

    code = "RV404"
    name = "out-of-memory"
    example = Example(bad="x = [0]\nwhile True:\n    x += x\n", good="x = [0] * 100\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where memory ran out."""
        run = evidence.run
        if run is not None and run.ending is Ending.OUT_OF_MEMORY:
            yield self.find(
                "stopped for using more memory than it may",
                stood(evidence, run),
                hint="Keep less in memory at once, and give every growing list an end.",
            )


class OutputFlood(Rule):
    """The program would not stop writing.

    ## What it does
    Reports a run that was stopped because of the amount it wrote.

    ## Why it matters
    It writes in a loop without end.

    ## What to do
    Write less, and give the loop an end.
    """

    code = "RV405"
    name = "output-flood"
    example = Example(bad='while True:\n    print("tick")\n', good='print("tick")\n')

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where output was the end of it."""
        run = evidence.run
        if run is not None and run.ending is Ending.OUTPUT_FLOOD:
            mib = max(run.stdout_bytes, run.stderr_bytes) / 1024**2
            yield self.find(
                f"stopped after writing {mib:.0f} MiB of output",
                stood(evidence, run),
                hint="Write less, and give the loop that writes an end.",
            )


_USAGE = re.compile(r"^[ \t]*usage\b", re.IGNORECASE | re.MULTILINE)


class ExitStatus(Rule):
    """The program ended with a status that says it failed, and with no exception.

    ## What it does
    Reports a non-zero status, death by a signal, and a program that ended with status 0 without
    coming to its end (`os._exit`). A program that only asks for its arguments is not charged: it
    has to be run with them.

    ## Why it matters
    The program itself says that it did not succeed, or something in it broke the interpreter.

    ## What to do
    See what it wrote before it ended.
    """

    code = "RV406"
    name = "exit-status"
    example = Example(bad="import sys\n\nsys.exit(3)\n", good="import sys\n\nsys.exit(0)\n")

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the status is no success."""
        run = evidence.run
        if run is None or run.traceback is not None or _told_elsewhere(evidence, run):
            return
        if run.ending is Ending.SIGNALLED:
            yield self._finding(evidence, run, f"killed by {_signal(run.exit_code)}")
        elif run.ending is Ending.EXITED and run.exit_code == 0 and not _came_to_its_end(run):
            yield self._finding(evidence, run, "left with status 0 before it came to its end")
        elif run.ending is Ending.EXITED and run.exit_code and not said_network(run):
            yield self._ended(evidence, run)

    def _ended(self, evidence: Evidence, run: Run) -> Finding:
        if _USAGE.search(noise.clean(run.stderr)) or _USAGE.search(noise.clean(run.stdout)):
            return self.find(
                "the program asks for arguments on its command line",
                evidence.at(evidence.submission.entry_point, None),
                severity=Severity.NOTE,
                evidence=last_words(run),
                hint="Run it with its arguments.",
            )
        return self._finding(evidence, run, f"ended with status {run.exit_code}")

    def _finding(self, evidence: Evidence, run: Run, message: str) -> Finding:
        place = evidence.at(evidence.submission.entry_point, None)
        return self.find(message, place, evidence=last_words(run))


def _came_to_its_end(run: Run) -> bool:
    """Tell whether a run that left with status 0 may have: a library may end a game's process."""
    drawn = run.plan.kind in (ProgramKind.GAME, ProgramKind.WINDOW) and alive(run)
    return run.completed or drawn


def _told_elsewhere(evidence: Evidence, run: Run) -> bool:
    """Tell whether the status says what another rule tells: tests failed, something is wanting."""
    failed = any(
        each.kind == "case" and each.fields.get("outcome") in ("failed", "error")
        for each in run.observations
    )
    wanting = run.ending is Ending.EXITED and lacking.need(evidence) is not None
    return failed or wanting


def _signal(status: int | None) -> str:
    try:
        return signal.Signals((status or 0) - 128).name
    except ValueError:
        return f"signal {(status or 0) - 128}"


def last_words(run: Run) -> tuple[str, ...]:
    """Return the last lines a program wrote, its errors first of all."""
    text = noise.strip_noise(noise.clean(run.stderr or run.stdout))
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return tuple(lines[-3:])


class NoFrames(Rule):
    """A game ran and drew nothing.

    ## What it does
    Reports a program of the game kind that showed no frame, though it did not crash.

    ## Why it matters
    The player sees a black window or none.

    ## What to do
    Call `pygame.display.flip()` or `update()` in the loop, and reach the loop.
    """

    code = "RV407"
    name = "no-frames"
    example = Example(
        bad="import pygame\n\npygame.init()\npygame.display.set_mode((9, 9))\n",
        good="import pygame\n\npygame.init()\npygame.display.set_mode((9, 9))\n"
        "pygame.display.flip()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where a game was alive and drew nothing."""
        run = evidence.run
        if run is None or run.plan.kind is not ProgramKind.GAME or run.traceback is not None:
            return
        came_through = run.ending is Ending.TIMED_OUT or (
            run.ending is Ending.EXITED and run.exit_code == 0 and run.completed
        )
        on_screen = run.plan.needs_display and alive(run)
        if not came_through or frames_shown(run) or on_screen or asked(run):
            return
        unseen = any(each.kind == "not-instrumented" for each in run.observations)
        yield self.find(
            "the game could not be watched" if unseen else "the game never showed a frame",
            stood(evidence, run),
            severity=Severity.NOTE if unseen else None,
            hint="Draw and call `pygame.display.flip()` in the main loop, and start that loop.",
        )


RUN_RULES: tuple[type[Rule], ...] = (
    Crashed,
    TimedOut,
    OutOfMemory,
    OutputFlood,
    ExitStatus,
    NoFrames,
)
