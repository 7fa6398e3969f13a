"""A reply that breaks off says so, with what was left open; one that ends does not."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Truncation
from validator.reading import read


def truncations(text: str) -> tuple[Truncation, ...]:
    return read(Reply((Part(text, "reply.md"),))).truncations


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("```python\nx = [1, 2,\n", "a bracket is left open"),
        ("```python\nprint('hel", "a string is left open"),
        ('```python\ntext = """one\ntwo\n', "a string is left open"),
        ("```python\ndef f():\n", "a block has no body"),
        ("```python\ntry:\n    f()\n", "try"),
        ("```python\nsnake = ", "its last line is unfinished: 'snake ='"),
        ("```python\nfor x in y:\n    go(x)\n\ndef f():\n    x = 1\n", "line 1 is never closed"),
        ("Here is why the program fails when it is started with the", "the last sentence is cut"),
        ("```python\nf()\n```\n\nThis works because of two things, namely,", "the last sentence"),
        ("```python\nsymbol =... (truncated)", "says that it was truncated"),
    ],
)
def test_a_reply_that_breaks_off(text, words):
    (truncation,) = truncations(text)
    assert words in truncation.evidence
    assert not truncation.continued
    assert truncation.span.first == len(text.rstrip("\n").split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "```python\nprint(1)\n```\n",
        "```python\nprint(1)\n",
        "```python\ndef f():\n    return 1\n",
        "```python\ndef f():\n    pass\n\nif __name__ == '__main__':\n    f()\n",
        "```python\ndef f(:\n    pass\n```\nThat is all.\n",
        "I hope this helps",
        "Enjoy!",
        "",
        "```python\nx = (1\n```\n\nThe bracket is missing on purpose.\n",
    ],
)
def test_a_reply_that_ends(text):
    assert truncations(text) == ()
