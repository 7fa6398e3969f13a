"""RV410, RV411 and RV413: runs that did not show whether the program is any good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.facts import Ending, ProgramKind
from validator.findings import Severity
from validator.rules.crash import (
    crash_line,
    found_no_names,
    lacks_input,
    network_ended,
    said_network,
)
from validator.rules.lacking import need, waits_for_network
from validator.rules.pulse import alive, asked
from validator.rules.rule import Evidence, Example, Rule
from validator.rules.running import innermost, last_words, stood

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Run
    from validator.findings import Finding


class NeedsNetwork(Rule):
    """The program needs the network, which it does not get here.

    ## What it does
    Recognises failed name look-ups and connections, whether they ended the program, it told of
    them itself, or it was stopped while it tried again.

    ## Why it matters
    It is not the program's fault: nothing that runs here may dial out. The verdict is inconclusive.

    ## What to do
    Try the program where it may, or have it read what it needs from a file.
    """

    code = "RV410"
    name = "needs-network"
    severity = Severity.NOTE
    example = Example(
        bad='import urllib.request\n\nurllib.request.urlopen("https://example.org")\n',
        good='print("no network needed")\n',
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of a network ended the run."""
        run = evidence.run
        if run is None or need(evidence):
            return
        trace = run.traceback
        if trace is not None and network_ended(evidence, trace):
            words: tuple[str, ...] = (crash_line(trace),)
            place = innermost(evidence, trace)
        elif trace is None and _told_of_none(run):
            words, place = last_words(run), evidence.at(evidence.submission.entry_point, None)
        else:
            return
        yield self.find("the program needs the network, and there is none", place, evidence=words)


_ENDS_WITH_ITS_WORK = (ProgramKind.SCRIPT, ProgramKind.CLI, ProgramKind.INTERACTIVE)


def _told_of_none(run: Run) -> bool:
    """Tell whether a program told of having no network, and came to nothing for want of it.

    One that ended well is taken at the system's own words only: it tried and went without, and
    what it does with an answer was not seen.
    """
    if run.ending is Ending.TIMED_OUT:
        return waits_for_network(run) and not alive(run)
    if run.ending is not Ending.EXITED:
        return False
    if run.exit_code:
        return said_network(run)
    return run.plan.kind in _ENDS_WITH_ITS_WORK and found_no_names(run)


class NothingHappened(Rule):
    """The program ended well and did not do what its kind of program does.

    ## What it does
    Reports a window program that showed no window, a server that never listened and a plot that
    made no figure, where the run ended with status 0; and a server that listens and answers none of
    the pages it names.

    ## Why it matters
    Status 0 is not success: a main loop is missing, an app is only defined, a plot is never shown.
    What the program is for was not seen, so the verdict is inconclusive.

    ## What to do
    Start the main loop, the server, or show the figure.
    """

    code = "RV411"
    name = "nothing-happened"
    severity = Severity.WARNING
    example = Example(
        bad="import tkinter\n\nroot = tkinter.Tk()\n",
        good="import tkinter\n\nroot = tkinter.Tk()\nroot.mainloop()\n",
    )

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the run ended well with nothing to show."""
        run = evidence.run
        if run is not None and _answers_nothing(run):
            place = evidence.at(evidence.submission.entry_point, None)
            hint = "Give it longer with --seconds, or see what its first page waits for."
            yield self.find(
                "the program listened, and none of its pages answered", place, hint=hint
            )
            return
        if run is None or run.ending is not Ending.EXITED or run.exit_code or not run.completed:
            return
        wanted = _SHOWS.get(run.plan.kind)
        if wanted is None or any(each.kind in wanted[0] for each in run.observations):
            return
        if run.artifacts:
            return
        place = evidence.at(evidence.submission.entry_point, None)
        yield self.find(wanted[1], place, hint=wanted[2])


def _answers_nothing(run: Run) -> bool:
    """Tell whether a server that names its pages was asked for them and said nothing to any."""
    if run.plan.kind is not ProgramKind.SERVER or not run.plan.routes or run.traceback is not None:
        return False
    listened = any(each.kind == "port" for each in run.observations)
    asked_for = (each.fields.get("status") for each in run.observations if each.kind == "response")
    return listened and not any(isinstance(status, int) for status in asked_for)


_SHOWS = {
    ProgramKind.WINDOW: (
        ("window",),
        "the program ended at once and no window was seen",
        "Start the main loop at the end of the program.",
    ),
    ProgramKind.SERVER: (
        ("port", "response", "page"),
        "the program ended and never listened on a port",
        "Start the server under the main guard.",
    ),
    ProgramKind.TESTS: (
        ("case",),
        "the program ended and no test was run",
        "Name tests so that they are found, and run them.",
    ),
    ProgramKind.PLOT: (
        ("figure", "window"),
        "the program ended and made no figure",
        "Draw the figure, and show or save it.",
    ),
}


class WaitsForInput(Rule):
    """The program waits for someone to type, and nobody does.

    ## What it does
    Recognises a program that ended, or went on asking, because its standard input was empty.

    ## Why it matters
    It is not the program's fault. How it goes on was not seen, so the verdict is inconclusive.

    ## What to do
    Run it by hand, or have it take its values from arguments.
    """

    code = "RV413"
    name = "waits-for-input"
    severity = Severity.NOTE
    example = Example(bad='name = input("Your name: ")\n', good='name = "you"\n')

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the want of input ended the run."""
        run = evidence.run
        if run is None:
            return
        if run.traceback is not None and lacks_input(run.traceback):
            place = innermost(evidence, run.traceback)
        elif run.ending is Ending.TIMED_OUT and asked(run) and not alive(run):
            place = stood(evidence, run)
        else:
            return
        words = "the program waits for input, and there is nobody to type"
        if asked(run):
            words = "the program asks for input without end"
        yield self.find(words, place)


UNSEEN_RULES: tuple[type[Rule], ...] = (NeedsNetwork, NothingHappened, WaitsForInput)
