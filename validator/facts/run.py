"""One program to run once, and what it did: `Job` and `Run`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validator.facts.packages import Layer
    from validator.facts.reply import SourceFile

WORK = "/work/"
"""Where a program's own files stand in every jail, as paths in what it writes begin."""


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


SLOW_TO_START = (ProgramKind.SERVER, ProgramKind.GAME, ProgramKind.WINDOW)
"""Kinds whose libraries take seconds to load."""
FAIR_SHARE = 0.5
"""Of one processor: who is at work and gets less has to share it with too many others."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What whoever asked for a program wants it tried with, and what is to come of it."""

    stdin: str | None = None
    """All that is typed; None leaves the typing to the drivers."""
    expected: str | None = None
    """What its standard output is to be; None where nobody says."""
    tests: str = ""
    """Python to run after it, in its own names; empty for none."""


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
    made_up: tuple[str, ...] = ()
    """Arguments by the program's own parser, tried once where it asks for some and the reply shows
    none."""
    settle_seconds: float = 0.0
    """How long a server is left to itself first: it may have a client of its own."""
    trial: Trial | None = None
    """What it is tried with beside what its kind asks for."""


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
    picture: bool = False
    """True to run a server only for a picture of the page at its plan's one route."""


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
    """`screenshot`, `animation`, `figure`, `page`, `rendering` or `file`; a `rendering` is a
    picture of a page, a `file` one the program wrote itself."""
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
