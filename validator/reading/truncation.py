"""Where a reply, or one of its parts, breaks off, and what says so."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Span, Stop, Truncation
from validator.reading.grammar import State, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.facts import Part
    from validator.reading.passage import Stretch
    from validator.reading.survey import Survey

_STOPPED = {
    Stop.LIMIT: "the server stopped at the token limit",
    Stop.CONTEXT: "the server stopped at the end of the model's context",
    Stop.INTERRUPTED: "the stream broke off",
}
_HANGING = re.compile(
    r"(?:,|\(|\b(?:the|a|an|and|or|of|to|in|with|for|is|are|that|which|by|as|at|from|this|will|can))\s*$",
    re.IGNORECASE,
)
_SAID = re.compile(r"(?:\.\.\.|…)\s*[(\[](?:truncated|cut off|continued)[)\]]\s*$", re.IGNORECASE)
_TOKENS = re.compile(r"(?:\s*</?[sS]>|\s*<[|｜][^<>]{1,40}[|｜]>)+\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s")
_UNSAID = re.compile(r"\s*(?:\#|\||```|~~~|<|\*\*[^*]+\*\*:?\s*$)")
"""Headings, tables, fences and markup have no full stop to miss."""
_PARTING = re.compile(
    r"\b(?:let me know|hope|happy|enjoy|luck|thank|thanks|feel free|have fun|cheers|regards"
    r"|welcome|congratulations)\b",
    re.IGNORECASE,
)
"""What closes a letter, often without a full stop."""
_MARKUP = re.compile(
    r"<(?:pre|code|strong|em|b|i|ul|ol|li|table|tr|td|th|thead|tbody|div|span|p|a|h[1-6]|blockquote"
    r"|details|summary|script|style|html|head|body)(?:\s[^<>]*)?>\s*$|</?[a-z][^<>]*$"
)
_MIN_SENTENCE_WORDS = 5
_MIN_SENTENCES = 3
"""That end as they should, before one that does not is held for cut."""
_MIN_TURNS = 8
_MIN_REPEATED_LINES = 12
_MAX_PERIOD = 12
"""How often, over how many lines, and in steps of how many at most, a text says one thing."""
_OPEN = (
    (re.compile(r"unterminated .*string|string literal|f-string"), "a string is left open"),
    (re.compile(r"was never closed|closing parenthesis"), "a bracket is left open"),
    (re.compile(r"expected an indented block"), "a block has no body"),
    (re.compile(r"expected 'except'"), "a try has no except"),
)


def find_truncation(
    part: Part, first: int, survey: Survey, joined: Stretch | None, *, continued: bool
) -> Truncation | None:
    """Say where and why a part of a reply breaks off; None where it ends as it should.

    `first` is the line of the whole reply the part begins at, and `joined` its last block together
    with what it goes on with. The evidence counts lines as the part's own document does.
    """
    filled = [index for index, line in enumerate(survey.lines) if line.strip()]
    if not filled:
        return None
    last = survey.first + filled[-1]
    evidence = _evidence(survey, joined, part.begins_at - first, continued=continued)
    if part.stop in _STOPPED:
        evidence = [_STOPPED[part.stop], *evidence]
    if not evidence:
        return None
    return Truncation(Span(last, last), "; ".join(evidence), continued)


def _evidence(survey: Survey, joined: Stretch | None, moved: int, *, continued: bool) -> list[str]:
    if _SAID.search(next((line for line in reversed(survey.lines) if line.strip()), "")):
        return ["the reply says that it was truncated"]
    if survey.never_answered:
        return ["it never stops thinking"]
    if survey.left_open and survey.left_open == survey.first + survey.filled.last:
        return [f"the fence opened at line {survey.left_open + moved} holds nothing"]
    final = survey.stretches[-1] if survey.stretches else None
    if final is None or not final.ends_part:
        return _repeated(survey.lines) or _cut_sentence(survey.lines)
    if final.fenced and final.closed:
        return []
    joined = joined or final
    if (again := _repeated(joined.passage.lines)) and not survey.said_end:
        return again
    found = _left_open(joined) if final.kind is BlockKind.PYTHON else []
    ended = survey.said_end and not found
    if final.fenced and not ended and (found or continued or not _ends_well(joined)):
        opened = final.opened + moved
        where = f"the fence opened at line {opened}" if opened > 0 else "the fence it goes on in"
        found.insert(0, f"{where} is never closed")
    if not final.fenced and not found and (name := _given_last(joined)):
        found.append(f"it ends where {name!r} is given, before anything uses it")
    return found


def _left_open(stretch: Stretch) -> list[str]:
    answer = parse(stretch.passage.text)
    if answer.state is not State.UNFINISHED:
        return []
    words = next((words for pattern, words in _OPEN if pattern.search(answer.reason)), None)
    return [words or f"its last line is unfinished: {stretch.passage.lines[-1].strip()[:60]!r}"]


def _ends_well(stretch: Stretch) -> bool:
    """Return True where an unclosed fence ends as a program, or its last function, may end."""
    if stretch.kind is not BlockKind.PYTHON:
        return False
    tree = parse(stretch.passage.text).tree
    if tree is None or not tree.body:
        return False
    final = tree.body[-1]
    if not isinstance(final, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    return isinstance(_deepest(final), ast.Return | ast.Raise)


def _deepest(node: ast.stmt) -> ast.stmt:
    while isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.With):
        node = node.body[-1]
    return node


def _given_last(stretch: Stretch) -> str | None:
    """Return the local name that the last statement of a last function gives to nobody."""
    tree = parse(stretch.passage.text).tree
    last = tree.body[-1] if tree is not None and tree.body else None
    if not isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    match last.body[-1]:
        case ast.Assign(targets=[ast.Name(id=name)]):
            said = [
                node
                for node in ast.walk(last)
                if (isinstance(node, ast.Name) and node.id == name)
                or (isinstance(node, ast.Global | ast.Nonlocal) and name in node.names)
            ]
            return name if len(said) == 1 else None
    return None


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _repeated(lines: Sequence[str]) -> list[str]:
    """Say that the last lines are the same few again and again: a model that found no end."""
    tail = [line.strip() for line in lines[-_MAX_TAIL:] if line.strip()]
    for period in range(1, _MAX_PERIOD + 1):
        same = 0
        while same + period < len(tail) and tail[-1 - same] == tail[-1 - same - period]:
            same += 1
        turns = (same + period) // period
        if turns >= _MIN_TURNS and same + period >= _MIN_REPEATED_LINES:
            if any(map(str.isalnum, "".join(tail[-period:]))):
                return [f"it says {tail[-1][:40]!r} again and again to its end"]
            return []
    return []


_MAX_TAIL = 400


def _cut_sentence(lines: Sequence[str]) -> list[str]:
    filled = [_TOKENS.sub("", line[-_MAX_LINE:]).rstrip() for line in lines if line.strip()]
    filled = [line for line in filled if line.strip()]
    line = filled[-1] if filled else ""
    hangs = len(line.split()) > 3 and _HANGING.search(line)
    if hangs or _stops_short(line, filled[:-1]):
        return [f"the last sentence is cut: {line.strip()[-40:]!r}"]
    if line.lstrip().startswith("<") and _MARKUP.search(line):
        return [f"the last of its markup is cut: {line.strip()[-40:]!r}"]
    return []


_MAX_LINE = 2_000


def _stops_short(line: str, before: Sequence[str]) -> bool:
    """Return True where the last sentence alone has no end, of several that are like it."""
    if not _is_sentence(line) or not line[-1].islower() or _PARTING.search(line):
        return False
    item = _ITEM.match(line) is not None
    alike = [
        each for each in before if _is_sentence(each) and (_ITEM.match(each) is not None) == item
    ]
    return len(alike) >= _MIN_SENTENCES and not any(each[-1].isalnum() for each in alike)


def _is_sentence(line: str) -> bool:
    return len(line.split()) >= _MIN_SENTENCE_WORDS and _UNSAID.match(line) is None
