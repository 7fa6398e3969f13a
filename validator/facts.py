"""The frozen types every stage returns: what was found, never what it means.

Read this first. Data flows one way::

    Reply → Submission → Diagnostic, Resolution → Layer → Run

Lines are 1-based and a span includes both ends, everywhere. Units are in the names. A guest that
fails is a `Run`; a package that does not exist is `Unresolved`; a damaged reply is a `Recovery`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from packaging.markers import Marker
    from packaging.specifiers import SpecifierSet

LINE_END = re.compile(r"\r\n|\n|\r")
"""What ends a line: the three of CommonMark and of Python's tokenizer.

`str.splitlines` also splits at form feeds and U+2028, which would shift every line after them.
"""


def split_lines(text: str) -> list[str]:
    """Return the lines of `text` without their ends; a final line end opens no further line."""
    lines = LINE_END.split(text)
    return lines[:-1] if lines[-1] == "" else lines


# ── the reply and what was read from it ──────────────────────────────────────────────────────────


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

    @property
    def reply_span(self) -> Span:
        """The first and the last line of the reply this file was taken from."""
        known = [line for line in self.reply_lines if line] or [0]
        return Span(min(known), max(known))


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


@dataclass(frozen=True, slots=True)
class Command:
    """A shell command the reply shows, without its prompt."""

    text: str
    span: Span


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


@dataclass(frozen=True, slots=True)
class Truncation:
    """A place where the reply, or one part of it, breaks off."""

    span: Span
    """The last line before the break."""
    evidence: str
    """What was left open, in words: "the fence opened at line 3 is never closed"."""
    continued: bool
    """True where a later part took the text up again."""


# ── linting ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """What a linter said, in its own words."""

    tool: str
    """`ruff` or `pyright`."""
    code: str
    """The tool's own: `F821`, `reportUndefinedVariable`."""
    message: str
    path: str
    span: Span
    column: int
    """1-based column of the first character."""
    end_column: int
    """1-based column just past the last character."""


# ── packages ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Target:
    """The Python a program is to run on: the sandbox's, not the host's."""

    python: str
    """Major and minor, `3.11`."""
    platform: str
    """The platform tag family wheels are chosen for: `linux_x86_64`, `macosx_arm64`."""
    libc: str = "glibc 2.28"
    """`glibc X.Y`, `musl X.Y`, or empty where the platform has none to speak of."""

    def __str__(self) -> str:
        """Return it as a person would say it."""
        return f"Python {self.python} on {self.platform}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement line parsed by us: only what may be handed on to a tool."""

    name: str
    """As written; `canonical` is the one to compare."""
    canonical: str
    """Normalized by PEP 503."""
    extras: tuple[str, ...]
    specifier: SpecifierSet
    marker: Marker | None
    span: Span | None
    """Lines of the reply; None where the requirement was inferred without a place."""
    source: RequirementSource
    import_name: str | None = None
    """The module whose import asked for it, where `source` is IMPORT."""

    def __str__(self) -> str:
        """Return the line we write: never the reply's own text."""
        extras = f"[{','.join(self.extras)}]" if self.extras else ""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{extras}{self.specifier}{marker}"


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A requirement line that is not handed to any tool, and why."""

    line: RequirementLine
    kind: str
    """`url`, `path`, `option`, `variable`, `syntax` or `too-many`."""
    reason: str


@dataclass(frozen=True, slots=True)
class Pin:
    """One distribution of the lock."""

    name: str
    version: str
    sha256: str
    """Of the wheel chosen for the target."""
    filename: str
    required_by: tuple[str, ...]
    """Names of the pins that need it; empty for a direct requirement."""
    url: str = ""
    """Where the wheel was offered, without credentials; empty where that was not kept."""
    vulnerabilities: tuple[Vulnerability, ...] | None = None
    """What the index knows of this version; None where it was not asked or does not say."""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A known weakness of one version, as the index tells it."""

    id: str
    """`PYSEC-2023-74`, `GHSA-…`."""
    aliases: tuple[str, ...]
    """Its other names, a CVE number mostly."""
    summary: str
    """One line of the index's words; may be empty."""
    fixed_in: tuple[str, ...]
    """Versions that no longer have it; empty where there is none."""


