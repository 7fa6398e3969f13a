"""What a program needs and the sandbox does not have: secrets, devices, services, files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import Ending
from validator.rules import noise
from validator.rules.crash import crash_line, own_frames, type_of

if TYPE_CHECKING:
    from validator.facts import Run, Traceback
    from validator.rules.rule import Evidence

_SECRET_TYPES = frozenset({
    "OpenAIError", "DefaultCredentialsError", "NoCredentialsError", "PartialCredentialsError",
    "LoginFailure", "InvalidToken", "AuthenticationError", "MissingAPIKeyError",
})  # fmt: skip
_WANTING = r"(?:not (?:set|found|defined|provided|configured)|missing|must be|required|no valid)"
_SECRET = re.compile(
    r"(?:api[_ -]?key|access[_ -]?token|(?-i:[A-Z][A-Z0-9]*_(?:API_KEY|KEY|TOKEN|SECRET|PASSWORD))"
    rf"|credentials?|environment variables?)\b.{{0,60}}\b{_WANTING}"
    rf"|\b(?:{_WANTING}|set|provide|no|add|enter)\b.{{0,30}}\b(?:your )?(?:api[_ -]?key|api token"
    r"|(?-i:[A-Z][A-Z0-9]*_(?:API_KEY|TOKEN|SECRET)))",
    re.IGNORECASE,
)
_DEVICE = re.compile(
    r"No Default (?:Input|Output) Device|Invalid (?:input|output) device|PortAudio"
    r"|Error querying device|NVIDIA driver|no CUDA|CUDA (?:is not|driver|unknown|initiali[sz]ation)"
    r"|not compiled with CUDA|could not open port|/dev/(?:tty|video|snd|i2c|spi|gpio|input)"
    r"|can't open camera|camera index out of range|cannot open (?:the )?(?:camera|webcam)"
    r"|could not (?:open|access) (?:the )?(?:camera|webcam|video)|no (?:camera|microphone)\b"
    r"|libespeak|eSpeak|Bluetooth|No such device|No backend available",
    re.IGNORECASE,
)
_SERVICE_TYPES = frozenset({
    "ServerSelectionTimeoutError", "AMQPConnectionError", "NoBrokersAvailable",
    "ConnectionRefusedError", "AutoReconnect",
})  # fmt: skip
_SERVICE = re.compile(
    r"Can't connect to (?:local )?(?:MySQL|server)|could not connect to server"
    r"|connection to server (?:at|on) .* failed|Error (?:99|111) connecting to"
)
_REFUSED = re.compile(r"Connection refused|actively refused")
_HERE = re.compile(r"\blocalhost\b|\b127\.0\.0\.1\b|\[?::1\b")
_MADE_OF_DATA = frozenset({
    "ValueError", "KeyError", "IndexError", "TypeError", "AttributeError", "ZeroDivisionError",
    "ParserError", "JSONDecodeError", "error", "StopIteration", "EmptyDataError", "DataError",
})  # fmt: skip
_TYPED = frozenset({
    "ValueError", "KeyError", "IndexError", "ZeroDivisionError", "FileNotFoundError",
    "InvalidOperation", "OverflowError", "OSError", "IsADirectoryError", "PatternError", "error",
})  # fmt: skip
_EVALUATED = frozenset({"NameError", "SyntaxError", "TypeError"})
_ASKED = re.compile(r"\b(?:input|getpass|readline|stdin)\b")
_TYPED_INTO = re.compile(r"\b(\w+)[ \t]*(?::=|=)[^=\n]*\b(?:input|getpass|readline)\(")
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


def needs_secret(evidence: Evidence) -> bool:
    """Tell whether a run failed for want of a key, a token or another secret."""
    run = evidence.run
    trace = run.traceback if run else None
    if trace is not None:
        if type_of(trace) == "KeyError" and "environ" in line_of(evidence, trace):
            return True
        return type_of(trace) in _SECRET_TYPES or bool(_SECRET.search(crash_line(trace)))
    return bool(run and _SECRET.search(_last_words(run)))


def needs_device(evidence: Evidence) -> bool:
    """Tell whether a run failed for want of a camera, a microphone, a GPU or a port."""
    run = evidence.run
    if run is None:
        return False
    if run.traceback is None:
        return bool(_DEVICE.search(_last_words(run)))
    said = noise.clean(run.stderr[-4096:])
    camera = "VIDEOIO" in said or "can't open camera" in said
    return camera or bool(_DEVICE.search(crash_line(run.traceback)))


def needs_service(evidence: Evidence) -> bool:
    """Tell whether a run failed for want of a server on its own machine: a database, a broker.

    A connection that is refused was to this machine where the program names this machine.
    """
    run = evidence.run
    if run is None:
        return False
    if run.traceback is not None and type_of(run.traceback) in _SERVICE_TYPES:
        return True
    words = crash_line(run.traceback) if run.traceback is not None else _last_words(run)
    here = (words, *(file.text for file in evidence.submission.files))
    refused = _REFUSED.search(words) and any(map(_HERE.search, here))
    return bool(refused or _SERVICE.search(words))


def needs_what_is_not_here(evidence: Evidence) -> bool:
    """Tell whether a run failed for want of any of these."""
    return needs_secret(evidence) or needs_device(evidence) or needs_service(evidence)


def missing_file(evidence: Evidence) -> str | None:
    """Return the file of data a run ended for want of, where it was to be read; else None."""
    trace = evidence.run.traceback if evidence.run else None
    if trace is None or _WRITES.search(line_of(evidence, trace)):
        return None
    match = _DATA_FILE.search(crash_line(trace))
    return match[1] if match else None


def made_of_our_answer(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception comes of what was typed at a prompt: our words, not its fault."""
    kind, line = type_of(trace), line_of(evidence, trace)
    evaluated = kind in _EVALUATED and "eval(" in line
    if evidence.run is None or not (kind in _TYPED or evaluated):
        return False
    seen = evidence.run.observations
    answers = {str(each.fields.get("answer")) for each in seen if each.kind == "input"}
    if not answers:
        return False
    # A key says itself what it was; anything else is told by the names in its line.
    named = kind != "KeyError" and _typed_names(evidence).intersection(re.findall(r"\w+", line))
    if _ASKED.search(line) or named:
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


def wants_arguments(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether an exception comes of there being no arguments on the command line."""
    return type_of(trace) in ("IndexError", "ValueError") and "sys.argv" in line_of(evidence, trace)


def line_of(evidence: Evidence, trace: Traceback) -> str:
    """Return the program's own line an exception came from; empty where there is none."""
    frames = own_frames(evidence.submission, trace)
    file = evidence.submission.file(frames[-1].path) if frames else None
    if file is None:
        return ""
    lines = file.text.split("\n")
    number = frames[-1].line
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _last_words(run: Run) -> str:
    """Return the end of what a program wrote that then left with a status of failure."""
    if run.ending is not Ending.EXITED or not run.exit_code:
        return ""
    return noise.clean(run.stderr[-2048:] + b"\n" + run.stdout[-2048:])
