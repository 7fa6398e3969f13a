"""Whatever the text: reading never raises, and every line it extracts is where it says it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
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


@pytest.mark.parametrize(
    "text",
    [
        "```python\nx = " + "(" * 100_000 + "\n```\n",
        "```python\nx = " + "-" * 50_000 + "1\n```\n",
        "x" * 1_000_000,
        "def f(): " + "x = 1 " * 50_000,
        ">" * 20_000 + "```python\nf()\n",
        "- " * 20_000 + "```python\nf()\n",
        "```python\n" * 20_000,
        "```\n" * 20_001,
        "if x:\n" * 20_000,
    ],
    ids=["brackets", "signs", "one line", "flat", "quotes", "lists", "openers", "fences", "ifs"],
)
def test_the_nastiest_texts_are_read_too(text):
    assert read(Reply((Part(text, "reply.md"),))).reply.parts[0].text == text
