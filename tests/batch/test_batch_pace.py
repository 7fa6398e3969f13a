"""What a long run says of itself while it runs."""

from __future__ import annotations

import time

import pytest

from validator.batch.pace import Pace, spoken_seconds
from validator.events import Progress
from validator.findings import Verdict


def test_it_counts_and_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    told: list[str] = []
    pace = Pace(lambda progress: told.append(progress.step), skipped=1000)

    pace.started(Progress("sandbox", "building the image"))
    clock = 102.0
    pace.count(Verdict.PASSED, share=0.5)
    pace.started(Progress("linting", "asking ruff"))
    clock = 104.0
    pace.count(Verdict.FAILED, share=0.6)
    pace.count(None, share=None)

    assert told == [
        "building the image",
        "1,001 done, 1 passed, 0.5/s",
        # A tenth took 2 s, four tenths are left.
        "1,002 done, 1 passed, 1 failed, 0.5/s, 8 s left",
        "1,003 done, 1 passed, 1 failed, 0.8/s",
    ]


def test_the_rate_is_that_of_late_and_not_of_the_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    told: list[str] = []
    pace = Pace(lambda progress: told.append(progress.step))
    for second in range(1, 301):
        clock = float(second)
        for _ in range(10 if second > 150 else 1):
            pace.count(Verdict.PASSED, share=None)

    assert told[149].endswith(" 1.0/s")
    assert told[-1].endswith(" 10.0/s")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (89, "89 s"),
        (120, "2 min"),
        (5000, "83 min"),
        (5399, "1 h 30 min"),
        (7800, "2 h 10 min"),
    ],
)
def test_times_are_said_as_a_person_says_them(seconds: float, words: str) -> None:
    assert spoken_seconds(seconds) == words
