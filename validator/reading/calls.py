"""Code in the call of a tool: `{"name": "python", "arguments": {"code": "…"}}`, as JSON has it."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from validator.facts import Recovery, split_lines
from validator.reading.classify import substantial
from validator.reading.grammar import parse
from validator.reading.passage import Passage

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("name", "tool", "tool_name", "function", "action", "recipient_name", "type")
_ARGUMENTS = (
    "arguments", "parameters", "input", "args", "kwargs", "action_input", "tool_input",
)  # fmt: skip
_CODE = (
    "code", "script", "source", "source_code", "python_code", "python", "content", "contents",
    "file_text", "text", "input",
)  # fmt: skip
_PATHS = ("path", "file_path", "filename", "file_name", "file")
_BEGINS = re.compile(r"[ \t]*(?:\[\s*)?\{")
_FILES = ("path", "file_path", "filename", "file_name", "file", "name")
_ANSWERS = ("code", "python_code", "source_code", "program", "script", "solution", "answer")
"""What a model that answers in JSON calls its program."""
_TELLING = re.compile(rf'"(?:{"|".join((*_ARGUMENTS, *_ANSWERS))}|content|[\w./-]+\.py)\\?"')
_WORDS = re.compile(r"[A-Z]\w*(?: \w+){2}|[^\x00-\u02ff]{6}")
"""How a sentence begins."""
_MAX_CALLS = 50
"""Places of one part that are tried as JSON; each may be read to its end in vain."""
_MAX_CHARACTERS = 1_000_000
_MAX_DEPTH = 8
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Call:
    """Code that a tool was to be called with, and where in a passage the call stands."""

    start: int
    """0-based index of the first line of the call."""
    stop: int
    """Index behind its last line."""
    code: Passage
    """Each line of the code, at the one line of the reply that holds it all."""
    name: str | None
    """The file it was to be written to."""
    recovery: Recovery


def calls_in(passage: Passage) -> Iterator[Call]:
    """Yield the calls that stand on lines of their own and hold Python, in order."""
    text = passage.text
    if len(text) > _MAX_CHARACTERS or not _TELLING.search(text):
        return
    offsets = tuple(accumulate((len(line) + 1 for line in passage.lines), initial=0))
    index = tried = 0
    while index < len(passage) and tried < _MAX_CALLS:
        if not _BEGINS.match(passage.lines[index]):
            index += 1
            continue
        tried += 1
        found = _value_at(text, offsets[index])
        if found is None:
            index += 1
            continue
        value, end = found
        stop = bisect_left(offsets, end)
        for code in _codes(value):
            yield _call(passage, index, stop, code)
        index = stop


def _value_at(text: str, start: int) -> tuple[object, int] | None:
    """Return the JSON that a line begins with and one ends with, and the place behind it."""
    begin = start
    while text[begin] in " \t":
        begin += 1
    try:
        value, end = _DECODER.raw_decode(text, begin)
    except (ValueError, RecursionError):
        return None
    rest = text[end : text.index("\n", end)]
    return None if rest.strip(" \t,;") else (value, end)


def _codes(value: object, depth: int = 0) -> Iterator[tuple[str, str, str | None]]:
    """Yield the key, the text and the file name of every code in a value made of calls."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _codes(each, depth + 1)
    if not isinstance(value, dict):
        return
    found = _of_call(value) or _of_answer(value, depth)
    if found is not None:
        yield found
        return
    files = [(key, text, key) for key, text in value.items() if key.endswith(".py")]
    if files and all(isinstance(text, str) and _is_program(text) for _, text, _ in files):
        yield from files
        return
    for each in value.values():
        if isinstance(each, list | dict):
            yield from _codes(each, depth + 1)


def _of_call(call: dict[str, object]) -> tuple[str, str, str | None] | None:
    if not any(isinstance(call.get(name), str) for name in _NAMES):
        return None
    for key in _ARGUMENTS:
        arguments = _decoded(call.get(key))
        if isinstance(arguments, str) and _is_program(arguments):
            return key, arguments, None
        if isinstance(arguments, dict):
            return _of_arguments(arguments)
    return None


def _of_answer(answer: dict[str, object], depth: int) -> tuple[str, str, str | None] | None:
    """Return the code of a file that is named, or of an answer that says something beside it."""
    names = (answer.get(key) for key in _FILES)
    name = next((each for each in names if isinstance(each, str) and each.endswith(".py")), None)
    if name is None and depth:
        return None
    for key in (*_ANSWERS, "content") if name is not None else _ANSWERS:
        text = answer.get(key)
        if isinstance(text, str) and "\n" in text.strip() and _is_program(text):
            return (key, text, name) if name is not None or _is_told(answer, key) else None
    return None


def _is_told(answer: dict[str, object], key: str) -> bool:
    """Return True where an object has nothing but code, or says something beside it."""
    others = [value for other, value in answer.items() if other != key]
    return not others or any(isinstance(each, str) and _WORDS.search(each) for each in others)


def _decoded(value: object) -> object:
    """Arguments may be JSON once more, in a string, as OpenAI has them."""
    if not isinstance(value, str) or not value.lstrip().startswith("{"):
        return value
    try:
        return _DECODER.decode(value)
    except (ValueError, RecursionError):
        return value


def _of_arguments(arguments: dict[str, object]) -> tuple[str, str, str | None] | None:
    names = (arguments.get(key) for key in _PATHS)
    name = next((each for each in names if isinstance(each, str) and "." in each), None)
    for key in _CODE:
        text = arguments.get(key)
        if isinstance(text, str) and _is_program(text):
            return key, text, name
    return None


def _is_program(text: str) -> bool:
    tree = parse(text).tree
    return tree is not None and substantial(tree)


def _call(passage: Passage, start: int, stop: int, code: tuple[str, str, str | None]) -> Call:
    key, text, name = code
    call = passage.cut(start, stop)
    stands = next(
        (i for i, line in enumerate(call.lines) if f'{key}"' in line.replace("\\", "")), 0
    )
    lines = tuple(split_lines(text))
    whole = Passage(lines, (call.numbers[stands],) * len(lines)).trimmed()
    return Call(start, stop, whole, name, Recovery("tool-call", call.span, call.text, whole.text))
