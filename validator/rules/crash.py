"""What an exception is about: the program's own lines, or something the sandbox does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import WORK, Frame, Traceback
from validator.rules import noise

if TYPE_CHECKING:
    from validator.facts import Run, Submission
    from validator.rules.rule import Evidence

MAX_CHARACTERS = 300
"""Of an exception's message: some carry a whole page."""

_NO_NETWORK = re.compile(
    r"Name or service not known|Temporary failure in name resolution|Network is unreachable"
    r"|nodename nor servname|getaddrinfo failed|Failed to resolve|NameResolutionError"
    r"|Failed to establish a new connection|Cannot connect to host|Connection refused"
    r"|No route to host|Could not reach host|couldn't connect to 'https?:|Max retries exceeded"
)
_NETWORK_TYPES = frozenset({
    "gaierror", "ConnectError", "NewConnectionError", "ClientConnectorError", "APIConnectionError",
    "EndpointConnectionError", "ServerNotFoundError", "LocalEntryNotFoundError", "ConnectTimeout",
    "OfflineModeIsEnabled", "ConnectTimeoutError", "WebSocketAddressException",
})  # fmt: skip
_NO_NAMES = re.compile(
    r"Temporary failure in name resolution|Name or service not known|NameResolutionError"
    r"|getaddrinfo failed|Network is unreachable"
)
_TO_BE_DOWNLOADED = re.compile(r"NLTK Downloader|Can't find model '\w+'|\[E050\]")
_DOWNLOADS = re.compile(r"\bdownload\b")
_RAW_SOCKET = re.compile(r"SOCK_RAW|AF_PACKET|/scapy/")
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


def line_of(evidence: Evidence, trace: Traceback) -> str:
    """Return the program's own line an exception came from; empty where there is none."""
    frames = own_frames(evidence.submission, trace)
    file = evidence.submission.file(frames[-1].path) if frames else None
    if file is None:
        return ""
    lines = file.text.split("\n")
    number = frames[-1].line
    return lines[number - 1] if 0 < number <= len(lines) else ""


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


def lacks_download(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether data was wanting that the reply says to download, or downloads itself."""
    if not _TO_BE_DOWNLOADED.search(trace.message):
        return False
    reply = (part.text for part in evidence.submission.reply.parts)
    texts = (*reply, *(file.text for file in evidence.submission.files))
    return any(map(_DOWNLOADS.search, texts))


def lacks_raw_network(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether a program was refused the network's bare packets, which only root gets."""
    if type_of(trace) != "PermissionError":
        return False
    places = (frame.path for frame in trace.frames)
    return any(map(_RAW_SOCKET.search, (line_of(evidence, trace), *places)))


def lacks_input(trace: Traceback) -> bool:
    """Tell whether an exception comes of standard input being empty."""
    return type_of(trace) == "EOFError" and "EOF when reading" in trace.message


def lacks_surroundings(trace: Traceback) -> bool:
    """Tell whether a display, a shared library or a part of Python is missing around a program."""
    module = missing_module(trace)
    if module is not None:
        return module.partition(".")[0] in _PARTS_OF_PYTHON
    return bool(_NOT_HERE.search(trace.message))


def network_ended(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception comes of having no network, of whatever sort."""
    return (
        lacks_network(trace)
        or lacks_download(evidence, trace)
        or lacks_raw_network(evidence, trace)
    )


def found_no_names(run: Run) -> bool:
    """Tell whether the system itself was heard to say that there is no network."""
    return any(_NO_NAMES.search(noise.clean(each)) for each in (run.stderr, run.stdout))


def said_network(run: Run) -> bool:
    """Tell whether a program told of having no network itself."""
    return any(_NO_NETWORK.search(noise.clean(each)) for each in (run.stderr, run.stdout))


_OF_A_PART = re.compile(
    r"^(?:(?:Exception in thread|Process) [^\n]{1,80}:"
    r"|Task exception was never retrieved\n[^\n]*)\n"
    r"Traceback \(most recent call last\):\n(?P<frames>(?: [^\n]*\n)+)"
    r"(?P<type>[A-Za-z_][\w.]*)(?:: (?P<message>[^\n]*))?$",
    re.MULTILINE,
)
_FRAME = re.compile(r'^  File "([^"\n]+)", line (\d{1,9}), in (.+)$', re.MULTILINE)


def ended_by(run: Run) -> Traceback | None:
    """Return the exception that ended a program, else the first that ended a part of it.

    That of a thread, of a process of multiprocessing's and of an asyncio task nobody asks for is
    told by Python itself on standard error: the program goes on and ends with status 0. What one
    says once the window was closed under it is of no account.
    """
    if run.traceback is not None or any(each.kind == "close" for each in run.observations):
        return run.traceback
    match = _OF_A_PART.search(noise.clean(run.stderr))
    if match is None:
        return None
    frames = tuple(
        Frame(path.removeprefix(WORK), int(line), function)
        for path, line, function in _FRAME.findall(match["frames"])
    )
    return Traceback(match["type"], match["message"] or "", frames)
