"""Fixes: a program and edits in, the program after them out."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from validator.facts import (
    Ending,
    Part,
    Plan,
    ProgramKind,
    Reply,
    RequirementLine,
    RequirementSource,
    Run,
    SourceFile,
    Span,
    Submission,
    Traceback,
    split_lines,
)
from validator.findings import (
    Diff,
    Edit,
    Finding,
    Fix,
    Mending,
    Report,
    RequirementEdit,
    Severity,
    Verdict,
)
from validator.fixing import apply, mended, settle
from validator.fixing.diffs import unified

if TYPE_CHECKING:
    from validator.fixing.settling import Judge

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


# ── nothing for the worse ────────────────────────────────────────────────────────────────────────


def error(message: str, *edits: Edit, code: str = "RV206") -> Finding:
    fix = Fix("mend it", edits, safe=True) if edits else None
    return Finding(code, "undefined-name", Severity.ERROR, message, fix=fix)


def reader(faults: dict[str, Finding]) -> Judge:
    """Return a judge that finds a fault wherever the program holds its word."""
    return lambda now: [fault for word, fault in faults.items() if word in now.files[0].text]


def test_a_fix_that_brings_another_error_is_not_kept_and_says_why() -> None:
    bad = error("`one` is wrong", edit(1, 1, "one = worse"))
    good = error("`four` is wrong", edit(4, 4, "four = 44"))
    worse = error("`worse` is not defined")
    done = settle(program(FOUR), reader({"one = 1": bad, "four = 4\n": good, "worse": worse}))

    assert done.submission.files[0].text == FOUR.replace("four = 4", "four = 44")
    assert [each.finding for each in done.applied] == [good]
    assert [(each.finding, each.because) for each in done.dropped] == [
        (bad, "RV206: `worse` is not defined")
    ]


def test_what_a_linter_was_too_late_to_say_before_is_no_harm() -> None:
    late = error("`four` is wrong")
    judged: list[Submission] = []

    def judge(now: Submission) -> list[Finding]:
        judged.append(now)
        bad = error("`one` is wrong", edit(1, 1, "one = 11"))
        found = [bad] if "one = 1\n" in now.files[0].text else []
        return found if len(judged) == 1 else [*found, late]

    done = settle(program(FOUR), judge)

    assert done.submission.files[0].text == FOUR.replace("one = 1", "one = 11")
    assert done.dropped == ()


def test_an_error_that_only_moved_is_no_other_error() -> None:
    def judge(now: Submission) -> list[Finding]:
        line = split_lines(now.files[0].text).index("three = 3") + 1
        found = [error(f"line {line} is above what it needs")]
        return found if line > 3 else [*found, error("no import", edit(1, 0, "import a"))]

    done = settle(program(FOUR), judge)

    assert done.submission.files[0].text == f"import a\n{FOUR}"
    assert done.dropped == ()


def test_what_could_not_be_seen_before_the_file_was_readable_is_no_harm() -> None:
    def judge(now: Submission) -> list[Finding]:
        if "if x = 1" in now.files[0].text:
            return [error("one `=`", edit(1, 1, "if x == 1:"), code="RV202")]
        return [error("`x` is not defined")]

    done = settle(program("if x = 1:\n    pass\n"), judge)

    assert done.submission.files[0].text == "if x == 1:\n    pass\n"


# ── no more runs than needed ─────────────────────────────────────────────────────────────────────


class Stage:
    """Runs whatever it is given: a program that holds `crash` crashes."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        self.runs: list[str] = []

    def examine(self, now: Submission) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.message in now.files[0].text)

    def validate(self, now: Submission) -> Report:
        self.runs.append(now.files[0].text)
        crashed = "crash" in now.files[0].text
        found = (error("it crashed", code="RV401"),) if crashed else ()
        trace = Traceback("ValueError", "", ()) if crashed else None
        verdict = Verdict.FAILED if crashed else Verdict.PASSED
        return Report(now, verdict, None, findings=(*self.examine(now), *found), run=ran(trace))


