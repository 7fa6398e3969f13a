"""Judge every record once, several at a time, and have each result on disk as it is known."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from validator.batch.mending import mended_report
from validator.batch.pool import AHEAD, AsFinished
from validator.batch.records import Record, Unreadable
from validator.batch.results import findings_of, row_of
from validator.facts import Submission
from validator.findings import Report, Seconds, Verdict
from validator.reading import read
from validator.summary import row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from validator.batch.pace import Pace
    from validator.batch.results import Results
    from validator.pipeline import Validator

Rendered = dict[str, Any]


class Run:
    """One run over the records of a file.

    Everything is written by the thread that runs it. A reply that is being judged is judged once:
    records that are the same wait for it, and the bound on what is in hand counts them too.
    """

    def __init__(
        self,
        results: Results,
        judge: Callable[[Record], Report],
        *,
        workers: int,
        pace: Pace,
        keep: Callable[[Record, Report], None],
        compare: Callable[[Record, Report], Report] | None = None,
        render: Callable[[Report], Rendered] | None = None,
    ) -> None:
        """Write to `results` what `judge` says; `keep` is told of each report before it is gone.

        `compare` says what a report comes to beside what is known of the record: one at a time.
        `render` makes the whole report that goes beside a result; without it none does.
        """
        self._results = results
        self._pool = AsFinished(judge, workers=workers)
        self._in_hand = workers * AHEAD
        self._pace = pace
        self._keep = keep
        self._compare = compare
        self._render = render
        self._same: dict[bytes, list[Record]] = {}
        self._waiting = 0

    def all(self, items: Iterable[Record | Unreadable], share: Callable[[], float | None]) -> None:
        """Judge all records there is no result of yet; `share` says how much has been read."""
        try:
            for item in items:
                self._take(item, share)
                while len(self._pool) + self._waiting >= self._in_hand:
                    self._drain(share)
            while len(self._pool):
                self._drain(share)
        finally:
            self._pool.close()

    def _take(self, item: Record | Unreadable, share: Callable[[], float | None]) -> None:
        results = self._results
        if results.has(item):
            if isinstance(item, Record):
                results.recognise(item)
        elif isinstance(item, Unreadable):
            results.add_unreadable(item)
            self._pace.count(None, share=share())
        elif (place := results.index.place(item.digest)) is not None:
            self._repeat(item, results.at(place))
            self._pace.count(None, share=share())
        elif item.digest in self._same:
            self._same[item.digest].append(item)
            self._waiting += 1
        else:
            self._same[item.digest] = []
            self._pool.begin(item)

    def _drain(self, share: Callable[[], float | None]) -> None:
        for record, judged in self._pool.finished():
            report = judged if self._compare is None else self._compare(record, judged)
            self._keep(record, report)
            made = row(report, id=record.id, model=record.model)
            whole = None if self._render is None else self._render(report)
            place = self._results.add(record, made, findings_of(report), whole)
            self._pace.count(report.verdict, share=share())
            for other in self._same.pop(record.digest):
                self._waiting -= 1
                self._repeat(other, self._results.at(place))
                self._pace.count(report.verdict, share=share())

    def _repeat(self, record: Record, known: Rendered) -> None:
        """Write the result of a record that is the same as one before."""
        first = known["same_as"] or known["id"]
        told = {
            **known,
            "id": record.id,
            "model": record.model,
            "seconds": 0.0,
            "same_as": first,
            "same_as_record": known.get("same_as_record") or known["record"],
        }
        self._results.add(record, row_of(told), known["findings"], None)


def judging(
    validator: Validator, *, fix: bool = False, unsafe: bool = False
) -> Callable[[Record], Report]:
    """Return what judges a record, and never raises: one record must not stop the rest.

    With `fix` the record is mended first, with `unsafe` by every fix there is.
    """

    def judge(record: Record) -> Report:
        try:
            if fix:
                return _mended(validator, record, unsafe=unsafe)
            return validator.validate(record.reply, trial=record.trial)
        except Exception as error:  # a fault of ours: said as such, and never the program's
            if os.environ.get("VALIDATOR_DEBUG"):
                raise
            reason = f"a fault of validate itself: {type(error).__name__}: {error}"
            return Report(Submission(record.reply), Verdict.INCONCLUSIVE, reason, seconds=Seconds())

    return judge


def _mended(validator: Validator, record: Record, *, unsafe: bool) -> Report:
    began = time.monotonic()
    submission = read(record.reply)
    reading = time.monotonic() - began
    return mended_report(
        validator, submission, unsafe=unsafe, reading_seconds=reading, trial=record.trial
    )
