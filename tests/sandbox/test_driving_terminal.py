"""Programs at a terminal: command lines, questions, and libraries, driven as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from driving_outcome import outcome, program

from validator.facts import (
    Block,
    BlockKind,
    BlockRole,
    Confidence,
    Decision,
    Ending,
    ProgramKind,
    ReplyKind,
    Role,
    Span,
    Submission,
)
from validator.findings import Severity, Verdict

if TYPE_CHECKING:
    from validator.sandbox.backend import Backend

CALC = """\
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("op", choices=["add", "div"])
parser.add_argument("a", type=int)
parser.add_argument("b", type=int)
given = parser.parse_args()
print(given.a + given.b if given.op == "add" else given.a / given.b)
"""


def test_a_command_line_is_run_with_what_the_reply_shows(backend: Backend) -> None:
    seen = outcome(backend, program(CALC, commands=("python main.py add 3 4",)))

    assert seen.verdict is Verdict.PASSED
    assert seen.run.stdout == b"7\n"
    assert seen.seen("invocation", "arguments", "exit_code") == [
        ([], 2),
        (["add", "3", "4"], 0),
        (["--help"], 0),
    ]


def test_a_command_line_that_crashes_on_what_the_reply_shows_has_crashed(
    backend: Backend,
) -> None:
    seen = outcome(backend, program(CALC, commands=("python main.py div 3 0",)))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.findings[0].location.line == 8


def test_asking_for_arguments_is_no_failure(backend: Backend) -> None:
    assert outcome(backend, CALC).verdict is Verdict.PASSED


def test_a_script_that_takes_its_arguments_for_granted_is_not_charged(backend: Backend) -> None:
    seen = outcome(backend, "import sys\n\nprint(int(sys.argv[1]) + 1)\n")

    assert seen.verdict is Verdict.INCONCLUSIVE
    assert [(each.code, each.severity) for each in seen.findings] == [("RV401", Severity.NOTE)]


def test_an_index_of_its_own_that_is_too_large_is_charged(backend: Backend) -> None:
    seen = outcome(backend, "import sys\n\nprint(sys.argv)\nprint([1][3])\n")

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])


def test_questions_are_answered_and_told(backend: Backend) -> None:
    seen = outcome(
        backend,
        'name = input("Your name: ")\nage = int(input("Your age: "))\nprint(f"{name} is {age}")\n',
    )

    assert seen.verdict is Verdict.PASSED
    assert seen.run.plan.kind is ProgramKind.INTERACTIVE
    assert seen.seen("input", "prompt", "answer") == [("Your name: ", "Alice"), ("Your age: ", "5")]
    assert seen.run.stdout.endswith(b"Alice is 5\n")


def test_a_crash_behind_a_question_is_found(backend: Backend) -> None:
    seen = outcome(backend, 'n = int(input("How many? "))\nprint(totl)\n')

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.findings[0].location.line == 2


def test_a_crash_over_what_we_typed_is_not_charged(backend: Backend) -> None:
    seen = outcome(backend, 't = input("Temperature with unit: ")\nprint(float(t[:-1]))\n')

    assert seen.verdict is Verdict.INCONCLUSIVE
    assert [(each.code, each.severity) for each in seen.findings] == [("RV401", Severity.NOTE)]


def test_asking_without_end_waits_for_input(backend: Backend) -> None:
    seen = outcome(backend, 'while True:\n    print(input("> "))\n')

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, ["RV413"])
    assert seen.run.ending is Ending.TIMED_OUT


def test_a_loop_behind_a_question_is_charged(backend: Backend) -> None:
    seen = outcome(backend, 'n = input("Name: ")\nwhile n:\n    pass\n', seconds=2.0)

    assert seen.codes == ["RV402"]


def test_a_bare_run_is_not_answered(backend: Backend) -> None:
    seen = outcome(backend, 'input("Your name: ")\n', instrument=False)

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, ["RV413"])
    assert seen.seen("input", "prompt") == []


def test_the_programs_own_module_of_one_of_our_names_is_its_own(backend: Backend) -> None:
    files = {"prompts.py": 'ASK = "Name: "\n', "answers.py": "KIND = 1\n"}
    text = "import answers\nimport prompts\n\nprint(input(prompts.ASK), answers.KIND)\n"

    assert outcome(backend, program(text, files=files)).run.stdout == b"Name: Alice\nAlice 1\n"


# ── what a program reads and the reply does not have ─────────────────────────────────────────────


def test_a_missing_file_of_data_is_stood_in_for_and_said(backend: Backend) -> None:
    seen = outcome(
        backend,
        'import csv\n\nwith open("data/sales.csv") as file:\n'
        "    rows = list(csv.DictReader(file))\n"
        'print(sum(float(row["amount"]) for row in rows) > 0)\n',
    )

    assert (seen.verdict, seen.codes) == (Verdict.PASSED, ["RV210"])
    assert seen.findings[0].location.line == 3
    assert seen.seen("placeholder", "path") == [("data/sales.csv",)]
    assert seen.run.stdout == b"True\n"


def test_without_stand_ins_a_missing_file_is_said_and_not_charged(backend: Backend) -> None:
    seen = outcome(backend, 'print(open("sales.csv").read())\n', placeholder_assets=False)

    assert seen.verdict is Verdict.INCONCLUSIVE
    assert seen.codes == ["RV210", "RV401"]


@pytest.mark.parametrize(
    ("text", "codes", "verdict"),
    [
        # It sees to a missing file itself.
        ('try:\n    open("notes.txt")\nexcept OSError:\n    print("none yet")\n', [],
         Verdict.PASSED),
        # It writes into a folder that it does not make.
        ('open("out/report.txt", "w").write("x")\n', ["RV401"], Verdict.FAILED),
        # It leaves the work folder.
        ('print(open("../secrets.txt").read())\n', ["RV210", "RV401"], Verdict.INCONCLUSIVE),
        # Not a file of data.
        ('open("server.sock")\n', ["RV401"], Verdict.FAILED),
    ],
)  # fmt: skip
def test_nothing_stands_in_for_what_is_the_programs_own_to_see_to(
    backend: Backend, text: str, codes: list[str], verdict: Verdict
) -> None:
    seen = outcome(backend, text)

    assert (seen.verdict, seen.codes) == (verdict, codes)
    assert seen.seen("placeholder", "path") == []


# ── libraries ────────────────────────────────────────────────────────────────────────────────────

AREA = "def area(w, h):\n    return w * h\n"


def library(usage: str) -> Submission:
    block = Block(BlockKind.PYTHON, Span(5, 6), usage)
    role = BlockRole(1, Span(5, 6), BlockKind.PYTHON, Role.USAGE, "it calls what was defined")
    decision = Decision(ReplyKind.USAGE, "a program and its use", Confidence.LIKELY, (role,))
    made = program(AREA, decision=decision)
    return Submission(
        made.reply, made.files, entry_point="main.py", blocks=(block,), decision=decision
    )


def test_a_library_that_nothing_uses_passes_and_that_is_said(backend: Backend) -> None:
    seen = outcome(backend, AREA)

    assert seen.verdict is Verdict.PASSED
    assert seen.seen("definitions-only") == [()]


@pytest.mark.parametrize("usage", ["print(area(3, 4))\n", "from main import area\n\narea(1, 2)\n"])
def test_a_librarys_example_is_run_after_it(backend: Backend, usage: str) -> None:
    seen = outcome(backend, library(usage))

    assert seen.verdict is Verdict.PASSED
    assert seen.seen("usage", "outcome") == [("ran",)]
    assert seen.seen("definitions-only") == []


def test_an_example_that_cannot_work_is_charged(backend: Backend) -> None:
    seen = outcome(backend, library("print(area(3, heigth=4))\n"))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV417"])


def test_an_example_that_may_be_there_to_raise_is_not(backend: Backend) -> None:
    seen = outcome(backend, library("raise ValueError('what happens with bad values')\n"))

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, ["RV417"])
