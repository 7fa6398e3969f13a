"""From a JSON object to the replies in it, whichever of the usual shapes it has."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from validator.batch.checks import NotAChecksListError, checks_in
from validator.facts import Part, Reply, Trial
from validator.opening import digest
from validator.reading.conversations import conversations_in
from validator.syntax import NOT_PYTHON, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_ID_CHARACTERS = 200
KEYS_SHOWN = 12
_REPLIES = (
    "reply", "response", "completion", "answer", "output", "generation", "solution", "text",
    "content", "code",
)  # fmt: skip
"""Where a reply is looked for where nobody says, in this order; or a whole conversation."""
_TALKS = ("messages", "conversations", "conversation", "choices")
_IDS = ("id", "custom_id", "task_id", "name", "key")
_CODE = "code"
"""A field of this name holds a program and no words around it."""
_DEFINES = r"^(?:async\s+)?(?:def|class)\s+{}\b"
_PATH_STEP = re.compile(r"[^.\[\]]+|\[\d+\]")


@dataclass(frozen=True, slots=True)
class Fields:
    """Where a record has what, as the user says: a key, or a path such as `body.choices[0].text`.

    None leaves it to be found.
    """

    reply: str | None = None
    id: str | None = None
    tests: str | None = None
    stdin: str | None = None
    expected: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A reply to judge, and what it is to be tried with."""

    key: str
    """Its line in the file; where that holds several replies, `7.2` for the second."""
    id: str
    """Unique in the file: the second of the same name is `name#2`."""
    reply: Reply
    model: str | None = None
    trial: Trial | None = None
    alone: bool = False
    """True where no other record's report may stand for its own: what is known of each differs."""

    @property
    def digest(self) -> bytes:
        """16 bytes that are the same for records that come to the same report."""
        words = hashlib.blake2b(digest(self.reply), digest_size=16)
        words.update(repr(self.trial).encode("utf-8", "surrogatepass"))
        if self.alone:
            words.update(f":{self.key}".encode())
        return words.digest()

    @property
    def sha256(self) -> str:
        """The hash of the reply's text, for whoever has the reply to find its result by."""
        text = "".join(part.text for part in self.reply.parts)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record without a reply, and why."""

    key: str
    id: str | None
    error: str


class _NoReplyError(Exception):
    """The record holds none; the message says why."""


def records_in(
    data: Mapping[str, Any], fields: Fields, *, line: int, name: str
) -> tuple[Record | Unreadable, ...]:
    """Return the replies of one record: one, or one for each choice of a server's answer.

    Known are OpenAI's and Anthropic's batch output, HumanEval's samples and problems, can-ai-code's
    results, conversations, and whatever has its reply in a field of a usual name. `line` and `name`
    say where the record stands.
    """
    identity = _identity(data, fields)
    try:
        replies = _replies(data, fields, f"{name}:{line}")
        trial = _trial(data, fields)
        model = _model(data, fields)
    except _NoReplyError as error:
        return (Unreadable(str(line), identity, str(error)),)
    made: list[Record] = []
    for number, reply in enumerate(replies, 1):
        key = f"{line}.{number}" if len(replies) > 1 else str(line)
        made.append(Record(key, identity or str(line), reply, model, trial))
    return tuple(made)


# ── the reply ────────────────────────────────────────────────────────────────────────────────────


def _replies(data: Mapping[str, Any], fields: Fields, origin: str) -> tuple[Reply, ...]:
    if fields.reply is not None:
        return _from_value(_at(data, fields.reply, "reply"), origin, fields.reply)
    if "custom_id" in data and ("response" in data or "result" in data):
        return _from_batch(data, origin)
    if isinstance(data.get("prompt"), str) and isinstance(data.get("entry_point"), str):
        return (_completed(data, origin),)
    for key in _REPLIES:
        if isinstance(data.get(key), str):
            text = _encodable(data[key])
            return (_reply(_fenced(text) if key == _CODE else text, origin),)
    for key in (*_TALKS, "response", "body"):
        found = _conversation(data if key in _TALKS else data.get(key), origin)
        if found and key in data:
            return found
    raise _NoReplyError(f"it has no field that holds a reply: {_has(data)}")


def _from_value(value: Any, origin: str, field: str) -> tuple[Reply, ...]:
    if isinstance(value, str):
        return (_reply(_encodable(value), origin),)
    found = _conversation(value, origin)
    if not found:
        raise _NoReplyError(f"its field {field!r} holds {_kind(value)} and no reply")
    return found


def _from_batch(data: Mapping[str, Any], origin: str) -> tuple[Reply, ...]:
    """Return the replies of a line of OpenAI's batch output, or of Anthropic's."""
    error = data.get("error")
    answer = data.get("response", data.get("result"))
    if isinstance(answer, str):
        return (_reply(_encodable(answer), origin),)
    answer = answer if isinstance(answer, dict) else {}
    body = answer.get("body", answer.get("message"))
    status = answer.get("status_code")
    failed = error or (isinstance(status, int) and status >= 400) or body is None
    found = None if failed else _conversation(body, origin)
    if not found:
        told = error or answer.get("error") or body or answer.get("type") or "nothing"
        raise _NoReplyError(f"the server gave no reply: {json.dumps(told)[:200]}")
    return found


def _completed(data: Mapping[str, Any], origin: str) -> Reply:
    """Return the program of a HumanEval record: its prompt and what goes on from it."""
    prompt, name = _encodable(data["prompt"]), data["entry_point"]
    keys = ("completion", "reply", "response", "answer", "generation", "canonical_solution")
    text = next((data[key] for key in keys if isinstance(data.get(key), str)), None)
    if text is None:
        raise _NoReplyError(f"it has a prompt and no completion: {_has(data)}")
    text = _encodable(text)
    whole = re.search(_DEFINES.format(re.escape(name)), text, re.MULTILINE)
    if "```" in text:
        return _reply(text, origin)
    return _reply(_fenced(text if whole else prompt + text), origin)


def _conversation(value: Any, origin: str) -> tuple[Reply, ...] | None:
    if not isinstance(value, dict | list):
        return None
    return conversations_in(json.dumps(value), origin)


def _reply(text: str, origin: str) -> Reply:
    return Reply((Part(text, origin),))


def _fenced(code: str) -> str:
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}python\n{code.rstrip()}\n{fence}\n"


# ── what it is tried with ────────────────────────────────────────────────────────────────────────


def _trial(data: Mapping[str, Any], fields: Fields) -> Trial | None:
    tests = _tests(data, fields)
    stdin = _text(data, fields.stdin, "stdin")
    expected = _text(data, fields.expected, "expected")
    if fields.expected is None and isinstance(data.get("expected"), dict):
        told = data["expected"].get("stdout")
        expected = _encodable(told) if isinstance(told, str) else None
    if not tests and stdin is None and expected is None:
        return None
    return Trial(stdin, expected, tests)


def _tests(data: Mapping[str, Any], fields: Fields) -> str:
    name = data.get("entry_point")
    if fields.tests is not None:
        value = _at(data, fields.tests, "tests")
    else:
        value = data.get("test") if isinstance(name, str) else _checks(data)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = "\n".join(value)
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise _NoReplyError(f"its tests are {_kind(value)} and no text")
    text = _encodable(value)
    if (
        isinstance(name, str)
        and name.isidentifier()
        and re.search(_DEFINES.format("check"), text, re.MULTILINE)
    ):
        text = f"{text.rstrip()}\n\n\ncheck({name})\n"
    try:
        parse(text)
    except NOT_PYTHON as error:
        raise _NoReplyError(f"its tests are not Python: {error}") from None
    return text


def _checks(data: Mapping[str, Any]) -> str:
    try:
        return checks_in(data)
    except NotAChecksListError as error:
        raise _NoReplyError(f"its checks cannot be made: {error}") from None


def _model(data: Mapping[str, Any], fields: Fields) -> str | None:
    if fields.model is not None:
        value = _at(data, fields.model, "model")
    else:
        answer = data.get("response", data.get("result"))
        answer = answer if isinstance(answer, dict) else {}
        body = answer.get("body", answer.get("message"))
        value = data.get("model", body.get("model") if isinstance(body, dict) else None)
    return _encodable(value)[:MAX_ID_CHARACTERS] if isinstance(value, str) and value else None


def _identity(data: Mapping[str, Any], fields: Fields) -> str | None:
    paths = (fields.id,) if fields.id is not None else _IDS
    for path in paths:
        found, value = _found(data, path)
        if found and value is not None:
            text = value if isinstance(value, str) else json.dumps(value)
            return _encodable(text)[:MAX_ID_CHARACTERS]
    return None


# ── fields ───────────────────────────────────────────────────────────────────────────────────────


def _text(data: Mapping[str, Any], path: str | None, what: str) -> str | None:
    if path is None:
        return None
    value = _at(data, path, what)
    if value is None or isinstance(value, str):
        return None if value is None else _encodable(value)
    raise _NoReplyError(f"its {what} is {_kind(value)} and no text")


def _at(data: Mapping[str, Any], path: str, what: str) -> Any:
    found, value = _found(data, path)
    if not found:
        raise _NoReplyError(f"it has no field {path!r} for its {what}: {_has(data)}")
    return value


def _found(data: Mapping[str, Any], path: str) -> tuple[bool, Any]:
    if path in data:
        return True, data[path]
    value: Any = data
    for step in _PATH_STEP.findall(path):
        if step.startswith("["):
            index = int(step[1:-1])
            if not isinstance(value, list) or index >= len(value):
                return False, None
            value = value[index]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return False, None
    return True, value


def _has(data: Mapping[str, Any]) -> str:
    keys = list(data)[:KEYS_SHOWN]
    return f"it has {', '.join(str(key)[:40] for key in keys) or 'none at all'}"


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _encodable(text: str) -> str:
    # JSON can hold half of a surrogate pair, which no encoding of text can.
    return text.encode("utf-8", "replace").decode()
