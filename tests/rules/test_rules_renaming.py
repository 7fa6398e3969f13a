"""Names and attributes with a slip in them: written as what was meant, where there is but one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rules_evidence import crashed, linted, submission

from validator import fixing
from validator.facts import Diagnostic, Span
from validator.findings import Finding, Severity
from validator.rules import Evidence, judge


def fixed(text: str) -> str:
    done = fixing.settle(submission(text), lambda now: judge(linted(now.files[0].text)).findings)
    return done.submission.files[0].text


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("def total(rows):\n    return sum(rows)\n\n\nprint(toatl([1]))\n", "total([1]"),
        ("def draw_board():\n    pass\n\n\ndrawBoard()\n", "\ndraw_board()"),
        ("def main():\n    points = 3\n    print(ponits, f'{ponits}')\n\n\nmain()\n", "{points}"),
        ("print({'a': true, 'b': null, 'c': false})\n", "'a': True, 'b': None, 'c': False"),
        ("for n in xrange(3):\n    pirnt(n)\n", "in range(3):\n    print(n)"),
        (
            "class Dog:\n    def bark():\n        print(self)\n\n    def eat(it):\n        self\n",
            "def bark(self):\n        print(self)\n\n    def eat(self, it):",
        ),
        (
            "class Walk:\n    def go(self):\n        step()\n\n    def step(self):\n        pass\n",
            "        self.step()",
        ),
        ("import sys\n\nprint(np.zeros(3), sys.argv)\n", "import numpy as np\nimport sys"),
        (
            "from enum import Enum\n\n\nclass Suit(Enum):\n    HEARTS = auto()\n",
            "from enum import auto\n",
        ),
        ("opened = date(2024, 2, 29)\nprint(opened)\n", "from datetime import date\n"),
        ("async def main():\n    pass\n\n\nawait main()\n", "asyncio.run(main())"),
    ],
)
def test_what_was_meant_is_written(broken: str, whole: str) -> None:
    assert whole in fixed(broken)
    assert [each for each in judge(linted(fixed(broken))).findings if each.code == "RV206"] == []


def test_a_coroutine_that_nothing_awaits_is_run() -> None:
    broken = "async def main():\n    print(1)\n\n\nif __name__ == '__main__':\n    main()  # go\n"
    (found,) = [each for each in judge(linted(broken)).findings if each.code == "RV205"]

    assert found.message == "`main()` makes a coroutine that nothing awaits: `main` never runs"
    assert fixed(broken) == "import asyncio\n\n" + broken.replace(
        "main()  #", "asyncio.run(main())  #"
    )


@pytest.mark.parametrize(
    "text",
    [
        "import asyncio\n\n\nasync def main():\n    print(1)\n\n\nasyncio.run(main())\n",
        "async def main():\n    print(1)\n\n\ntask = main()\n",
        "@command\nasync def main():\n    print(1)\n\n\nmain()\n",
        "def main():\n    print(1)\n\n\nmain()\n",
        "async def rows():\n    yield 1\n\n\nrows()\n",
        "async def step():\n    pass\n\n\nasync def main():\n    step()\n",
    ],
)
def test_what_is_awaited_or_another_thing_is_left_alone(text: str) -> None:
    assert [each for each in judge(linted(text)).findings if each.code == "RV205"] == []


@pytest.mark.parametrize(
    "text",
    [
        # another name, near a name
        "player_x = 1\nprint(player_y)\n",
        "rows = [1]\nprint(row)\n",
        "import time\n\nprint(tile, time.time())\n",
        # near two
        "board = broad = 1\nprint(borad)\n",
        # bound, but not where it is used
        "def one():\n    points = 1\n    return points\n\n\ndef two():\n    return ponits\n",
        # it cannot be used so
        "def deposit(account, amount):\n    return account, amount\n\n\nprint(depsoit(3))\n",
        "total = 3\nprint(toatl(3))\n",
        "def total():\n    return 3\n\n\nprint(toatl + 1)\n",
        "print(pritn + 1)\n",
        # a method nobody has an object for
        "class Dog:\n    @staticmethod\n    def bark():\n        print(self)\n",
        "def bark():\n    print(self)\n",
        "class Walk:\n    def go(this):\n        step()\n\n    def step(self):\n        pass\n",
        # a name that may come from anywhere
        "print(sample([1], 1), field(), product([1]))\n",
        # a name of the program's own
        "null = 0\nprint(null)\n",
        # a name that is expected not to be there
        "try:\n    text = unicode\nexcept NameError:\n    text = str\nprint(text)\n",
    ],
)
def test_what_may_be_another_name_is_left_alone(text: str) -> None:
    assert fixed(text) == text


def said(message: str, line: int, column: int) -> Diagnostic:
    return Diagnostic(
        "pyright", "reportAttributeAccessIssue", message, "main.py", Span(line, line), column, 0
    )


def judged(evidence: Evidence, *diagnostics: Diagnostic) -> list[Finding]:
    findings = judge(replace(evidence, diagnostics=diagnostics)).findings
    return [each for each in findings if each.code == "RV208"]


GAME = (
    "class Thing:\n    speed = 1\n\n\nclass Game(Thing):\n    def __init__(self):\n"
    "        self.score = 0\n\n    def show(self):\n        print(self.socre, self.spede)\n\n\n"
    "Game().show()\n"
)


def test_of_a_class_the_program_defines_it_waits_for_the_run_to_end_there() -> None:
    seen = said('Cannot access attribute "socre" for class "Game*"', 10, 20)
    (before,) = judged(linted(GAME), seen)
    trace = crashed(GAME, "AttributeError", "'Game' object has no attribute 'socre'", 13, 10)
    (after,) = judged(trace, seen)

    assert before.fix is not None
    assert after.fix is not None
    assert before.fix.edits[0].replacement == ("        print(self.score, self.spede)",)
    assert (before.severity, before.fix.safe) == (Severity.WARNING, False)
    assert (after.severity, after.fix.safe) == (Severity.ERROR, True)


def test_what_a_base_has_is_known_as_well() -> None:
    (found,) = judged(
        linted(GAME), said('Cannot access attribute "spede" for class "Game*"', 10, 32)
    )

    assert found.fix is not None
    assert found.fix.description == "write `spede` as `speed`"


def test_of_the_standard_library_it_is_certain_at_once() -> None:
    text = "import random\n\nprint(random.randit(1, 6))\n"
    (found,) = judged(
        linted(text), said('"randit" is not a known attribute of module "random"', 3, 14)
    )

    assert found.severity is Severity.ERROR
    assert found.fix is not None
    assert found.fix.safe
    assert found.fix.edits[0].replacement == ("print(random.randint(1, 6))",)


def test_what_is_imported_has_to_be_there_too() -> None:
    text = "from random import randit\n\nprint(randit(1, 6))\n"
    (found,) = judged(linted(text), said('"randit" is unknown import symbol', 1, 20))

    assert found.severity is Severity.ERROR
    assert found.message == "module `random` has no attribute `randit`"
    assert found.fix is not None
    assert [each.replacement for each in found.fix.edits] == [
        ("from random import randint",),
        ("print(randint(1, 6))",),
    ]


def test_of_a_list_it_says_so_where_one_method_is_near() -> None:
    text = "rows = []\nrows.apend(1)\nrows.push(2)\n"
    found = judged(
        linted(text),
        said('Cannot access attribute "apend" for class "list[int]"', 2, 6),
        said('Cannot access attribute "push" for class "list[int]"', 3, 6),
    )

    assert [each.message for each in found] == ["type `list` has no attribute `apend`"]
    assert [each.severity for each in found] == [Severity.WARNING]


@pytest.mark.parametrize(
    ("text", "message", "line", "column"),
    [
        ("import math\n\nprint(math.square(4))\n",
         '"square" is not a known attribute of module "math"', 3, 12),
        ("import pygame\n\npygame.draw.circl()\n",
         '"circl" is not a known attribute of module "pygame.draw"', 3, 13),
        ("import random\n\nprint('é', random.randit(1, 6))\n",
         '"randit" is not a known attribute of module "random"', 3, 9),
    ],
)  # fmt: skip
def test_what_is_invented_or_not_found_again_is_told_and_not_mended(
    text: str, message: str, line: int, column: int
) -> None:
    (found,) = judged(linted(text), said(message, line, column))

    assert found.fix is None


def test_an_import_that_may_fail_is_no_fault() -> None:
    text = "try:\n    from random import randit\nexcept ImportError:\n    randit = None\n"
    (found,) = judged(linted(text), said('"randit" is unknown import symbol', 2, 24))

    assert found.severity is Severity.WARNING
    assert found.fix is None or not found.fix.safe
