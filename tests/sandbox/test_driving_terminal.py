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
    Part,
    ProgramKind,
    Reply,
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


def test_where_the_reply_shows_no_arguments_some_are_made_up_and_that_is_said(
    backend: Backend,
) -> None:
    seen = outcome(backend, CALC)

    assert seen.verdict is Verdict.PASSED
    assert seen.run.stdout == b"10\n"
    assert seen.seen("invocation", "arguments", "exit_code", "made_up") == [
        ([], 2, None),
        (["--help"], 0, None),
        (["add", "5", "5"], 0, True),
    ]


def test_a_slip_behind_the_arguments_is_found_with_ours(backend: Backend) -> None:
    seen = outcome(backend, CALC.replace("given.a + given.b", "given.a + given.c"))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.findings[0].location.line == 8


@pytest.mark.parametrize(
    "text",
    [
        # What a value of ours may have brought about says nothing of the program …
        'print({"de": 1}[p.parse_args().code])\n',
        # … and neither does a complaint about it.
        'if p.parse_args().code != "de":\n    p.error("no such code")\n',
    ],
)
def test_what_becomes_of_made_up_arguments_is_told_and_not_charged(
    backend: Backend, text: str
) -> None:
    head = 'import argparse\n\np = argparse.ArgumentParser()\np.add_argument("code")\n'
    seen = outcome(backend, head + text)

    assert (seen.verdict, seen.findings) == (Verdict.PASSED, ())
    assert seen.seen("invocation", "made_up")[-1] == (True,)


def test_a_file_that_only_our_arguments_name_is_laid_there_and_held_against_nobody(
    backend: Backend,
) -> None:
    text = (
        "import argparse\nimport csv\n\np = argparse.ArgumentParser()\n"
        'p.add_argument("sales_csv")\nwith open(p.parse_args().sales_csv) as file:\n'
        "    print(len(list(csv.DictReader(file))) > 0)\n"
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.findings) == (Verdict.PASSED, ())
    assert seen.run.stdout == b"True\n"


def test_nothing_is_made_up_where_the_reply_shows_arguments_or_the_run_is_bare(
    backend: Backend,
) -> None:
    shown = outcome(backend, program(CALC, commands=("python main.py add 1 2",)))
    bare = outcome(backend, CALC, instrument=False)

    for seen in (shown, bare):
        assert (True,) not in seen.seen("invocation", "made_up")


def test_a_script_that_takes_its_arguments_for_granted_gets_some(backend: Backend) -> None:
    seen = outcome(backend, "import sys\n\nprint(int(sys.argv[1]) + 1)\n")

    assert seen.verdict is Verdict.PASSED
    assert seen.run.stdout == b"6\n"


def test_arguments_that_cannot_be_made_up_leave_it_open(backend: Backend) -> None:
    seen = outcome(backend, "import sys\n\nfor each in [1, 2]:\n    print(sys.argv[each])\n")

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


SHELL = """\
import cmd


class Shell(cmd.Cmd):
    prompt = "(shop) "

    def do_buy(self, line):
        count, price = line.split()
        print(int(count) * int(price))

    def do_count(self, line):
        print(int(line) + 1)

    def do_quit(self, line):
        return True


Shell().cmdloop()
print("closed")
"""


def test_a_shell_gets_each_of_its_commands_and_is_left(backend: Backend) -> None:
    seen = outcome(backend, SHELL)

    assert seen.verdict is Verdict.PASSED
    assert [answer for _, answer in seen.seen("input", "prompt", "answer")] == [
        "buy 5 3",
        "count 5",
        "help",
        "quit",
    ]
    assert seen.run.stdout.endswith(b"(shop) quit\nclosed\n")


def test_a_slip_in_a_command_of_a_shell_is_charged_and_a_value_of_ours_is_not(
    backend: Backend,
) -> None:
    slip = outcome(backend, SHELL.replace("int(line) + 1", "int(lime) + 1"))
    value = outcome(backend, SHELL.replace("int(line) + 1", "{'a': 1}[line]"))

    assert (slip.verdict, slip.codes) == (Verdict.FAILED, ["RV401"])
    assert (value.verdict, value.codes) == (Verdict.INCONCLUSIVE, ["RV401"])


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


def library(usage: str, text: str = AREA) -> Submission:
    block = Block(BlockKind.PYTHON, Span(5, 6), usage)
    role = BlockRole(1, Span(5, 6), BlockKind.PYTHON, Role.USAGE, "it calls what was defined")
    decision = Decision(ReplyKind.USAGE, "a program and its use", Confidence.LIKELY, (role,))
    made = program(text, decision=decision)
    reply = Reply((Part(text + usage, "reply.md"),))
    return Submission(reply, made.files, entry_point="main.py", blocks=(block,), decision=decision)


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


