"""Whatever the text: reading never raises, and every line it extracts is where it says it is."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from validator.facts import Part, Reply, Submission
from validator.reading import read

PIECES = st.sampled_from(
    [
        "```python\n", "```\n", "~~~\n", "````py\n", "```bash\n", "  ```\n", "> ```python\n", "> ",
        "- ", "1. ", "    ", "\t", "\n", "\r\n", "\r", "import os\n", "def f(x):\n",
        "    return x\n", "f(1)\n", "x = [1,\n", "if x:\n", "elif y:\n", "'''", '"""', "(", ")",
        "pip install flask\n", "`pip install x`", "pygame==2.1.2\n", "**a.py**\n", "# ../b.py\n",
        "Here is the code:\n", "def g(): y = 1 return y\n", "<think>", "</think>", "&lt;", "\0",
        "\x0c", "\u2028", "\ufeff", "“", "</s>", "<|im_end|>", ">>> f(2)\n", "... ", "@\n",
        "class A:\n", "# ... rest of the code\n", "if __name__ == '__main__':\n",
        "&nbsp;", "<br>", "'''python\n", "```diff\n", "@@ -1 +1 @@\n", "-x = 1\n", "+x = 2\n",
        "x = 1\n", "<<<<<<< SEARCH\n", "=======\n", ">>>>>>> REPLACE\n", "1 import os\n",
        "2 x = 1\n", "In [1]: x = 1\n", "%time\n", "!ls\n", "    def init(self):\n", "**name**",
        "\\_", "USER: ", "ASSISTANT: ", "### Instruction:\n", "### Response:\n", "<answer>\n",
        "</answer>\n", "[/INST]", "`print(1 + 1)`", "\u00a0", "\u200b", "(args, *kwargs)",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=200)
REPLIES = st.lists(TEXTS, min_size=1, max_size=4).map(
    lambda texts: Reply(tuple(Part(text, f"{n}.md") for n, text in enumerate(texts)))
)


KEEPING = {
    "unclosed-fence", "prose-in-block", "split-program", "reindented", "unsafe-path", "elided-code",
}  # fmt: skip
"""The recoveries that leave the words of a line alone: they move it, or say where it was."""


def covered(found: Submission, number: int) -> bool:
    return any(
        r.kind not in KEEPING and r.span.first <= number <= r.span.last for r in found.recoveries
    )


@settings(max_examples=400, deadline=None)
@given(REPLIES)
@example(
    Reply(
        (
            Part("```python\nimport os\n", "1.md"),
            Part("```python\n```\nimport os\nprint(\u201chello\u201d)\n", "2.md"),
        )
    )
)
def test_every_extracted_line_is_in_the_reply_at_its_line(reply):
    found = read(reply)
    for file in found.files:
        lines = file.text.split("\n")[:-1]
        assert len(lines) == len(file.reply_lines)
        for line, number in zip(lines, file.reply_lines, strict=True):
            if number:
                stood = reply.lines[number - 1]
                assert line.strip() in stood or covered(found, number)
            else:
                assert line == ""


@settings(max_examples=200, deadline=None)
@given(REPLIES)
@example(Reply((Part("x = 1\n```python\nimport os\n```\n```diff\n-x = 1\n+x = 2\n```\n", "1.md"),)))
def test_every_place_named_is_in_the_reply(reply):
    found = read(reply)
    spans = [
        item.span
        for items in (found.blocks, found.requirements, found.commands, found.recoveries)
        for item in items
    ]
    spans.extend(truncation.span for truncation in found.truncations)
    for span in spans:
        assert 1 <= span.first <= span.last <= len(reply.lines)
    assert found.entry_point is None or found.file(found.entry_point) is not None


NASTY = {
    "brackets": "```python\nx = " + "(" * 100_000 + "\n```\n",
    "signs": "```python\nx = " + "-" * 50_000 + "1\n```\n",
    "one line": "x" * 1_000_000,
    "flat": "def f(): " + "x = 1 " * 50_000,
    "quotes": ">" * 20_000 + "```python\nf()\n",
    "lists": "- " * 20_000 + "```python\nf()\n",
    "openers": "```python\n" * 20_000,
    "fences": "```\n" * 20_001,
    "lengthening fences": "".join("`" * length + "py\nx\n" for length in range(3, 400)),
    "ifs": "if x:\n" * 20_000,
    "strings left open": "```python\nx = '''\n```\n" * 5_000,
    "fences in one string": "```python\nx = '''\n" + "```\nls\n```\n" * 5_000 + "'''\n```\n",
    "glued ends": "```python\nx = 1```\n" * 5_000,
    "tags": "<code>" * 50_000,
    "thoughts": "<think>\n</think>\n" * 5_000,
    "speakers": "USER: a\nASSISTANT: b\n" * 5_000,
    "tokens": "<|im_end|>" * 20_000,
    "preambles": "# coding=utf-8\n" * 20_000,
    "classes": "```python\n" + "class A:\n    def init(self):\n        self.x = 1\nA()\n" * 500,
    "backslashes": "\\" * 100_000,
    "replies fenced in replies": "```markdown\n" * 3_000 + "x = 1\n" + "```\n" * 3_000,
    "fields in a string": "```python\nx = f'" + "{x}" * 100_000 + "'\n```\n",
    "many changes": "```python\nx = 1\n```\n" + "```diff\n-x = 1\n+x = 1\n```\n" * 3_000,
    "decorators": "```python\n" + "@a\n" * 10_000 + "```\n",
    "changes": "```python\nx = 1\n```\n```diff\n" + "@@ @@\n-x = 1\n+x = 1\n" * 3_000 + "```\n",
}


@pytest.mark.parametrize("case", NASTY)
def test_the_nastiest_texts_are_read_too(case):
    text = NASTY[case]
    assert read(Reply((Part(text, "reply.md"),))).reply.parts[0].text == text
