"""Which record holds which reply: the shapes people have, and what is wrong with some."""

from __future__ import annotations

import gzip
import json
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.batch.records import Fields, Record, Unreadable, records_in
from validator.batch.source import Source
from validator.errors import UsageError
from validator.facts import Stop, Trial

CODE = "def add(a, b):\n    return a + b\n"
FENCED = f"```python\n{CODE.rstrip()}\n```\n"
CHECK = "def check(candidate):\n    assert candidate(1, 2) == 3\n"


def read(data: object, **fields: str) -> tuple[Record | Unreadable, ...]:
    return records_in(data, Fields(**fields), line=7, name="file.jsonl")  # type: ignore[arg-type]


def the_one(data: object, **fields: str) -> Record:
    (found,) = read(data, **fields)
    assert isinstance(found, Record), found
    return found


def the_error(data: object, **fields: str) -> str:
    (found,) = read(data, **fields)
    assert isinstance(found, Unreadable), found
    return found.error


def words(record: Record) -> str:
    return "".join(part.text for part in record.reply.parts)


@pytest.mark.parametrize("key", ["reply", "response", "completion", "answer", "output", "text"])
def test_a_reply_in_a_field_of_a_usual_name(key: str) -> None:
    found = the_one({"id": "a", key: FENCED, "model": "m"})

    assert (found.key, found.id, found.model, found.trial) == ("7", "a", "m", None)
    assert words(found) == FENCED
    assert found.reply.origin == "file.jsonl:7"


def test_a_program_without_words_is_fenced_by_more_backticks_than_it_holds() -> None:
    code = 'print("""\n```\n""")\n'
    assert words(the_one({"id": "a", "code": code})) == f"````python\n{code}````\n"


def test_openais_batch_output_is_a_reply_for_each_choice_and_says_why_it_ended() -> None:
    body = {
        "model": "gpt",
        "choices": [
            {"message": {"role": "assistant", "content": FENCED}, "finish_reason": "stop"},
            {"message": {"role": "assistant", "content": "```py"}, "finish_reason": "length"},
        ],
    }
    data = {"custom_id": "r1", "response": {"status_code": 200, "body": body}, "error": None}
    first, second = read(data)

    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert [first.key, second.key] == ["7.1", "7.2"]
    assert {first.id, second.id, first.model, second.model} == {"r1", "gpt"}
    assert [first.reply.stop, second.reply.stop] == [Stop.COMPLETE, Stop.LIMIT]


def test_anthropics_batch_output() -> None:
    message = {
        "model": "claude",
        "role": "assistant",
        "content": [{"type": "text", "text": FENCED}],
        "stop_reason": "max_tokens",
    }
    found = the_one({"custom_id": "r1", "result": {"type": "succeeded", "message": message}})

    assert (found.id, found.model, found.reply.stop) == ("r1", "claude", Stop.LIMIT)
    assert words(found) == FENCED


@pytest.mark.parametrize(
    "data",
    [
        {"custom_id": "r", "response": None, "error": {"code": "expired"}},
        {"custom_id": "r", "response": {"status_code": 500, "body": {"error": "overloaded"}}},
        {"custom_id": "r", "result": {"type": "errored", "error": {"type": "overloaded"}}},
    ],
)
def test_a_request_that_failed_is_no_reply(data: object) -> None:
    assert the_error(data).startswith("the server gave no reply: ")


def test_a_humaneval_sample_goes_on_from_its_prompt_and_is_checked() -> None:
    prompt = 'def add(a, b):\n    """Add."""\n'
    problem = {"task_id": "HE/0", "prompt": prompt, "entry_point": "add", "test": CHECK}
    goes_on = the_one({**problem, "completion": "    return a + b\n"})
    told_whole = the_one({**problem, "completion": CODE})
    of_a_chat = the_one({**problem, "completion": f"Sure!\n\n{FENCED}"})

    assert words(goes_on) == f"```python\n{prompt}    return a + b\n```\n"
    assert words(told_whole) == FENCED
    assert words(of_a_chat) == f"Sure!\n\n{FENCED}"
    assert goes_on.trial == Trial(tests=f"{CHECK}\n\ncheck(add)\n")
    assert goes_on.id == "HE/0"