GREATEST = "def greatest(a, b):\n    while a % b:\n        a %= b\n        b %= a\n    return b\n"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        pytest.param("", Verdict.FAILED, id="its own example, and not a word of it"),
        pytest.param("  # a ZeroDivisionError", Verdict.INCONCLUSIVE, id="what it is to show"),
    ],
)
def test_a_library_that_stumbles_over_its_own_example_is_charged(
    backend: Backend, said: str, verdict: Verdict
) -> None:
    seen = outcome(backend, library(f"print(greatest(12, 8)){said}\n", GREATEST))

    assert (seen.verdict, seen.codes) == (verdict, ["RV417"])


def test_an_example_that_may_be_there_to_raise_is_not(backend: Backend) -> None:
    seen = outcome(backend, library("raise ValueError('what happens with bad values')\n"))

    assert (seen.verdict, seen.codes) == (Verdict.INCONCLUSIVE, ["RV417"])


# ── programs that draw on their terminal ─────────────────────────────────────────────────────────

CURSES = """\
import curses


def main(screen):
    curses.curs_set(0)
    at = 0
    while True:
        screen.addstr(2, 4, f"row {at}")
        screen.refresh()
        key = screen.getch()
        if key == curses.KEY_DOWN:
            at += 1
        elif key == ord("p"):
            screen.addstr(3, 4, LABEL)
        elif key == ord("q"):
            return


curses.wrapper(main)
print("bye")
"""
MENU = """\
import curses

ENTRIES = ["Play", "Scores", "Exit"]


def main(screen):
    at = 0
    while True:
        for row, entry in enumerate(ENTRIES):
            screen.addstr(row, 0, entry, curses.A_REVERSE if row == at else 0)
        key = screen.getch()
        if key == curses.KEY_UP:
            at = max(at - 1, 0)
        elif key == curses.KEY_DOWN:
            at = min(at + 1, 2)
        elif key in (10, 13, curses.KEY_ENTER) and at == 2:
            return


curses.wrapper(main)
"""


def test_a_curses_program_gets_a_terminal_keys_and_its_way_out(backend: Backend) -> None:
    seen = outcome(backend, CURSES.replace("LABEL", '"pressed p"'))

    assert seen.verdict is Verdict.PASSED
    assert seen.run.plan.kind is ProgramKind.INTERACTIVE
    assert seen.run.ending is Ending.EXITED
    assert seen.seen("key", "key") == [("KEY_DOWN",), ("p",), ("q",)]
    (draws, keys), *_ = seen.seen("terminal", "draws", "keys")
    assert isinstance(draws, int)
    assert draws > 1
    assert keys == 3
    assert b"row" in seen.run.stdout
    assert b"pressed p" in seen.run.stdout


def test_a_crash_behind_a_key_is_found(backend: Backend) -> None:
    seen = outcome(backend, CURSES)

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.findings[0].location.line == 14


def test_the_last_entry_of_a_menu_leads_out_of_it(backend: Backend) -> None:
    seen = outcome(backend, MENU)

    assert (seen.verdict, seen.run.ending) == (Verdict.PASSED, Ending.EXITED)


def test_what_draws_on_and_on_is_alive(backend: Backend) -> None:
    text = (
        "import curses\nimport time\n\n\ndef main(screen):\n    at = 0\n    while True:\n"
        "        at += 1\n        screen.addstr(0, 0, str(at))\n        screen.refresh()\n"
        "        time.sleep(0.1)\n\n\ncurses.wrapper(main)\n"
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.run.ending) == (Verdict.PASSED, Ending.TIMED_OUT)


def test_single_keys_are_typed_where_they_are_read_from_the_terminal(backend: Backend) -> None:
    text = (
        "import sys\nimport termios\nimport tty\n\nold = termios.tcgetattr(0)\ntty.setcbreak(0)\n"
        'while sys.stdin.read(1) != "q":\n    pass\n'
        'termios.tcsetattr(0, termios.TCSADRAIN, old)\nprint("left")\n'
    )
    seen = outcome(backend, text)

    assert seen.verdict is Verdict.PASSED
    assert b"left" in seen.run.stdout


def test_who_imports_a_terminals_module_and_asks_in_whole_lines_is_answered(
    backend: Backend,
) -> None:
    seen = outcome(backend, 'import termios\n\nprint(input("Your name: "))\n')

    assert seen.seen("input", "answer") == [("Alice",)]


def test_python_is_found_by_the_names_people_know_it_by(backend: Backend) -> None:
    text = (
        "import subprocess\n\nfor name in ['python', 'python3']:\n"
        "    subprocess.run([name, '-c', 'print(6 * 7)'], check=True)\n"
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.run.stdout) == (Verdict.PASSED, b"42\n42\n"), seen.run.stderr


def test_an_exception_in_a_thread_is_a_crash_though_the_program_ends_well(
    backend: Backend,
) -> None:
    text = (
        "import threading\n\n\ndef work(n):\n    print(1 / n)\n\n\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in (1, 0)]\n"
        "for each in threads:\n    each.start()\nfor each in threads:\n    each.join()\n"
        'print("done")\n'
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.run.exit_code == 0
    assert seen.findings[0].location.line == 5