class UnresolvedReason(StrEnum):
    """Why a requirement cannot be met as written; exactly one each."""

    UNKNOWN_PACKAGE = "unknown-package"
    UNKNOWN_VERSION = "unknown-version"
    NO_WHEEL = "no-wheel"
    REQUIRES_PYTHON = "requires-python"
    SOURCE_ONLY = "source-only"
    YANKED = "yanked"
    CONFLICT = "conflict"
    STDLIB = "stdlib"
    WRONG_DISTRIBUTION = "wrong-distribution"
    UNCLASSIFIED = "unclassified"
    """The resolver refused and the index does not show why."""
    NEWER_THAN_CUTOFF = "newer-than-cutoff"
    """What would meet it was uploaded after the date the user draws the line at."""
    RENAMED = "renamed"
    """It installs under a name its project has left, or one that only leads to another."""
    SUSPICIOUS = "suspicious"
    """It installs, and shows the signs of a name taken for those who mistype or invent it."""
    QUARANTINED = "quarantined"
    """The index itself holds the project back."""
    RETIRED = "retired"
    """It installs; its project is archived or deprecated."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A requirement that could not be met as written, and what is known about it."""

    requirement: Requirement
    reason: UnresolvedReason
    message: str
    """One sentence made of facts: what exists, what does not, for which Pythons."""
    nearest: str | None = None
    """The nearest version that installs on the target, if any."""
    latest: str | None = None
    """The newest version that installs on the target, if any."""
    wheel_pythons: tuple[str, ...] = ()
    """Pythons the asked-for version has wheels for, `3.6` to `3.10` each spelled out."""
    relaxed_to: str | None = None
    """The requirement line that was used instead so that the run could go on."""
    candidates: tuple[str, ...] = ()
    """Other distributions that may have been meant."""
    nearest_below: str | None = None
    """The newest version below the one asked for that installs on the target, if any."""
    nearest_above: str | None = None
    """The oldest version from the one asked for on that installs on the target, if any."""


@dataclass(frozen=True, slots=True)
class Undeclared:
    """A third-party import that no requirement of the reply covers."""

    module: str
    """As imported: `cv2`, `sklearn`."""
    path: str
    line: int
    distribution: str | None
    """The distribution that was taken for it; None where none is known for certain."""
    optional: bool = False
    """True where the import is guarded by `try: … except ImportError`."""
    candidates: tuple[str, ...] = ()
    """Distributions that may have been meant, where none is known for certain."""
    note: str = ""
    """What stands on the index under that name, where it is not taken for it."""
    brought_by: tuple[str, ...] = ()
    """Names of other pins that need the distribution and so install it anyway."""


