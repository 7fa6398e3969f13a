"""What a reply is taken for, why, what each block is to the program, and how to overrule it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.errors import UsageError
from validator.facts import Confidence, Part, Reply, ReplyKind, Role, Submission
from validator.reading import read, read_alternatives


def reading(*texts: str, blocks: tuple[int, ...] = ()) -> Submission:
    parts = tuple(Part(text, f"{n}.md") for n, text in enumerate(texts, 1))
    return read(Reply(parts), blocks=blocks)


def fenced(text: str, label: str = "python") -> str:
    return f"```{label}\n{text}```\n"


def roles(found: Submission) -> list[str]:
    assert found.decision is not None
    return [block.role.value for block in found.decision.blocks]


TOTAL = "def total(items):\n    return sum(items)\n\nprint(total([1, 2]))\n"
LOOP = """def total(items):
    result = 0
    for item in items:
        result += item
    return result
"""
DICE = "import random\n"
ROLL = "print(random.randint(1, 6))\n"
C = "#include <stdio.h>\nint main() { return 0; }\n"
CONFIG = "app.config.load(path)\n"
TESTS = "def test_total():\n    assert total([1]) == 1\n"
RUN = fenced("pip install flask\npython app.py\n", "bash")
ROUNDED = "def total_rounded(items):\n    return round(sum(items))\n"
WINDOW = """import tkinter as tk

root = tk.Tk()
root.title("Clock")

# Go
root.mainloop()
"""
BUTTON = "button = tk.Button(root, text='Stop')\nbutton.pack()\n"
PLACES = """# At the top of the file, add:
from shop import tax

