"""Programs broken by hand, mended, and compared with what they were: byte by byte.

A case is a file: the broken program, a line, and what a person would accept as mended.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rules_evidence import linted, submission

from validator.findings import Severity
from validator.fixing import Settled, settle
from validator.rules import judge

FOLDER = Path(__file__).parent / "fixing_cases"
CASES = sorted(path.stem for path in FOLDER.glob("*.txt"))


def read(name: str) -> tuple[str, str]:
    broken, _, mended = (FOLDER / f"{name}.txt").read_text().partition("=== after --fix ===\n")
    return broken, mended


def settled(text: str, *, unsafe: bool = False) -> Settled:
    return settle(
        submission(text), lambda now: judge(linted(now.files[0].text)).findings, unsafe=unsafe
    )


@pytest.mark.parametrize("name", CASES)
def test_a_broken_program_becomes_the_whole_one(name: str) -> None:
    broken, mended = read(name)
    done = settled(broken)

    assert done.submission.files[0].text == mended
    assert done.dropped == ()
    code = name.partition("-")[0]
    assert not code.startswith("RV") or code in {each.finding.code for each in done.applied}


@pytest.mark.parametrize("name", CASES)
def test_a_whole_program_is_left_as_it_is(name: str) -> None:
    _, mended = read(name)
    errors = [each for each in judge(linted(mended)).findings if each.severity is Severity.ERROR]

    assert errors == []
    assert settled(mended, unsafe=True).submission.files[0].text == mended


@pytest.mark.parametrize("name", CASES)
def test_what_is_not_new_keeps_its_place_in_the_reply(name: str) -> None:
    broken, mended = read(name)
    (before,), (after,) = submission(broken).files, settled(broken).submission.files
    known = dict(zip(before.reply_lines, before.text.splitlines(), strict=True))

    assert len(after.reply_lines) == len(mended.splitlines())
    for place, line in zip(after.reply_lines, mended.splitlines(), strict=True):
        assert not place or known[place] == line or "__name__" in line
