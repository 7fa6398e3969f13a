"""What makes `validate` a gate: only what is new stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.commands import outcome
from validator.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from validator.baseline import Baseline
    from validator.findings import Report
    from validator.settings import Settings

GONE_SHOWN = 20


def compared(
    options: argparse.Namespace, settings: Settings, reports: Iterable[Report]
) -> Iterator[Report]:
    """Return the reports with what the baseline knows set aside; it is read before the first.

    Raises:
        UsageError: the baseline cannot be read, or be written after the last report.
    """
    baseline = opened(options)
    return iter(reports) if baseline is None else _through(baseline, options, settings, reports)


def opened(options: argparse.Namespace) -> Baseline | None:
    """Return the baseline that the user named; None where none is.

    Raises:
        UsageError: it cannot be read.
    """
    if options.baseline is None:
        if options.update_baseline:
            raise UsageError("--update-baseline goes with --baseline FILE")
        return None
    from validator.baseline import Baseline

    return Baseline(options.baseline, update=options.update_baseline)


def _through(
    baseline: Baseline, options: argparse.Namespace, settings: Settings, reports: Iterable[Report]
) -> Iterator[Report]:
    for report in reports:
        origin = report.submission.reply.origin
        yield baseline.compare(report, fail_on=settings.for_reply(origin).fail_on)
    settle(baseline, options)


def settle(baseline: Baseline, options: argparse.Namespace) -> None:
    """Say what is known, new and gone once all is judged, and write it where that is wanted.

    Raises:
        UsageError: the baseline cannot be written.
    """
    gone = baseline.gone
    outcome.say(
        f"validate: {options.baseline}: {baseline.known} known, {baseline.new} new,"
        f" {len(gone)} gone"
    )
    for each in gone[:GONE_SHOWN]:
        outcome.say(f"  gone: {each.reply!r} {each.code} {each.name}: {each.message!r}")
    if options.update_baseline:
        baseline.write()
    elif gone:
        outcome.say("  --update-baseline takes out what is gone")
