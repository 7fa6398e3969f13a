"""What surrounds a reply without being its words: tokens, templates, thoughts and tags.

All of it is looked for outside of fences only, so that a program that prints `<think>` or trains a
model keeps its strings. A draft in a thought and the question echoed before the answer are blanked:
line numbers stay. Where `drafts` are asked for, a thought that never ends is read like an answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import Recovery, Span
from validator.reading.environments import ENVIRONMENTS, TELLING, as_fences
from validator.reading.fences import find_fences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_MARKER = (
    r"(?:<\|[\w ]{2,40}\|>|<｜[^｜\n]{2,40}｜>|</?s>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>"
    r"|<(?:bos|eos|pad|unk)>|\[/?(?:PYTHON|TESTS|ANSWER)\])"
)
# Code Llama 70B ends a turn with `<step> Source: …` or `EOT: true`; the others are named in the
# chat templates of their models.
_LAST = re.compile(rf"(?:\s*{_MARKER}|<step>.*|^EOT: true)+\s*$")
_FIRST = re.compile(rf"^(?:{_MARKER}\s*)+")
_END = re.compile(
    r"(?:</s>|<(?:eos|end_of_turn)>"
    r"|<[|｜][\w ▁]*(?:im_end|end|eot|eos|endoftext|end_of_text)[\w ▁]*[|｜]>)\s*$"
)
_TELLING = re.compile(
    r"(?:<|&lt;)[|｜/\w!]|\[/?(?:INST|PYTHON|TESTS|ANSWER)\]|\]\]>"
    rf"|{TELLING}"
    r"|^\s*(?:\#{2,3} \w+:|(?i:user|human|assistant):|EOT)"
)
"""Lines without any of these are nobody's envelope, and most replies have no other."""

_THOUGHT = re.compile(
    r"(?:<|&lt;)(?P<end>/?)(?:think|thinking|thought|reasoning|scratchpad)(?:>|&gt;)", re.IGNORECASE
)
_TAG = re.compile(
    r"</?(?:answer|final_answer|solution|pre|code|python|execute|execute_python|execute_ipython|tool"
    r"|tool_call|tool_code|function_calls?|invoke|parameter|artifact|antartifact|response|llm-code"
    r"|file|path|content|(?:create|write|new|write_to|edit)_file|output|result)\b[^<>]*>|<!\[CDATA\[|\]\]>",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"<(?:pre|code)\b", re.IGNORECASE)
_SPAN = re.compile(r"</?(?:span|font)\b[^<>]*>", re.IGNORECASE)
"""What colours the words of code on a page."""
_COLOUR = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")
_CITATION = re.compile(
    r"【\d{1,3}(?::\d{1,3})?†[^】\n]{0,80}】|:contentReference\[oaicite:\d+\]\{index=\d+\}"
    r"|\ue200[^\ue200\ue201\n]{0,200}\ue201"
)
"""Where ChatGPT found it."""
_BUTTON = re.compile(
    r"^\s*(?:(?:Copy code|CopyEdit|Copy)\s*$|[a-z]{2,10}(?:Copy code|CopyEdit))", re.ASCII
)
"""The words of a page's buttons above a block, copied with it."""
_FIRST_TAGS = re.compile(rf"^(?:\s*(?:{_TAG.pattern}))+", re.IGNORECASE)
_LAST_TAGS = re.compile(rf"(?:\s*(?:{_TAG.pattern}))+\s*$", re.IGNORECASE)
_MARKS = (
    ("markup-tag", "\x1b", _COLOUR),
    ("markup-tag", "Copy", _BUTTON),
    ("special-token", "†", _CITATION),
    ("special-token", "oaicite", _CITATION),
    ("special-token", "\ue200", _CITATION),
)
"""Each with a piece of it that most replies are without."""
_END_CHARACTERS = 400
"""How much of either end of a line is looked at for tokens and tags."""
_PATH = re.compile(r"""(?:path|name|filename|file)\s*=\s*["']?(?P<path>[\w./-]+\.\w+)""")

