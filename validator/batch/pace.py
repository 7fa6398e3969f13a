"""How fast a long run of replies goes, and how long it will take."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from validator.events import Progress
from validator.findings import Verdict

if TYPE_CHECKING:
    from validator.events import Listener

WINDOW_SECONDS = 30.0
"""The rate is that of the last so many seconds, or of the whole run where it is younger."""


class Pace:
    """Counts results and tells a listener of them: how many, how fast, how long to go."""

    def __init__(self, listener: Listener, *, skipped: int = 0) -> None:
        """Tell `listener`; `skipped` are results there were before this run began."""
        self._listener = listener
        self._mark = time.monotonic()
        self._skipped = skipped
        self._marked = 0
        self._rate = 0.0
        self._from: tuple[float, float] | None = None
        self._verdicts = dict.fromkeys(Verdict, 0)
        self.done = 0

    def started(self, progress: Progress) -> None:
        """Pass on what is being prepared, until there are results to count instead."""
        if not self.done:
            self._listener(progress)

    def count(self, verdict: Verdict | None, *, share: float | None) -> None:
        """Count one result; `share` is how much of the whole has been read, where that is known."""
        self.done += 1
        if verdict is not None:
            self._verdicts[verdict] += 1
        self._measure()
        words = [
            f"{self._skipped + self.done:,} done",
            *(f"{count:,} {verdict}" for verdict, count in self._verdicts.items() if count),
            f"{self._rate:.1f}/s",
        ]
        left = None if share is None else self._left(share)
        if left is not None:
            words.append(f"{spoken_seconds(left)} left")
        self._listener(Progress("batch", ", ".join(words)))

    def _left(self, share: float) -> float | None:
        """Return the seconds to go, by what was read since the first result; None before that."""
        now = time.monotonic()
        if self._from is None:
            # What a resumed run only skips is read in no time, and says nothing of the rest.
            self._from = now, share
        began, first = self._from
        return (now - began) * (1 - share) / (share - first) if share > first else None

    def _measure(self) -> None:
        now = time.monotonic()
        passed = now - self._mark
        if passed <= 0:
            return
        first = not self._rate
        self._rate = (self.done - self._marked) / passed
        if passed >= WINDOW_SECONDS and not first:
            self._mark, self._marked = now, self.done


def spoken_seconds(seconds: float) -> str:
    """Return a time as a person says it: `40 s`, `3 min`, `2 h 10 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
