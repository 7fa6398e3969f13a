"""Judge a program, or what mending makes of it, with the time of all of it told."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.facts import Submission, Trial
    from validator.findings import Report
    from validator.pipeline import Validator


def mended_report(
    validator: Validator,
    submission: Submission,
    *,
    unsafe: bool,
    reading_seconds: float,
    trial: Trial | None = None,
) -> Report:
    """Mend what can be mended without a model, and judge what came of it, tried with `trial`.

    `unsafe` makes those fixes too that may change what a correct program does.
    """
    from validator.fixing import mended

    began = time.monotonic() - reading_seconds
    report = mended(
        submission,
        examine=validator.examine,
        validate=partial(validator.validate_submission, trial=trial),
        unsafe=unsafe,
    )
    total = time.monotonic() - began
    return replace(report, seconds=replace(report.seconds, reading=reading_seconds, total=total))
