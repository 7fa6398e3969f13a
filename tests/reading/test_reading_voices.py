"""Replies as models word them: what a careful person would run of each, block by block."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, ReplyKind
from validator.reading import read


def fenced(text: str, label: str = "python") -> str:
    return f"```{label}\n{text}```\n"


FIB = "def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"
LOOP = (
    "def fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n"
)
CACHED = f"from functools import lru_cache\n\n@lru_cache\n{FIB}\nprint(fib(30))\n"
STACK = "class Stack:\n    def push(self, item):\n        return item\n"
START = "if __name__ == '__main__':\n    print(Stack().push(1))\n"
MEAN = "def mean(xs):\n    return sum(xs) / len(xs)\n\nprint(mean([1]))\n"
EMPTY = "def mean(xs):\n    return sum(xs) / len(xs) if xs else 0\n"
SITE = "from flask import Flask\n\napp = Flask(__name__)\n\napp.run()\n"
ROUTE = "@app.route('/')\ndef index():\n    return 'hello'\n"
PLOT = "import matplotlib.pyplot as plt\n\nplt.plot([1, 2])\nplt.show()\n"
SERVER = "import socketserver\n\nserver = socketserver.TCPServer(('', 80), None)\n"
CLIENT = "import socket\n\nlink = socket.create_connection(('localhost', 80))\nlink.send(b'hi')\n"
FOR = "total = 0\nfor i in range(5):\n    total += i\nprint(total)\n"

P, S, V, A = "program", "step", "version", "alternative"
GONE, USE, OUT, BIT, TEST = "superseded", "usage", "output", "fragment", "test"

VOICES = {
    "ways, numbered": (
        f"**Option 1: recursion**\n{fenced(FIB)}**Option 2: iteration**\n{fenced(LOOP)}",
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "a faster way, if one wants it": (
        f"{fenced(FIB)}If you want it faster, you can use a cache:\n{fenced(CACHED)}",
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "a loop, or one line": (
        f"Using a loop:\n{fenced(FOR)}Or, in one line:\n" + fenced("print(sum(range(5)))\n"),
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "versions of a script": (
        f"## Version 1\n{fenced(FOR)}## Version 2\n" + fenced("n = 4\nprint(n * (n + 1) // 2)\n"),
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "wrong and right": (
        "❌ Wrong:\n" + fenced("def f(x, found=[]):\n    return found\n")
        + "✅ Right:\n" + fenced("def f(x, found=None):\n    return found or []\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "before and after, of a script": (
        "**Before:**\n" + fenced("x = input()\nprint(x + 1)\n")
        + "**After:**\n" + fenced("x = int(input())\nprint(x + 1)\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "bad and good, said in the code": (
        fenced("# Bad\nxs = [1]\nfor i in range(len(xs)): print(xs[i])\n")
        + fenced("# Good\nfor x in [1]:\n    print(x)\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "of Python 2, and of 3": (
        "In Python 2:\n" + fenced("print 'a'\n") + "In Python 3:\n" + fenced("print('a')\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "a second thought": (
        "Area:\n" + fenced("def area(r):\n    return 3.14 * r\n")
        + "Wait, that's wrong. It goes by the square:\n"
        + fenced("def area(r):\n    return 3.14 * r * r\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "a signature, then the function": (
        "The signature:\n" + fenced("def top(xs: list[int]) -> int:\n    ...\n")
        + "Implementation:\n" + fenced("def top(xs: list[int]) -> int:\n    return max(xs)\n"),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "one function of it, mended": (
        f"{fenced(MEAN)}It fails without numbers. Update the function:\n{fenced(EMPTY)}",
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "a file, told twice": (
        f"`main.py`\n{fenced(MEAN)}Then change main.py to:\n\n`main.py`\n"
        + fenced(MEAN.replace("[1]", "[1, 2]")),
        ReplyKind.CORRECTED, [GONE, V],
    ),
    "two tasks": (
        "**Task 1**\n" + fenced("def area(r):\n    return 3 * r * r\n")
        + "**Task 2**\n" + fenced("def volume(r):\n    return 4 * r ** 3\n"),
        ReplyKind.STEPS, [P, S],
    ),
    "a class, and the guard that starts it": (
        f"{fenced(STACK)}And use it:\n{fenced(START)}", ReplyKind.STEPS, [P, S],
    ),
    "a class, and an example of its use": (
        f"{fenced(STACK)}Example:\n" + fenced("print(Stack().push(1))\n"),
        ReplyKind.USAGE, [P, USE],
    ),
    "a session with it": (
        f"{fenced(FIB)}In the interpreter:\n" + fenced(">>> fib(10)\n55\n"),
        ReplyKind.USAGE, [P, USE],
    ),
    "tests that import it": (
        f"{fenced(FIB)}Tests:\n"
        + fenced("from main import fib\n\ndef test_ten():\n    assert fib(10) == 55\n"),
        ReplyKind.TESTS, [P, TEST],
    ),
    "what it prints, under a label": (
        f"{fenced(FOR)}Output:\n" + fenced("10\n"), ReplyKind.PROGRAM, [P, OUT],
    ),
    "a line of it, explained": (
        f"{fenced(FOR)}The line\n" + fenced("total += i\n") + "adds.\n",
        ReplyKind.PROGRAM, [P, "duplicate"],
    ),
    "functions with names that begin alike": (
        "Moving:\n" + fenced("def move(x):\n    return x + 1\n")
        + "Moving back:\n" + fenced("def move_back(x):\n    return x - 1\n")
        + "The program:\n" + fenced("print(move(1), move_back(1))\n"),
        ReplyKind.STEPS, [P, S, S],
    ),
    "a loop that works on what was set up": (
        "1. Set up:\n" + fenced("import turtle\n\npen = turtle.Pen()\npen.speed(0)\n")
        + "2. Draw:\n" + fenced("def square(side):\n    pen.forward(side)\n")
        + "3. Go:\n" + fenced("for side in range(9):\n    square(side)\n    pen.left(91)\n"),
        ReplyKind.STEPS, [P, S, S],
    ),
    "a guard without its underscores, by itself": (
        "Code:\n" + fenced("def main():\n    print(1)\n")
        + "And:\n" + fenced("if name == 'main':\n    main()\n"),
        ReplyKind.STEPS, [P, S],
    ),
    "a variable called name, and a choice": (
        "Ask:\n" + fenced("name = input()\n")
        + "Then:\n" + fenced("if name == 'main':\n    print(1)\n"),
        ReplyKind.STEPS, [P, S],
    ),
    "another program, if one wants it": (
        fenced("print('hello')\n") + f"If you would like a page instead:\n{fenced(SITE)}",
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "a route to be added": (
        f"{fenced(SITE)}Next, add a page:\n{fenced(ROUTE)}", ReplyKind.STEPS, [P, S],
    ),
    "a server, and its client": (
        "Server:\n" + fenced(f"{SERVER}server.serve_forever()\n") + f"Client:\n{fenced(CLIENT)}",
        ReplyKind.PROGRAM, [P, BIT],
    ),
    "what one may do instead": (
        f"{fenced(PLOT)}To save the figure instead of showing it:\n"
        + fenced("plt.savefig('a.png')\n"),
        ReplyKind.ALTERNATIVES, [P, A],
    ),
    "a function for the asker's own program": (
        "Change your function like this:\n"
        + fenced("def draw():\n    screen.fill(BLACK)\n    player.draw(screen)\n"),
        ReplyKind.SNIPPETS, [P],
    ),
    "entries for the asker's own settings": (
        "In `settings.py`, add:\n" + fenced("INSTALLED_APPS = [\n    ...,\n    'shop',\n]\n"),
        ReplyKind.SNIPPETS, [P],
    ),
    "a line to be written differently": (
        "Instead of\n" + fenced("xs = [f(x, root) for x in items]\n")
        + "write\n" + fenced("xs = [f(x, window) for x in items]\n"),
        ReplyKind.SNIPPETS, [GONE, V],
    ),
    "code between tags of HTML": (
        '<pre><code class="language-python">for i in range(3):\n    print(i &lt; 2)\n</code></pre>',
        ReplyKind.PROGRAM, [P],
    ),
}  # fmt: skip


@pytest.mark.parametrize("voice", VOICES)
def test_a_reply_is_read_as_a_careful_person_would(voice):
    text, kind, roles = VOICES[voice]
    decision = read(Reply((Part(text, "reply.md"),))).decision
    assert decision is not None
    assert [block.role.value for block in decision.blocks] == roles
    assert decision.kind is kind


def test_what_is_mended_stands_in_the_program():
    found = read(Reply((Part(VOICES["one function of it, mended"][0], "reply.md"),)))
    assert found.files[0].text == f"{EMPTY}\nprint(mean([1]))\n"


@pytest.mark.parametrize(
    "start", ["print(pick([1, 2]))\n", "if __name__ == '__main__':\n    print(pick([1, 2]))\n"]
)
def test_a_start_is_put_below_the_helper_told_after_it(start):
    imports, helper = "from random import choice\n", "def pick(xs):\n    return choice(xs)\n"
    text = f"{fenced(imports + start)}You also need this helper:\n{fenced(helper)}"
    found = read(Reply((Part(text, "reply.md"),)))
    assert found.files[0].text == f"{imports}\n{helper}\n{start}"
    assert "moved-end" in {each.kind for each in found.recoveries}


def test_a_changed_function_may_bring_its_import():
    later = "import math\ndef mean(xs):\n    return math.fsum(xs) / len(xs)\n"
    text = f"{fenced(MEAN)}Updated function:\n{fenced(later)}"
    found = read(Reply((Part(text, "reply.md"),)))
    assert found.files[0].text == f"{later}\nprint(mean([1]))\n"
