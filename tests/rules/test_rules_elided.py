"""RV108: an elision weighs what the run shows without the code that was left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rules_evidence import OFFSET, linted, ran

from validator.facts import Recovery, Span
from validator.findings import Severity
from validator.rules.reply import ElidedCode

if TYPE_CHECKING:
    from validator.rules import Evidence

BESIDE = "x = 1\n# ... rest of the code unchanged\nprint(x)\n"
BODY = "def f():\n    # ... rest of the code unchanged\n    pass\n\n\nf()\n"


def severity(evidence: Evidence) -> Severity:
    span = Span(OFFSET + 2, OFFSET + 2)
    line = evidence.submission.reply.lines[span.first - 1]
    left_out = Recovery("elided-code", span, line, line)
    submission = replace(evidence.submission, recoveries=(left_out,))
    (finding,) = ElidedCode().judge(replace(evidence, submission=submission))
    return finding.severity


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (ran(BESIDE), Severity.WARNING),
        (ran(BESIDE, exit_code=1), Severity.ERROR),
        (linted(BESIDE), Severity.ERROR),
        (ran(BODY), Severity.ERROR),
    ],
    ids=["ran well", "failed", "not run", "all of a body"],
)
def test_what_is_left_out_weighs_what_the_run_shows(evidence, expected):
    assert severity(evidence) is expected
