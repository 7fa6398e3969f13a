"""Where the fences of a text really begin and end, undoing the ways a fence goes wrong.

One pass over the lines that hold a fence. Healthy markdown is read as CommonMark says, but for one
thing: a list item does not end a fence that is open, because models rarely indent what is in it.
Where a fence may have gone wrong, what it holds is asked: text that parses is a program, and a text
that stops inside a string has not come to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.reading import vocabulary
from validator.reading.classify import (
    ends_in_code,
    is_prose,
    is_python_label,
    label_word,
    substantial,
)
from validator.reading.commands import is_command
from validator.reading.grammar import State, parse
from validator.reading.literals import Nesting
from validator.reading.marks import Mark, Sort, find_marks
from validator.reading.passage import Passage, indent

if TYPE_CHECKING:
    from collections.abc import Sequence

_QUOTE = re.compile(r"[ \t]*>[ \t]?")
_ATTRIBUTE = re.compile(r"\s*[\w-]+=[^\s=]")
_IMPORT = re.compile(r"import \w|from \w[\w.]* import ")
_TRIPLE = re.compile(r"\"\"\"|'''")
_MAX_GLUED = 3
"""How many lines with a fence somewhere in them are tried as the end of one block."""
_MAX_ENDS = 8
"""How many closing fences are tried for a block whose own may be any of them."""
_MAX_DEEPER = 64
"""How many fences inside a fenced text are passed over to find its end."""
_MAX_LOOKED_AT = 12
"""How many lines before a fence are asked whether they are code."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced stretch of a text; lines are 0-based indices into it."""

    opened: int
    after: int
    """The index of the first line behind it, its closing fence included."""
    info: str
    content: Passage
    """`numbers` are 0-based indices here."""
    closed: bool
    mended: bool = False
    """True where it ends elsewhere than CommonMark says."""
    lead: str = ""
    """Words that stand before the opening fence, on its line."""


def find_fences(lines: Sequence[str]) -> list[Fence]:
    """Return the fences of `lines` in order, in linear time.

    CommonMark is overruled where a fence inside a string closed the block, where a block was never
    closed before the next opens, where prose or code is glued to a fence, and where a closing fence
    without its opening turned the text inside out.
    """
    marks = list(find_marks(lines))
    found: list[Fence] = []
    at = floor = 0
    while at < len(marks):
        fence = _Opened(lines, marks, at, floor).settle()
        at += 1
        if fence is None:
            continue
        found.append(_relabelled(fence))
        floor = fence.after
        while at < len(marks) and marks[at].index < floor:
            at += 1
    return found


# ── one fence ────────────────────────────────────────────────────────────────────────────────────