def ran(trace: Traceback | None) -> Run:
    plan = Plan(ProgramKind.SCRIPT, "chosen by the test")
    return Run("bubblewrap", plan, Ending.EXITED, 0, b"", b"", 0, 0, 0.1, traceback=trace)


def mend(text: str, *findings: Finding, unsafe: bool = False) -> tuple[Stage, Report]:
    stage = Stage(*findings)
    report = mended(program(text), examine=stage.examine, validate=stage.validate, unsafe=unsafe)
    return stage, report


def test_a_program_that_can_be_mended_is_run_once_and_only_mended() -> None:
    fault = error("one = 1", edit(1, 1, "one = 2"))
    stage, report = mend(FOUR, fault)

    assert stage.runs == [FOUR.replace("one = 1", "one = 2")]
    assert report.verdict is Verdict.PASSED
    assert report.fixed == ("RV206",)
    assert report.mending is not None
    (made,) = report.mending.applied
    assert made.diffs == (
        Diff("main.py", "@@ -1,3 +1,3 @@\n-one = 1\n+one = 2\n two = 2\n three = 3\n"),
    )


def test_a_program_with_nothing_to_mend_is_run_once_as_it_is() -> None:
    stage, report = mend(FOUR)

    assert stage.runs == [FOUR]
    assert report.mending == Mending(unsafe=False)


def test_a_program_that_ran_is_not_mended_into_one_that_does_not() -> None:
    fault = error("one = 1", edit(1, 1, "one = crash"))
    stage, report = mend(FOUR, fault)

    broken = FOUR.replace("one = 1", "one = crash")
    assert stage.runs == [broken, FOUR, broken]
    assert report.submission == program(FOUR)
    assert report.fixed == ()
    assert report.mending is not None
    assert [each.because for each in report.mending.dropped] == ["RV401: it crashed"]
    assert report.left_for_the_model == (fault,)


def test_a_run_that_failed_once_and_not_again_speaks_against_no_fix() -> None:
    fault = error("one = 1", edit(1, 1, "one = slow"))
    stage = Stage(fault)

    def validate(now: Submission) -> Report:
        report = stage.validate(now)
        late = "slow" in now.files[0].text and len(stage.runs) == 1
        return replace(report, findings=(error("timed out", code="RV402"),)) if late else report

    report = mended(program(FOUR), examine=stage.examine, validate=validate)

    assert (report.verdict, report.fixed) == (Verdict.PASSED, ("RV206",))
    assert report.mending is not None
    assert report.mending.dropped == ()


def test_a_program_that_at_last_does_something_may_fail_further_on() -> None:
    fault = error("one = 1", edit(1, 1, "one = crash"), code="RV202")
    stage, report = mend(FOUR, fault)

    assert len(stage.runs) == 1
    assert report.fixed == ("RV202",)
    assert [each.code for each in report.left_for_the_model] == ["RV401"]


def test_what_only_the_run_shows_is_mended_as_well_and_run_again() -> None:
    stage = Stage()

    def validate(now: Submission) -> Report:
        report = stage.validate(now)
        if "crash" not in now.files[0].text:
            return report
        seen = error("it ended there", edit(1, 1, "one = 1"))
        return replace(report, findings=(seen,))

    report = mended(program("one = crash\n"), examine=stage.examine, validate=validate)

    assert stage.runs == ["one = crash\n", "one = 1\n"]
    assert (report.verdict, report.fixed) == (Verdict.PASSED, ("RV206",))


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    fault = replace(error("one = 1"), fix=Fix("x", (edit(1, 1, "one = 0"),), safe=False))

    assert mend(FOUR, fault)[1].fixed == ()
    assert mend(FOUR, fault, unsafe=True)[1].fixed == ("RV206",)
    assert mend(FOUR, fault)[1].left_for_the_model == ()


# ── requirements ─────────────────────────────────────────────────────────────────────────────────


def required(*texts: str) -> Submission:
    lines = tuple(
        RequirementLine(text, Span(number, number), RequirementSource.BLOCK)
        for number, text in enumerate(texts, start=1)
    )
    return replace(program(FOUR), requirements=lines)


