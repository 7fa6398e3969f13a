"""Code whose line ends were lost: statements told apart again and put back in their suites.

Where a statement ends is mostly grammar: two operands cannot stand side by side, and a keyword that
only begins statements begins one. Where a suite ends is not written down anywhere, so every reading
is weighed: one that leaves code unreachable, or lets a function that returns a value fall off its
end on another path, is held to be wrong.
"""

from __future__ import annotations

import ast
import keyword
import re
import tokenize
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from validator.reading import vocabulary
from validator.reading.grammar import State, is_whole, parse, tokens_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.reading.passage import Passage

_FLAT = re.compile(r"(?:(?:async\s+)?def|class|if|while|for|try|with|import|from)\b")
_MIN_CHARACTERS = 12
_MAX_TOKENS = 2000
_BEAM = 48
"""Readings kept at a time; the lines are short and the costs far apart."""
_PARTNERS = {
    "elif": ("if", "elif"),
    "else": ("if", "elif", "for", "while", "except", "try"),
    "except": ("try", "except"),
    "finally": ("try", "except", "else"),
}


def unflatten(line: str) -> list[str] | None:
    """Return the lines a flattened run of code had, or None where it is not one or cannot be told.

    >>> unflatten("def f(x): y = x + 1 return y")
    ['def f(x):', '    y = x + 1', '    return y']
    """
    statements = _statements(line.strip())
    if statements is None or len(statements) < 2:
        return None
    best = _arrange(statements)
    if best is None:
        return None
    lines = ["    " * level + text for level, text in zip(best, statements, strict=True)]
    return lines if _is_program("\n".join(lines) + "\n") else None


def unfolded(passage: Passage) -> Passage:
    """Put the line ends back into the lines of a passage that are code run together."""
    lines: list[str] = []
    places: list[int] = []
    for index, line in enumerate(passage.lines):
        text = line.strip()
        found = None
        if len(text) >= _MIN_CHARACTERS and _FLAT.match(text) and parse(text).state is State.BROKEN:
            found = unflatten(text)
        margin = line[: len(line) - len(line.lstrip())] if found and len(found) > 1 else ""
        lines.extend([margin + each for each in found] if found else [line])
        places.extend([index] * len(found or [line]))
    return passage.picked(places).with_lines(lines) if len(lines) > len(passage) else passage


def _is_program(text: str) -> bool:
    if is_whole(text):
        return True
    # A guard or a loop header at the very end may have its suite elsewhere.
    return is_whole(text.rstrip() + " pass\n")


# ── where statements end ─────────────────────────────────────────────────────────────────────────


def _statements(text: str) -> list[str] | None:
    tokens = tokens_of(text + "\n")
    if tokens is None or len(tokens) > _MAX_TOKENS:
        return None
    words = [token for token in tokens if token.string.strip()]
    # A comment has no end once the line ends are gone.
    if any(word.type in (tokenize.COMMENT, tokenize.ERRORTOKEN) for word in words):
        return None
    cuts = _boundaries(words)
    edges = [*cuts, len(text)]
    pieces = [text[a:b].strip().rstrip(";") for a, b in pairwise(edges)]
    return pieces if _are_statements(pieces) else None


def _boundaries(words: list[tokenize.TokenInfo]) -> list[int]:
    """Return the columns at which statements begin."""
    cuts: list[int] = []
    depth = lambdas = 0
    first = 0
    for index, word in enumerate(words):
        text = word.string
        if depth == 0 and _begins(words, index, first):
            cuts.append(word.start[1])
            first = index
            lambdas = 0
        depth += (text in "([{") - (text in ")]}") if word.type == tokenize.OP else 0
        lambdas += text == "lambda"
        if text == ":" and depth == 0 and lambdas:
            lambdas -= 1
    return cuts


def _begins(words: list[tokenize.TokenInfo], index: int, first: int) -> bool:
    if index == 0:
        return True
    before, word = words[index - 1], words[index]
    text = word.string
    if before.string == ";" or (before.string == ":" and words[first].string in vocabulary.HEADERS):
        return not _in_lambda(words, first, index)
    if text == "import" and words[first].string == "from":
        return "import" in [w.string for w in words[first:index]]
    if text in vocabulary.STARTERS:
        return not (words[first].string == "async" and index == first + 1)
    if not _ends_operand(before):
        return before.string in ("pass", "break", "continue") and _starts_operand(word)
    if text in ("if", "else"):
        return not _is_ternary(words, index, first)
    if text in ("for", "from"):
        return words[first].string not in ("raise", "yield", "async")
    return _starts_operand(word) and not _may_follow(before, word)