class _Opened:
    """A fence that may open at a mark, and the ways it may come to its end."""

    def __init__(
        self, lines: Sequence[str], marks: Sequence[Mark], position: int, floor: int
    ) -> None:
        self._lines = lines
        self._marks = marks
        self._position = position
        self._opener = marks[position]
        self._floor = floor
        """The first line behind the fence before."""

    def settle(self) -> Fence | None:
        """Return the fence, or None where its line opens none."""
        opener = self._opener
        if opener.marker[0] == "'" and not self._is_quote_fence():
            return None
        if opener.sort is Sort.WORDS and self._ends_code_before():
            return None
        tries = 0
        for position in range(self._position + 1, len(self._marks)):
            mark = self._marks[position]
            if mark.closes(opener):
                return self._closed_at(position)
            if mark.opens_like(opener):
                return self._interrupted(position)
            if mark.sort is Sort.WORDS and tries < _MAX_GLUED:
                tries += 1
                if (fence := self._whole_until(mark.index, mark.index + 1)) is not None:
                    return fence
        return self._never_closed()

    def _is_quote_fence(self) -> bool:
        """Tell three quotes written for a fence: labelled, or the first thing before code."""
        if self._opener.rest:
            return label_word(self._opener.rest) in vocabulary.LABELS
        index = self._opener.index
        first = next(iter(self._lines[index + 1 : index + 2]), "")
        return not any(map(str.strip, self._lines[:index])) and _IMPORT.match(first) is not None

    def _closed_at(self, position: int) -> Fence | None:
        position = self._outer_end(position) or position
        close = self._marks[position].index
        fence = self._fence(close, close + 1, closed=True)
        if self._opener.marker[0] == "'":
            return self._first_whole_end() or fence
        if self._is_stray_closer(fence):
            return None
        if (glued := self._glued_end(fence)) is not None:
            return glued
        return self._beyond_string(fence) or fence

    def _interrupted(self, position: int) -> Fence | None:
        """Another fence opens before this one closed."""
        mark = self._marks[position]
        if label_word(self._opener.rest) in ("markdown", "md"):
            return self._nested()
        if (outer := self._outer_end(position)) is not None:
            close = self._marks[outer].index
            return self._fence(close, close + 1, closed=True)
        fence = self._fence(mark.index, mark.index, closed=False)
        if not self._opener.rest and not self._holds_code(fence):
            return None  # a closing fence that lost its opening
        if (glued := self._glued_end(fence)) is not None:
            return glued
        if (beyond := self._beyond_string(fence)) is not None:
            return beyond
        if self._closes_with_label(position, fence):
            return replace(fence, after=mark.index + 1, closed=True, mended=True)
        return fence

    def _never_closed(self) -> Fence | None:
        fence = self._fence(len(self._lines), len(self._lines), closed=False)
        if (glued := self._glued_end(fence)) is not None:
            return glued
        shorter = self._first_whole_end() if len(self._opener.marker) > 3 else None
        return shorter or fence

    def _nested(self) -> Fence:
        """A reply fenced as a whole: what opens in it closes in it."""
        depth = 1
        for position in range(self._position + 1, len(self._marks)):
            mark = self._marks[position]
            if mark.marker[0] != self._opener.marker[0] or mark.sort is Sort.WORDS:
                continue
            depth += 1 if mark.sort is Sort.LABEL else -1
            if depth == 0:
                return self._fence(mark.index, mark.index + 1, closed=True)
        return self._fence(len(self._lines), len(self._lines), closed=False)

    def _outer_end(self, position: int) -> int | None:
        """Return where a text with fences of its own, set further in, comes to its end.

        A README is often fenced without regard to what is fenced in its lists.
        """
        opener = self._opener
        if opener.rest or len(self._marks[position].prefix) <= len(opener.prefix):
            return None
        deeper = 0
        for later in range(position, min(position + _MAX_DEEPER, len(self._marks))):
            mark = self._marks[later]
            if mark.marker[0] != opener.marker[0]:
                continue
            if len(mark.prefix) <= len(opener.prefix):
                text = "\n".join(self._lines[opener.index + 1 : self._marks[position].index])
                paired = deeper % 2 == 0 and mark.sort is Sort.BARE
                return later if paired and parse(text).state is State.BROKEN else None
            deeper += 1
        return None

    def _fence(self, stop: int, after: int, *, closed: bool) -> Fence:
        opener = self._opener
        content, after, closed = _content(self._lines, opener, stop, after, closed=closed)
        if not content.text.strip() and len(opener.rest.split()) > 1 and is_command(opener.rest):
            content = Passage((opener.rest,), (opener.index,))  # it stands on the fence's own line
            return Fence(opener.index, after, "", content, closed, lead=opener.lead)
        word, _, rest = opener.rest.partition(" ")
        code = is_python_label(word) and rest and not _ATTRIBUTE.match(rest)
        tree = parse(rest.strip()).tree if code else None
        if tree is not None and substantial(tree):
            first = Passage((rest.strip(),), (opener.index,))
            return Fence(opener.index, after, word, first + content, closed, lead=opener.lead)
        if opener.sort is Sort.WORDS and self._may_be_python():
            glued = Passage((opener.rest,), (opener.index,)) + content
            tree = parse(glued.text).tree
            if tree is not None and substantial(tree):
                return Fence(opener.index, after, "", glued, closed, lead=opener.lead)
        return Fence(opener.index, after, opener.rest, content, closed, lead=opener.lead)

    # ── what it holds decides ────────────────────────────────────────────────────────────────────

    def _holds_code(self, fence: Fence) -> bool:
        answer = parse(fence.content.text)
        if answer.tree is not None:
            return substantial(answer.tree)
        return answer.state is State.UNFINISHED

    def _may_be_python(self) -> bool:
        word = label_word(self._opener.rest)
        return word not in vocabulary.SHELL_LABELS and word not in vocabulary.OTHER_LANGUAGES

    def _is_stray_closer(self, fence: Fence) -> bool:
        """Tell a closing fence that lost its opening: code before it, and words behind."""
        if self._opener.sort is Sort.LABEL or not fence.content.text.strip():
            return False
        worded = self._opener.sort is Sort.WORDS or self._ends_code_before()
        return worded and is_prose(fence.content.text)

    def _ends_code_before(self) -> bool:
        stop = self._opener.index
        return ends_in_code(self._lines[max(self._floor, stop - _MAX_LOOKED_AT) : stop])

    def _whole_until(self, stop: int, after: int) -> Fence | None:
        fence = self._fence(stop, after, closed=True)
        text = fence.content.text
        if text.strip() and self._may_be_python() and parse(text).state is State.WHOLE:
            return replace(fence, mended=True)
        return None

    def _glued_end(self, fence: Fence) -> Fence | None:
        """Close at a fence behind the last code of a line, where the code up to there is whole."""
        marker = self._opener.marker
        tries = 0
        for offset, line in enumerate(fence.content.lines):
            at = line.find(marker)
            if at < 0 or not line[:at].strip():
                continue
            tries += 1
            if tries > _MAX_GLUED or not self._may_be_python():
                return None
            kept = fence.content.cut(offset, offset + 1).with_lines([line[:at].rstrip()])
            content = fence.content.cut(0, offset) + kept
            if parse(content.text).state is State.WHOLE:
                after = fence.content.numbers[offset] + 1
                return replace(fence, after=after, content=content, closed=True, mended=True)
        return None

    def _beyond_string(self, fence: Fence) -> Fence | None:
        """A fence inside a string ended the block: find the first closing fence outside of it."""
        text = fence.content.text
        if not self._may_be_python() or not _TRIPLE.search(text):
            return None
        if "triple-quoted" not in parse(text).reason:
            return None
        nesting = Nesting()
        line = self._opener.index + 1
        inside: list[Sort] = []
        for position in range(self._position + 1, len(self._marks)):
            mark = self._marks[position]
            for index in range(line, mark.index):
                nesting.read(self._lines[index])
            line = mark.index
            if nesting.quote:
                inside.append(mark.sort)
            elif mark.closes(self._opener):
                return self._if_it_is_one(mark.index, inside)
            else:
                return None
        beyond = self._fence(len(self._lines), len(self._lines), closed=False)
        return beyond if parse(beyond.content.text).state is State.WHOLE else None

    def _if_it_is_one(self, close: int, inside: Sequence[Sort]) -> Fence | None:
        """Take a block that goes on beyond fences in a string, if those come in pairs or it parses.

        A string somebody forgot to close runs on to the next block, whose opening fence it meets
        right behind the closing fence of its own.
        """
        fence = self._fence(close, close + 1, closed=True)
        paired = len(inside) % 2 == 0 and all(sort is Sort.BARE for sort in inside[1::2])
        if paired or parse(fence.content.text).state is State.WHOLE:
            return fence
        return None

    def _closes_with_label(self, position: int, fence: Fence) -> bool:
        """Tell a closing fence that carries the opening one's label, or a word of the prose."""
        mark = self._marks[position]
        known = mark.rest != self._opener.rest and label_word(mark.rest) in vocabulary.LABELS
        if known or parse(fence.content.text).state is not State.WHOLE:
            return False
        following = self._marks[position + 1 : position + 2]
        stop = following[0].index if following else len(self._lines)
        behind = "\n".join(self._lines[mark.index + 1 : stop])
        return not behind.strip() or is_prose(behind)

    def _first_whole_end(self) -> Fence | None:
        """Close at the first fence of the same sort, of any length, that leaves a program."""
        tries = 0
        for position in range(self._position + 1, len(self._marks)):
            mark = self._marks[position]
            if mark.sort is not Sort.BARE or mark.marker[0] != self._opener.marker[0]:
                continue
            tries += 1
            fence = self._whole_until(mark.index, mark.index + 1)
            if fence is not None or tries == _MAX_ENDS:
                return fence
        return None


