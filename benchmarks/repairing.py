"""What the repair loop itself costs a round, the model and the judging left out."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from validator.facts import Part, Reply, Stop
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.models import Completion
from validator.reading import read
from validator.repair import Budget, Journal, repair

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.models import Message

ROUNDS = 8
LINES = 400


class Scripted:
    """A model and a judge that take no time of their own: another fault every round."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.submission = read(Reply((Part(text, "reply.md"),)))
        self.judged = 0

    def answer(self, messages: tuple[Message, ...]) -> Completion:
        del messages
        return Completion(self.text, Stop.COMPLETE, "stop")

    def judge(self, reply: Reply) -> Report:
        self.judged += 1
        found = Finding(
            "RV206",
            "undefined-name",
            Severity.ERROR,
            f"nothing defines `name_{self.judged}`",
            Location(self.submission.files[0].path, self.judged),
        )
        submission = replace(self.submission, reply=reply)
        return Report(submission, Verdict.FAILED, None, findings=(found,))


def rows(text: str) -> dict[str, Callable[[], object]]:
    """Return what to race: one repair of `ROUNDS` corrections each, in memory and kept on disk."""
    filler = "".join(f"line_{number} = {number}\n" for number in range(LINES))
    long = f"Here:\n\n```python\n{filler}print(line_1)\n```\n"

    def loop(reply: str, *, kept: bool) -> None:
        scripted = Scripted(reply)
        with tempfile.TemporaryDirectory() as folder:
            repair(
                Reply((Part(reply, "reply.md", Stop.COMPLETE),)),
                model=scripted.answer,
                validate=scripted.judge,
                is_prompt=False,
                budget=Budget(rounds=ROUNDS),
                journal=Journal(Path(folder)) if kept else None,
            )
        assert scripted.judged == ROUNDS + 1

    return {
        "read one reply of 400 lines": lambda: read(Reply((Part(long, "reply.md"),))),
        f"repair, {ROUNDS} rounds, a small reply": lambda: loop(text, kept=False),
        f"repair, {ROUNDS} rounds, 400 lines": lambda: loop(long, kept=False),
        f"repair, {ROUNDS} rounds, 400 lines, kept": lambda: loop(long, kept=True),
    }


def a_round(text: str) -> float:
    """Return the milliseconds a round of 400 lines costs that is kept on disk."""
    work = list(rows(text).values())[-1]
    work()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / (ROUNDS + 1) * 1e3
