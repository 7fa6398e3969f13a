"""Code that was left out: filled in where an earlier version says it, and named where not."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Submission
from validator.reading import read

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
