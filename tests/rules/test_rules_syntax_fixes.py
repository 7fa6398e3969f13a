"""What Python refuses and can only have been meant one way; and what nobody can know."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rules_evidence import linted, source, submission

from validator.facts import Part, Reply, Stop
from validator.fixing import settle
from validator.reading import read
from validator.rules import Evidence, judge
from validator.rules.respelling import is_slip_of, is_styled_as, meant_by
from validator.rules.syntax_fixes import syntax_fix

if TYPE_CHECKING:
    from validator.findings import Fix


def fix(text: str) -> Fix | None:
    return syntax_fix(source(text))


def mended(text: str, *, unsafe: bool = False) -> str:
    done = settle(
        submission(text), lambda now: judge(linted(now.files[0].text)).findings, unsafe=unsafe
    )
    return done.submission.files[0].text


MENDED = {
    "a colon": ("def f(x)  # one\n    return x\n", "def f(x):  # one\n    return x\n"),
    "colons": (
        "for n in (1, 2)\n    if n == 1\n        print(n)\n    else\n        print(2)\n",
        "for n in (1, 2):\n    if n == 1:\n        print(n)\n    else:\n        print(2)\n",
    ),
    "the colon of a header of two lines": (
        "def add(a,\n        b)\n    return a + b\n",
        "def add(a,\n        b):\n    return a + b\n",
    ),
    "`then`": ("n = 1\nif n then\n    print(n)\n", "n = 1\nif n:\n    print(n)\n"),
    "a bracket": (
        'name = "Ada"\nprint("Hello, " + name\nprint("Bye")\n',
        'name = "Ada"\nprint("Hello, " + name)\nprint("Bye")\n',
    ),
    "the bracket of a pair": (
        "size = max((3, 4)\nprint(size)\n",
        "size = max((3, 4))\nprint(size)\n",
    ),
    "the bracket before a colon": (
        "def area(w, h:\n    return w * h\n",
        "def area(w, h):\n    return w * h\n",
    ),
    "a square bracket": ("rows = [1, 2, 3\nprint(rows)\n", "rows = [1, 2, 3]\nprint(rows)\n"),
    "a bracket too many": ('print("a"))\n', 'print("a")\n'),
    "the wrong bracket": ("rows = [1]\nprint(rows[0)\n", "rows = [1]\nprint(rows[0])\n"),
    "a quote": ('print("hello, world)\nn = 1\n', 'print("hello, world")\nn = 1\n'),
    "a quote at the end": ('name = "Bo\nprint(name)\n', 'name = "Bo"\nprint(name)\n'),
    "a comma between lines": (
        'ages = {\n    "Ada": 7\n    "Bo": 9,\n}\n',
        'ages = {\n    "Ada": 7,\n    "Bo": 9,\n}\n',
    ),
    "print as a statement": (
        'n = 2\nprint "n:", n\nprint n,\n',
        'n = 2\nprint("n:", n)\nprint(n, end=" ")\n',
    ),
    "else if": (
        "n = 1\nif n:\n    print(1)\nelse if n > 2:\n    print(2)\n",
        "n = 1\nif n:\n    print(1)\nelif n > 2:\n    print(2)\n",
    ),
    "one equals sign": ("n = 1\nif n = 1:\n    print(n)\n", "n = 1\nif n == 1:\n    print(n)\n"),
    "the signs of C": (
        "a = b = 1\nif a && !b || a != 2:\n    print(a)\n",
        "a = b = 1\nif a and not b or a != 2:\n    print(a)\n",
    ),
    "a step": ("n = 0\nwhile n < 3:\n    n++\n", "n = 0\nwhile n < 3:\n    n += 1\n"),
    "an exception of Python 2": (
        'try:\n    int("x")\nexcept ValueError, error:\n    print(error)\n',
        'try:\n    int("x")\nexcept ValueError as error:\n    print(error)\n',
    ),
    "quotes inside an f-string": (
        'd = {"a": 1}\nprint(f"it is {d["a"]}")\n',
        "d = {\"a\": 1}\nprint(f\"it is {d['a']}\")\n",
    ),
    "a keyword with a slip": (
        "def f():\n    retrun 1\n\n\nfro n in (1, 2):\n    print(f())\n",
        "def f():\n    return 1\n\n\nfor n in (1, 2):\n    print(f())\n",
    ),
    "a word of JavaScript": ("const n = 5;\nprint(n)\n", "n = 5\nprint(n)\n"),
    "a comment of C": ("n = 1\n// the end\nprint(n)\n", "n = 1\n# the end\nprint(n)\n"),
    "a blank too many": (
        "def f():\n    n = 1\n     return n\n",
        "def f():\n    n = 1\n    return n\n",
    ),
    "a blank too few": (
        "def f(n):\n    if n:\n        n += 1\n   return n\n",
        "def f(n):\n    if n:\n        n += 1\n    return n\n",
    ),
    "a tab": (
        "def f(n):\n\tn += 1\n        return n\n",
        "def f(n):\n        n += 1\n        return n\n",
    ),
    "a block at its header's margin": (
        "def f(n):\nn += 1\nreturn n\n\n\nprint(f(1))\n",
        "def f(n):\n    n += 1\n    return n\n\n\nprint(f(1))\n",
    ),
    "several": (
        "def f(n)\n    return n\n\n\nprint(f(1)\nif f(2) = 3:\n    print(2)\n",
        "def f(n):\n    return n\n\n\nprint(f(1))\nif f(2) == 3:\n    print(2)\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MENDED)
def test_what_can_only_have_been_meant_one_way_is_mended(name: str) -> None:
    broken, whole = MENDED[name]

    assert mended(broken) == whole


@pytest.mark.parametrize("name", MENDED)
def test_what_is_readable_is_left_alone(name: str) -> None:
    assert fix(MENDED[name][1]) is None


SEVERAL_WAYS = {
    "where does the inner call end": "def f(x): return x\nprint(f(1, 2)\n",
    "is one taken from the random number": "import random\nn = random.randint(0, len([1]) - 1\n",
    "a tuple or two arguments": "print(3, 4))\n",
    "how long is the block": "for n in (1, 2):\nprint(n)\nprint('end')\n",
    "which of two brackets goes where": "n = 4\nprint(str(n\nn += 1\n",
    "a generator or a list": "def f(x): return x\nprint([f(n for n in (1, 2)])\n",
    "the call of nothing": "def stop(): return 1\nstop)\n",
    "a name nobody has": "n = int3)\n",
    "which block": "n = 1\nfor n in (1, 2):\n    print(n)\n        print(2)\n",
    "what does it divide": "n = 3\nprint n / 2\n",
    "has it arguments": "def f:\n    return 1\nprint(f())\n",
}


@pytest.mark.parametrize("name", SEVERAL_WAYS)
def test_of_several_ways_the_likeliest_waits_to_be_asked_for(name: str) -> None:
    found = fix(SEVERAL_WAYS[name])

    assert found is not None
    assert not found.safe
    assert mended(SEVERAL_WAYS[name]) == SEVERAL_WAYS[name]
    ast.parse(mended(SEVERAL_WAYS[name], unsafe=True))


@pytest.mark.parametrize(
    "text",
    [
        "This is not a program at all.\n",
        "def f():\n\n\ndef g():\n    return 1\n",
        "def f():\n    # ... unchanged\n\n\ndef g():\n    return 1\n",
        "x = 1\ny = max(1,\n",
        "x = 1\ny = max(\n",
        "x = 1\ny = (1 +\n",
        "5 = x\n",
        "print(1 2)\n",
        'text = """never ended\n',
        "return\n",
        "def f(x) -> \n    return x\n",
        "class\n",
        "{% for x in y %}\n",
        "\x00\n",
    ],
)
def test_what_nobody_can_know_is_left_to_whoever_wrote_it(text: str) -> None:
    assert fix(text) is None


