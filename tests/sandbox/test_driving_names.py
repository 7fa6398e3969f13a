"""Programs whose files are named like what drives them: each gets its own, and is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from driving_outcome import outcome, program

from validator.facts import ProgramKind
from validator.findings import Verdict
from validator.sandbox import guest

if TYPE_CHECKING:
    from validator.facts import Submission
    from validator.sandbox.backend import Backend

OURS = tuple(sorted(path.stem for path in (guest.folder() / "guest").glob("*.py")))
"""Every module that stands in the jail with a program."""
PYTHONS = ("json", "re", "ast", "traceback", "warnings", "base64")
"""Modules of Python's that what drives a program imports, or that those import in their turn."""


def named(text: str, names: tuple[str, ...]) -> Submission:
    """Return a program that imports a file of its own by each of these names, then goes on."""
    files = {f"{name}.py": f'WHO = "own {name}"\n' for name in names}
    imports = "".join(f"import {name}\n" for name in names)
    whose = ", ".join(f'getattr({name}, "WHO", "")' for name in names)
    return program(f"{imports}WHOSE = [{whose}]\nprint(WHOSE)\n{text}", files=files)


ASKS = 'print(input("Your name: "))\n'
TESTS = """\
import unittest


class TestSum(unittest.TestCase):
    def test_sum(self):
        assert 1 + 1 == 2
"""
CRASH = "print(1 / 0)\n"


@pytest.mark.parametrize("names", [OURS, PYTHONS], ids=["ours", "pythons"])
def test_a_program_that_asks_has_its_own_modules_and_is_answered(
    backend: Backend, names: tuple[str, ...]
) -> None:
    seen = outcome(backend, named(ASKS, names))

    owned = [f"own {name}" for name in names]
    assert seen.verdict is Verdict.PASSED, seen.run.stderr
    assert seen.run.stdout.decode().splitlines() == [str(owned), "Your name: Alice", "Alice"]
    assert seen.seen("input", "answer") == [("Alice",)]


@pytest.mark.parametrize("names", [OURS, PYTHONS], ids=["ours", "pythons"])
def test_a_crash_of_such_a_program_is_told_as_any_other(
    backend: Backend, names: tuple[str, ...]
) -> None:
    seen = outcome(backend, named(CRASH, names))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])
    assert seen.findings[0].message == "ZeroDivisionError: division by zero"


def test_tests_beside_modules_of_our_names_are_run(backend: Backend) -> None:
    seen = outcome(backend, named(TESTS, OURS), kind="tests")

    assert seen.verdict is Verdict.PASSED, seen.run.stderr
    assert seen.seen("case", "outcome") == [("passed",)]


@pytest.mark.parametrize("names", [OURS, PYTHONS[:1]], ids=["ours", "pythons"])
def test_a_window_beside_modules_of_our_names_is_used_and_closed(
    backend: Backend, names: tuple[str, ...]
) -> None:
    window = (
        "import tkinter\n\nroot = tkinter.Tk()\n"
        'tkinter.Button(root, text="Go", command=lambda: print("gone")).pack()\nroot.mainloop()\n'
    )
    seen = outcome(backend, named(window, names))

    assert seen.run.plan.kind is ProgramKind.WINDOW
    assert seen.verdict is Verdict.PASSED, seen.run.stderr
    assert b"gone" in seen.run.stdout


def test_no_statement_imports_what_drives_a_program(backend: Backend) -> None:
    text = (
        "import sys\n\n"
        'found = [each for each in sys.modules if each.partition(".")[2] == "answers"]\n'
        'print(input("> ") and all(not each.partition(".")[0].isidentifier() for each in found))\n'
    )
    seen = outcome(backend, text)

    assert seen.run.stdout.endswith(b"\nTrue\n")
