"""Any program, cut anywhere, with any overlap: the original comes back."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from validator.facts import Confidence, Part, Reply
from validator.reading import read

PROGRAM = '''import math
import random

WIDTH, HEIGHT = 640, 480


class Ball:
    """A ball that bounces."""

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.speed = random.choice([1, 2, 3])

    def move(self):
        self.x += self.speed
        if self.x > WIDTH:
            self.x = 0
        elif self.x < 0:
            self.x = WIDTH
        else:
            self.y += math.sin(self.x / 10)
        return self.x, self.y


def total(items):
    result = 0
    for item in items:
        if item % 2 == 0:
            result += item
        else:
            result -= item

    return result


def main():
    balls = [Ball(10, 20), Ball(30, 40)]
    for step in range(10):
        for ball in balls:
            x, y = ball.move()
            print(f"step {step}: {x:.1f}, {y:.1f}")
    names = {
        "first": total([1, 2, 3]),
        "second": total(range(5)),
    }
    print(names)
    while True:
        answer = input("again? ")
        if answer == "no":
            break


if __name__ == "__main__":
    main()
'''
ENDS = "```\n\nEnjoy!\n"
CUTS = st.lists(
    st.integers(len("import math\nimport random\n"), len(PROGRAM) - 10),
    min_size=1,
    max_size=3,
    unique=True,
).map(sorted)


def line_start(at: int, lines_back: int = 0) -> int:
    start = PROGRAM.rfind("\n", 0, at) + 1
    for _ in range(lines_back):
        start = PROGRAM.rfind("\n", 0, max(start - 1, 0)) + 1
    return start


def told(cuts: list[int], back: int, *, fence: bool, close: bool) -> Reply:
    """Return the program in turns, each `back` whole lines before the cut of the last."""
    texts: list[str] = []
    start = 0
    for cut in [*cuts, len(PROGRAM)]:
        opened = "Here you are:\n\n```python\n" if not texts else "```python\n" * fence
        ends = ENDS if cut == len(PROGRAM) else "\n```\n" * close
        texts.append(opened + PROGRAM[start:cut] + ends)
        start = line_start(cut, back)
    return Reply(tuple(Part(text, f"turn-{n}.md") for n, text in enumerate(texts, 1)))


def code(reply: Reply) -> list[str]:
    """Return the lines of the program; where a cut met a blank line, one may be gained or lost."""
    (file,) = read(reply).files
    return [line.rstrip() for line in file.text.split("\n") if line.strip()]


WHOLE = [line for line in PROGRAM.split("\n") if line.strip()]


@settings(max_examples=150, deadline=None)
@given(CUTS, st.integers(0, 30), st.booleans())
@example([700], 0, True)
def test_a_program_taken_up_from_a_line_on_comes_back(cuts, back, fence):
    assert code(told(cuts, back, fence=fence, close=False)) == WHOLE


@settings(max_examples=100, deadline=None)
@given(CUTS, st.integers(3, 30))
def test_and_so_it_does_where_every_turn_closes_its_fence(cuts, back):
    assert code(told(cuts, back, fence=True, close=True)) == WHOLE


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("    return wid", "th * height", "    return width * height"),
        ("    total = first(", "width, height)", "    total = first(width, height)"),
        ("    return first(width, hei", "height)", "    return first(width, height)"),
        ("    message = 'the wid", "th is'", "    message = 'the width is'"),
        ("    ", "    return width", "        return width"),
        ("    if wid", "    if width:\n        width = 1", "    if width:\n        width = 1"),
        ("    return width", "    return width", "    return width"),
        ("    x = 64", "0", "    x = 640"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fence", ["```python\n", ""])
def test_a_line_cut_in_the_middle_is_made_whole(first, second, joined, fence):
    head = "def first(width, height):\n    height += 1\n    width += 1\n"
    if joined.startswith("        "):
        head += "    if width:\n"
    reply = Reply(
        (
            Part(f"```python\n{head}{first}", "1.md"),
            Part(f"{fence}{second}\n\n\nprint(first(1, 2))\n```\n", "2.md"),
        )
    )
    assert read(reply).files[0].text == f"{head}{joined}\n\n\nprint(first(1, 2))\n"


def test_a_continuation_that_begins_with_a_loop_is_not_lost():
    first = "```python\ndef pairs(xs, ys):\n    found = []\n"
    loop = "    for a, b in zip(xs, ys):\n        found.append((a, b))\n    return found\n"
    second = f"```python\n{loop}```\n"
    (file,) = read(Reply((Part(first, "1"), Part(second, "2")))).files
    assert file.text == f"def pairs(xs, ys):\n    found = []\n{loop}"


# ── cut at any character, taken up in the ways models do ─────────────────────────────────────────


def word_start(at: int) -> int:
    start = at
    while (PROGRAM[start - 1].isalnum() or PROGRAM[start - 1] == "_") and start > 0:
        start -= 1
    return start


def definition_start(at: int) -> int:
    """Return where the function, class or import at the margin begins that holds a character."""
    start = line_start(at)
    while not PROGRAM[start].isalpha():
        start = line_start(start, 1)
    return start


REST = "Here is the rest of the code:\n\n"
WAYS = {
    "at the character, in a fence": lambda cut: f"```python\n{PROGRAM[cut:]}",
    "at the character, in a fence without label": lambda cut: f"```\n{PROGRAM[cut:]}",
    "at the character, as plain text": lambda cut: PROGRAM[cut:],
    "at the character, after words": lambda cut: f"{REST}```python\n{PROGRAM[cut:]}",
    "at the character, after words, as plain text": lambda cut: f"{REST}{PROGRAM[cut:]}",
    "at the line, in a fence": lambda cut: f"```python\n{PROGRAM[line_start(cut) :]}",
    "at the line, without its margin": lambda cut: (
        f"```python\n{PROGRAM[line_start(cut) :].lstrip(' ')}"
    ),
    "two lines back, after words": lambda cut: f"{REST}```python\n{PROGRAM[line_start(cut, 2) :]}",
    "three lines back, as plain text": lambda cut: PROGRAM[line_start(cut, 3) :],
    "at the word": lambda cut: f"```python\n{PROGRAM[word_start(cut) :]}",
    "at the definition": lambda cut: f"{REST}```python\n{PROGRAM[definition_start(cut) :]}",
    "from the very beginning": lambda cut: f"Here is all of it:\n\n```python\n{PROGRAM}",
}
NOT_TOLD = {
    "at the character, in a fence": 2,
    "at the character, in a fence without label": 2,
    "at the character, as plain text": 2,
    "at the character, after words": 2,
    "at the character, after words, as plain text": 2,
    "at the line, without its margin": 6,
    "at the word": 8,
}
"""How many of the cuts may be joined in another way that parses as well; no number may grow."""
EVERY_CUT = range(60, len(PROGRAM) - 10, 15)


@pytest.mark.parametrize("way", WAYS)
def test_a_cut_at_any_character_is_taken_up_in_any_way(way):
    exact = 0
    for cut in EVERY_CUT:
        first = Part(f"Here you are:\n\n```python\n{PROGRAM[:cut]}", "1.md")
        found = read(Reply((first, Part(WAYS[way](cut) + ENDS, "2.md"))))
        lines = found.files[0].text.split("\n")
        exact += [line.rstrip() for line in lines if line.strip()] == WHOLE
    assert exact >= len(EVERY_CUT) - NOT_TOLD.get(way, 0)


@pytest.mark.parametrize(
    "second",
    ["return total\n\nprint(mean([1]))\n", "    return total\n\nprint(mean([1]))\n"],
)
def test_a_join_that_could_be_another_is_said_to_be(second):
    first = (
        "```python\ndef mean(numbers):\n    total = 0\n    for each in numbers:\n"
        "        total += each\n"
    )
    found = read(Reply((Part(first, "1"), Part(f"```python\n{second}```\n", "2"))))
    assert found.decision is not None
    reasons = [block.reason for block in found.decision.blocks]
    unsure = second.startswith("return")
    assert any("could be another" in reason for reason in reasons) is unsure
    assert (found.decision.confidence is Confidence.DOUBTFUL) is unsure


@pytest.mark.parametrize(
    "second",
    [
        "You can start it so:\n\n```\npip install rich\npython main.py\n```\n",
        "It prints:\n\n```\n3.14\n```\n",
    ],
)
def test_a_fence_without_label_behind_a_cut_may_hold_something_else(second):
    first = "```python\ndef area(radius):\n    return 3.14 * radius\n\nprint(area(2))\n"
    (file,) = read(Reply((Part(first, "1"), Part(second, "2")))).files
    assert f"```python\n{file.text}" == first


def test_a_docstring_that_was_cut_goes_on_with_its_prompts():
    head = 'def double(x):\n    """Twice as much.\n\n    >>> double(1)\n    2\n'
    tail = '    >>> double(2)\n    4\n    """\n    return 2 * x\n'
    reply = Reply((Part(f"```python\n{head}", "1"), Part(f"```python\n{tail}```\n", "2")))
    assert [file.text for file in read(reply).files] == [head + tail]


NEW = "def area(radius):\n    return 3 * radius\n\nprint(area(1))\n"


@pytest.mark.parametrize(
    "second",
    [
        "I hope that helps. Let me know if you have questions!\n",
        "In other words: it prints the area of a circle.\n",
        f"```python\n{NEW}```\n",
    ],
)
def test_what_follows_a_cut_is_not_always_its_continuation(second):
    first = "```python\ndef area(radius):\n    return 3.14 * radius\n\nprint(area(2))\n"
    found = read(Reply((Part(first, "1"), Part(second, "2"))))
    expected = NEW if "python" in second else first.partition("\n")[2]
    assert found.files[0].text == expected


def test_the_break_is_said_in_lines_of_its_own_part():
    first = "One.\n\nTwo.\n\n```python\ndef f(x):\n    return (x +\n"
    second = "Sorry.\n\n```python\n           1)\n\nprint(f(\n"
    found = read(Reply((Part(first, "1"), Part(second, "2"))))
    assert [truncation.evidence for truncation in found.truncations] == [
        "the fence opened at line 5 is never closed; a bracket is left open",
        "the fence opened at line 3 is never closed; a bracket is left open",
    ]
    assert [truncation.continued for truncation in found.truncations] == [True, False]