def test_can_ai_codes_results_have_the_answer_and_not_the_code_they_cut_from_it() -> None:
    data = {"name": "FizzBuzz", "language": "python", "answer": FENCED, "code": "x", "model": "m"}
    found = the_one(data)

    assert (found.id, found.model, words(found)) == ("FizzBuzz", "m", FENCED)


def test_fields_are_named_by_key_or_by_path() -> None:
    data = {
        "a.b": "n1",
        "out": {"texts": [{"t": FENCED}]},
        "in": "1 2\n",
        "want": "3\n",
        "asserts": ["assert add(1, 2) == 3", "assert add(0, 0) == 0"],
        "who": "m",
    }
    found = the_one(
        data, reply="out.texts[0].t", id="a.b", stdin="in", expected="want", tests="asserts",
        model="who",
    )  # fmt: skip

    assert (found.id, found.model, words(found)) == ("n1", "m", FENCED)
    assert found.trial == Trial("1 2\n", "3\n", "\n".join(data["asserts"]))


@pytest.mark.parametrize(
    ("data", "fields", "error"),
    [
        ({}, {}, "it has no field that holds a reply: it has none at all"),
        ({"a": 1, "b": 2}, {}, "it has no field that holds a reply: it has a, b"),
        ({"a": 1}, {"reply": "b"}, "it has no field 'b' for its reply: it has a"),
        ({"a": 1}, {"reply": "a"}, "its field 'a' holds a number and no reply"),
        ({"a": None}, {"reply": "a"}, "its field 'a' holds null and no reply"),
        ({"a": {"x": 1}}, {"reply": "a"}, "its field 'a' holds an object and no reply"),
        ({"a": []}, {"reply": "a[0]"}, "it has no field 'a[0]' for its reply: it has a"),
        ({"reply": "x", "i": 3}, {"stdin": "i"}, "its stdin is a number and no text"),
        ({"reply": "x", "t": {}}, {"tests": "t"}, "its tests are an object and no text"),
        ({"reply": "x", "t": "def ("}, {"tests": "t"}, "its tests are not Python: "),
    ],
)
def test_what_is_wrong_with_a_record_is_said(
    data: object, fields: dict[str, str], error: str
) -> None:
    assert the_error(data, **fields).startswith(error)


def test_a_field_the_user_names_is_not_looked_for_elsewhere() -> None:
    assert "no field 'mine'" in the_error({"reply": FENCED}, reply="mine")


def test_only_what_comes_to_the_same_report_has_the_same_digest() -> None:
    plain = the_one({"reply": FENCED, "id": "a"})

    assert plain.digest == the_one({"answer": FENCED, "id": "b", "model": "m"}).digest
    assert plain.digest != the_one({"reply": f"{FENCED}\n"}).digest
    assert plain.digest != the_one({"reply": FENCED, "in": ""}, stdin="in").digest
    assert plain.sha256 == the_one({"reply": FENCED, "in": ""}, stdin="in").sha256


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)
KEYS = st.sampled_from(
    ["id", "reply", "response", "result", "custom_id", "error", "body", "choices", "messages",
     "prompt", "entry_point", "completion", "test", "expected", "model", "code", "status_code"]
)  # fmt: skip


@given(st.dictionaries(KEYS | st.text(), JSON))
def test_any_object_is_read_or_refused_in_one_line(data: dict[str, object]) -> None:
    for found in read(json.loads(json.dumps(data))):
        if isinstance(found, Unreadable):
            assert found.error
        else:
            words(found).encode()
            assert found.digest


LINES = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(KEYS, JSON, max_size=3).map(lambda each: json.dumps(each).encode()),
)


@given(st.lists(LINES, max_size=8), st.booleans())
def test_any_bytes_are_records_or_refused_in_one_line(lines: list[bytes], packed: bool) -> None:
    data = b"\n".join(lines)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(gzip.compress(data)[:-9] if packed else data)
        with suppress(UsageError), closing(Source(file.name, Fields())) as source:
            keys = [each.key for each in source.records(lambda identity: 1)]
            assert len(set(keys)) == len(keys)
