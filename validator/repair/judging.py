"""What the loop judges a reply by: mended without a model first, then everything there is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from validator.fixing import mended
from validator.pipeline import Validator
from validator.reading import read
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from validator.facts import Reply
    from validator.findings import Report


def mending(
    validator: Validator, given: Reply | None = None, *, blocks: Sequence[int] = ()
) -> Callable[[Reply], Report]:
    """Return how `validator` judges a reply once all is fixed that needs no model.

    `blocks` are the numbers of those that make the program of the `given` reply, and of no other.
    """
    parts = given.parts if given is not None else ()

    def judge(reply: Reply) -> Report:
        began = time.monotonic()
        # What the model is made to complete begins with what was given.
        is_given = bool(parts) and reply.parts[: len(parts)] == parts
        submission = read(reply, blocks=blocks if is_given else ())
        reading = time.monotonic() - began
        if submission.files:
            report = mended(
                submission, examine=validator.examine, validate=validator.validate_submission
            )
        else:
            report = validator.validate_submission(submission)
        total = time.monotonic() - began
        return replace(report, seconds=replace(report.seconds, reading=reading, total=total))

    return judge


@contextmanager
def judging() -> Iterator[Callable[[Reply], Report]]:
    """Start a validator with the settings of the environment, for as long as it is needed."""
    with Validator(load({"suppressions": False})) as validator:
        yield mending(validator)