def rewriting(before: RequirementLine | None, after: str | None) -> Finding:
    span = before.span if before else Span(0, 0)
    put = None if after is None else RequirementLine(after, span, RequirementSource.BLOCK)
    fix = Fix("x", (), safe=True, requirements=(RequirementEdit(before, put),))
    return Finding("RV304", "no-wheel", Severity.WARNING, f"{before}", fix=fix)


def test_requirements_are_rewritten_left_out_and_added() -> None:
    submission = required("a==1", "b", "c")
    a, b, _ = submission.requirements
    fixed = apply(submission, [rewriting(a, "a==2"), rewriting(b, None), rewriting(None, "d")])

    assert [line.text for line in fixed.submission.requirements] == ["a==2", "c", "d"]
    assert fixed.submission.files == submission.files


def test_two_fixes_for_one_package_wait_for_each_other() -> None:
    submission = required("Py_Game==1")
    (line,) = submission.requirements
    fixed = apply(submission, [rewriting(line, "Py_Game==2"), rewriting(None, "py-game")])

    assert [each.text for each in fixed.submission.requirements] == ["Py_Game==2"]


def test_a_line_the_reply_does_not_have_is_not_rewritten() -> None:
    other = RequirementLine("x", Span(9, 9), RequirementSource.COMMAND)

    assert apply(required("a"), [rewriting(other, "y")]).applied == ()


# ── anything at all ──────────────────────────────────────────────────────────────────────────────

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


TEXTS = st.lists(
    st.tuples(st.sampled_from(["x = 1", "", "if x:", "    y = 2", "(", "\x0c", "é\u2028"]),
              st.sampled_from(["\n", "\r\n", "\r"])).map("".join),
    max_size=9,
).map("".join)  # fmt: skip


def test_two_line_ends_that_would_become_one_are_left_alone() -> None:
    mixed = program("a = 1\rb = 2\n\nc = 3\n")

    assert apply(mixed, [finding(edit(2, 2))]).applied == ()


@given(TEXTS, st.lists(st.lists(EDITS, min_size=1, max_size=3), max_size=4))
def test_lines_outside_the_edits_keep_text_line_end_and_place(
    text: str, groups: list[list[Edit]]
) -> None:
    before = program(text)
    fixed = apply(before, [finding(*group) for group in groups], unsafe=True)
    (file,) = fixed.submission.files
    edits = [each for done in fixed.applied if done.fix for each in done.fix.edits]
    touched = {line for each in edits for line in range(each.span.first, each.span.last + 1)}
    lines = list(zip(before.files[0].reply_lines, _lines(text), strict=True))
    untouched = [line for number, line in enumerate(lines, 1) if number not in touched]
    after = list(zip(file.reply_lines, _lines(file.text), strict=True))

    assert all(each in after for each in untouched)
    assert [each for each in after if each in untouched][: len(untouched)] == untouched
    assert len(file.reply_lines) == len(split_lines(file.text))


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+", text)


@given(st.lists(EDITS, min_size=1, max_size=4))
def test_a_diff_says_what_patch_would_do(edits: list[Edit]) -> None:
    (file,) = program(FOUR).files
    fixed = apply(program(FOUR), [finding(*edits)], unsafe=True)
    if not fixed.applied:
        return
    lines = split_lines(file.text)
    after = list(lines)
    shift = 0
    text = unified(lines, edits)
    for old, new in _hunks(text):
        start = old[0] + shift
        assert after[start : start + len(old[1])] == old[1]
        after[start : start + len(old[1])] = new
        shift += len(new) - len(old[1])

    assert after == split_lines(fixed.submission.files[0].text)


def _hunks(diff: str) -> list[tuple[tuple[int, list[str]], list[str]]]:
    found: list[tuple[tuple[int, list[str]], list[str]]] = []
    for line in diff.split("\n")[:-1]:
        if match := re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@", line):
            first = int(match[1]) - (1 if int(match[2]) else 0)
            found.append(((first, []), []))
            continue
        (_, old), new = found[-1]
        if line[:1] in (" ", "-"):
            old.append(line[1:])
        if line[:1] in (" ", "+"):
            new.append(line[1:])
    return found