# In the constructor of Cart, after the prices, add:
self.tax = tax.of(self.prices)
"""
COMMENTED = """# Add the prices to one sum:
total = sum([1, 2])
# Then change the sum into text with two digits:
print(f"{total:.2f}")
"""

CASES = [
    ("One block:\n" + fenced(TOTAL), ReplyKind.PROGRAM, ["program"]),
    (
        "1. Roll:\n" + fenced(DICE) + "2. Then:\n" + fenced(ROLL),
        ReplyKind.STEPS,
        ["program", "step"],
    ),
    (
        fenced(TOTAL) + "Use it like this:\n" + fenced("total([3])\n") + fenced("3\n", "text"),
        ReplyKind.USAGE,
        ["program", "usage", "output"],
    ),
    (fenced(TOTAL) + "Tests for it:\n" + fenced(TESTS), ReplyKind.TESTS, ["program", "test"]),
    (
        fenced(TOTAL) + "Alternatively, with a loop:\n" + fenced(LOOP),
        ReplyKind.ALTERNATIVES,
        ["program", "alternative"],
    ),
    (
        fenced(TOTAL) + "Here is the corrected version:\n" + fenced(TOTAL.replace("2", "3")),
        ReplyKind.CORRECTED,
        ["superseded", "version"],
    ),
    (
        "**shop.py**\n" + fenced(TOTAL) + "**app.py**\n" + fenced("from shop import total\n") + RUN,
        ReplyKind.PROJECT,
        ["program", "program", "shell"],
    ),
    ("Read the configuration:\n" + fenced(CONFIG), ReplyKind.SNIPPETS, ["program"]),
    (
        "Add this to your class:\n" + fenced("def draw(self):\n    self.screen.fill(0)\n"),
        ReplyKind.SNIPPETS,
        ["program"],
    ),
    ("In JavaScript:\n" + fenced("console.log(1);\n", "js"), ReplyKind.OTHER_LANGUAGE, ["aside"]),
    (fenced(C, ""), ReplyKind.OTHER_LANGUAGE, ["aside"]),
    ("Run this:\n" + RUN, ReplyKind.NO_CODE, ["shell"]),
    ("I am sorry, I cannot help with that.\n", ReplyKind.NO_CODE, []),
    (
        fenced(TOTAL) + "If you want to round the prices first:\n" + fenced(ROUNDED),
        ReplyKind.ALTERNATIVES,
        ["program", "alternative"],
    ),
    (
        fenced(LOOP) + "Prices may be rounded:\n" + fenced(ROUNDED),
        ReplyKind.ALTERNATIVES,
        ["program", "alternative"],
    ),
    (
        fenced(LOOP) + "And the mean:\n" + fenced("def mean(items):\n    return items[0]\n"),
        ReplyKind.STEPS,
        ["program", "step"],
    ),
    (
        fenced(WINDOW) + "### Extensions\nA button:\n" + fenced(BUTTON),
        ReplyKind.PROGRAM,
        ["program", "fragment"],
    ),
    (
        fenced(WINDOW) + "Step 2: give the window a button:\n" + fenced(BUTTON),
        ReplyKind.STEPS,
        ["program", "step"],
    ),
    (
        "Change `app/main.py`:\n" + fenced("@@ -1 +1 @@\n-old = 1\n+new = 2\n", "diff"),
        ReplyKind.SNIPPETS,
        ["fragment"],
    ),
    (
        fenced("import math\n\nside = math.sqrt(area)\n\n# Rest of the code stays the same\n"),
        ReplyKind.SNIPPETS,
        ["program"],
    ),
    (
        "Loop over a copy:\n" + fenced("for price in prices[:]:\n    prices.remove(price)\n"),
        ReplyKind.SNIPPETS,
        ["program"],
    ),
    (
        fenced("for price in range(3):\n    print(prices)\n\n\ndef later():\n    return 1\n"),
        ReplyKind.PROGRAM,
        ["program"],
    ),
    ("`shop/cart.py`:\n" + fenced(PLACES), ReplyKind.SNIPPETS, ["program"]),
    ("`shop/cart.py`:\n" + fenced(COMMENTED), ReplyKind.PROGRAM, ["program"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "expected"), CASES)
def test_the_reply_is_taken_for_what_it_is(text, kind, expected):
    found = reading(text)
    assert found.decision is not None
    assert found.decision.kind is kind
    assert roles(found) == expected


@pytest.mark.parametrize(
    "program",
    [
        "import random\n\nprint(secret)\n",
        "print(random.randint(1, 6))\n",
        "prnt('hello')\n",
        "number = 5\nprint(nubmer)\n",
        "def greet():\n    print(name)\n\ngreet()\n",
        "class Pen:\n    def draw(self):\n        canvas.line()\n",
        "if name == '__main__':\n    start()\n",
        "count = 0\n" + "count += 1\n" * 20 + "print(board)\n",
    ],
)
def test_a_program_with_a_fault_is_no_snippet(program):
    found = reading(f"Here is the program:\n\n{fenced(program)}")
    assert found.decision is not None
    assert found.decision.kind is ReplyKind.PROGRAM


TREE = """my_game/
├── main.py
├── game/
│   ├── __init__.py
│   └── board.py   # the board
└── README.md
"""


def test_a_drawn_tree_says_where_the_files_belong():
    text = (
        fenced(TREE, "") + "**board.py**\n" + fenced("SIZE = 3\n")
        + "**main.py**\n" + fenced("from game.board import SIZE\n\nprint(SIZE)\n")
    )  # fmt: skip
    found = reading(text)
    assert [file.path for file in found.files] == ["game/board.py", "main.py"]
    assert found.entry_point == "main.py"


def test_a_tree_that_has_a_name_twice_says_nothing_of_it():
    twice = TREE.replace("README.md", "board.py")
    found = reading(fenced(twice, "") + "**board.py**\n" + fenced("SIZE = 3\n"))
    assert [file.path for file in found.files] == ["board.py"]


def test_a_step_behind_what_never_returns_is_put_above_it():
    found = reading(fenced(WINDOW) + "Step 2: give the window a button:\n" + fenced(BUTTON))
    start, end = WINDOW.split("# Go\n")
    assert found.files[0].text == f"{start}{BUTTON}\n# Go\n{end}"
    assert {each.kind for each in found.recoveries} == {"moved-end", "split-program"}


@pytest.mark.parametrize(
    "end",
    [
        "while True:\n    if input() == 'q':\n        break\n",
        "class Game:\n    def run(self):\n        pass\n\ngame = Game()\ngame.run()\n",
        "import subprocess\nsubprocess.run(['ls'])\n",
    ],
)
def test_what_comes_back_is_gone_on_with(end):
    found = reading(fenced(f"items = [1]\n{end}") + "It goes on:\n" + fenced("x = sum(items)\n"))
    assert roles(found) == ["program", "step"]
    assert found.files[0].text.endswith("x = sum(items)\n")


def test_the_language_is_named():
    found = reading("Sure:\n" + fenced("const x = 1;\nconsole.log(x);\n", ""))
    assert found.decision is not None
    assert found.decision.reason == "its code is JavaScript"


def test_one_block_is_certain_and_a_bare_second_way_is_not():
    assert reading(fenced(TOTAL)).decision.confidence is Confidence.CERTAIN
    doubtful = reading(fenced(TOTAL) + fenced(LOOP)).decision
    assert doubtful.kind is ReplyKind.ALTERNATIVES
    assert doubtful.confidence is Confidence.DOUBTFUL


def test_a_continued_block_says_what_it_is():
    found = reading("```python\ndef f(x):\n    return (x +\n", "```python\n            1)\n```\n")
    assert roles(found) == ["program", "continuation"]
    assert [block.path for block in found.decision.blocks] == ["main.py", "main.py"]


SEVERAL = fenced(TOTAL) + "Alternatively:\n" + fenced(LOOP) + "Output:\n" + fenced("3\n", "text")


def test_the_user_says_which_block_it_is():
    found = reading(SEVERAL, blocks=(2,))
    assert found.files[0].text == LOOP
    assert roles(found) == ["aside", "program", "output"]
    assert found.decision.reason == "block 2, as asked for"
    assert found.decision.confidence is Confidence.CERTAIN
    assert found.decision.asked == (2,)


def test_several_blocks_may_be_asked_for_and_a_snippet_too():
    assert reading(SEVERAL, blocks=(1, 2)).files[0].text == f"{TOTAL}\n{LOOP}"
    found = reading("Read it:\n" + fenced(CONFIG), blocks=(1,))
    assert found.decision.kind is ReplyKind.PROGRAM


@pytest.mark.parametrize("number", [4, 99])
def test_a_block_that_is_not_there_is_refused(number):
    with pytest.raises(UsageError, match=f"no block {number}: the reply has blocks 1 to 3"):
        reading(SEVERAL, blocks=(number,))


def test_every_alternative_can_be_read():
    first, second = read_alternatives(Reply((Part(SEVERAL, "reply.md"),)))
    assert (first.files[0].text, second.files[0].text) == (TOTAL, LOOP)
    assert second.decision.asked == (2,)


PIECES = st.sampled_from(
    [fenced(TOTAL), fenced(LOOP), fenced(TESTS), fenced("x = (\n"), fenced("3\n", "text"), RUN,
     "Alternatively:\n", "```python\n", "a.py\n", fenced("total([3])\n"), "Fixed:\n", "```\n"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(PIECES, max_size=5).map("".join), min_size=1, max_size=3))
def test_every_block_has_a_role_and_only_the_programs_blocks_a_file(texts):
    found = reading(*texts)
    assert found.decision is not None
    assert [block.number for block in found.decision.blocks] in (
        [], list(range(1, len(found.blocks) + 1)),
    )  # fmt: skip
    paths = {file.path for file in found.files}
    for block in found.decision.blocks:
        assert block.path is None or block.path in paths
        assert block.path is None or block.role not in (Role.ALTERNATIVE, Role.USAGE, Role.ASIDE)
    assert (found.entry_point is None) == (
        found.decision.kind in (ReplyKind.NO_CODE, ReplyKind.OTHER_LANGUAGE)
    )
