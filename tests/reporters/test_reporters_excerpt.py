"""The frame around a line: what a text report shows of the reply, given where the fault is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from reporter_samples import hello

from validator.facts import Part, Reply, SourceFile, Submission
from validator.findings import Finding, Location, Report, Severity, Verdict
from validator.reporters import text


def frame(
    parts: tuple[str, ...],
    file: SourceFile | None,
    location: Location,
    related: tuple[tuple[Location, str], ...] = (),
) -> list[str]:
    """Return the lines of the report between the fault's headline and the verdict."""
    reply = Reply(tuple(Part(each, f"part-{n}.md") for n, each in enumerate(parts, start=1)))
    finding = Finding("RV206", "undefined-name", Severity.ERROR, "wrong", location, related)
    report = Report(
        Submission(reply, files=(file,) if file else (), entry_point=file.path if file else None),
        Verdict.FAILED,
        None,
        findings=(finding,),
    )
    output = text.render(report, width=100)
    return output.split("undefined-name: wrong\n")[1].split("\n\nFAILED")[0].split("\n")


def test_a_fault_at_the_first_and_at_the_last_line() -> None:
    file = SourceFile("main.py", "a\nb\nc\nd\n", (1, 2, 3, 4))
    assert frame(("a\nb\nc\nd\n",), file, Location("main.py", 1, 1, 1)) == [
        "  --> part-1.md:1:1  (main.py line 1)",
        "> 1 | a",
        "    | ^",
        "  2 | b",
    ]
    assert frame(("a\nb\nc\nd\n",), file, Location("main.py", 4, None, 4)) == [
        "  --> part-1.md:4  (main.py line 4)",
        "  2 | b",
        "  3 | c",
        "> 4 | d",
    ]


def test_lines_are_numbered_within_their_own_part() -> None:
    parts = ("one\ntwo\n", "three\nfour\n")
    file = SourceFile("main.py", "one\ntwo\nthree\nfour\n", (1, 2, 3, 4))
    assert frame(parts, file, Location("main.py", 3, None, 3)) == [
        "  --> part-2.md:1  (main.py line 3)",
        "> 1 | three",
        "  2 | four",
    ]


def test_a_related_line_joins_the_frame_or_is_named_where_it_is() -> None:
    parts = ("use()\nx\nx\ndef use(): 1\n", "def use(): 2\n")
    file = SourceFile("main.py", "".join(parts), (1, 2, 3, 4, 5))
    related = (
        (Location("main.py", 4, None, 4), "defined here"),
        (Location("main.py", 5, None, 5), "and again here"),
    )
    assert frame(parts, file, Location("main.py", 1, None, 1), related) == [
        "  --> part-1.md:1  (main.py line 1)",
        "> 1 | use()",
        "  2 | x",
        "    ...",
        "  4 | def use(): 1    <- defined here",
        "  = also  part-2.md:1: and again here",
    ]


def test_a_column_moves_with_what_the_reply_has_before_the_line() -> None:
    file = SourceFile("main.py", "print(x)\n", (1,))
    assert frame(("> - print(x)\n",), file, Location("main.py", 1, 7, 1)) == [
        "  --> part-1.md:1:11  (main.py line 1)",
        "> 1 | > - print(x)",
        "    |           ^",
    ]


def test_a_column_moves_left_where_reading_indented_the_line() -> None:
    file = SourceFile("main.py", "if y:\n    print(x)\n", (1, 2))
    assert frame(("if y:\nprint(x)\n",), file, Location("main.py", 2, 11, 2))[-2:] == [
        "> 2 | print(x)",
        "    |       ^",
    ]


def test_a_line_that_was_recovered_is_shown_as_it_was_recovered() -> None:
    file = SourceFile("main.py", 'if __name__ == "__main__":\n    main()\n', (1, 1))
    assert frame(('if name == "main": main()',), file, Location("main.py", 2, 5, 1)) == [
        "  --> part-1.md:1:20  (main.py line 2)",
        '> 1 | if name == "main": main()',
        "    |                    ^^^^",
    ]
    assert frame(('if name == "main": main()',), file, Location("main.py", 1, 4, 1)) == [
        "  --> part-1.md:1  (recovered as main.py line 1)",
        '> 1 | if __name__ == "__main__":',
        "    |    ^^^^^^^^",
        "  2 |     main()",
    ]


def test_code_at_the_end_of_a_paragraph_is_shown_without_the_paragraph() -> None:
    paragraph = "To start it you only have to write this at the end: main()"
    file = SourceFile("main.py", "def main(): ...\nmain()\n", (0, 1))
    assert frame((paragraph,), file, Location("main.py", 2, 1, 1)) == [
        "  --> part-1.md:1  (recovered as main.py line 2)",
        "  1 | def main(): ...",
        "> 2 | main()",
        "    | ^^^^",
    ]


def test_a_line_that_reading_supplied_is_shown_from_the_file() -> None:
    file = SourceFile("main.py", "import os\nos.x()\n", (0, 1))
    assert frame(("os.x()\n",), file, Location("main.py", 1)) == [
        "  --> main.py:1",
        "> 1 | import os",
        "  2 | os.x()",
    ]


def test_carets_stand_under_their_word_whatever_comes_before_it() -> None:
    line = "\tx\u200b = wrong"
    file = SourceFile("main.py", line + "\n", (1,))
    assert frame((line,), file, Location("main.py", 1, 7, 1))[-2:] == [
        "> 1 |     x<U+200B> = wrong",
        "    |                 ^^^^^",
    ]


def test_carets_know_how_wide_a_character_is() -> None:
    line = 'print("\u4e2d\u6587", wrong)'
    file = SourceFile("main.py", line + "\n", (1,))
    caret = frame((line,), file, Location("main.py", 1, 13, 1))[-1]
    assert caret == "    |               ^^^^^"


@pytest.mark.parametrize(
    "location",
    [
        Location(),
        Location("elsewhere.py"),
        Location("elsewhere.py", 3),
        Location("main.py", 99, 99, 99),
        Location("main.py", 1, 99, None),
    ],
)
def test_a_place_that_is_not_there_shows_no_line_and_breaks_nothing(location: Location) -> None:
    file = SourceFile("main.py", "a\n", (1,))
    shown = frame(("a\n",), file, location)
    assert not any("^" in line for line in shown)


def test_a_line_longer_than_the_terminal_is_cut_and_so_is_its_caret() -> None:
    line = "x = " + "a" * 200
    file = SourceFile("main.py", line + "\n", (1,))
    shown = frame((line,), file, Location("main.py", 1, 5, 1))
    assert shown[1] == f"> 1 | x = {'a' * 87}..."
    assert shown[2] == f"    |     {'^' * 87}..."


def test_many_faults_stay_readable() -> None:
    many = tuple(
        Finding(
            "RV206",
            "undefined-name",
            Severity.ERROR,
            f"`n{n}` is unknown",
            Location("hello.py", 1, 1, 4),
        )
        for n in range(40)
    )
    note = replace(many[0], severity=Severity.NOTE, message="by the way")
    output = text.render(replace(hello(), findings=(note, *many), verdict=Verdict.FAILED))
    assert output.count("\n> ") == text.FRAMES_SHOWN
    assert output.count("error RV206 undefined-name: ") == 40
    assert "\nnote RV206 undefined-name: reply.md:4: by the way\n" in output
    assert "\nerror RV206 undefined-name: reply.md:4: `n39` is unknown\n" in output