# ── what stands in it ────────────────────────────────────────────────────────────────────────────


def _content(
    lines: Sequence[str], opener: Mark, stop: int, after: int, *, closed: bool
) -> tuple[Passage, int, bool]:
    """Return the lines of a fence without the margin of what holds it, and where it ends."""
    first = opener.index + 1
    if first >= stop:
        return Passage(), after, closed
    quotes = opener.prefix.count(">")
    if quotes and _QUOTE.match(lines[first]):
        end = next((i for i in range(first, stop) if not _QUOTE.match(lines[i])), stop)
        kept = [_unquoted(line, quotes) for line in lines[first:end]]
        held = Passage(tuple(kept), tuple(range(first, end)))
        return held.dedented(), after if end == stop else end, closed and end == stop
    # The blanks before the opening fence may be its alone: models indent only their first line.
    margin = len(opener.prefix)
    shared = min((indent(line) for line in lines[first:stop] if line.strip()), default=0)
    cut = min(margin, shared)
    held = Passage(tuple(line[cut:] for line in lines[first:stop]), tuple(range(first, stop)))
    return held, after, closed


def _unquoted(line: str, quotes: int) -> str:
    for _ in range(quotes):
        line = _QUOTE.sub("", line, count=1)
    return line


def _relabelled(fence: Fence) -> Fence:
    """Take a language word alone on the first line for the label it was meant to be."""
    if fence.info or not fence.content.lines:
        return fence
    word = fence.content.lines[0].strip().lower()
    if word not in vocabulary.LABEL_LINES or not any(map(str.strip, fence.content.lines[1:])):
        return fence
    return replace(fence, info=word, content=fence.content.cut(1))
