"""Fixes: a program and edits in, the program after them out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from validator.facts import Part, Reply, SourceFile, Span, Submission, split_lines
from validator.findings import Edit, Finding, Fix, Severity
from validator.fixing import apply, settle

FOUR = "one = 1\ntwo = 2\nthree = 3\nfour = 4\n"


def program(text: str, path: str = "main.py") -> Submission:
    places = tuple(range(101, 101 + len(split_lines(text))))
    return Submission(Reply((Part(text, "reply.md"),)), (SourceFile(path, text, places),))


def finding(
    *edits: Edit, safe: bool = True, message: str = "wrong", severity: Severity = Severity.WARNING
) -> Finding:
    return Finding("RV202", "broken-main-guard", severity, message, fix=Fix("x", edits, safe))


def edit(first: int, last: int, *lines: str, path: str = "main.py") -> Edit:
    return Edit(path, Span(first, last), lines)


def test_lines_are_replaced_inserted_and_taken_out_and_the_others_keep_their_place() -> None:
    fixed = apply(
        program(FOUR),
        [
            finding(edit(1, 1, "one = 11")),
            finding(edit(3, 2, "# new", "new = 0")),
            finding(edit(4, 4)),
        ],
    )
    (file,) = fixed.submission.files

    assert file.text == "one = 11\ntwo = 2\n# new\nnew = 0\nthree = 3\n"
    assert file.reply_lines == (101, 102, 0, 0, 103)
    assert len(fixed.applied) == 3


def test_a_moved_line_keeps_the_place_it_came_from() -> None:
    move = finding(edit(1, 1), edit(4, 3, "", "one = 1"))
    (file,) = apply(program(FOUR), [move]).submission.files

    assert file.text == "two = 2\nthree = 3\n\none = 1\nfour = 4\n"
    assert file.reply_lines == (102, 103, 0, 101, 104)


def test_lines_may_be_added_below_the_last() -> None:
    (file,) = apply(program("a = 1\n"), [finding(edit(2, 1, "b = 2"))]).submission.files

    assert file.text == "a = 1\nb = 2\n"


def test_of_two_fixes_for_one_line_the_first_is_applied() -> None:
    findings = [finding(edit(2, 2, "two = 22")), finding(edit(2, 3, "two = 0"))]
    fixed = apply(program(FOUR), findings)

    assert fixed.applied == (findings[0],)
    assert "two = 22\nthree = 3" in fixed.submission.files[0].text


def test_two_insertions_at_one_place_wait_for_each_other() -> None:
    findings = [finding(edit(1, 0, "import a")), finding(edit(1, 0, "import b"))]

    assert len(apply(program(FOUR), findings).applied) == 1


def test_an_unsafe_fix_is_left_to_who_asks_for_it() -> None:
    unsafe = finding(edit(1, 1, "one = 0"), safe=False)

    assert apply(program(FOUR), [unsafe]).submission == program(FOUR)
    assert apply(program(FOUR), [unsafe], unsafe=True).applied == (unsafe,)


def test_a_fix_that_breaks_the_file_is_not_kept_and_spoils_no_other() -> None:
    good = finding(edit(4, 4, "four = 44"))
    fixed = apply(program(FOUR), [finding(edit(2, 2, "two = (")), good])

    assert fixed.applied == (good,)
    assert fixed.submission.files[0].text == FOUR.replace("4\n", "44\n")


def test_a_file_that_was_broken_already_may_be_mended_in_part() -> None:
    text = "x = (\nif a = 1:\n    pass\n"

    assert apply(program(text), [finding(edit(1, 1, "x = 1"))]).applied


def test_an_edit_that_fits_no_file_is_not_made() -> None:
    for bad in (edit(9, 9, "x"), edit(0, 0, "x"), edit(3, 1, "x"), edit(1, 1, "x", path="no.py")):
        assert apply(program(FOUR), [finding(bad)]).applied == ()


def test_line_ends_stay_what_they_are() -> None:
    (file,) = apply(program("a = 1\r\nb = 2\r\n"), [finding(edit(1, 1, "a = 0"))]).submission.files

    assert file.text == "a = 0\r\nb = 2\r\n"


def test_judging_and_mending_go_on_until_nothing_is_left() -> None:
    def judge(now: Submission) -> list[Finding]:
        text = now.files[0].text
        return [
            finding(edit(number, number, line.replace("bad", "good", 1)), message=f"{text}{number}")
            for number, line in enumerate(split_lines(text), start=1)
            if "bad" in line
        ]

    settled = settle(program("bad = bad = 1\nbad = 2\n"), judge)

    assert settled.submission.files[0].text == "good = good = 1\ngood = 2\n"
    assert len(settled.applied) == 3


def test_a_fix_that_does_not_help_is_made_once() -> None:
    settled = settle(program(FOUR), lambda now: [finding(edit(1, 0, "# again"))])

    assert settled.submission.files[0].text == "# again\n" + FOUR


def test_fixes_that_never_end_are_ended() -> None:
    settled = settle(
        program(FOUR),
        lambda now: [finding(edit(1, 0, "# more"), message=f"{len(now.files[0].text)}")],
    )

    assert 1 < len(settled.applied) < 100


EDITS = st.builds(
    lambda first, count, lines: edit(first, first + count - 1, *lines),
    st.integers(-1, 8),
    st.integers(0, 3),
    st.lists(st.sampled_from(["x = 1", "", "(", "# c"]), max_size=2),
)


@given(st.lists(st.lists(EDITS, min_size=1, max_size=2), max_size=5))
def test_whatever_the_edits_every_line_has_a_place_and_the_file_parses(
    groups: list[list[Edit]],
) -> None:
    fixed = apply(program(FOUR), [finding(*group) for group in groups], unsafe=True)
    (file,) = fixed.submission.files

    compile(file.text, "main.py", "exec")
    assert len(file.reply_lines) == len(split_lines(file.text))
