"""Where the fences of a text really begin and end, undoing the ways a closing fence goes wrong."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from validator.reading.grammar import State, parse
from validator.reading.passage import Passage, indent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_CANDIDATE = re.compile(
    r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*[ \t>]*(?P<marker>`{3,}|~{3,})(?P<rest>.*)"
)
"""A line that may open or close a fence, whatever list or quote it stands in."""
_BARE = re.compile(r"[ \t>]*(?P<marker>`{3,}|~{3,})[ \t]*")
_LANGUAGE_LINE = re.compile(
    r"[ \t]*(python3?|py|bash|sh|shell|json|html|css|js|text)[ \t]*", re.IGNORECASE
)
_MAX_RESUMED_LINES = 200_000
"""How much is read anew behind fences that ended elsewhere than CommonMark says: enough for any
real reply, little enough to keep a hostile one linear."""
_MAX_ENDS = 8
"""How many closing fences further down are tried for a block that closed too early."""


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


def find_fences(lines: Sequence[str]) -> list[Fence]:
    """Return the fences of `lines` in order.

    CommonMark's reading is markdown-it-py's. It is overruled where a list item without indentation
    cut the fence short, where prose is glued to the closing fence, where a fence inside a string
    closed the block, and where a closing fence without its opening turned the text inside out.
    """
    found: list[Fence] = []
    start = spent = 0
    while spent <= _MAX_RESUMED_LINES:
        spent += len(lines) - start
        for fence in _commonmark(lines, start):
            settled = _settle(fence, lines)
            if settled is None:
                start = fence.opened + 1
                break
            found.append(settled)
            if settled.after != fence.after:
                start = settled.after
                break
        else:
            return found
    found.extend(_commonmark(lines, start))
    return found


# ── CommonMark ───────────────────────────────────────────────────────────────────────────────────


def _commonmark(lines: Sequence[str], start: int) -> Iterator[Fence]:
    candidates: list[int] = []
    beginnings: list[int] = []
    anchor = start
    for index in range(start, len(lines)):
        line = lines[index]
        if line[:1] not in ("", " ", "\t"):
            anchor = index  # the list or quote that may hold the lines that follow
        if ("```" in line or "~~~" in line) and _CANDIDATE.match(line):
            candidates.append(index - start)
            beginnings.append(anchor - start)
    if not candidates:
        return
    env = {"candidates": candidates, "beginnings": beginnings}
    for token in _MARKDOWN.parse("\n".join(lines[start:]), env):
        if token.type == "fence" and token.map is not None:
            yield _fence(token, lines, start)


def _fence(token: Token, lines: Sequence[str], start: int) -> Fence:
    assert token.map is not None
    opened, after = start + token.map[0], start + token.map[1]
    closing = _BARE.fullmatch(lines[after - 1]) if after - opened > 1 else None
    closed = closing is not None and closing["marker"].startswith(token.markup)
    first, stop = opened + 1, after - closed
    if not token.level:
        # The blanks before the opening fence may be its alone: models indent only their first line.
        margin = indent(lines[opened])
        shared = min((indent(line) for line in lines[first:stop] if line.strip()), default=0)
        content = tuple(line[min(margin, shared) :] for line in lines[first:stop])
    else:
        content = tuple(token.content.split("\n"))[: stop - first]
    # Blank lines at the end of an unclosed fence may be missing from the token's content.
    content += ("",) * (stop - first - len(content))
    return _relabelled(
        Fence(
            opened,
            after,
            token.info.strip(),
            Passage(content, tuple(range(first, stop))),
            closed,
        )
    )


def _relabelled(fence: Fence) -> Fence:
    """Take a language word alone on the first line for the label it was meant to be."""
    if fence.info or not fence.content.lines:
        return fence
    word = _LANGUAGE_LINE.fullmatch(fence.content.lines[0])
    if word is None or not any(line.strip() for line in fence.content.lines[1:]):
        return fence
    return replace(fence, info=word[1], content=fence.content.cut(1))


def _skip_prose(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Pass over lines that cannot hold a fence: prose costs markdown-it a second per megabyte."""
    candidates, beginnings = state.env["candidates"], state.env["beginnings"]
    if silent or state.level or state.blkIndent:
        return False
    following = bisect_left(candidates, start_line)
    target = end_line if following == len(candidates) else beginnings[following]
    if target <= start_line:
        return False
    state.line = target
    return True


