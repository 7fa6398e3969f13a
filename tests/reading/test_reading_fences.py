"""One program in every kind of fence: it comes out whole, and each line knows its place."""

from __future__ import annotations

import textwrap

import pytest
from markdown_it import MarkdownIt

from validator.facts import BlockKind, Part, Reply, Submission
from validator.reading import read
from validator.reading.fences import find_fences

PROGRAM = "import math\n\n\ndef area(radius):\n    return math.pi * radius**2\n\n\nprint(area(2))\n"


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def program(text: str) -> str:
    found = reading(text)
    file = found.file(found.entry_point)
    return file.text if file else ""


SHAPES = {
    "labelled": f"Here:\n\n```python\n{PROGRAM}```\nEnjoy.\n",
    "capital": f"```Python\n{PROGRAM}```\n",
    "python3": f"```python3\n{PROGRAM}```\n",
    "short label": f"```py\n{PROGRAM}```\n",
    "attributes": f"```{{.python .numberLines}}\n{PROGRAM}```\n",
    "no label": f"Here:\n```\n{PROGRAM}```\n",
    "label on its own line": f"```\npython\n{PROGRAM}```\n",
    "tildes": f"~~~python\n{PROGRAM}~~~\n",
    "longer fence": f"`````python\n{PROGRAM}`````\n",
    "in a list": "1. Save this:\n\n" + textwrap.indent(f"```python\n{PROGRAM}```\n", "   "),
    "deep in a list": "- a\n  - b\n\n" + textwrap.indent(f"```python\n{PROGRAM}```\n", "    "),
    "in a list, not indented": f"1. ```python\n{PROGRAM}```\n\nThat is all.\n",
    "in a quote": textwrap.indent(f"```python\n{PROGRAM}```\n", "> ", lambda _: True),
    "only the fence indented": f"  ```python\n{PROGRAM}  ```\n",
    "CRLF": f"Here:\n\n```python\n{PROGRAM}```\n".replace("\n", "\r\n"),
    "never closed": f"Here:\n\n```python\n{PROGRAM}",
    "closed only": f"{PROGRAM}```\n\nRun it.\n",
    "no fence": f"Here is the program.\n\n{PROGRAM}\nRun it and enjoy the result.\n",
    "nothing else": PROGRAM,
    "prose glued to the end": f"```python\n{PROGRAM}```This prints the area of a circle.\n",
    "code glued to the end": f"```python\n{PROGRAM[:-1]}```\n",
    "prose in the fence": f"```\nHere is what you asked for.\nIt has a function.\n```\n{PROGRAM}",
    "mislabelled": f"```sql\n{PROGRAM}```\n",
    "thought first": f"<think>\n```py\nimport os\nos.no()\n```\n</think>\n```python\n{PROGRAM}```",
    "prose first in the fence": f"```python\nHere is the program you asked for:\n\n{PROGRAM}```\n",
    "prose last in the fence": f"```python\n{PROGRAM}\nThis prints the area of a circle.\n```\n",
    "fenced as a whole": f"````markdown\n# Area\n\n```python\n{PROGRAM}```\n````\n",
    "ends with a token": f"```python\n{PROGRAM}```<|im_end|>\n",
    "label of a style sheet": f"```scss\n{PROGRAM}```\n",
    "three quotes": f"Here:\n'''python\n{PROGRAM}'''\nIt prints an area.\n",
    "three quotes first": f"'''\n{PROGRAM}'''\nIt prints an area.\n",
    "prose glued to the beginning": f"Here is the program: ```python\n{PROGRAM}```\n",
    "code glued to the beginning": f"```python {PROGRAM}```\n",
    "closed with its label": f"```python\n{PROGRAM}```python\nThis prints the area of a circle.\n",
    "closed too short": f"````python\n{PROGRAM}```\nThis prints the area of a circle.\n",
    "never closed before the next": f"```python\n{PROGRAM}\n```bash\npython area.py\n```\n",
    "never closed in a list": f"1. ```python\n{PROGRAM}",
    "indented block": "Take this:\n\n" + textwrap.indent(PROGRAM, "    ") + "\nThat was it.\n",
    "fenced as a whole, too short": f"```markdown\n# Area\n\n```python\n{PROGRAM}```\n```\n",
    "HTML entities": "```python\n" + PROGRAM.replace("2))", "2 if 3 &gt; 2 else 1))") + "```\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_program_comes_out_whole(shape):
    expected = PROGRAM
    if shape == "HTML entities":
        expected = PROGRAM.replace("2))", "2 if 3 > 2 else 1))")
    assert program(SHAPES[shape]) == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_every_line_knows_its_place(shape):
    text = SHAPES[shape]
    reply = Reply((Part(text, "reply.md"),))
    found = read(reply)
    for file in found.files:
        for line, number in zip(file.text.splitlines(), file.reply_lines, strict=True):
            covered = any(r.span.first <= number <= r.span.last for r in found.recoveries)
            assert covered or line in reply.lines[number - 1]


def test_a_fence_in_a_docstring_does_not_end_the_block():
    text = 'def run():\n    """Usage:\n\n```\nrun.py\n```\n    """\n    print("run")\n\n\nrun()\n'
    assert program(f"Take this:\n\n```python\n{text}```\n\nIt prints a word.\n") == text


def test_what_follows_a_stray_closing_fence_is_not_turned_inside_out():
    text = f"Let us begin.\n```\nThe program is this:\n\n```python\n{PROGRAM}```\nDone.\n"
    assert program(text) == PROGRAM


def test_a_lost_opening_fence_does_not_turn_the_rest_inside_out():
    text = f"{PROGRAM}```\nThis prints the area of a circle.\n```\nprint(area(3))\n```\n"
    found = reading(text)
    assert [block.text for block in found.blocks] == [PROGRAM, "print(area(3))\n"]


INNER = 'text = """\n{0}sh\nls\n{0}\n\nand\n\n{0}\nplain\n{0}\n"""\nprint(text)\n'


@pytest.mark.parametrize("outer", ["```python", "```", "~~~python"])
@pytest.mark.parametrize("closed", [True, False])
def test_fences_in_a_string_are_the_strings_own(outer, closed):
    code = INNER.format(outer[:3])
    end = f"{outer[:3]}\n\nThat prints a text.\n" if closed else ""
    found = reading(f"Take this:\n\n{outer}\n{code}{end}")
    assert [file.text for file in found.files] == [code]
    assert {r.kind for r in found.recoveries} <= {"unclosed-fence"}


def test_a_string_left_open_does_not_swallow_the_next_block():
    text = f'```python\nx = """never closed\n```\n\nBetter:\n\n```python\n{PROGRAM}```\n'
    assert [block.text for block in reading(text).blocks] == ['x = """never closed\n', PROGRAM]


def test_a_readme_may_hold_fences_of_its_own():
    readme = "# Area\n\nFor circles.\n\n1. Install it:\n   ```\n   pip install .\n   ```\n\nDone.\n"
    found = reading(f"`README.md`:\n```\n{readme}```\n\n`area.py`:\n```python\n{PROGRAM}```\n")
    assert {file.path: file.text for file in found.files} == {
        "README.md": readme,
        "area.py": PROGRAM,
    }


def test_a_command_on_the_fences_own_line_is_a_command():
    found = reading("Run it:\n\n```docker run -e A=1 image\n```\n")
    assert [command.text for command in found.commands] == ["docker run -e A=1 image"]


@pytest.mark.parametrize(
    "text",
    [
        "It comes to `print(sum(range(101)))` in the end.",
        "Do this: `for number in range(3): print(number * 2)`",
    ],
)
def test_a_program_of_one_line_may_stand_in_backticks(text):
    assert program(f"{text}\n") == text.split("`")[1] + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "Call `print(area(2))` with a number of your own.",
        "Use `import math` first, and `print()` what comes of it.",
        'Python says hello with `print("Hello")`, as you know.',
        "Use `input()` for that, or `sys.argv`.",
    ],
)
def test_code_that_a_sentence_mentions_is_no_program(text):
    assert reading(f"{text}\n").files == ()


