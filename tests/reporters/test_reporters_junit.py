"""JUnit XML, read back by a reader that is not ours."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from reporter_samples import SAMPLES, WORM, hello, run, submission
from test_reporters_snapshots import expect

from validator.findings import Finding, Report, Severity, Verdict
from validator.reporters.junit import render_all


def cases(*reports: Report) -> list[TestCase]:
    suites = JUnitXml.fromstring(render_all(reports).encode())
    return [case for suite in suites for case in suite]


def test_the_whole_document_of_several() -> None:
    expect("several.junit.xml", render_all([SAMPLES[each]() for each in SAMPLES]))


def test_a_reader_finds_each_outcome() -> None:
    network = Report(submission(WORM, 4, 19), Verdict.INCONCLUSIVE, "it needs the network")
    found = cases(hello(), SAMPLES["worm"](), SAMPLES["no-jail"](), network)
    assert [[type(each) for each in case.result] for case in found] == [
        [],
        [Failure],
        [Error],
        [Skipped],
    ]
    assert found[0].time == 1.31
    assert found[0].system_out == "Hello, Ada!\nHello, Grace!\n"
    (failure,) = found[1].result
    assert failure.type == "RV304"
    assert "reply.md:7:1: error RV204 use-before-definition" in failure.text


def test_the_counts_are_those_of_the_cases() -> None:
    suites = JUnitXml.fromstring(render_all([SAMPLES[each]() for each in SAMPLES]).encode())
    told = (suites.tests, suites.failures, suites.errors, suites.skipped)
    for suite in suites:
        suite.update_statistics()
        assert told == (suite.tests, suite.failures, suite.errors, suite.skipped)


def test_folder_and_name_are_told_apart() -> None:
    (case,) = cases(replace(hello(), submission=submission(WORM, 4, 19, origin="a/b/c.md")))
    assert (case.classname, case.name) == ("a/b", "c.md")


def test_output_that_would_end_the_document_does_not() -> None:
    hostile = b"]]></system-out><testcase name='forged'/>\x00\x1b[2J\xff\xed\xa0\x80\nleft\n"
    (case,) = cases(replace(hello(), run=run(stdout=hostile)))
    assert case.system_out.startswith("]]></system-out><testcase name='forged'/>")
    assert case.system_out.endswith("left\n")


@given(st.text(st.characters(codec=None)), st.binary())
def test_any_text_can_be_read_back(text: str, output: bytes) -> None:
    finding = Finding("RV206", "undefined-name", Severity.ERROR, text, hint=text)
    of = submission(WORM, 4, 19, origin=text or "-")
    report = Report(of, Verdict.FAILED, None, findings=(finding,), run=run(stderr=output))
    assert len(cases(report)) == 1
