"""Code that stands in the call of a tool, and JSON that only looks like one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.facts import Part, Reply, Submission
from validator.reading import read
from validator.reading.conversations import conversations_in
from validator.rules import Evidence, judge

CODE = "import math\n\nprint(f'{math.pi:.2f}', \"\\n\")\n"
PLAIN = {"name": "python", "arguments": {"code": CODE}}
IN_TEXT = {"name": "python", "arguments": json.dumps({"code": CODE})}
OPENAI = {"tool_calls": [{"id": "1", "type": "function", "function": IN_TEXT}]}
ANTHROPIC = {"type": "tool_use", "id": "1", "name": "run_python", "input": {"script": CODE}}


def reading(text: str) -> Submission:
    return read(Reply((Part(text, "reply.md"),)))


def texts(found: Submission) -> dict[str, str]:
    return {file.path: file.text for file in found.files}


@pytest.mark.parametrize(
    "call",
    [
        PLAIN,
        IN_TEXT,
        OPENAI,
        ANTHROPIC,
        [{"type": "text", "text": "I will run it."}, ANTHROPIC],
        {"tool": "python", "input": CODE},
        {"action": "execute", "action_input": {"code": CODE}},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "I will run this:\n\n{}\n",
        "<tool_call>\n{}\n</tool_call>",
        "```json\n{}\n```\n",
        "```tool_call\n{}\n```\n",
    ],
)
def test_the_code_of_a_call_is_the_program(call, indent, around):
    text = around.format(json.dumps(call, indent=indent))
    found = reading(text)
    assert texts(found) == {"main.py": CODE}
    (recovery,) = [each for each in found.recoveries if each.kind == "tool-call"]
    assert recovery.after == CODE
    (place,) = set(found.files[0].reply_lines)
    assert "math.pi" in found.reply.lines[place - 1]
    assert "RV106" not in [each.code for each in judge(Evidence(found)).findings]


def test_files_that_are_written_by_calls_have_their_names():
    writes = [
        {"name": "write_file", "arguments": {"path": path, "content": content}}
        for path, content in (("util.py", "def two():\n    return 2\n"), ("main.py", CODE))
    ]
    text = "\n".join(f"<tool_call>\n{json.dumps(each)}\n</tool_call>" for each in writes)
    assert texts(reading(text)) == {"util.py": "def two():\n    return 2\n", "main.py": CODE}


@pytest.mark.parametrize(
    "value",
    [
        {"name": "app", "code": CODE},
        {"name": "search", "arguments": {"query": "how to print pi"}},
        {"name": "python", "arguments": {"code": "pi"}},
        {"name": "python", "arguments": {"code": "print('"}},
        {"arguments": {"code": CODE}},
    ],
)
def test_other_json_is_no_program(value):
    assert reading(f"```json\n{json.dumps(value)}\n```\n").files == ()


def test_a_call_beside_a_program_is_an_example():
    found = reading(
        f"```python\nprint(1)\n```\nThe model answers:\n```json\n{json.dumps(PLAIN)}\n```\n"
    )
    assert texts(found) == {"main.py": "print(1)\n"}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "assistant", "content": None, **OPENAI},
        {"role": "assistant", "content": [{"type": "text", "text": "So:"}, ANTHROPIC]},
    ],
)
def test_a_conversation_may_be_a_call(message):
    text = json.dumps({"messages": [{"role": "user", "content": "pi?"}, message]})
    replies = conversations_in(text, "chat.json")
    assert replies is not None
    assert texts(read(replies[0])) == {"main.py": CODE}


@given(st.recursive(st.sampled_from([CODE, "{", '"', 1, None]), lambda inner: (
    st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["name", "arguments", "code", "input", "path"]), inner)
), max_leaves=12), st.integers(0, 200))  # fmt: skip
def test_whatever_is_called_is_read(value, cut):
    text = json.dumps(value, indent=1)
    assert reading(text[: len(text) - cut]) is not None
