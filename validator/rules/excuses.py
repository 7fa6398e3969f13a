"""What a crash may come of that is ours: our answers, our files, our giving no arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.rules.crash import crash_line, line_of, type_of

if TYPE_CHECKING:
    from validator.facts import Traceback
    from validator.rules.rule import Evidence

_AT_HOME = re.compile(
    r"'(?:/tmp|/home/\w+|/Users/\w+|[A-Z]:\\\\Users\\\\\w+)[/\\]+"
    r"(?:Downloads|Documents|Desktop|Pictures|Music|Videos)\b|'[A-Z]:[\\/]"
)
"""As Python writes the path; the home of a program here is /tmp."""
_MADE_OF_DATA = frozenset({
    "ValueError", "KeyError", "IndexError", "TypeError", "AttributeError", "ZeroDivisionError",
    "ParserError", "JSONDecodeError", "error", "StopIteration", "EmptyDataError", "DataError",
})  # fmt: skip
_OF_A_PEER = frozenset({
    "UnicodeDecodeError", "ConnectionResetError", "BrokenPipeError", "UnpicklingError",
    "ConnectionAbortedError", "IncompleteReadError",
})  # fmt: skip
_TYPED = frozenset({
    "ValueError", "KeyError", "IndexError", "ZeroDivisionError", "FileNotFoundError",
    "InvalidOperation", "OverflowError", "OSError", "IsADirectoryError", "PatternError", "error",
})  # fmt: skip
_EVALUATED = frozenset({"NameError", "SyntaxError", "TypeError"})
_ASKED = re.compile(r"\b(?:input|getpass|readline|stdin)\b")
_TYPED_INTO = re.compile(
    r"\b(\w+)[ \t]*(?::=|=)[^=\n]*\b(?:input|getpass|readlines?|stdin\.read)\("
)
_DATA_FILE = re.compile(
    r"(?:No such file or directory|not found|No file|couldn't open|Unable to open"
    r"|Failed to (?:open|load|read)).*?"
    r"['\"]([^'\"]+\.(?:png|jpe?g|gif|bmp|ico|svg|wav|ogg|mp3|ttf|otf|csv|tsv|json|txt|xml|ya?ml"
    r"|xlsx?|db|sqlite3?|npy|npz|pkl|h5|pt|pth|onnx|mp4|avi|pdf|dat|pyxres|bdf|tmx|glb|obj|gltf))['\"]"
)
_WRITES = re.compile(
    r"open\(.*,\s*(?:mode\s*=\s*)?['\"][wax]|savefig|\.save\(|imwrite|to_csv|to_json|write_text"
    r"|write_bytes|mkdir|rename|remove"
)


def missing_file(evidence: Evidence) -> str | None:
    """Return the file of data a run ended for want of, where it was to be read; else None."""
    trace = evidence.run.traceback if evidence.run else None
    if trace is None or _WRITES.search(line_of(evidence, trace)):
        return None
    match = _DATA_FILE.search(crash_line(trace))
    return match[1] if match else None


def wants_repository(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether git, or a library of its, was to look at the folder it was started in."""
    said = evidence.run.stderr[-2048:] if evidence.run else b""
    words = f"{crash_line(trace)}\n{said.decode('utf-8', 'replace')}"
    return "not a git repository" in words or "InvalidGitRepositoryError" in words


def wants_home(trace: Traceback) -> bool:
    """Tell whether a folder that people have at home, or a drive of theirs, was to be there."""
    missing = type_of(trace) in ("FileNotFoundError", "NotADirectoryError")
    return missing and bool(_AT_HOME.search(trace.message))


def made_of_our_answer(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception comes of what was typed at a prompt: our words, not its fault."""
    kind, line = type_of(trace), line_of(evidence, trace)
    evaluated = kind in _EVALUATED and "eval(" in line
    if evidence.run is None or not (kind in _TYPED or evaluated):
        return False
    seen = evidence.run.observations
    answers = {str(each.fields.get("answer")) for each in seen if each.kind == "input"}
    answers |= {tail for each in answers if (tail := each.partition(" ")[2])}
    if not answers:
        return False
    # A key says itself what it was; anything else is told by the names in its line.
    named = kind != "KeyError" and _typed_names(evidence).intersection(re.findall(r"\w+", line))
    # All a command of a `cmd.Cmd` works on is what was typed.
    commanded = any(frame.function == "onecmd" for frame in trace.frames)
    if _ASKED.search(line) or named or commanded:
        return True
    return any(len(each) > 1 and repr(each) in trace.message for each in answers)


def _typed_names(evidence: Evidence) -> set[str]:
    """Return the variables that something typed goes into, by the line it is asked in."""
    texts = (file.text for file in evidence.submission.files)
    return {name for text in texts for name in _TYPED_INTO.findall(text)}


def made_of_stand_in(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception may come of what a generated file held."""
    seen = evidence.run.observations if evidence.run else ()
    return type_of(trace) in _MADE_OF_DATA and any(each.kind == "placeholder" for each in seen)


def made_of_our_request(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether a server that speaks no HTTP may have stumbled over our speaking it."""
    seen = evidence.run.observations if evidence.run else ()
    foreign = any(
        (each.kind == "response" and each.fields.get("status") is None)
        or (each.kind == "port" and each.fields.get("protocol") == "udp")
        for each in seen
    )
    return foreign and type_of(trace) in _MADE_OF_DATA | _OF_A_PEER


def wants_port_rights(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether a server was refused one of the ports that only root gets."""
    refused = type_of(trace) == "PermissionError" and "[Errno 13]" in trace.message
    inner = trace.frames[-1] if trace.frames else None
    binds = inner is not None and ("bind" in inner.function or "bind" in line_of(evidence, trace))
    return refused and binds


def wants_arguments(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception comes of there being no arguments on the command line."""
    return type_of(trace) in ("IndexError", "ValueError") and "sys.argv" in line_of(evidence, trace)
