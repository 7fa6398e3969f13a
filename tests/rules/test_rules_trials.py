"""RV420: the output that was expected, and everything that is not another output."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rules_evidence import raised, ran

from validator.facts import Ending, Trial
from validator.findings import Finding, Verdict
from validator.rules import judge


def found(
    stdout: str, expected: str | None, stdin: str | None = None, **run: object
) -> list[Finding]:
    evidence = ran("print(1)\n", stdout=stdout.encode(), **run)
    assert evidence.run is not None
    plan = replace(evidence.run.plan, trial=Trial(stdin, expected))
    judgement = judge(replace(evidence, run=replace(evidence.run, plan=plan)))
    findings = [each for each in judgement.findings if each.code == "RV420"]
    assert (judgement.verdict is Verdict.PASSED) == (not judgement.findings)
    return findings


@pytest.mark.parametrize(
    ("stdout", "expected", "message"),
    [
        ("5\n", "6\n", "line 1 of its output is `5`, expected `6`"),
        ("1\n2\n", "1\n", "line 2 of its output is `2`, expected nothing"),
        ("1\n", "1\n2\n", "line 2 of its output is nothing, expected `2`"),
        ("", "1\n", "line 1 of its output is nothing, expected `1`"),
        ("1\n\n2\n", "1\n2\n", "line 2 of its output is empty, expected `2`"),
        (" 1\n", "1\n", "line 1 of its output is ` 1`, expected `1`"),
        ("a`\x1b[31m\n", "a\n", "line 1 of its output is `a'`, expected `a`"),
    ],
)
def test_the_first_line_that_differs_is_shown(stdout: str, expected: str, message: str) -> None:
    (finding,) = found(stdout, expected)
    assert finding.message == message


@pytest.mark.parametrize(
    ("stdout", "expected"),
    [
        ("42\n", "42"),
        ("42", "42\n\n"),
        ("1  \n2\t\n\n\n", "1\n2\n"),
        ("1\r\n2\r\n", "1\n2\n"),
        ("", ""),
        ("\n", ""),
        ("anything", None),
    ],
)
def test_what_only_looks_different_is_the_same(stdout: str, expected: str | None) -> None:
    assert found(stdout, expected) == []


def test_a_run_that_did_not_end_well_is_told_by_how_it_ended() -> None:
    assert found("1\n", "2\n", exit_code=3) == []
    assert found("1\n", "2\n", ending=Ending.TIMED_OUT, exit_code=None) == []
    assert found("1\n", "2\n", exit_code=1, traceback=raised("KeyError", "'a'", 1)) == []


def test_wanting_more_input_than_was_given_is_the_programs_fault() -> None:
    crash = {"exit_code": 1, "traceback": raised("EOFError", "EOF when reading a line", 1)}

    (finding,) = found("", "2\n", stdin="1\n", **crash)
    assert finding.message == "it reads more input than there is"
    assert found("", "2\n", stdin=None, **crash) == []