def _block_parser() -> MarkdownIt:
    markdown = MarkdownIt("zero")
    markdown.block.ruler.before("paragraph", "skip_prose", _skip_prose)
    markdown.block.ruler.enableOnly(
        ["code", "fence", "blockquote", "list", "skip_prose", "paragraph"]
    )
    # Lines are split by us, NUL and all; "inline" would parse words nobody looks at.
    markdown.core.ruler.enableOnly(["block"])
    # The order is the ruler's: prose is passed over before a list or a quote is tried on it.
    rules = markdown.block.ruler.__rules__
    rules.insert(0, rules.pop(next(i for i, r in enumerate(rules) if r.name == "skip_prose")))
    return markdown


_MARKDOWN = _block_parser()


# ── overruling it ────────────────────────────────────────────────────────────────────────────────


def _settle(fence: Fence, lines: Sequence[str]) -> Fence | None:
    """Return the fence with its true end, or None where its line is a closing fence on its own."""
    if _is_stray_closer(fence):
        return None
    if not fence.closed and any(map(str.strip, islice(lines, fence.after, None))):
        return _beyond_container(fence, lines)
    glued = _glued_end(fence)
    if glued is not None:
        return glued
    if fence.closed and "triple-quoted" in parse(fence.content.text).reason:
        return _beyond_string(fence, lines)
    return fence


def _is_stray_closer(fence: Fence) -> bool:
    if fence.info:
        return False
    openers = (_CANDIDATE.match(line) for line in fence.content.lines if "```" in line)
    first = next((opener for opener in openers if opener and opener["rest"].strip()), None)
    if first is not None and re.fullmatch(r"\s*\w+\s*", first["rest"]):
        before = fence.content.text.partition("```")[0]
        return parse(before).state is State.BROKEN or not before.strip()
    return False


def _beyond_container(fence: Fence, lines: Sequence[str]) -> Fence:
    """The list item or quote ended inside the fence: look for the closing fence outside it."""
    for index in range(fence.opened + 1, len(lines)):
        candidate = _CANDIDATE.match(lines[index])
        if candidate is None:
            continue
        if candidate["rest"].strip():
            break
        passage = _plain(lines, fence.opened + 1, index)
        return replace(fence, after=index + 1, content=passage, closed=True, mended=True)
    return fence


def _glued_end(fence: Fence) -> Fence | None:
    """Close at a fence with words behind or before it, where the code up to there is whole."""
    for index, line in enumerate(fence.content.lines):
        at = line.find("```")
        if at < 0:
            continue
        content = fence.content.cut(0, index)
        kept = line[:at].rstrip()
        if kept.strip():
            content += fence.content.with_lines(
                [*fence.content.lines[:index], kept, *fence.content.lines[index + 1 :]]
            ).cut(index, index + 1)
        rest_is_label = re.fullmatch(r"`*\w+\s*", line[at:]) is not None
        if not content.lines or parse(content.text).state is not State.WHOLE or rest_is_label:
            return None
        after = fence.opened + 1 + index + 1 + (fence.content.numbers[0] - fence.opened - 1)
        return replace(fence, after=after, content=content, closed=True, mended=True)
    return None


def _beyond_string(fence: Fence, lines: Sequence[str]) -> Fence:
    """A fence inside a string closed the block: try the closing fences further down."""
    tried = 0
    for index in range(fence.after, len(lines)):
        if not _BARE.fullmatch(lines[index]):
            continue
        tail = _plain(lines, fence.after - 1, index)
        content = fence.content + tail
        if parse(content.text).state is State.WHOLE:
            return replace(fence, after=index + 1, content=content, mended=True)
        tried += 1
        if tried == _MAX_ENDS:
            break
    return fence


def _plain(lines: Sequence[str], first: int, stop: int) -> Passage:
    return Passage(tuple(lines[first:stop]), tuple(range(first, stop))).dedented()
