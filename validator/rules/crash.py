"""What an exception is about: the program's own lines, or something the sandbox does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.rules import noise

if TYPE_CHECKING:
    from validator.facts import Frame, Run, Submission, Traceback

MAX_CHARACTERS = 300
"""Of an exception's message: some carry a whole page."""

_NO_NETWORK = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Network is unreachable"
    r"|nodename nor servname|getaddrinfo failed|Failed to resolve|NameResolutionError"
    r"|Failed to establish a new connection|Cannot connect to host|Connection refused"
    r"|No route to host|Could not reach host|couldn't connect to 'https?:|Max retries exceeded"
)
_NETWORK_TYPES = ("gaierror", "ConnectError", "NewConnectionError", "ClientConnectorError")
_NOT_HERE = re.compile(
    r"no display name|couldn't connect to display|cannot connect to X server|No available video"
    r"|\.so(?:\.\d+)*: cannot open shared object file|Unable to open display"
    r"|That operation is not supported|OpenGL support is not|OpenGL is not|Failed to create window"
    r"|GLX|no pixel formats|Could not create GL context|setupterm: could not find terminal"
    r"|(?:cbreak|nocbreak|endwin|initscr|curs_set)\(\) returned ERR"
    r"|Cannot connect to \"None\"|NoSuchDisplayException"
)
_PARTS_OF_PYTHON = frozenset({"tkinter", "_tkinter", "turtle", "curses", "_curses", "readline"})
"""Modules of the standard library that distributions leave out of some Pythons."""
_NO_MODULE = re.compile(r"No module named ['\"]([\w.]+)['\"]")


def own_frames(submission: Submission, trace: Traceback) -> tuple[Frame, ...]:
    """Return the frames of a traceback that stand in the program's own files, outermost first."""
    return tuple(frame for frame in trace.frames if submission.file(frame.path) is not None)


def crash_line(trace: Traceback) -> str:
    """Return an exception as the last line of its traceback: untrusted text, cleaned and cut."""
    message = " ".join(noise.clean(trace.message.encode("utf-8", "replace")).split())
    line = f"{trace.type_name}: {message}" if message else trace.type_name
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 3] + "..."


def type_of(trace: Traceback) -> str:
    """Return the bare name of an exception's class."""
    return trace.type_name.rpartition(".")[2]


def missing_module(trace: Traceback) -> str | None:
    """Return the module whose import failed, where that is what happened."""
    match = _NO_MODULE.search(trace.message) if type_of(trace) == "ModuleNotFoundError" else None
    return match[1] if match else None


def lacks_network(trace: Traceback) -> bool:
    """Tell whether an exception comes of having no network."""
    return type_of(trace) in _NETWORK_TYPES or bool(_NO_NETWORK.search(trace.message))


def lacks_input(trace: Traceback) -> bool:
    """Tell whether an exception comes of standard input being empty."""
    return type_of(trace) == "EOFError" and "EOF when reading" in trace.message


def lacks_surroundings(trace: Traceback) -> bool:
    """Tell whether a display, a shared library or a part of Python is missing around a program."""
    module = missing_module(trace)
    if module is not None:
        return module.partition(".")[0] in _PARTS_OF_PYTHON
    return bool(_NOT_HERE.search(trace.message))


def said_network(run: Run) -> bool:
    """Tell whether a program told of having no network itself."""
    return any(_NO_NETWORK.search(noise.clean(each)) for each in (run.stderr, run.stdout))
