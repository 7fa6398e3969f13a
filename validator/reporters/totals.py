"""What many reports come to, as text for a terminal and as an object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from validator.findings import Severity, Verdict
from validator.reporters.untrusted import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from validator.summary import Fault, Standing, Summary

FAULTS_SHOWN = 20
MODELS_SHOWN = 20
FAULTS_OF_A_MODEL = 3
NAME_CHARACTERS = 40
NOBODY = "(no model named)"


def render(summary: Summary) -> str:
    """Return the counts as text: verdicts, then faults and models by how many replies have them."""
    return "\n".join(_lines(summary)) + "\n"


def as_json(summary: Summary) -> dict[str, Any]:
    """Return the counts as an object: `replies`, `verdicts`, `faults`, `models`, `seconds`.

    `seconds` is what judging took added up, more than went by where several were at work.
    `repeated` and `unreadable` count replies judged before and records that held none; `excused`
    the inconclusive ones that somebody excused, `mended` those in which something was mended.
    """
    return {
        "version": 1,
        "replies": summary.replies,
        "repeated": summary.repeated,
        "unreadable": summary.unreadable,
        "excused": summary.excused,
        "mended": summary.mended,
        "verdicts": _verdicts(summary.verdicts),
        "faults": [_fault(each) for each in summary.faults],
        "models": [_standing(each) for each in summary.models],
        "seconds": round(summary.seconds, 3),
    }


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


def _lines(summary: Summary) -> Iterator[str]:
    counts = (f"{count:,} {verdict}" for verdict, count in summary.verdicts if count)
    notes = [
        f"{count:,} {words}"
        for count, words in (
            (summary.repeated, "the same as one before"),
            (summary.mended, "mended"),
            (summary.excused, "excused"),
            (summary.unreadable, "more could not be read"),
        )
        if count
    ]
    what = "reply" if summary.replies == 1 else "replies"
    aside = f" ({', '.join(notes)})" if notes else ""
    yield f"{summary.replies:,} {what}: {', '.join(counts) or 'none judged'}{aside}"
    for title, severity in (
        ("errors", Severity.ERROR),
        ("warnings", Severity.WARNING),
        ("notes", Severity.NOTE),
    ):
        chosen = [each for each in summary.faults if each.severity is severity]
        yield from _table(title, chosen, summary.replies)
    yield from _models(summary.models)


def _table(title: str, faults: Sequence[Fault], replies: int) -> Iterator[str]:
    if not faults:
        return
    yield ""
    yield f"{title}, by the replies that have them:"
    codes = max(len(one_line(each.code, NAME_CHARACTERS)) for each in faults[:FAULTS_SHOWN])
    for each in faults[:FAULTS_SHOWN]:
        code = one_line(each.code, NAME_CHARACTERS)
        name = one_line(each.name, NAME_CHARACTERS)
        yield f"  {_share(each.replies, replies)} {each.replies:>7,}  {code:<{codes}}  {name}"
    if len(faults) > FAULTS_SHOWN:
        yield f"  and {len(faults) - FAULTS_SHOWN} more kinds"


def _models(models: Sequence[Standing]) -> Iterator[str]:
    if not models:
        return
    names = [one_line(each.model or NOBODY, NAME_CHARACTERS) for each in models[:MODELS_SHOWN]]
    width = max(map(len, [*names, "model"]))
    yield ""
    yield f"{'model':<{width}}  replies  passed  failed  most often"
    for name, each in zip(names, models, strict=False):
        verdicts = dict(each.verdicts)
        errors = [fault for fault in each.faults if fault.severity is Severity.ERROR]
        worst = ", ".join(
            f"{_share(fault.replies, each.replies).strip()} {fault.name}"
            for fault in errors[:FAULTS_OF_A_MODEL]
        )
        passed = _share(verdicts[Verdict.PASSED], each.replies)
        failed = _share(verdicts[Verdict.FAILED], each.replies)
        yield f"{name:<{width}}  {each.replies:>7,}  {passed}  {failed}  {worst or '-'}".rstrip()
    if len(models) > MODELS_SHOWN:
        yield f"and {len(models) - MODELS_SHOWN} more models"


def _share(count: int, whole: int) -> str:
    percent = 100 * count / whole if whole else 0.0
    # Two in a thousand are not none.
    shown = f"{percent:.1f}" if 0 < percent < 10 else f"{percent:.0f}"
    return f"{shown:>4} %"


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────


def _verdicts(verdicts: Sequence[tuple[Verdict, int]]) -> dict[str, int]:
    return {verdict.value: count for verdict, count in verdicts}


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "code": fault.code,
        "name": fault.name,
        "severity": fault.severity.value,
        "replies": fault.replies,
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "model": standing.model,
        "replies": standing.replies,
        "verdicts": _verdicts(standing.verdicts),
        "faults": [_fault(each) for each in standing.faults],
    }