def test_a_reply_that_breaks_off_is_not_made_whole_by_a_bracket() -> None:
    text = "```python\ndef f(x):\n    return x\n\n\nprint(f(1"
    cut = Evidence(read(Reply((Part(text, "reply.md", Stop.LIMIT),))))

    assert [each.fix for each in judge(cut).findings if each.code == "RV201"] == [None]


def test_the_lines_of_a_string_are_nobodys_slip() -> None:
    text = 'HELP = """\nelse if x = 1\n  print hello\n"""\nprint(HELP\nn = 1\n'

    assert mended(text) == text.replace("HELP\nn", "HELP)\nn")


LINES = st.sampled_from(
    ["x = 1", "if x", "if x:", "    y = (x", "  print x", "else if x:", "\ty = 2", "print('a)", "]",
     "def f(a, b", "    return a", "# x", "", 'f"{x["a"]}"', "x++", "d = {", '"a": 1', "}", "'''"]
)  # fmt: skip


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_whatever_the_lines_a_fix_makes_a_file_that_python_takes(text: str) -> None:
    found = fix(text)
    if found is None:
        return
    lines = text.split("\n")
    for edit in found.edits:
        lines[edit.span.first - 1 : edit.span.last] = edit.replacement

    compile("\n".join(lines) + "\n", "main.py", "exec")


# ── one name for another ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("desposit", "deposit"), ("socre", "score"), ("palyer", "player"), ("recieve", "receive"),
        ("calulate_totl", "calculate_total"), ("drawBaord", "drawBoard"), ("balence", "balance"),
    ],
)  # fmt: skip
def test_a_slip_is_known_from_another_name(written: str, meant: str) -> None:
    assert is_slip_of(written, meant)
    assert meant_by(written, {meant, "something_else"}) == meant


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("player2", "player1"), ("items", "item"), ("boxes", "box"), ("x1", "x2"),
        ("load", "save"), ("a", "b"), ("player", "Player"),
        ("player_x", "player_y"), ("min_value", "max_value"), ("row_count", "col_count"),
        ("startX", "startY"), ("tile", "time"), ("timer", "time"), ("nrows", "rows"),
        ("valueA", "valueB"), ("sum_", "sum"), ("x_speed", "y_speed"), ("draw_red", "draw_rad"),
    ],
)  # fmt: skip
def test_another_name_is_no_slip(written: str, known: str) -> None:
    assert meant_by(written, {known}) is None


def test_of_two_that_are_near_neither_is_meant() -> None:
    assert meant_by("borad", {"board", "broad"}) is None


def test_the_same_words_in_another_style_are_one_name() -> None:
    assert is_styled_as("drawBoard", "draw_board")
    assert not is_styled_as("player", "Player")
    assert meant_by("drawBoard", {"draw_board", "drawBaord"}) == "draw_board"


WORDS = st.text("abcdefs12", min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_a_slip_works_both_ways(one: str, other: str) -> None:
    assert is_slip_of(one, other) == is_slip_of(other, one)
