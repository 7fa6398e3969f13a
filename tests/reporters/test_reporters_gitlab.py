"""GitLab's code quality JSON: the fields its widget needs, and fingerprints that tell apart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from reporter_samples import SAMPLES, WORM, submission
from test_reporters_snapshots import expect

from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.reporters.gitlab import render_all


def issues(*reports: Report) -> list[dict[str, Any]]:
    text = render_all(reports)
    assert text.isascii()
    found: list[dict[str, Any]] = json.loads(text)
    for each in found:
        assert set(each) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert each["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert each["location"]["lines"]["begin"] >= 1
    assert len({each["fingerprint"] for each in found}) == len(found)
    return found


def twice(origin: str) -> Report:
    of = submission(WORM, 4, 19, origin=origin)
    same = Finding("RV206", "undefined-name", Severity.ERROR, "`x`", Location("main.py", 1, 1, 4))
    return Report(of, Verdict.FAILED, None, findings=(same, same))


def test_the_whole_document_of_several() -> None:
    reports = [SAMPLES[each]() for each in ("hello", "worm", "no-jail", "conversation")]
    expect("several.gitlab.json", render_all(reports))


def test_nothing_found_is_an_empty_list() -> None:
    assert issues(SAMPLES["hello"]()) == []


def test_the_same_fault_twice_and_in_two_replies_is_four() -> None:
    assert len(issues(twice("a.md"), twice("b.md"))) == 4


def test_a_fault_about_the_whole_stands_at_the_first_line_of_its_file() -> None:
    of = submission(WORM, 4, 19, origin="./docs/a.md")
    whole = Finding("RV101", "no-code", Severity.ERROR, "no program")
    (issue,) = issues(Report(of, Verdict.FAILED, None, findings=(whole,)))
    assert issue["location"] == {"path": "docs/a.md", "lines": {"begin": 1}}


def test_what_was_set_aside_does_not_change_the_fingerprints_of_the_rest() -> None:
    both = twice("a.md")
    first, second = both.findings
    left = replace(both, findings=(second,), suppressed=(first,))
    assert issues(left)[0]["fingerprint"] in [each["fingerprint"] for each in issues(both)]


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None)))
def test_any_text_can_be_read_back(message: str, origin: str) -> None:
    finding = Finding("RV206", "undefined-name", Severity.WARNING, message, hint=message)
    of = submission(WORM, 4, 19, origin=origin or "-")
    assert len(issues(Report(of, Verdict.FAILED, None, findings=(finding,)))) == 1
