"""Fingerprints: the same for a fault that moved, and others for other faults."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, SourceFile, Submission
from validator.findings import Finding, Location, Severity
from validator.fingerprints import fault, fingerprints


def finding(message: str, line: int = 1, path: str | None = "main.py") -> Finding:
    where = Location(path, line, None, line)
    return Finding("RV206", "undefined-name", Severity.ERROR, message, where)


def program(text: str) -> Submission:
    count = len(text.splitlines())
    file = SourceFile("main.py", text, tuple(range(1, count + 1)))
    return Submission(Reply((Part(text, "reply.md"),)), (file,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("used in line 3, defined in line 9", "used in line 13, defined in line 19"),
        ("fence opened at reply line 3", "fence opened at reply line 30"),
        ("lines 3 to 5 are prose", "lines 13 to 15 are prose"),
        ("one program in blocks 1, 2 and 3", "one program in blocks 2, 3 and 4"),
        ("part 1 breaks off", "part 2 breaks off"),
        ("still running after 10 s", "still running after 11 s"),
        ("asleep (0.1 s of processor time)", "asleep (0.3 s of processor time)"),
        ("stopped after writing 64 MiB", "stopped after writing 65 MiB"),
        ("<object at 0x7f001122>", "<object at 0x7fffeeff>"),
    ],
)
def test_where_it_stands_and_how_long_it_took_is_not_the_fault(one: str, other: str) -> None:
    assert fault(finding(one, 1)) == fault(finding(other, 7))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("`x` is defined nowhere", "`y` is defined nowhere"),
        ("ended with status 3", "ended with status 4"),
        ("pygame 2.1.2 has no wheel", "pygame 2.1.3 has no wheel"),
        ("IndexError: 3", "IndexError: 4"),
        ("takes 3 arguments", "takes 4 arguments"),
        ("`line2` is defined nowhere", "`line3` is defined nowhere"),
    ],
)
def test_what_is_said_is(one: str, other: str) -> None:
    assert fault(finding(one)) != fault(finding(other))


def test_lines_above_and_indentation_change_nothing() -> None:
    before = fingerprints(program("print(x)\n"), [finding("`x`")])
    after = fingerprints(program("\n" * 9 + "    print(x)\n"), [finding("`x`", 10)])
    assert before == after


def test_the_same_words_about_another_line_are_another() -> None:
    submission = program("print(x)\nshow(x)\nprint(x)\n")
    one, two, three = fingerprints(submission, [finding("`x`", line) for line in (1, 2, 3)])
    assert len({one, two, three}) == 3
    # Of equal lines it is told which: in the order of the reply, not of the list.
    assert fingerprints(submission, [finding("`x`", 3), finding("`x`", 1)]) == (three, one)


def test_what_has_no_place_has_a_fingerprint() -> None:
    found = fingerprints(program("x\n"), [finding("no", 99), finding("no", 0, None)])
    assert len(set(found)) == 2
