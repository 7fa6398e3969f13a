"""Code that stands among prose without a fence: lines Python's grammar knows and prose does not."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from validator.reading.classify import substantial
from validator.reading.grammar import Parse, State, parse
from validator.reading.literals import Nesting
from validator.reading.passage import Passage, indent
from validator.reading.paths import name_above

if TYPE_CHECKING:
    from collections.abc import Iterator

_START = re.compile(
    r"""(?:import|from|(?:async\s+)?def|class|@\w|if|while|for|with|try\s*:|print)\b
        |[\w.\[\]'", ]++\s*(?:[-+*/|&%^@]|//|\*\*)?=(?!=)\s*\S|[A-Za-z_][\w.]*\(""",
    re.VERBOSE,
)
_GOES_ON = re.compile(r"(?:else|elif|except|finally|case)\b|[)\]}#]|['\"]{3}")
_PREAMBLE = re.compile(r"\#!.*python|\#.*coding[:=]")
"""A first line that only means something to an interpreter."""
_HEADING = re.compile(r"\#{2,6}\s")
_TEST = re.compile(r"[=<>(]|\bin\b|\bnot\b")
_MAX_CUTS = 6
"""How often a run that does not parse is shortened to the line the parser stopped at."""
_MAX_CUT_CHARACTERS = 200_000
"""A longer run is shortened once: nobody wrote it, and each time takes another parse of it all."""


def find_unfenced(passage: Passage, *, last: bool = False) -> Iterator[Passage]:
    """Yield the runs of code in a passage of prose, in order and in linear time.

    `last` says that the reply or its part ends here, so that a run may break off unfinished.
    """
    final = max((i for i, line in enumerate(passage.lines) if line.strip()), default=0)
    index = next((i for i in range(len(passage)) if _starts(passage, i)), len(passage))
    rest = _without_tail(passage.cut(index)).dedented()
    # Nothing but code to the end is common, and one look; it is not looked for a second time.
    tree = parse(rest.text).tree if len(rest) > 1 else None
    files = ".py" in rest.text and any(map(name_above, rest.lines))
    if tree is not None and substantial(tree) and indent(passage.lines[index]) == 0 and not files:
        yield rest
        return
    while index < len(passage):
        if not _starts(passage, index):
            index += 1
            continue
        stop = _grow(passage, index)
        run = _whole(passage.cut(index, stop), last=last and stop > final)
        if run is None:
            index += 1 if stop - index < 3 else stop - index
            continue
        yield run
        index += len(run)


def _starts(passage: Passage, index: int) -> bool:
    text = passage.lines[index].strip()
    if _PREAMBLE.match(text) and index + 1 < len(passage):
        text = passage.lines[index + 1].strip()
    if not _START.match(text):
        return False
    answer = parse(text)
    if answer.tree is not None:
        return substantial(answer.tree)
    if answer.state is State.UNFINISHED and text.endswith((":", "(", "[", "{", ",")):
        return text.startswith(("def ", "class ", "async ", "try", "@")) or bool(_TEST.search(text))
    return text.startswith("@") or answer.state is State.UNFINISHED


def _grow(passage: Passage, start: int) -> int:
    """Return the index behind the last line that could belong to the code beginning at `start`."""
    margin = indent(passage.lines[start])
    nesting = Nesting()
    nesting.read(passage.lines[start])
    index = start + 1
    while index < len(passage):
        line = passage.lines[index]
        if not nesting.inside and line.strip() and not _belongs(passage, index, margin):
            break
        nesting.read(line)
        index += 1
    return index


def _belongs(passage: Passage, index: int, margin: int) -> bool:
    line = passage.lines[index]
    if name_above(line) is not None:
        return False
    if indent(line) > margin:
        return True
    text = line.strip()
    if _HEADING.match(text):
        # A heading of the reply, unless code follows: then it is a loud comment.
        following = islice(passage.lines, index + 1, index + 3)
        return any(_START.match(line.strip()) and _does_something(line) for line in following)
    if _GOES_ON.match(text):
        return True
    answer = parse(text)
    if answer.tree is not None:
        return True
    return _START.match(text) is not None and answer.state is State.UNFINISHED


def _does_something(line: str) -> bool:
    """Return True where a line alone is a statement that does something."""
    tree = parse(line.strip()).tree
    return tree is not None and substantial(tree)


def _whole(run: Passage, *, last: bool) -> Passage | None:
    """Return the longest beginning of `run` that is code, without its margin, or None."""
    tries = _MAX_CUTS if len(run.text) < _MAX_CUT_CHARACTERS else 2
    for _ in range(tries):
        run = _without_tail(run)
        if not run.lines:
            return None
        text, answer = _best_margin(run)
        if answer.tree is not None:
            return text if substantial(answer.tree) else None
        if last and answer.state is State.UNFINISHED:
            return text
        if answer.line <= 1:
            break
        kept = text.cut(0, answer.line - 1)
        if len(kept) * 2 < len(run) and _code_lines(run) >= 3:
            return text  # more is behind the error than before it: broken code is still the code
        run = run.cut(0, answer.line - 1)
    return _best_margin(run)[0] if _code_lines(run) >= 3 else None


def _best_margin(run: Passage) -> tuple[Passage, Parse]:
    """Take off the margin all lines share, or the one only the first line has."""
    even = run.dedented()
    answer = parse(even.text)
    if indent(run.lines[0]) > 0 and (answer.tree is None or _first_is_pushed(run)):
        first = run.with_lines([run.lines[0].lstrip(), *run.lines[1:]])
        other = parse(first.text)
        if other.tree is not None or (answer.tree is None and other.line > answer.line):
            return first, other
    return even, answer


def _first_is_pushed(run: Passage) -> bool:
    """Return True where only the first line was moved, as a tokenizer's first blank does."""
    rest = [indent(line) for line in run.lines[1:] if line.strip()]
    return indent(run.lines[0]) < 4 and all(column % 4 == 0 for column in rest)


def _without_tail(run: Passage) -> Passage:
    """Take off blank lines, and lone words that only happen to be Python, from the end."""
    run = run.trimmed()
    while run.lines:
        text = run.lines[-1].strip()
        answer = parse(text)
        weak = answer.tree is not None and not substantial(answer.tree)
        if not (weak and indent(run.lines[-1]) == 0 and text[:1] not in "#'\")]}"):
            break
        run = run.cut(0, -1).trimmed()
    return run


def _code_lines(run: Passage) -> int:
    return sum(1 for line in run.lines if _START.match(line.strip()))
