"""What the model wrote, and what was read from it: `Reply` to `Submission`."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import accumulate

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line: the three of CommonMark and of Python's tokenizer.

`str.splitlines` also splits at form feeds and U+2028, which would shift every line after them.
"""


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` without their ends; a final line end opens no further line."""
    lines = LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Lines `first` to `last`, 1-based, both included."""

    first: int
    last: int


class Stop(StrEnum):
    """Why the model stopped writing, as far as its server said."""

    COMPLETE = "complete"
    LIMIT = "limit"
    """The token limit asked for was reached."""
    CONTEXT = "context"
    """The model's context was full."""
    INTERRUPTED = "interrupted"
    """The stream broke off."""
    ERROR = "error"
    """The server ended it with an error, or the model would not go on."""
    UNKNOWN = "unknown"
    """Nobody said; the text itself is all there is to go by."""


@dataclass(frozen=True, slots=True)
class Part:
    """One turn of the model, as it came."""

    text: str
    origin: str
    """Where it came from, as the user named it: a path, `-`, or `chat.json turn 3`."""
    stop: Stop = Stop.UNKNOWN
    begins_at: int = 1
    """The line of its origin that its text begins at: above 1 in a transcript of several turns."""


@dataclass(frozen=True)
class Reply:
    """What the model wrote: one part, or several turn after turn.

    Lines are counted through all parts in order: the first line of part 2 follows the last line of
    part 1. `place` turns such a line back into a part and a line of that part.
    """

    parts: tuple[Part, ...]
    name: str | None = None
    """The one file all parts are turns of, as the user named it; None where each is its own."""

    @property
    def origin(self) -> str:
        """The name of the whole: the file's, or the first part's and how many more there are."""
        if self.name is not None and len(self.parts) > 1:
            return self.name
        more = len(self.parts) - 1
        return self.parts[0].origin + (f" and {more} more" if more else "")

    @property
    def stop(self) -> Stop:
        """Why the last part ended."""
        return self.parts[-1].stop

    @cached_property
    def first_lines(self) -> tuple[int, ...]:
        """The line each part begins at, counted through the whole reply."""
        counts = (len(split_lines(part.text)) for part in self.parts)
        return tuple(accumulate(counts, initial=1))[:-1]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Every line of every part, without its line end."""
        return tuple(line for part in self.parts for line in split_lines(part.text))

    def place(self, line: int) -> tuple[str, int]:
        """Return the origin of the part that holds `line`, and the line of that origin."""
        index = max(bisect_right(self.first_lines, line) - 1, 0)
        part = self.parts[index]
        return part.origin, line - self.first_lines[index] + part.begins_at


class BlockKind(StrEnum):
    """What a stretch of a reply holds."""

    PYTHON = "python"
    REQUIREMENTS = "requirements"
    SHELL = "shell"
    OUTPUT = "output"
    OTHER = "other"
    """Another language, configuration or data."""


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of the reply that is not prose: where it stood and what it holds."""

    kind: BlockKind
    span: Span
    """Lines of the reply that hold the content, fences not counted."""
    text: str
    label: str = ""
    """The info string after the opening fence, as written."""
    closed: bool = True
    """False where the reply, or one of its parts, ended inside the block."""


class Role(StrEnum):
    """What a block of the reply is to the program."""

    PROGRAM = "program"
    """It begins the program, or one of its files."""
    STEP = "step"
    """It goes on with it."""
    CONTINUATION = "continuation"
    """It takes up a block that was cut."""
    VERSION = "version"
    """It says the program again, better: it replaces what came before."""
    SUPERSEDED = "superseded"
    """A later version replaced it."""
    ALTERNATIVE = "alternative"
    """It says the program again, differently."""
    USAGE = "usage"
    """It shows how the program is called."""
    TEST = "test"
    """It tests the program."""
    DUPLICATE = "duplicate"
    """Every line of it is in the program."""
    FRAGMENT = "fragment"
    """It needs names nothing gives: a piece to look at, or a change to make."""
    REQUIREMENTS = "requirements"
    SHELL = "shell"
    OUTPUT = "output"
    DATA = "data"
    """A file of the program that is not Python."""
    ASIDE = "aside"
    """It has no part in the program: another language, an example, or not what was asked for."""


class ReplyKind(StrEnum):
    """What a reply was taken for, as a whole."""

    PROGRAM = "program"
    STEPS = "steps"
    """One program, told in several blocks."""
    USAGE = "program-and-usage"
    TESTS = "program-and-tests"
    CORRECTED = "corrected"
    """A later version of the program stands for the earlier one."""
    ALTERNATIVES = "alternatives"
    """Several programs for one thing; the first is the one judged."""
    PROJECT = "project"
    """Several files of Python."""
    SNIPPETS = "snippets"
    """Pieces to look at or to put into code the reply does not show."""
    OTHER_LANGUAGE = "other-language"
    NO_CODE = "no-code"


class Confidence(StrEnum):
    """How sure reading is of what it took a reply for."""

    CERTAIN = "certain"
    """There was nothing to choose between, or the user chose."""
    LIKELY = "likely"
    """The names the blocks define and use, or the words around them, say so."""
    DOUBTFUL = "doubtful"
    """Another reading of it is as good; `--block` says which is meant."""


ASKED_FOR = "asked for"
"""The reason of a block that the user named."""


@dataclass(frozen=True, slots=True)
class BlockRole:
    """What one block was taken for, and why."""

    number: int
    """1-based, in the reply's order over all its blocks: what `--block` takes."""
    span: Span
    kind: BlockKind
    role: Role
    reason: str
    path: str | None = None
    """The file it went into; None where it was set aside."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reply was taken for, why, and what each of its blocks is to the program."""

    kind: ReplyKind
    reason: str
    """One sentence without a full stop; of the reply's words it holds names of the code alone."""
    confidence: Confidence
    blocks: tuple[BlockRole, ...] = ()

    @property
    def alternatives(self) -> tuple[int, ...]:
        """The numbers of the blocks that say the program again, differently."""
        return tuple(block.number for block in self.blocks if block.role is Role.ALTERNATIVE)

    @property
    def asked(self) -> tuple[int, ...]:
        """The numbers of the blocks the user said make the program; empty where none."""
        return tuple(block.number for block in self.blocks if block.reason == ASKED_FOR)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Something reading had to undo to get at the program."""

    kind: str
    """A stable kebab-case name, such as `unclosed-fence` or `eaten-dunder`."""
    span: Span
    """Lines of the reply that were affected."""
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the program."""

    path: str
    """Relative, with forward slashes; safe to write below any folder."""
    text: str
    """Always ends with a line end, unless empty."""
    reply_lines: tuple[int, ...]
    """For each line of `text`, the line of the reply it came from; 0 where reading supplied it."""

    def reply_line(self, line: int) -> int | None:
        """Return the reply's line for a line of this file, or None where there is none."""
        if 1 <= line <= len(self.reply_lines):
            return self.reply_lines[line - 1] or None
        return None

    def undone(self, recoveries: tuple[Recovery, ...]) -> SourceFile:
        """Return it with its lines as they were before some recoveries, each of a single line."""
        if not recoveries:
            return self
        before = {(each.span.first, _line(each.after)): _line(each.before) for each in recoveries}
        lines = zip(self.reply_lines, split_lines(self.text), strict=False)
        text = "".join(f"{before.get(line, line[1])}\n" for line in lines)
        return replace(self, text=text)

    @property
    def reply_span(self) -> Span:
        """The first and the last line of the reply this file was taken from."""
        known = [line for line in self.reply_lines if line] or [0]
        return Span(min(known), max(known))


def _line(text: str) -> str:
    return text.rstrip("\r\n")


class RequirementSource(StrEnum):
    """Where a requirement was stated."""

    BLOCK = "block"
    """A requirements.txt in the reply."""
    COMMAND = "command"
    """A `pip install` line and its relatives."""
    IMPORT = "import"
    """Nowhere: the program imports it."""


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """A requirement as the reply words it: untrusted text, not yet parsed."""

    text: str
    span: Span
    source: RequirementSource

    @property
    def stated(self) -> str:
        """What it asks for, without a comment, hashes and the sign that it goes on; may be empty.

        A hash narrows a pin to files, and those are chosen by the index's own hashes.
        """
        return _BESIDE.sub("", self.text.strip()).removesuffix("\\").strip()


_BESIDE = re.compile(r"(?:^|(?<=\s))(?:#.*$|--hash[= ]\w+:\w*)")


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command the reply shows, without its prompt."""

    text: str
    span: Span

    @property
    def pieces(self) -> tuple[str, ...]:
        """The commands it is made of: what `&&`, `||`, `;` and `|` part outside of quotes."""
        ends = [match.span() for match in _QUOTED_OR_END.finditer(self.text) if match["end"]]
        starts = (0, *(stop for _, stop in ends))
        stops = (*(start for start, _ in ends), len(self.text))
        return tuple(
            self.text[start:stop].strip() for start, stop in zip(starts, stops, strict=True)
        )


_QUOTED_OR_END = re.compile(r"""\\.|'[^']*'|"(?:\\.|[^"\\])*"|(?P<end>&&|\|\||[;|])""")


@dataclass(frozen=True, slots=True)
class Submission:
    """The program found in a reply."""

    reply: Reply
    files: tuple[SourceFile, ...] = ()
    requirements: tuple[RequirementLine, ...] = ()
    commands: tuple[Command, ...] = ()
    recoveries: tuple[Recovery, ...] = ()
    entry_point: str | None = None
    """Path of the file that starts the program; None where there is no code."""
    blocks: tuple[Block, ...] = ()
    """Every block of the reply in order, those that became no file included."""
    truncations: tuple[Truncation, ...] = ()
    decision: Decision | None = None
    """What the reply was taken for; None where nobody read it."""

    def file(self, path: str | None) -> SourceFile | None:
        """Return the file of that path, if there is one."""
        return next((file for file in self.files if file.path == path), None)

    def undone(self, recoveries: tuple[Recovery, ...]) -> Submission:
        """Return it as it would be without some of its recoveries, each of a single line."""
        kept = tuple(each for each in self.recoveries if each not in recoveries)
        files = tuple(file.undone(recoveries) for file in self.files)
        return replace(self, files=files, recoveries=kept)


@dataclass(frozen=True, slots=True)
class Truncation:
    """A place where the reply, or one part of it, breaks off."""

    span: Span
    """The last line before the break."""
    evidence: str
    """What was left open, in words: "the fence opened at line 3 is never closed"."""
    continued: bool
    """True where a later part took the text up again."""
