"""Thoughts, templates, tags and tokens around a reply come off by name; its strings stay."""

from __future__ import annotations

import pytest

from validator.facts import Confidence, Part, Reply, Submission
from validator.reading import read


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def program(found: Submission) -> str:
    file = found.file(found.entry_point)
    return file.text if file else ""


ANSWER = "```python\nprint(2)\n```\n"
DRAFT = "```python\nprint(1)\n```\n"
SURROUNDED = {
    "a thought": (f"<think>\nmaybe\n{DRAFT}</think>\nHere:\n{ANSWER}", "thought"),
    "a thought between escaped tags": (
        f"&lt;think&gt;\nmaybe\n{DRAFT}&lt;/think&gt;\nHere:\n{ANSWER}",
        "thought",
    ),
    "a thought whose opening the template wrote": (f"So\n{DRAFT}</think>\n{ANSWER}", "thought"),
    "a thought with an open fence": (f"<think>\n```python\nx = 1\n</think>\n{ANSWER}", "thought"),
    "an echoed instruction": (
        f"### Instruction:\nFix\n{DRAFT}### Response:\n{ANSWER}",
        "echoed-template",
    ),
    "an echoed Llama prompt": (f"<s>[INST] Fix\n{DRAFT}[/INST] Sure\n{ANSWER}", "echoed-template"),
    "a question made up behind the answer": (
        f"{ANSWER}<|im_end|>\n<|im_start|>user\nand\n{DRAFT}",
        "echoed-template",
    ),
    "speakers in plain words": (
        f"USER: fix\n{DRAFT}ASSISTANT: here\n{ANSWER}",
        "echoed-template",
    ),
    "a token behind the fence": (ANSWER.rstrip() + "<|im_end|>", "special-token"),
    "a token behind the code": ("```python\nprint(2)<|eot_id|>", "special-token"),
    "a token of another script": (ANSWER + "<｜end▁of▁sentence｜>", "special-token"),
    "Code Llama's brackets": ("[PYTHON]\nprint(2)\n[/PYTHON]\n", "special-token"),
    "answer tags": ("<answer>\nprint(2)\n</answer>\n", "markup-tag"),
    "answer tags never closed": ("<answer>\nprint(2)\n", "markup-tag"),
    "tool tags around a fence": (f"<tool_call>\n{ANSWER}</tool_call>\n", "markup-tag"),
}


@pytest.mark.parametrize("case", SURROUNDED)
def test_only_the_answer_is_the_program(case):
    text, kind = SURROUNDED[case]
    found = reading(text)
    assert program(found) == "print(2)\n"
    assert kind in {recovery.kind for recovery in found.recoveries}


def test_the_code_of_a_thought_that_never_ends_is_a_draft():
    found = reading(f"<think>\nmaybe\n{DRAFT}")
    assert program(found) == "print(1)\n"
    assert found.decision is not None
    assert found.decision.confidence is Confidence.DOUBTFUL
    assert found.decision.reason.endswith("drafted in a thought that never ends")
    assert found.truncations[0].evidence == "it never stops thinking"


@pytest.mark.parametrize(
    "thought",
    ["maybe x = 1\nx = 2\nprint(x)\n", "```python\nprint(1)\n", "```python\nprint(1 +\n```\n"],
)
def test_what_is_no_more_than_mentioned_in_it_is_not(thought):
    assert reading(f"<think>\n{thought}").files == ()


def test_a_draft_beside_an_answer_is_left_out():
    assert program(reading(f"{ANSWER}\n<think>\nor\n{DRAFT}")) == "print(2)\n"


def test_a_tag_that_names_a_file_names_it():
    found = reading(f"<file path='game/worm.py'>\n{ANSWER}</file>\n")
    assert found.entry_point == "game/worm.py"


def test_a_conversation_in_which_the_answer_comes_first_keeps_it():
    found = reading(f"Here:\n\n{ANSWER}\nUser: That fails.\nAssistant: It does not.\n")
    assert program(found) == "print(2)\n"


@pytest.mark.parametrize(
    "code",
    [
        "print('<think>')\nx = '</think>'\n",
        "T = '''\n<|im_start|>user\n{q}<|im_end|>\n<|im_start|>assistant\n'''\nprint(T)\n",
        "T = '''\n### Instruction:\n{q}\n### Response:\n'''\nprint(T)\n",
        "page = '''\n<output>\n<code>\nx\n</code>\n</output>\n'''\nprint(page)\n",
        "x = '<s>'\nprint('struck</s>')\n",
    ],
)
def test_a_program_keeps_what_its_strings_hold(code):
    found = reading(f"Like this:\n\n```python\n{code}```\n\nEnjoy it.\n")
    assert program(found) == code
    assert found.recoveries == ()


@pytest.mark.parametrize(
    "text",
    [
        "I would think <thinking> of it costs nothing.\n",
        "### Response:\n\nA heading of its own.\n",
        "Note: this is prose.\nUser: a word with a colon.\n",
    ],
)
def test_words_that_only_mention_them_stay(text):
    found = reading(f"{text}\n{ANSWER}")
    assert program(found) == "print(2)\n"
    assert found.recoveries == ()
