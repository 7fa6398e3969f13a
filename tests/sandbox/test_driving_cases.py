"""Tests in a reply: run, told case by case, and each failure led back to its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driving_outcome import outcome, program

from validator.facts import ProgramKind
from validator.findings import Verdict

if TYPE_CHECKING:
    from validator.sandbox.backend import Backend

UNITTEST = """\
import unittest


def double(x):
    return x {operator} 2


class Doubles(unittest.TestCase):
    def test_two(self):
        self.assertEqual(double(2), 4)

    def test_three(self):
        self.assertEqual(double(3), 6)

    @unittest.skip("later")
    def test_later(self):
        pass
"""
MAIN = '\n\nif __name__ == "__main__":\n    unittest.main()\n'
PLAIN = """\
def double(x):
    return x {operator} 2


def test_two():
    assert double(2) == 4


class TestMore:
    def test_three(self):
        assert double(3) == 6


def test_with_fixture(tmp_path):
    assert tmp_path
"""


def test_unittests_that_pass_are_told_one_by_one(backend: Backend) -> None:
    for text in (UNITTEST, UNITTEST + MAIN):  # run by themselves, and by us
        seen = outcome(backend, text.format(operator="*"))

        assert seen.verdict is Verdict.PASSED
        assert seen.run.plan.kind is ProgramKind.TESTS
        assert sorted(seen.seen("case", "name", "outcome")) == [
            ("__main__.Doubles.test_later", "skipped"),
            ("__main__.Doubles.test_three", "passed"),
            ("__main__.Doubles.test_two", "passed"),
        ]


def test_a_unittest_that_fails_is_an_error_at_its_line(backend: Backend) -> None:
    for text in (UNITTEST, UNITTEST + MAIN):
        seen = outcome(backend, text.format(operator="+"))

        assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV412"])
        assert seen.findings[0].location.line == 13
        assert "5 != 6" in seen.findings[0].message


def test_plain_tests_are_run_without_pytest(backend: Backend) -> None:
    seen = outcome(backend, PLAIN.format(operator="*"))

    assert seen.verdict is Verdict.PASSED
    assert seen.seen("case", "name", "outcome") == [
        ("test_two", "passed"),
        ("TestMore::test_three", "passed"),
        ("test_with_fixture", "skipped"),
    ]


def test_a_plain_test_that_fails_is_an_error_at_its_line(backend: Backend) -> None:
    seen = outcome(backend, PLAIN.format(operator="+"))

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV412"])
    assert seen.findings[0].location.line == 11


def test_doctests_that_the_program_runs_are_heard(backend: Backend) -> None:
    text = (
        'def double(x):\n    """Double.\n\n    >>> double(2)\n    4\n    >>> double(3)\n    7\n'
        '    """\n    return x * 2\n\n\nif __name__ == "__main__":\n    import doctest\n\n'
        "    doctest.testmod()\n"
    )
    seen = outcome(backend, text)

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV412"])
    assert [outcome for (outcome,) in seen.seen("case", "outcome")] == ["passed", "failed"]
    assert seen.findings[0].location.line == 6


def test_a_file_of_tests_beside_a_program_is_run_too(backend: Backend) -> None:
    files = {
        "test_main.py": "from main import double\n\n\ndef test_it():\n    assert double(2) == 5\n"
    }
    text = (
        "def double(x):\n    return x * 2\n\n\nif __name__ == '__main__':\n    print(double(4))\n"
    )
    seen = outcome(backend, program(text, files=files))

    assert seen.run.stdout == b"8\n"
    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV412"])
    assert (seen.findings[0].location.path, seen.findings[0].location.line) == ("test_main.py", 5)


def test_tests_that_cannot_be_imported_have_crashed(backend: Backend) -> None:
    seen = outcome(backend, UNITTEST.format(operator="*") + "\nimport nowhere_to_be_found\n")

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV401"])


def test_a_test_that_leaves_is_not_a_test_that_passed(backend: Backend) -> None:
    seen = outcome(backend, "import os\n\n\ndef test_it():\n    os._exit(0)\n")

    assert (seen.verdict, seen.codes) == (Verdict.FAILED, ["RV406"])