_ASKING = re.compile(
    r"^\s*(?:<s>\s*)?(?P<asking><\|im_start\|>\s*(?:user|system)|<start_of_turn>\s*user"
    r"|<\|(?:user|system|prompter)\|>|<\|start_header_id\|>\s*(?:user|system)\s*<\|end_header_id\|>"
    r"|\[INST\])"
    r"|^\s*(?P<plain>\#{2,3}\s*(?:Instruction|Human|User|Input|System)\s*:|(?:USER|Human|User):\s)"
)
_ANSWERING = re.compile(
    r"^\s*(?:<\|im_start\|>\s*assistant|<start_of_turn>\s*model|<\|assistant\|>"
    r"|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>"
    r"|\#{2,3}\s*(?:Response|Assistant|Output)\s*:|(?:ASSISTANT|Assistant):)|\[/INST\]"
)


class Envelope:
    """The lines of one part, what was taken off them, and whether it ends in a thought."""

    def __init__(self, lines: Sequence[str], first: int, *, drafts: bool = False) -> None:
        self.lines = list(lines)
        self.recoveries: list[Recovery] = []
        self.thinking = False
        """True where it ends in a thought that never ends."""
        self.never_answered = False
        """True where the part is one thought that never comes to an end."""
        self.said_end = False
        """True where the last of the part is the model's own token for the end of its turn."""
        self._first = first
        self._drafts = drafts
        self._fenced: frozenset[int] | None = None
        self._take_off_marks()
        if not any(map(_TELLING.search, self.lines)):
            return
        self._take_off_thoughts()
        self._take_off_questions()
        for kind in ENVIRONMENTS:
            self._replace(as_fences(self.lines, self._in_fences(), kind), kind)
        self._take_off_tags()
        self._take_off_tokens()

    # ── what a page or a terminal adds ───────────────────────────────────────────────────────────

    def _take_off_marks(self) -> None:
        """Take off what no program holds: colours, the words of buttons, marks of citations."""
        for kind, telling, marks in _MARKS:
            if any(telling in line for line in self.lines):
                kept = [_without(marks, line) if telling in line else line for line in self.lines]
                self._replace(kept, kind)

    # ── thoughts ─────────────────────────────────────────────────────────────────────────────────

    def _take_off_thoughts(self) -> None:
        """Blank what the model said to itself; a thought may hold fences that never close."""
        kept = self.lines.copy()
        begun: int | None = None
        last = 0
        for index, line in enumerate(self.lines):
            for match in _THOUGHT.finditer(line) if "<" in line or "&lt;" in line else ():
                if not match["end"]:
                    if begun is None and self._opens_a_thought(index, match):
                        begun = index
                elif begun is not None or self._closes_a_thought(index, match):
                    start = begun if begun is not None else last
                    kept[start:index] = [""] * (index - start)
                    kept[index] = line[match.end() :]
                    begun, last = None, index
        if begun is not None:
            self.thinking = True
            self.never_answered = not any(map(str.strip, kept[:begun]))
            if self._drafts:
                kept[begun] = _THOUGHT.sub("", kept[begun])
            else:
                kept[begun:] = [""] * (len(kept) - begun)
        self._replace(kept, "thought")

    def _opens_a_thought(self, index: int, match: re.Match[str]) -> bool:
        before = self.lines[index][: match.start()]
        return not before.strip() and index not in self._in_fences()

    def _closes_a_thought(self, index: int, match: re.Match[str]) -> bool:
        """Without its opening, which some templates write for the model."""
        alone = not self.lines[index].replace(match[0], "").strip()
        return alone or index not in self._in_fences()

    # ── the question, echoed or made up ──────────────────────────────────────────────────────────

    def _take_off_questions(self) -> None:
        asking = [i for i, line in enumerate(self.lines) if _ASKING.search(line)]
        if not asking:
            return
        fenced = self._in_fences()
        asking = [index for index in asking if index not in fenced]
        answering = [
            index
            for index, line in enumerate(self.lines)
            if index not in fenced and _ANSWERING.search(line)
        ]
        plain = all((match := _ASKING.search(self.lines[i])) and match["plain"] for i in asking)
        if not asking or (plain and not answering):
            return
        answers = frozenset(answering)
        edges = sorted({*asking, *answers})
        kept = self.lines.copy()
        for index, following in zip(edges, [*edges[1:], len(self.lines)], strict=True):
            if index in answers:
                kept[index] = _ANSWERING.sub("", kept[index].rpartition("[/INST]")[2], count=1)
            else:
                kept[index:following] = [""] * (following - index)
        if any(map(str.strip, kept)):
            self._replace(kept, "echoed-template")

    # ── tags and tokens ──────────────────────────────────────────────────────────────────────────

    def _take_off_tags(self) -> None:
        tagged = [
            i
            for i, line in enumerate(self.lines)
            if ("<" in line or "]]>" in line) and _TAG.search(line)
        ]
        if not tagged:
            return
        fenced = self._in_fences()
        coloured = any(map(_BLOCK_TAG.search, self.lines))
        kept = self.lines.copy()
        for index, line in enumerate(self.lines) if coloured else ():
            if index not in fenced and "<" in line:
                kept[index] = _SPAN.sub("", line)
        for index in tagged:
            if index not in fenced:
                kept[index] = _without_tags(kept[index])
        self._replace(kept, "markup-tag")

    def _take_off_tokens(self) -> None:
        kept = self.lines.copy()
        end = len(kept)
        for index in range(len(kept) - 1, -1, -1):
            clean = _without_tokens(kept[index])
            if clean == kept[index]:
                end = index if clean.strip() and end == len(kept) else end
                continue
            bare = not clean.strip().strip("`~")
            if end == len(kept) or bare or index not in self._in_fences():
                kept[index] = clean
            end = index if clean.strip() and end == len(kept) else end
        filled = next((line for line in reversed(self.lines) if line.strip()), "")
        self.said_end = _END.search(filled[-_END_CHARACTERS:]) is not None
        self._replace(kept, "special-token")

    # ── the lines ────────────────────────────────────────────────────────────────────────────────

    def _in_fences(self) -> frozenset[int]:
        """Indices of the lines that stand in fences, as the part came."""
        if self._fenced is None:
            self._fenced = frozenset(
                index for fence in find_fences(self.lines) for index in fence.content.numbers
            )
        return self._fenced

    def _replace(self, kept: list[str], kind: str) -> None:
        self.recoveries.extend(_changes(self.lines, kept, kind, self._first))
        if kept != self.lines:
            self._fenced = None
        self.lines = kept


