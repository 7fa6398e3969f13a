"""One file that holds a conversation: taken apart into the model's turns, or left as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validator.errors import UsageError
from validator.facts import Reply, Stop
from validator.opening import open_replies
from validator.reading import read
from validator.reading.conversations import conversations_in

FIRST = "Here it is:\n\n```python\nimport math\n\ndef area(radius):\n    return math.pi * rad"
SECOND = "```python\nius ** 2\n\nprint(area(2))\n```\n"
WHOLE = "import math\n\ndef area(radius):\n    return math.pi * radius ** 2\n\nprint(area(2))\n"


def only(text: str) -> Reply:
    found = conversations_in(text, "chat")
    assert found is not None
    (reply,) = found
    return reply


def message(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **more}


OPENAI = [
    message("system", "Be brief."),
    message("user", "area of a circle"),
    message("assistant", FIRST),
    message("user", "continue"),
    message("assistant", SECOND),
]
BLOCKS = [
    message("user", [{"type": "text", "text": "area of a circle"}]),
    message("assistant", [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": FIRST}]),
    message("user", "continue"),
    message("assistant", [{"type": "text", "text": SECOND}]),
]
ANSWER = message("assistant", FIRST)
SHARED = [
    {"from": "human", "value": "area of a circle"},
    {"from": "gpt", "value": FIRST},
    {"from": "human", "value": "continue"},
    {"from": "gpt", "value": SECOND},
]
CONTENTS = [
    {"role": {"human": "user", "gpt": "model"}[turn["from"]], "parts": [{"text": turn["value"]}]}
    for turn in SHARED
]
EXPORT = {
    "title": "area of a circle",
    "current_node": "3",
    "mapping": {
        "root": {"id": "root", "message": None, "children": ["0"]},
        "dropped": {"parent": "0", "message": {"author": {"role": "assistant"}, "content": "No."}},
    }
    | {
        str(n): {
            "parent": str(n - 1) if n else "root",
            "message": {
                "author": {"role": "assistant" if n % 2 else "user"},
                "content": {"content_type": "text", "parts": [turn["value"]]},
            },
        }
        for n, turn in enumerate(SHARED)
    },
}
"""As ChatGPT exports a chat: a tree, with an answer that was made again."""


@pytest.mark.parametrize(
    ("data", "turns"),
    [
        ({"model": "m", "messages": OPENAI}, [3, 5]),
        (OPENAI, [3, 5]),
        ({"messages": BLOCKS}, [2, 4]),
        ({"conversations": SHARED}, [2, 4]),
        ({"contents": CONTENTS}, [2, 4]),
        (EXPORT, [2, 4]),
        ({"input": OPENAI[:4], "output": [{"type": "message", **OPENAI[4]}]}, [3, 5]),
    ],
)
def test_messages_become_the_parts_of_one_program(data, turns):
    reply = only(json.dumps(data))
    assert [part.origin for part in reply.parts] == [f"chat turn {turn}" for turn in turns]
    assert reply.origin == "chat"
    assert [file.text for file in read(reply).files] == [WHOLE]


@pytest.mark.parametrize(
    ("response", "stop"),
    [
        ({"choices": [{"message": ANSWER, "finish_reason": "length"}]}, "limit"),
        ({"choices": [{"message": ANSWER, "finish_reason": "stop"}]}, "complete"),
        ({"choices": [{"text": FIRST, "finish_reason": None}]}, "unknown"),
        ({**BLOCKS[1], "stop_reason": "max_tokens"}, "limit"),
        (message("assistant", FIRST, stop_reason="model_context_window_exceeded"), "context"),
        ({"message": message("assistant", FIRST), "done": True, "done_reason": "length"}, "limit"),
        ({"response": FIRST, "done": True, "done_reason": "stop"}, "complete"),
        ({"content": FIRST, "stop": True, "tokens_predicted": 9, "stop_type": "limit"}, "limit"),
        ({"content": FIRST, "tokens_predicted": 9, "stopped_limit": True}, "limit"),
        ({"completion": FIRST, "stop_reason": "stop_sequence"}, "complete"),
        (
            {"request": {"messages": OPENAI[:2]},
             "response": {"choices": [{"message": ANSWER, "finish_reason": "length"}]}},
            "limit",
        ),
        (
            {"candidates": [{"content": {"role": "model", "parts": [{"text": FIRST}]},
                             "finishReason": "MAX_TOKENS"}]},
            "limit",
        ),
        (
            {
                "output": [
                    {"type": "reasoning", "summary": []},
                    {"type": "message", "role": "assistant",
                     "content": [{"type": "output_text", "text": FIRST}]},
                ],
                "status": "incomplete",
                "incomplete_details": {"reason": "max_output_tokens"},
            },
            "limit",
        ),
    ],
)  # fmt: skip
def test_a_servers_answer_says_why_it_stopped(response, stop):
    reply = only(json.dumps(response))
    assert [(part.text, part.origin, part.stop) for part in reply.parts] == [
        (FIRST, "chat", Stop(stop))
    ]


def test_what_the_server_said_is_in_the_truncation():
    response = {"choices": [{"message": message("assistant", FIRST), "finish_reason": "length"}]}
    (truncation,) = read(only(json.dumps(response))).truncations
    assert truncation.evidence == "the server stopped at the token limit"


def test_every_choice_is_a_reply_of_its_own():
    answer = {"choices": [{"message": message("assistant", text)} for text in (FIRST, SECOND)]}
    found = conversations_in(json.dumps(answer), "chat")
    assert found is not None
    assert [reply.origin for reply in found] == ["chat choice 1", "chat choice 2"]


def test_a_stream_of_objects_is_one_turn():
    pieces = [{"message": message("assistant", piece), "done": False} for piece in (FIRST, "ius")]
    pieces.append({"message": message("assistant", ""), "done": True, "done_reason": "length"})
    (part,) = only("\n".join(map(json.dumps, pieces))).parts
    assert part.text == FIRST + "ius"
    assert part.stop is Stop.LIMIT


@pytest.mark.parametrize("line", ["{}\n", "data: {}\n\n"])
def test_the_changes_of_a_stream_are_one_turn(line):
    pieces = [(FIRST[:30], None), (FIRST[30:], None), ("", "length")]
    chunks = [
        {"choices": [{"delta": {"content": words}, "finish_reason": reason}]}
        for words, reason in pieces
    ]
    (part,) = only("".join(line.format(json.dumps(chunk)) for chunk in chunks)).parts
    assert (part.text, part.stop) == (FIRST, Stop.LIMIT)


@pytest.mark.parametrize("write", [json.dumps, lambda data: "\n".join(map(json.dumps, data))])
def test_every_conversation_of_a_list_is_a_reply(write):
    found = conversations_in(write([{"conversations": SHARED}, {"messages": OPENAI}]), "chat")
    assert found is not None
    assert [[part.origin for part in reply.parts] for reply in found] == [
        ["chat conversation 1 turn 2", "chat conversation 1 turn 4"],
        ["chat conversation 2 turn 3", "chat conversation 2 turn 5"],
    ]


TURNS = [("area of a circle", FIRST), ("continue", SECOND)]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("User: {}\n", "Assistant: {}\n"),
        ("Human: {}\n\n", "AI: {}\n\n"),
        ("You:\n{}\n", "ChatGPT:\n{}\n"),
        ("**User:** {}\n\n", "**Assistant:** {}\n\n"),
        ("### Human:\n{}\n", "### Assistant:\n{}\n"),
        ("### Instruction:\n{}\n", "### Response:\n{}\n"),
        ("## User\n\n{}\n\n", "## Assistant\n\n{}\n\n"),
        ("<|im_start|>user\n{}<|im_end|>\n", "<|im_start|>assistant\n{}<|im_end|>\n"),
        ("<|user|>\n{}\n", "<|assistant|>\n{}\n"),
        ("<start_of_turn>user\n{}\n", "<start_of_turn>model\n{}\n"),
        ("[INST] {} [/INST]", "{}</s>"),
        ("<s>[INST] {} [/INST] ", "{}</s>\n"),
        (
            "<|start_header_id|>user<|end_header_id|>\n\n{}<|eot_id|>",
            "<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>",
        ),
        ("role: user\n{}\n\n", "role: assistant\n{}\n\n"),
        ("[user]: {}\n", "[assistant]: {}\n"),
        ("You said:\n{}\n\n", "ChatGPT said:\n{}\n\n"),
        ("> {}\n> please\n\n", "{}\n"),
        ("> {}\n", ">> Certainly:\n\n{}\n"),
    ],
)
def test_a_transcript_is_taken_apart_at_its_marks(asked, answered):
    text = "".join(asked.format(question) + answered.format(words) for question, words in TURNS)
    reply = only(text)
    assert len(reply.parts) == 2
    found = read(reply)
    assert [file.text for file in found.files] == [WHOLE]
    lines = text.split("\n")
    for number in found.files[0].reply_lines:
        origin, line = reply.place(number)
        assert origin == "chat"
        assert reply.lines[number - 1] in lines[line - 1]


def test_a_mark_inside_a_fence_is_what_the_program_prints():
    text = (
        "User: a chat bot\nAssistant: Here:\n```python\nprint('hello')\n```\nIt prints:\n"
        "```\nUser: hi\nAssistant: hello\n```\nThat is all.\n"
    )
    (part,) = only(text).parts
    assert part.text.endswith("That is all.\n")


@pytest.mark.parametrize(
    "text",
    [
        "Here you are:\n\n```python\nprint(1)\n```\n",
        "{",
        '{"name": "x"}',
        "[1, 2, 3]",
        '[{"role": "admin", "name": "Ann"}, 3]',
        "{'role': 'assistant', 'content': 'x'}",
        "[" * 100_000,
        '{"a":' * 100_000,
        "Assistant: Sure!\n```python\nprint(1)\n```\n",
        "Note: this is one.\nUser: x\nAssistant: y\n",
        "> quoted once\n\nand answered\n",
        "> ```python\n> print(1)\n> ```\n\nabove\n\n> more\n\nbelow\n",
        ">>> print(1)\n1\n",
        "",
    ],
)
def test_what_is_no_conversation_is_a_reply(text):
    assert conversations_in(text, "chat") is None


def test_a_conversation_without_the_model_is_refused(tmp_path):
    path = tmp_path / "chat.json"
    path.write_text(json.dumps([message("user", "hello?")]))
    with pytest.raises(UsageError, match="in which no model says anything"):
        open_replies((str(path),))


def test_opening_tells_by_the_content(tmp_path):
    path = tmp_path / "saved-as.md"
    path.write_text(json.dumps(OPENAI))
    (reply,) = open_replies((str(path),))
    assert [part.origin for part in reply.parts] == [f"{path} turn 3", f"{path} turn 5"]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(["assistant", "user"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["role", "content", "messages", "choices", "message", "text", "type", "output", "done",
             "response", "finish_reason", "from", "value", "stream", "conversations"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(JSONS)
def test_no_json_breaks_it(data):
    for reply in conversations_in(json.dumps(data), "chat") or ():
        assert all(part.text.strip() for part in reply.parts)
        "".join(part.text for part in reply.parts).encode()


MARKS = st.sampled_from(
    ["User: ", "Assistant: ", "> ", ">> ", "```", "```python", "<|im_start|>user", "\n", "x = 1",
     "### Human:", "<|im_start|>assistant"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(MARKS, max_size=30).map("\n".join))
def test_every_line_of_a_turn_is_the_transcripts(text):
    lines = text.split("\n")
    for reply in conversations_in(text, "chat") or ():
        for number, line in enumerate(reply.lines, 1):
            assert line in lines[reply.place(number)[1] - 1]
