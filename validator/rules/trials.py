"""RV420: what came of trying a program the way whoever asked for it says."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from validator.facts import Ending
from validator.rules import noise
from validator.rules.crash import lacks_input
from validator.rules.rule import Evidence, Example, Rule
from validator.rules.running import innermost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.findings import Finding

SHOWN_CHARACTERS = 60


class WrongOutput(Rule):
    """The program wrote something else than it was asked to.

    ## What it does
    Compares the standard output of a program that ended well with what it is to be, where whoever
    asked for it says so (`validate batch --expected-field`), and reports the first line that
    differs, or that it read more input than it was given. White space at the ends of lines, and
    empty lines at the end, make no difference.

    ## Why it matters
    It runs, and does not do what it is for.

    ## What to do
    Compare the line with the task: a format, an order, a value.
    """

    code = "RV420"
    name = "wrong-output"
    example = Example(bad='print("4")  # 5 is expected\n', good='print("5")  # 5 is expected\n')

    def judge(self, evidence: Evidence) -> Iterator[Finding]:
        """Return one finding where the output is not the one expected."""
        run = evidence.run
        if run is None or run.plan.trial is None or run.plan.trial.expected is None:
            return
        place = evidence.at(evidence.submission.entry_point, None)
        if run.traceback is not None and lacks_input(run.traceback):
            if run.plan.trial.stdin is not None:
                yield self.find(
                    "it reads more input than there is", innermost(evidence, run.traceback)
                )
            return
        if run.ending is not Ending.EXITED or run.exit_code or run.traceback is not None:
            return  # how it ended is told already
        wanted = _lines(run.plan.trial.expected)
        written = _lines(noise.clean(run.stdout))
        for number, (want, line) in enumerate(zip_longest(wanted, written), 1):
            if want != line:
                yield self.find(
                    f"line {number} of its output is {_shown(line)}, expected {_shown(want)}",
                    place,
                )
                return


def _lines(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.rstrip().split("\n")]
    return lines if lines != [""] else []


def _shown(line: str | None) -> str:
    """Return a line as it can be shown, its spaces kept: they may be all that differs."""
    if not line:
        return "nothing" if line is None else "empty"
    printable = "".join(char for char in line.replace("`", "'") if char.isprintable())
    cut = len(printable) > SHOWN_CHARACTERS
    return f"`{printable[: SHOWN_CHARACTERS - 3]}...`" if cut else f"`{printable}`"


TRIAL_RULES: tuple[type[Rule], ...] = (WrongOutput,)