def _may_follow(before: tokenize.TokenInfo, word: tokenize.TokenInfo) -> bool:
    if word.type == tokenize.OP:
        return True  # `f (x)` is a call and `a - b` a difference
    if word.string in vocabulary.INFIX:
        return True
    return before.type == tokenize.STRING and word.type == tokenize.STRING


def _in_lambda(words: list[tokenize.TokenInfo], first: int, index: int) -> bool:
    inside = [word.string for word in words[first:index]]
    return inside.count("lambda") > 0 and inside.count(":") <= inside.count("lambda")


def _is_ternary(words: list[tokenize.TokenInfo], index: int, first: int) -> bool:
    """Tell `a if b else c` from an `if` that begins a statement, by what comes first behind it."""
    if words[index].string == "else":
        following = words[index + 1].string if index + 1 < len(words) else ""
        inner = [word.string for word in words[first + 1 : index]]
        return following != ":" and "if" in inner
    depth = 0
    for word in words[index + 1 :]:
        depth += (word.string in "([{") - (word.string in ")]}") if word.type == tokenize.OP else 0
        if depth == 0 and word.string in (":", "else"):
            return word.string == "else"
        if depth < 0:
            break
    return False


def _ends_operand(word: tokenize.TokenInfo) -> bool:
    if word.type == tokenize.NAME:
        return not keyword.iskeyword(word.string) or word.string in ("True", "False", "None")
    return word.type in (tokenize.NUMBER, tokenize.STRING) or word.string in (")", "]", "}", "...")


def _starts_operand(word: tokenize.TokenInfo) -> bool:
    return word.type in (tokenize.NAME, tokenize.NUMBER, tokenize.STRING) or word.string == "@"


def _are_statements(pieces: Sequence[str]) -> bool:
    """Return True where each piece is a statement, or the header of one, that does something.

    One parse of all of them, one below the other and the headers with a suite, answers for each.
    """
    tree = parse("\n".join(map(_completed, pieces))).tree
    # A name, a sum or a comparison alone does nothing: words that happen to be Python.
    return tree is not None and not any(
        isinstance(node, ast.Expr)
        and not isinstance(node.value, ast.Call | ast.Await | ast.Yield | ast.Constant)
        for node in tree.body
    )


def _completed(piece: str) -> str:
    """Return a piece as a statement by itself; one that is none comes back as no Python."""
    head = _head(piece)
    if head == "try":
        return "try: pass\nfinally: pass" if piece.replace(" ", "") == "try:" else _NO_PYTHON
    if head in ("elif", "else"):
        return f"if x: pass\n{piece} pass"
    if head in ("except", "finally"):
        return f"try: pass\n{piece} pass"
    if head in vocabulary.HEADERS:
        return f"{piece} pass" if piece.endswith(":") else _NO_PYTHON
    return _NO_PYTHON if piece.startswith("@") else piece  # it would decorate the next


_NO_PYTHON = "?"


@lru_cache(maxsize=1024)
def _head(piece: str) -> str:
    words = piece.replace(":", " ").replace("(", " ").split(None, 1)
    return words[0] if words else ""


# ── which suite a statement belongs to ───────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Suite:
    head: str
    filled: int = 0
    ended: bool = False
    """True behind a `return` or its like: nothing more can stand here."""
    endless: bool = False
    last: str = ""
    """The first word of its latest statement."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to indent the statements so far."""

    cost: float
    levels: tuple[int, ...]
    suites: tuple[_Suite, ...]
    """Open suites, the module's first."""
    returns: tuple[bool, ...] = ()
    """For each function left behind, whether it was left on a path without `return`."""


def _arrange(statements: list[str]) -> tuple[int, ...] | None:
    beam = [_Reading(0.0, (), (_Suite("module"),))]
    for text in statements:
        grown = [after for reading in beam for after in _place(reading, text)]
        beam = sorted(grown, key=_worth)[:_BEAM]
    ended = [replace(r, cost=r.cost + _loose_ends(r, statements)) for r in beam]
    best = min(ended, key=_worth, default=None)
    return best.levels if best else None


def _worth(reading: _Reading) -> tuple[float, tuple[int, ...]]:
    return reading.cost, tuple(-level for level in reading.levels)


