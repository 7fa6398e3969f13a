"""Brackets and quotes that were left open, or closed once too often: the places they may stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.rules.slips import code_end, masked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAIRS = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(PAIRS.values())
_BOUNDARY = re.compile(r"(?<=[\w)\]}\"'])(?![\w\"'])|(?<=\s)(?=[^\s])|$")
_ENDS_A_VALUE = re.compile(r"[\w)\]}]$")
_STATEMENT = re.compile(
    r"\s*(?:def|class|return|import|while|try|with|raise|del|global|pass|break|continue|print)\b"
)
"""What begins a statement of its own, so that the one before it is over."""
_PROSE = re.compile(r"(?![.,)\]])[^()\[\]{}#+=\"']*")
_WORD_ENDS = re.compile(r"(?<=\w)(?!\w)|(?<![\w.])(?=\w)")
MAX_LINES = 25
"""Of a statement whose bracket is open."""
MAX_PLACES = 60


def closed(lines: Sequence[str], opened: int) -> Iterator[tuple[int, str, bool]]:
    """Return the lines, each with what it becomes, that close what line `opened` leaves open.

    The likeliest first: the end of the line, or the place before its colon. Then the other places
    in the lines of the statement, for whoever asks whether there is but one. Each with whether it
    is more than a guess: one bracket, in the line that opens it.
    """
    last = max((at for at, line in enumerate(lines, start=1) if line.strip()), default=0)
    for number, before, stack in _open(lines, opened):
        line = lines[number - 1]
        if number == last and not _ENDS_A_VALUE.search(masked(line).rstrip(" :")):
            return  # it breaks off: what is to come is more than a bracket
        sure = len(stack) == 1 and number == opened
        yield from ((*each, sure) for each in _at_the_end(number, line, stack))
        if len(stack) == 1:
            within = _within(number, line, masked(line), (before, stack[-1]))
            yield from ((*each, sure) for each in within)


def separated(lines: Sequence[str], opened: int) -> Iterator[tuple[int, str]]:
    """Return the lines inside the bracket that line `opened` opens, each with a comma behind it."""
    for number, _, _ in _open(lines, opened):
        mask = masked(lines[number - 1]).rstrip()
        if _ENDS_A_VALUE.search(mask):
            yield number, with_a_comma(lines[number - 1])


def _open(
    lines: Sequence[str], opened: int
) -> Iterator[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Return the lines at whose end a bracket is open, with those open before and behind each."""
    stack: list[str] = []
    for number in range(opened, min(opened + MAX_LINES, len(lines) + 1)):
        line, before = lines[number - 1], tuple(stack)
        if number > opened and (not line.strip() or _STATEMENT.match(line)):
            return
        if not _nested(stack, masked(line)) or not stack:
            return
        yield number, before, tuple(stack)


def _nested(stack: list[str], mask: str) -> bool:
    """Follow the brackets of a line; tell whether each closed the last that was open."""
    for char in mask:
        if char in PAIRS:
            stack.append(char)
        elif char in _CLOSERS and (not stack or PAIRS[stack.pop()] != char):
            return False
    return True


def _at_the_end(number: int, line: str, stack: Sequence[str]) -> Iterator[tuple[int, str]]:
    end = code_end(line)
    code, behind = line[:end], line[end:]
    closers = "".join(PAIRS[each] for each in reversed(stack))
    if code.endswith(":"):
        yield number, f"{code[:-1]}{closers}:{behind}"
    yield number, f"{code}{closers}{behind}"


def _within(
    number: int, line: str, mask: str, opened: tuple[tuple[str, ...], str]
) -> Iterator[tuple[int, str]]:
    before, bracket = opened
    closer = PAIRS[bracket]
    first = 0 if before else mask.rfind(bracket) if mask.count(bracket) == 1 else mask.find(bracket)
    end = code_end(line)
    places = [match.start() for match in _BOUNDARY.finditer(mask[:end]) if match.start() > first]
    for place in places[:MAX_PLACES]:
        # `f)(x` would call what the call returns: nobody means that by leaving a bracket out.
        if place < end and mask[place] not in "([{" and mask[place - 1] != bracket:
            yield number, f"{line[:place]}{closer}{line[place:]}"


def opened_or_dropped(line: str) -> Iterator[tuple[str, bool]]:
    """Return a line that closes more than it opens without one closer, or with one more opener.

    Each with whether it is more than a guess: a closer that stands there twice.
    """
    mask = masked(line)
    closers = [at for at, char in enumerate(mask) if char in _CLOSERS]
    for at in reversed(closers[-MAX_PLACES:]):
        twice = mask[at] in (mask[at - 1 : at], mask[at + 1 : at + 2])
        yield line[:at] + line[at + 1 :], twice
    opener = {closer: bracket for bracket, closer in PAIRS.items()}
    ends = (match.start() for match in _WORD_ENDS.finditer(mask))
    places = [at for at in ends if line[at - 1 : at] not in ("'", '"')][:MAX_PLACES]
    for closer in sorted({mask[at] for at in closers}):
        yield from ((f"{line[:at]}{opener[closer]}{line[at:]}", False) for at in places)


def rightly_closed(lines: Sequence[str], number: int) -> Iterator[str]:
    """Return line `number` with each of its closers made the one that is due, or one put in."""
    line = lines[number - 1]
    mask = masked(line)
    if _nested([], mask):
        return
    for at, char in enumerate(mask):
        if char in _CLOSERS:
            for due in sorted(_CLOSERS - {char}):
                yield line[:at] + due + line[at + 1 :]
                yield line[:at] + due + line[at:]
    for match in list(_BOUNDARY.finditer(mask))[:MAX_PLACES]:
        for due in sorted(_CLOSERS & set(mask) | {")"}):
            yield line[: match.start()] + due + line[match.start() :]


def quoted_to_an_end(line: str) -> Iterator[tuple[str, bool]]:
    """Return a line whose last string is never closed with its end in each likely place.

    A quote of the other kind may be the one that was meant. Each with whether it is more than a
    guess: what looks like code inside may be code, and the quote that opens it one too many.
    """
    start = _open_quote(line)
    if start is None:
        return
    quote = line[start]
    text = line.rstrip()
    other = "'" if quote == '"' else '"'
    for at in range(len(text) - 1, start, -1):
        if text[at] == other:
            yield (
                text[:at] + quote + text[at + 1 :],
                _PROSE.fullmatch(text[start + 1 : at]) is not None,
            )
    places = [
        at
        for at in range(len(text), start, -1)
        if at == len(text) or (text[at] in ")]},:" and not text[at - 1].isspace())
    ]
    for at in places[:MAX_PLACES]:
        yield text[:at] + quote + text[at:], _PROSE.fullmatch(text[start + 1 : at]) is not None


def _open_quote(line: str) -> int | None:
    """Return where the string begins that the line does not end; None where there is none."""
    at = 0
    while at < len(line):
        char = line[at]
        if char == "#":
            return None
        if char in "\"'":
            end = _end_of_string(line, at)
            if end is None:
                return at
            at = end
        at += 1
    return None


def _end_of_string(line: str, start: int) -> int | None:
    at = start + 1
    while at < len(line):
        if line[at] == "\\":
            at += 1
        elif line[at] == line[start]:
            return at
        at += 1
    return None


def with_a_comma(line: str) -> str:
    """Return a line with a comma behind its code: what separates it from the next one's."""
    end = code_end(line)
    return f"{line[:end]},{line[end:]}"