def test_prose_in_the_fence_is_named():
    text = f"```python\n{PROGRAM}\nThis prints the area of a circle.\n```\n"
    (recovery,) = [r for r in reading(text).recoveries if r.kind == "prose-in-block"]
    assert recovery.before == "This prints the area of a circle.\n"
    assert (recovery.span.first, recovery.span.last) == (11, 11)


def test_broken_code_among_code_is_not_taken_for_prose():
    broken = (
        "import math\n\nfor index in range(10)\n    print(index of the loop)\n\nprint(math.pi)\n"
    )
    assert program(f"```python\n{broken}```\n") == broken


def test_an_empty_fence_is_no_block():
    assert reading("```python\n```\n").blocks == ()


@pytest.mark.parametrize(
    ("label", "text", "kind"),
    [
        ("python", "pip install rich", BlockKind.SHELL),
        ("python", "rich==13.7.0\nhttpx>=0.27", BlockKind.REQUIREMENTS),
        ("python", '{"a": 1, "b": [2, 3]}', BlockKind.OUTPUT),
        ("python", "This prints the sum of the two numbers that were given.", BlockKind.OTHER),
        ("python", "x = 1 +", BlockKind.PYTHON),
        ("", "$ python main.py --fast", BlockKind.SHELL),
        ("", "Hello, world!", BlockKind.OTHER),
        ("", "const area = (r) => Math.PI * r * r;", BlockKind.OTHER),
        ("", "total = sum([1, 2])\nprint(total)", BlockKind.PYTHON),
        ("javascript", "import fs from 'fs';\nlet x = 1;", BlockKind.OTHER),
        ("json", '{"a": 1}', BlockKind.OTHER),
        ("toml", "[tool]\nname = 1", BlockKind.OTHER),
        ("text", "total = 3", BlockKind.OUTPUT),
        ("output", "3.14", BlockKind.OUTPUT),
        ("python", "    for a, b in zip(x, y):", BlockKind.PYTHON),
        ("python", "const a = 1;\nfunction f() { return a; }", BlockKind.OTHER),
        ("python", "<div>\n  <p>hi</p>\n</div>", BlockKind.OTHER),
        ("python", "import os\nx = '''\n<div>\n'''\nprint(x y)", BlockKind.PYTHON),
        ("python", 'Traceback (most recent call last):\n  File "a.py", line 1', BlockKind.OUTPUT),
        ("", 'Traceback (most recent call last):\n  File "a.py", line 1', BlockKind.OUTPUT),
        ("", "a: 1\nb:\n  - c", BlockKind.OTHER),
        ("scss", "$a: 1px;\n.b { width: $a; }", BlockKind.OTHER),
        ("bash", "cd game\nls", BlockKind.SHELL),
    ],
)
def test_a_block_is_what_it_holds(label, text, kind):
    (block,) = reading(f"A block:\n\n```{label}\n{text}\n```\n").blocks
    assert block.kind is kind


COMMONMARK = [
    "```\na\n```\n\n~~~\nb\n~~~\n",
    "- x\n\n  ```py\n  a = 1\n  ```\n- y\n",
    "> ```\n> a\n> ```\n\nend\n",
    "````\n```\nx\n```\n````\n",
    "   ```\n   a\n   ```\n",
    "```py\na\n\n\nb\n```\n",
    "text\n\n1. one\n2. two\n\n   ~~~\n   c\n   ~~~\n\nmore\n\n```\nd\n```\n",
    "```\nopen to the end\n",
]


@pytest.mark.parametrize("text", COMMONMARK)
def test_healthy_markdown_is_read_as_commonmark_says(text):
    tokens = [t for t in MarkdownIt("commonmark").parse(text) if t.type == "fence"]
    fences = find_fences(text.split("\n")[:-1])
    assert [(f.opened, f.info) for f in fences] == [(t.map[0], t.info) for t in tokens]
    assert [f.content.dedented().text for f in fences] == [
        textwrap.dedent(t.content) for t in tokens
    ]