def _place(reading: _Reading, text: str) -> list[_Reading]:
    head = _head(text)
    readings = []
    for level in range(len(reading.suites)):
        suite = reading.suites[level]
        if _allowed(reading, level, head):
            cost = reading.cost + _leaving(reading.suites[level + 1 :], head)
            cost += _strangeness(reading.suites, level, text)
            ended = head in vocabulary.ENDERS
            grown = _Suite(suite.head, suite.filled + 1, ended, suite.endless, head)
            kept = (*reading.suites[:level], grown)
            if text.endswith(":") and head in vocabulary.HEADERS:
                kept = (*kept, _Suite(head, endless=text.startswith(("while True", "while 1"))))
            if head == "break":
                kept = _breaks(kept)
            readings.append(_Reading(cost, (*reading.levels, level), kept))
    return readings


def _breaks(suites: tuple[_Suite, ...]) -> tuple[_Suite, ...]:
    at = max((i for i, s in enumerate(suites) if s.head in ("for", "while")), default=-1)
    return tuple(replace(s, endless=False) if i == at else s for i, s in enumerate(suites))


def _allowed(reading: _Reading, level: int, head: str) -> bool:
    suites = reading.suites
    inner = suites[level + 1 :]
    around = {suite.head for suite in suites[: level + 1]}
    if head == "return" and not around & {"def", "async"}:
        return False
    if head in ("break", "continue") and not around & {"for", "while"}:
        return False
    if any(suite.filled == 0 for suite in inner):
        return False  # a suite holds at least one statement
    if head in _PARTNERS:
        return bool(inner) and inner[0].head in _PARTNERS[head]
    if head == "def" and level and "class" not in around:
        return False  # a function within a function is rarer than two that lost their line ends
    if any(suite.endless for suite in inner):
        return head in ("def", "class")  # nothing behind an endless loop is ever reached
    return not suites[level].ended


def _leaving(inner: tuple[_Suite, ...], head: str) -> float:
    """What it costs to believe that the suites `inner` end here, rather than go on."""
    if head in _PARTNERS:
        inner = inner[1:]
    loops = any(suite.head in ("for", "while") for suite in inner)
    # A `continue` at the very end of a loop would do nothing: the loop goes on behind it.
    cost = 2.0 if loops and inner[-1].last == "continue" else 0.0
    for suite in inner:
        if suite.ended or head in ("def", "class"):
            continue
        cost += 0.4 if suite.head in ("if", "elif", "else", "except", "finally") else 1.0
    return cost


def _strangeness(suites: tuple[_Suite, ...], level: int, text: str) -> float:
    """What it costs to believe in a rare construction: `for … else`, a method outside its class."""
    if text.startswith("else") and suites[level + 1].head in ("for", "while", "try"):
        return 3.0
    if text.startswith("def ") and "class" in [suite.head for suite in suites]:
        method = "(self" in text or "(cls" in text
        return 2.0 * (method != (suites[level].head == "class"))
    return 0.0


def _loose_ends(reading: _Reading, statements: list[str]) -> float:
    """Weigh functions that return a value on one path and fall off the end on another."""
    cost = 0.0
    for index, level in enumerate(reading.levels):
        if _head(statements[index]) == "def":
            body = _body(reading.levels, index, level)
            valued = any(s.startswith("return ") for s in statements[body.start : body.stop])
            cost += 5.0 * (
                valued and not _always_leaves(reading.levels, statements, body, level + 1)
            )
    return cost


def _body(levels: tuple[int, ...], index: int, level: int) -> range:
    stop = index + 1
    while stop < len(levels) and levels[stop] > level:
        stop += 1
    return range(index + 1, stop)


def _always_leaves(levels: tuple[int, ...], statements: list[str], body: range, level: int) -> bool:
    """Return True where no path through `body` runs off its end."""
    tops = [index for index in body if levels[index] == level]
    if not tops:
        return False
    last = tops[-1]
    head = _head(statements[last])
    if head in ("return", "raise"):
        return True
    if head == "while":
        return statements[last].startswith(("while True", "while 1"))
    if head not in ("else", "finally", "with"):
        return False
    chain = [last]
    while head != "with" and _head(statements[chain[0]]) not in ("if", "try", "for", "while"):
        earlier = [index for index in tops if index < chain[0]]
        if not earlier:
            return False
        chain.insert(0, earlier[-1])
    return all(
        _always_leaves(levels, statements, _body(levels, at, level), level + 1) for at in chain
    )
