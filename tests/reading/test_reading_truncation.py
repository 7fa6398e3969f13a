"""A reply that breaks off says so, with what was left open; one that ends does not."""

from __future__ import annotations

import pytest

from validator.facts import Part, Reply, Truncation
from validator.reading import read


def truncations(text: str) -> tuple[Truncation, ...]:
    return read(Reply((Part(text, "reply.md"),))).truncations


STEPS = (
    "```python\nprint(1)\n```\n\n1. Save the program in a file of its own.\n"
    "2. Open a terminal in the folder of that file.\n3. Start it there with this command.\n"
)


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
        (
            "```python\nwhile True:\n    go()\n" + "    turn(1)\n    wait(2)\n" * 8,
            "again and again",
        ),
        (
            "It sings.\n" + "La la la, and once more.\n" * 12,
            "once more.' again",
        ),
        ("It works.\n\nimport os\n\ndef main():\n    home = os.getcwd()", "'home' is given"),
        (
            f"{STEPS}4. Then open the folder and start the serv",
            "open the folder and start the serv",
        ),
        (f"{STEPS}4. Then open the folder and start the serv</s>", "the last sentence is cut"),
        ("```python\nf()\n```\n\n<p>Example:</p>\n\n<pre>\n<strong>", "markup is cut: '<strong>'"),
        ('```python\nf()\n```\n\n<p>Example:</p>\n<p class="a', "the last of its markup is cut"),
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
        "```python\n" + "turn(1)\nwait(2)\n" * 20 + "```\n",
        "```python\n" + "print()\n" * 8,
        "```python\nrows = [\n" + "    [0, 0, 0],\n" * 30 + "]\n",
        "It prints:\n\n```\n" + "tick\n" * 30 + "```\n\nAnd so on.\n",
        "One line.\n" + "---\n" * 20,
        "It works.\n\nimport os\n\ndef main():\n    home = os.getcwd()\n    print(home)",
        "It works.\n\nimport os\n\ndef main():\n    global home\n    home = os.getcwd()",
        f"{STEPS}Let me know if any of these steps is not clear to you",
        f"{STEPS}4. Enjoy",
        f"{STEPS}\n### How to start the program on your own machine",
        f"{STEPS}\n| a table | has no full stop at its end",
        "1. Open a terminal window\n2. Go to the folder of it\n3. Start it with the command",
        f"{STEPS}This needs Python 3.11, numpy 1.26 and pygame 2.5",
        "```python\nf()\n```\n\n<p>It works as it should.</p>",
        "```python\nf()\n```\n\nPut the text between <b> and <i",
    ],
)
def test_a_reply_that_ends(text):
    assert truncations(text) == ()
