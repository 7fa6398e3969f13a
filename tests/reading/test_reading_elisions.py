"""Code that was left out: filled in where an earlier version says it, and named where not."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Submission
from validator.findings import Severity
from validator.reading import read
from validator.rules import Evidence, judge

GAME = """import random

SIDES = 6


# Rolls and keeps count.
class Dice:
    rolled = 0

    def roll(self):
        self.rolled += 1
        return random.randint(1, SIDES)

    def show(self):
        print(self.rolled)


def play():
    dice = Dice()
    print(dice.roll())


if __name__ == "__main__":
    play()
"""


def changed(later: str, *, turns: bool = False) -> Submission:
    before = f"```python\n{GAME}```\n"
    after = f"Here is the updated part:\n\n```python\n{later}```\n"
    texts = (before, after) if turns else (before + "\n" + after,)
    return read(Reply(tuple(Part(text, f"{n}.md") for n, text in enumerate(texts, 1))))


def kinds(found: Submission) -> set[str]:
    return {recovery.kind for recovery in found.recoveries}


SHOW = """class Dice:
    # ... existing methods ...

    def show(self):
        print('shown')

# ... rest of the code remains the same
"""
PLAY = 'def play():\n    print("two dice")\n'


@pytest.mark.parametrize(
    ("later", "gone", "come"),
    [
        (
            f"# ... existing code ...\n\n{PLAY}\n# ... rest of the code unchanged\n",
            "def play():\n    dice = Dice()\n    print(dice.roll())\n",
            PLAY,
        ),
        (
            f"# imports and the class remain the same\n\n{PLAY}\n# rest of the program unchanged\n",
            "def play():\n    dice = Dice()\n    print(dice.roll())\n",
            PLAY,
        ),
        (
            "SIDES = 20\n\ndef play():\n    # ... same as before\n\n# ... rest of the code\n",
            "SIDES = 6",
            "SIDES = 20",
        ),
        (
            SHOW,
            "print(self.rolled)",
            "print('shown')",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turns", [False, True])
def test_what_stays_is_filled_in(later, gone, come, turns):
    found = changed(later, turns=turns)
    (file,) = found.files
    expected = GAME.replace(gone, come).replace("# Rolls and keeps count.\n", "")
    assert file.text.replace("# Rolls and keeps count.\n", "") == expected
    assert "merged" in kinds(found)
    assert "elided-code" not in kinds(found)
    for line, number in zip(file.text.split("\n"), file.reply_lines, strict=False):
        assert not number or line.strip() in found.reply.lines[number - 1]


@pytest.mark.parametrize(
    "later",
    [
        "def play():\n    dice = Dice()\n    # ... rest of the function unchanged\n",
        f"{PLAY}\nclass Dice:\n    # ... existing code\n\n# ... rest of the code\n",
    ],
)
def test_what_is_not_clear_is_left_and_named(later):
    found = changed(later, turns=True)
    assert "merged" not in kinds(found)
    assert "elided-code" in kinds(found)


@pytest.mark.parametrize(
    "line",
    [
        "# ...",
        "# …",
        "#...",
        "# ... and then it turns left",
        "# The same colour as the border",
        "# Print the rest of the string",
        'print("... rest of the code")',
        "...",
    ],
)
def test_an_ordinary_comment_is_no_elision(line):
    found = read(Reply((Part(f"```python\nx = 1\n{line}\nprint(x)\n```\n", "reply.md"),)))
    assert kinds(found) == set()


def test_a_change_that_cannot_be_filled_in_is_named_and_the_program_stays():
    found = changed(
        "def play():\n    dice = Dice()\n    # ... rest of the code unchanged\n    dice.show()\n"
    )
    assert found.files[0].text == GAME
    assert [each.span.first for each in found.recoveries if each.kind == "elided-code"] == [33]
    assert [(each.code, each.severity) for each in judge(Evidence(found)).findings] == [
        ("RV108", Severity.ERROR)
    ]


def test_an_alternative_that_leaves_code_out_is_nobodys_fault():
    text = "def play():\n    dice = Dice()\n    # ... rest of the code unchanged\n    dice.show()\n"
    found = read(
        Reply(
            (Part(f"```python\n{GAME}```\nIf you want to see it:\n```python\n{text}```\n", "1.md"),)
        )
    )
    assert found.files[0].text == GAME
    assert "elided-code" not in kinds(found)


CHANGES = [
    ("Change `play` so that it is quiet:", "def play():\n    Dice().roll()\n"),
    ("Fixed version of the function:", "def play():\n    Dice().roll()\n"),
    ("Now update both:", "def play():\n    helper()\n\n\ndef helper():\n    return 1\n"),
]


@pytest.mark.parametrize("margin", [0, 4])
def test_a_method_announced_as_changed_takes_its_place_in_its_class(margin):
    method = "def roll(self):\n    return 6\n"
    shown = "".join(f"{' ' * margin}{line}\n" for line in method.splitlines())
    text = f"```python\n{GAME}```\nFix the method:\n```python\n{shown}```\n"
    found = read(Reply((Part(text, "1.md"),)))
    old = "        self.rolled += 1\n        return random.randint(1, SIDES)\n"
    assert found.files[0].text == GAME.replace(old, "        return 6\n")
    assert "merged" in kinds(found)


def test_a_method_that_two_classes_have_is_not_guessed_between():
    twice = GAME.replace("def play", "class Cup:\n    def roll(self):\n        pass\n\n\ndef play")
    text = f"```python\n{twice}```\nFix it:\n```python\ndef roll(self):\n    return 6\n```\n"
    assert "merged" not in kinds(read(Reply((Part(text, "1.md"),))))


@pytest.mark.parametrize("turns", [False, True])
def test_a_function_announced_as_changed_takes_the_place_of_the_one_there_was(turns):
    said, later = CHANGES[turns]
    before, after = f"```python\n{GAME}```\n", f"\n{said}\n\n```python\n{later}```\n"
    texts = (before, after) if turns else (before + after,)
    found = read(Reply(tuple(Part(text, f"{n}.md") for n, text in enumerate(texts, 1))))
    old = "def play():\n    dice = Dice()\n    print(dice.roll())\n"
    assert found.files[0].text == GAME.replace(old, later)
    assert "merged" in kinds(found)


@pytest.mark.parametrize(
    ("said", "later"),
    [
        CHANGES[2],
        ("Alternatively, change it to this:", "def play():\n    Dice().roll()\n"),
        ("Change the class:", "class Dice:\n    def roll(self):\n        return 6\n"),
    ],
)
def test_what_is_no_change_of_functions_alone_is_not_put_into_the_program(said, later):
    found = read(Reply((Part(f"```python\n{GAME}```\n{said}\n```python\n{later}```\n", "1.md"),)))
    assert "merged" not in kinds(found)