@dataclass(frozen=True, slots=True)
class Unprovided:
    """A third-party import that none of the installed files answers."""

    module: str
    path: str
    line: int
    optional: bool
    """True where the import is guarded by `try: … except ImportError`."""
    candidates: tuple[str, ...]
    """Distributions that are known to provide it."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the program needs installed, as far as it could be found out."""

    target: Target
    resolver: str
    """`uv` or `pip-tools`."""
    requirements: tuple[Requirement, ...] = ()
    refused: tuple[RefusedLine, ...] = ()
    undeclared: tuple[Undeclared, ...] = ()
    pins: tuple[Pin, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    unprovided: tuple[Unprovided, ...] = ()
    """Empty until the layer is there to be looked into."""
    cutoff: str | None = None
    """`2026-11-15` where nothing uploaded after that day was looked at."""


@dataclass(frozen=True, slots=True)
class Layer:
    """The unpacked wheels of one lock: content-addressed, never written after it is made."""

    key: str
    """sha256 over the sorted pins and the target; the empty lock has a key too."""
    path: str
    """Absolute path on the host of a folder to put on `sys.path`."""
    size_bytes: int
    modules: tuple[str, ...] = ()
    """What can be imported from it: first names, dotted below a namespace many share."""


# ── the run ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use."""

    wall_seconds: float = 10.0
    memory_mib: int = 1024
    processes: int = 64
    output_kib: int = 256
    """Kept of stdout and of stderr each; a program that writes 64 times as much is stopped."""
    disk_mib: int = 64
    """Of the work folder and of /tmp each; both are in memory and count against `memory_mib`."""


class ProgramKind(StrEnum):
    """What sort of program it is, and so what success looks like."""

    SCRIPT = "script"
    """Ends by itself with status 0."""
    CLI = "cli"
    """Takes arguments; asking for them is no failure."""
    INTERACTIVE = "interactive"
    """Asks for what it needs at the terminal, and ends once it has it."""
    TESTS = "tests"
    """Tests something, and says case by case how that went."""
    LIBRARY = "library"
    """Defines things for others to use, and does nothing itself."""
    GAME = "game"
    """Draws frames until it is closed."""
    WINDOW = "window"
    """Shows a window until it is closed."""
    PLOT = "plot"
    """Makes figures and ends."""
    SERVER = "server"
    """Listens until it is stopped."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to drive this kind of program."""

    kind: ProgramKind
    reason: str
    """Why it was taken for that kind, with the line that says so."""
    needs_display: bool = False
    """True where a virtual X display has to stand before the program starts."""
    needs_tk: bool = False
    """True where the program cannot start without tkinter, which not every Python has."""
    keys: tuple[str, ...] = ()
    """Names of the keys the code itself mentions, in order: `K_UP`, `K_a`."""
    mouse: bool = False
    """True where the code listens to the mouse."""
    drivers: tuple[str, ...] = ()
    """Guest modules that stand around the program and drive it, outermost first: `answers`."""
    routes: tuple[str, ...] = ()
    """Paths the code says it serves, parameters already filled in: `/items/1`."""
    invocations: tuple[tuple[str, ...], ...] = ((),)
    """The arguments of each run of it, in the order of the runs."""
    tests: tuple[str, ...] = ()
    """Files of tests beside the program, to be run where it came through."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file laid beside the program before it runs, in place of one the reply does not have."""

    path: str
    """Relative, with forward slashes; safe to write below any folder."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Job:
    """One program to run once."""

    files: tuple[SourceFile, ...]
    entry_point: str
    plan: Plan
    layer: Layer | None = None
    arguments: tuple[str, ...] = ()
    stdin: bytes = b""
    limits: Limits = field(default_factory=Limits)
    instrument: bool = True
    """False runs the program bare: not watched through its libraries, not answered, not driven."""
    assets: tuple[Asset, ...] = ()


class Ending(StrEnum):
    """How a run ended, as seen from outside the jail."""

    EXITED = "exited"
    """By itself; `exit_code` says how."""
    SIGNALLED = "signalled"
    """Killed by a signal that was not ours; `exit_code` is 128 + the signal."""
    TIMED_OUT = "timed-out"
    """Stopped by us at the deadline."""
    OUT_OF_MEMORY = "out-of-memory"
    OUTPUT_FLOOD = "output-flood"
    """Stopped by us because it would not stop writing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One entry of a Python stack, outermost first in its traceback."""

    path: str
    """Relative to the work folder for the program's own files, absolute otherwise."""
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Traceback:
    """An exception that nothing caught, or the stack a run was stopped in."""

    type_name: str
    """`NameError`; empty for a stack taken at the deadline."""
    message: str
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen while the program ran, other than its output and its end."""

    kind: str
    """`frames`, `window`, `response`, `input` and so on."""
    fields: Mapping[str, Any]
    """JSON-ready details, documented beside each kind in `sandboxes/README.md`."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A file the run left behind that is worth keeping."""

    path: str
    """Relative and safe to write below any folder."""
    kind: str
    """`screenshot`, `animation`, `figure` or `file`; a `file` is one the program wrote itself."""
    data: bytes


@dataclass(frozen=True, slots=True)
class Run:
    """What one program did in the jail."""

    backend: str
    """`docker`, `docker-single-use` or `bubblewrap`."""
    plan: Plan
    ending: Ending
    exit_code: int | None
    """None where we stopped it."""
    stdout: bytes
    stderr: bytes
    """Raw, cut at the limit; whoever shows them cleans them first."""
    stdout_bytes: int
    stderr_bytes: int
    """How much was written in all, kept or not."""
    wall_seconds: float
    traceback: Traceback | None = None
    """The exception that ended it, seen before any hook of the program's; or None."""
    stacks: tuple[Traceback, ...] = ()
    """Where each thread stood when we stopped it."""
    completed: bool = False
    """True where the main module ran to its end or left by `sys.exit`, as the runner saw it."""
    observations: tuple[Observation, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
