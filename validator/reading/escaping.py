r"""A reply whose line ends came as `\n`: a string of JSON or of Python that nobody took apart."""

from __future__ import annotations

import ast
import json
import re

from validator.reading.grammar import parse

_ESCAPE = re.compile(r"\\([nrt\"'\\])")
_MEANT = {"n": "\n", "r": "", "t": "\t"}
_LINE_END = re.compile(r"(?<!\\)(?:\\\\)*\\n")
_FENCE = re.compile(r"^ {0,3}```", re.MULTILINE)
_MIN_LINE_ENDS = 2


def unescaped(text: str) -> str | None:
    r"""Return the text that was escaped into a single line; None where it was not.

    A string literal as a whole is one. Without its quotes, what comes of it has to hold a fence, or
    be Python as a whole, and the line as it stands is neither: `print("a\nb\n")` stays.
    """
    line = text.strip()
    if "\n" in line or len(_LINE_END.findall(line)) < _MIN_LINE_ENDS:
        return None
    if line[0] == line[-1] and line[0] in "\"'":
        return _literal(line)
    if parse(line).tree is not None:
        return None
    plain = _ESCAPE.sub(lambda match: _MEANT.get(match[1], match[1]), line)
    return plain if _FENCE.search(plain) or parse(plain).tree is not None else None


def _literal(line: str) -> str | None:
    try:
        value = json.loads(line, strict=False) if line[0] == '"' else ast.literal_eval(line)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value.replace("\r\n", "\n") if isinstance(value, str) else None
