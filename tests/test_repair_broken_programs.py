"""Forty broken programs, really run: what is mended without a model, and what a told one mends.

The model is a fake that knows the working reply and gives it away when, and only when, the message
names the line and the fault; told less, it has nothing to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from repair_breakages import BREAKAGES, PACKAGED, Breakage

from validator.facts import Part, Reply, Stop
from validator.findings import Verdict
from validator.pipeline import Validator
from validator.repair import Budget, repair
from validator.repair.judging import mending
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from validator.findings import Report
    from validator.models import Message

    Judge = Callable[[Reply], Report]

pytestmark = [pytest.mark.bubblewrap, pytest.mark.pyright]
NEED_A_MODEL = frozenset({"RV101", "RV102", "RV108", "RV208", "RV401", "RV406"})
"""Codes of what somebody has to write: what is not there, invented, or wrong and runs."""


def needs_a_model(breakage: Breakage) -> bool:
    return breakage.code in NEED_A_MODEL or "git+" in breakage.after


@pytest.fixture(scope="module")
def judge(sandboxes: frozenset[str]) -> Iterator[Judge]:
    if "bubblewrap" not in sandboxes:
        pytest.skip("no bubblewrap here")
    with Validator(load({"sandbox": "bubblewrap"})) as validator:
        yield mending(validator)


def reply(text: str) -> Reply:
    return Reply((Part(text, "reply.md", Stop.COMPLETE),))


def told(breakage: Breakage) -> Callable[[tuple[Message, ...]], str]:
    def answer(messages: tuple[Message, ...]) -> str:
        message = messages[-1].text
        return breakage.whole if all(each in message for each in breakage.named) else "Hm."

    return answer


def named(breakage: Breakage) -> str:
    return f"{breakage.code}-{breakage.after.strip()[:24]}"


@pytest.mark.parametrize(
    "breakage",
    [
        *(pytest.param(each, id=named(each)) for each in BREAKAGES),
        *(pytest.param(each, id=named(each), marks=pytest.mark.online) for each in PACKAGED),
    ],
)
def test_a_broken_program_is_repaired_within_two_rounds(judge: Judge, breakage: Breakage) -> None:
    story = repair(
        reply(breakage.reply),
        model=told(breakage),
        validate=judge,
        is_prompt=False,
        budget=Budget(rounds=2),
    )
    assert story.stopped_because == "passed"
    assert len(story.rounds) <= 3
    mended = story.best.report
    if not needs_a_model(breakage):
        assert len(story.rounds) == 1, "it was asked for what needs no model"
    # Nothing is called repaired that does not do what the working program does.
    assert _wrote(judge(reply(breakage.whole))) <= _wrote(mended)


def _wrote(report: Report) -> frozenset[bytes]:
    assert report.verdict is Verdict.PASSED
    assert report.run is not None
    return frozenset(report.run.stdout.split(b"\n"))


def test_most_of_them_need_no_model() -> None:
    every = (*BREAKAGES, *PACKAGED)
    assert len(every) == 40
    assert sum(not needs_a_model(each) for each in every) == 27
