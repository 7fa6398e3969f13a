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
