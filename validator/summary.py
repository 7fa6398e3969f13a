"""What many reports come to: one row a reply, and counts over the rows.

A row is small and a tally is bounded, so that ten thousand replies and a million cost the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from validator.findings import Severity, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from validator.findings import Report

MAX_MODELS = 200
"""Models told apart; past it the rest is one, so that a column of ids cannot fill the memory."""
OTHER_MODELS = "(other models)"


@dataclass(frozen=True, slots=True)
class Row:
    """What a summary knows of one reply."""

    id: str
    """The record's own name for it, or the file's."""
    verdict: Verdict
    model: str | None
    """Who wrote it, where somebody said so."""
    findings: tuple[tuple[str, str, Severity], ...]
    """Code, name and severity of each finding, in the order of the report."""
    reason: str | None
    """Why it is inconclusive."""
    seconds: float
    """What judging it took; 0 where it was known already."""
    kind: str | None
    """What kind of program it was run as; None where nothing ran."""
    origin: str
    """Where it came from: a path, or a record's place in a file."""
    same_as: str | None = None
    """The id of the reply judged before that is the same to the letter."""
    page: str | None = None
    """Where its page is, relative to the index that lists it."""
    same_origin: str | None = None
    """Where the reply of `same_as` came from."""
    excused: bool = False
    """True where it would have passed but for findings that somebody set aside, with a reason."""
    fixed: tuple[str, ...] | None = None
    """Codes of what was mended before it was judged, in order; None where nobody asked for that."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of finding, and how many replies have it."""

    code: str
    name: str
    severity: Severity
    """The gravest it was found with."""
    replies: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model's replies fared."""

    model: str | None
    """None stands for the replies nobody named a model for."""
    replies: int
    verdicts: tuple[tuple[Verdict, int], ...]
    """Passed, failed and inconclusive, in this order, with zeros."""
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over all rows."""

    replies: int
    verdicts: tuple[tuple[Verdict, int], ...]
    """Passed, failed and inconclusive, in this order, with zeros."""
    faults: tuple[Fault, ...]
    """Errors first, then by how many replies have them."""
    models: tuple[Standing, ...]
    """One for each model named, most replies first; empty where none was named."""
    seconds: float
    """What judging took, added up over replies: more than went by, where several were at work."""
    repeated: int = 0
    """Replies that were the same as one judged before."""
    unreadable: int = 0
    """Records that held no reply; they are in no other count."""
    excused: int = 0
    """Of the inconclusive: nothing but what somebody set aside keeps them from passing."""
    mended: int = 0
    """Replies in which something was mended before they were judged."""

    def count(self, verdict: Verdict) -> int:
        """Return how many replies came to `verdict`."""
        return dict(self.verdicts).get(verdict, 0)


@dataclass(slots=True)
class _Counts:
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    gravest: dict[tuple[str, str], Severity] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        self.verdicts[row.verdict] += 1
        for code, name, severity in row.findings:
            worst = self.gravest.setdefault((code, name), severity)
            if severity.rank < worst.rank:
                self.gravest[code, name] = severity
        # A reply that has a fault five times has it.
        self.faults.update({(code, name) for code, name, _ in row.findings})

    def standing(self, model: str | None) -> Standing:
        faults = [
            Fault(code, name, self.gravest[code, name], replies)
            for (code, name), replies in self.faults.items()
        ]
        faults.sort(key=lambda each: (each.severity.rank, -each.replies, each.code))
        return Standing(
            model,
            self.verdicts.total(),
            tuple((verdict, self.verdicts[verdict]) for verdict in Verdict),
            tuple(faults),
        )


@dataclass(slots=True)
class Tally:
    """A summary in the making: rows go in one at a time, and none is kept."""

    seconds: float = 0.0
    repeated: int = 0
    unreadable: int = 0
    excused: int = 0
    mended: int = 0
    _all: _Counts = field(default_factory=_Counts)
    _models: dict[str | None, _Counts] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Count one reply."""
        self.seconds += row.seconds
        self.repeated += row.same_as is not None
        self.excused += row.excused
        self.mended += bool(row.fixed)
        self._all.add(row)
        model = row.model
        if model not in self._models and len(self._models) >= MAX_MODELS:
            model = OTHER_MODELS
        self._models.setdefault(model, _Counts()).add(row)

    def summary(self) -> Summary:
        """Return the counts so far."""
        named = any(model is not None for model in self._models)
        standings = [counts.standing(model) for model, counts in self._models.items()]
        standings.sort(key=lambda each: (-each.replies, each.model or ""))
        whole = self._all.standing(None)
        return Summary(
            replies=whole.replies,
            verdicts=whole.verdicts,
            faults=whole.faults,
            models=tuple(standings) if named else (),
            seconds=self.seconds,
            repeated=self.repeated,
            unreadable=self.unreadable,
            excused=self.excused,
            mended=self.mended,
        )


def row(report: Report, *, id: str, model: str | None = None) -> Row:  # noqa: A002 - as Row has it
    """Return what a summary needs of `report`."""
    return Row(
        id=id,
        verdict=report.verdict,
        model=model,
        findings=tuple((each.code, each.name, each.severity) for each in report.findings),
        reason=report.reason,
        seconds=report.seconds.total,
        kind=None if report.run is None else report.run.plan.kind.value,
        origin=report.submission.reply.origin,
        excused=report.excused,
        fixed=None if report.mending is None else report.fixed,
    )


def summarise(rows: Iterable[Row]) -> Summary:
    """Return the counts over `rows`, which are gone through once."""
    tally = Tally()
    for each in rows:
        tally.add(each)
    return tally.summary()
