"""The summary of a step, which GitHub shows above its log: a page beside the annotations."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from validator.commands import outcome

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator

    from validator.findings import Report

_VARIABLE = "GITHUB_STEP_SUMMARY"


def summed_up(options: argparse.Namespace, reports: Iterable[Report]) -> Iterator[Report]:
    """Yield the reports; with `--format github` append what they come to where GitHub says.

    A file that cannot be written is said and nothing else: the annotations are out by then.
    """
    named = os.environ.get(_VARIABLE) if options.format == "github" else None
    if not named:
        yield from reports
        return
    from validator.reporters.markdown import Summary

    page = Summary()
    for report in reports:
        page.add(report)
        yield report
    try:
        with Path(named).open("a", encoding="utf-8") as stream:
            stream.write(str(page))
    except OSError as error:
        outcome.say(f"validate: {_VARIABLE}: {named} cannot be written: {error.strerror}")