def _without(marks: re.Pattern[str], line: str) -> str:
    """Take marks off a line, but for the colours that a string of it holds."""

    def plain(match: re.Match[str]) -> str:
        before = line[max(match.start() - _END_CHARACTERS, 0) : match.start()]
        quoted = before.count('"') % 2 or before.count("'") % 2
        return match[0] if quoted and match[0][0] == "\x1b" else ""

    return marks.sub(plain, line)


def _without_tags(line: str) -> str:
    path = _PATH.search(line)
    if path is not None and _TAG.fullmatch(line.strip()):
        return path["path"]
    return _without_ends(line, _FIRST_TAGS, _LAST_TAGS)


def _without_tokens(line: str) -> str:
    if "<" not in line and "[" not in line and not line.startswith("EOT"):
        return line
    return _without_ends(line, _FIRST, _LAST)


def _without_ends(line: str, first: re.Pattern[str], last: re.Pattern[str]) -> str:
    """Take what two patterns match off the ends of a line, looking at no more than its ends."""
    stop = max(len(line) - _END_CHARACTERS, 0)
    line = line[:stop] + last.sub("", line[stop:])
    return first.sub("", line[:_END_CHARACTERS]) + line[_END_CHARACTERS:]


def _changes(
    before: Sequence[str], after: Sequence[str], kind: str, first: int
) -> Iterable[Recovery]:
    changed = [i for i, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    runs: list[list[int]] = []
    for index in changed:
        if runs and all(not line.strip() for line in before[runs[-1][-1] + 1 : index]):
            runs[-1].append(index)
        else:
            runs.append([index])
    for run in runs:
        old = "\n".join(before[run[0] : run[-1] + 1])
        new = "\n".join(after[run[0] : run[-1] + 1])
        yield Recovery(kind, Span(first + run[0], first + run[-1]), old, new.strip("\n"))
