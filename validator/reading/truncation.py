"""Where a reply, or one of its parts, breaks off, and what says so."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from validator.facts import BlockKind, Span, Stop, Truncation
from validator.reading.grammar import State, parse

if TYPE_CHECKING:
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
        return _cut_sentence(survey)
    if final.fenced and final.closed:
        return []
    joined = joined or final
    found = _left_open(joined) if final.kind is BlockKind.PYTHON else []
    ended = survey.said_end and not found
    if final.fenced and not ended and (found or continued or not _ends_well(joined)):
        opened = final.opened + moved
        where = f"the fence opened at line {opened}" if opened > 0 else "the fence it goes on in"
        found.insert(0, f"{where} is never closed")
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


def _cut_sentence(survey: Survey) -> list[str]:
    line = next((line for line in reversed(survey.lines) if line.strip()), "")
    if len(line.split()) > 3 and _HANGING.search(line):
        return [f"the last sentence is cut: {line.strip()[-40:]!r}"]
    return []
