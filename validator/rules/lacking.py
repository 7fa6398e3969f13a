"""What a program needs and the sandbox does not have: a secret, a program, a device, a service."""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import TYPE_CHECKING

from validator.facts import WORK, Ending
from validator.rules import elsewhere, noise
from validator.rules.crash import (
    crash_line,
    found_no_names,
    line_of,
    missing_module,
    type_of,
)
from validator.rules.pulse import asleep

if TYPE_CHECKING:
    from validator.facts import Run, Traceback
    from validator.rules.rule import Evidence


class Need(Enum):
    """Something a run came to nothing for want of, and that is not for the program to have."""

    SECRET = auto()
    PROGRAM = auto()
    """One of another kind, installed beside it: a browser, `ffmpeg`."""
    SYSTEM = auto()
    """Another operating system, or another sort of machine."""
    DEVICE = auto()
    SERVICE = auto()
    """A server on its own machine."""


_SECRET_TYPES = frozenset({
    "OpenAIError", "DefaultCredentialsError", "NoCredentialsError", "PartialCredentialsError",
    "LoginFailure", "InvalidToken", "AuthenticationError", "MissingAPIKeyError", "NoRegionError",
    "ProfileNotFound", "UserConfigError",
})  # fmt: skip
_WANTING = r"(?:not (?:set|found|defined|provided|configured)|missing|must be|required|no valid)"
_SECRET = re.compile(
    r"(?:api[_ -]?key|access[_ -]?token|(?-i:[A-Z][A-Z0-9]*_(?:API_KEY|KEY|TOKEN|SECRET|PASSWORD))"
    rf"|credentials?|environment variables?)\b.{{0,60}}\b{_WANTING}"
    rf"|\b(?:{_WANTING}|set|provide|no|add|enter)\b.{{0,30}}\b(?:your )?(?:api[_ -]?key|api token"
    r"|(?-i:[A-Z][A-Z0-9]*_(?:API_KEY|TOKEN|SECRET)))"
    r"|resolve authentication method|token to be a str, received NoneType",
    re.IGNORECASE,
)
_PROGRAM_TYPES = frozenset({
    "NoSuchDriverException", "SessionNotCreatedException", "TesseractNotFoundError",
    "ExecutableNotFound", "GitCommandNotFound", "PDFInfoNotInstalledError", "JavaNotFoundException",
})  # fmt: skip
_TOOLS = (
    r"ffmpeg|ffprobe|git|java|node|npm|tesseract|graphviz|dot|docker|chrome|chromium|chromedriver"
    r"|geckodriver|firefox|wkhtmltopdf|pandoc|latex|pdflatex|xclip|xsel|nmap|adb|gcc|espeak"
)
_PROGRAM = re.compile(
    r"Executable doesn't exist|playwright install|reading from the driver"
    r"|cannot find (?:the )?(?:chrome|firefox) binary"
    r"|executable needs to be in PATH|Unable to obtain driver|Expected browser binary location"
    r"|\bnot\b.{0,40}\b(?:in|on) (?:your |the |system )*PATH\b"
    r"|could not find a copy/paste mechanism|No (?:ffmpeg|wkhtmltopdf) exe|Bad git executable"
    r"|Java gateway process exited|returned non-zero exit status 127\b"
    rf"|\b(?:{_TOOLS})\b.{{0,24}}\b(?:not found|(?:is|was)? ?n[o']t (?:found|installed))",
    re.IGNORECASE,
)
_SHELL = re.compile(r"^(?:/bin/)?sh: \d+: ([\w.+-]+): not found$", re.MULTILINE)
_OF_A_TERMINAL = frozenset({"cls", "clear", "color", "title", "mode", "pause"})
"""What is started only to make a terminal look different: nothing is lost without it."""
_STARTED = re.compile(r"No such file or directory: '([\w+-]+(?:\.exe)?)'$")
_DEVICE_TYPES = frozenset({"BadPinFactory", "PinFactoryFallback", "PortAudioError"})
_DEVICE = re.compile(
    r"No Default (?:Input|Output) Device|Invalid (?:input|output) device|PortAudio"
    r"|Error querying device|NVIDIA driver|no CUDA|CUDA (?:is not|driver|unknown|initiali[sz]ation)"
    r"|not compiled with CUDA|could not open port|/dev/(?:tty|video|snd|i2c|spi|gpio|input)"
    r"|can't open camera|camera index out of range|cannot open (?:the )?(?:camera|webcam)"
    r"|(?:could|can) ?not (?:open|access|read from|find|connect to) (?:the |your |a |any )?"
    r"(?:camera|webcam|video (?:device|stream|capture)|microphone|arduino|joystick|gamepad)"
    r"|\bno (?:camera|webcam|microphone|joystick|gamepad|controller|serial port|arduino"
    r"|usb device|bluetooth device|gpu)s? (?:was |were |is |are )?"
    r"(?:found|detected|connected|available)"
    r"|\bno (?:camera|microphone)\b|Invalid joystick device|/sys/class/(?!net\b)"
    r"|libespeak|eSpeak|Bluetooth|No such device|No backend available"
    r"|(?:on|not) (?:running on )?a Raspberry Pi|/proc/device-tree|to use this library on linux",
    re.IGNORECASE,
)
_CAMERA = ("VIDEOIO", "can't open camera")
"""What OpenCV writes where there is no camera: a program that only stops then has shown nothing."""
_OF_DEVICES = re.compile(
    r"/(?:bleak|dbus_fast|gpiozero|RPi|smbus2?|spidev|picamera2?|serial|usb|hid|pynput|keyboard"
    r"|pyaudio|sounddevice|speech_recognition|cv2)/"
)
_SERVICE_TYPES = frozenset({
    "ServerSelectionTimeoutError", "AMQPConnectionError", "NoBrokersAvailable",
    "ConnectionRefusedError", "AutoReconnect", "KafkaTimeoutError", "KafkaConnectionError",
    "NoHostAvailable", "NoServersError",
})  # fmt: skip
_SERVICE = re.compile(
    r"Can't connect to (?:local )?(?:MySQL|server)|could not connect to server"
    r"|connection to server (?:at|on) .* failed|Error (?:99|111) connecting to"
    r"|Error while fetching server API version|Cannot connect to the Docker daemon"
)
_OF_SERVICES = re.compile(
    r"/(?:pymongo|motor|kafka|aiokafka|confluent_kafka|pika|redis|psycopg2?|pymysql|mysql|kombu"
    r"|cassandra|nats|zmq|elasticsearch|elastic_transport)/"
)
_REFUSED = re.compile(r"Connection refused|actively refused")
_HERE = re.compile(r"\blocalhost\b|\b127\.0\.0\.1\b|\[?::1\b")


def need(evidence: Evidence) -> Need | None:
    """Return what a run came to nothing for want of; None where it was nothing of the kind."""
    run = evidence.run
    if run is None:
        return None
    if run.ending is Ending.TIMED_OUT:
        return _waited_for(run)
    if run.traceback is not None:
        return _raised_for(evidence, run, run.traceback)
    if run.ending is Ending.EXITED and run.exit_code:
        return _said(evidence, noise.clean(run.stderr[-2048:] + b"\n" + run.stdout[-2048:]))
    return _got_nowhere(run)


def _raised_for(evidence: Evidence, run: Run, trace: Traceback) -> Need | None:
    kind, line = type_of(trace), crash_line(trace)
    if kind in _SECRET_TYPES or (kind == "KeyError" and "environ" in line_of(evidence, trace)):
        return Need.SECRET
    if elsewhere.named(trace):
        return Need.SYSTEM
    if kind in _PROGRAM_TYPES or _not_started(evidence, trace):
        return Need.PROGRAM
    said = noise.clean(run.stderr[-4096:])
    camera = any(each in said for each in _CAMERA) or missing_module(trace) in elsewhere.BOARDS
    if camera or kind in _DEVICE_TYPES or _of_a_device(trace):
        return Need.DEVICE
    if host(evidence):
        return Need.SYSTEM
    return Need.SERVICE if kind in _SERVICE_TYPES else _said(evidence, line)


def host(evidence: Evidence) -> str:
    """Return what the program is made to run in, where its run ended for want of that; or ""."""
    trace = evidence.run.traceback if evidence.run else None
    missing = missing_module(trace) if trace else None
    if missing is None or evidence.resolution is None:
        return ""
    top = missing.partition(".")[0]
    hosted = (each for each in evidence.resolution.undeclared if each.host)
    return next((each.host for each in hosted if each.module.partition(".")[0] == top), "")


def _of_a_device(trace: Traceback) -> bool:
    """Tell whether the system refused something to a library that speaks to devices."""
    refused = trace.message.startswith("[Errno ") and WORK not in trace.message
    return refused and any(_OF_DEVICES.search(frame.path) for frame in trace.frames)


def _not_started(evidence: Evidence, trace: Traceback) -> bool:
    """Tell whether a program was to be started that is not here, by a name to be found by PATH."""
    match = _STARTED.search(trace.message)
    last = trace.frames[-1] if trace.frames else None
    if match is None or last is None or type_of(trace) != "FileNotFoundError":
        return False
    started = last.path.endswith("/subprocess.py") and last.function == "_execute_child"
    # The same is said of a folder to start it in, and that is for the program to make.
    folder = re.compile(rf"cwd\s*=\s*['\"]{re.escape(match[1])}['\"]")
    return started and not any(folder.search(file.text) for file in evidence.submission.files)


def _said(evidence: Evidence, words: str) -> Need | None:
    """Return what an exception, or the last words of a program that failed, say was wanting."""
    if _SECRET.search(words):
        return Need.SECRET
    if elsewhere.SAID.search(words):
        return Need.SYSTEM
    if _PROGRAM.search(words) or _SHELL.search(words):
        return Need.PROGRAM
    if _DEVICE.search(words):
        return Need.DEVICE
    # A connection that is refused was to this machine where the program names this machine.
    here = (words, *(file.text for file in evidence.submission.files))
    refused = _REFUSED.search(words) and any(map(_HERE.search, here))
    return Need.SERVICE if refused or _SERVICE.search(words) else None


def _waited_for(run: Run) -> Need | None:
    """Return what a run slept for until it was stopped, by the library its main thread stood in."""
    paths = [frame.path for frame in run.stacks[0].frames] if run.stacks and asleep(run) else []
    if any(map(_OF_SERVICES.search, paths)):
        return Need.SERVICE
    return Need.DEVICE if any(map(_OF_DEVICES.search, paths)) else None


def waits_for_network(run: Run) -> bool:
    """Tell whether a stopped program was trying to reach somebody again, and had failed to.

    It slept, or was within a library, after the system had said that there is no network: whoever
    only prints that and goes on in a loop of its own is in no library.
    """
    if run.ending is not Ending.TIMED_OUT or not found_no_names(run):
        return False
    inner = run.stacks[0].frames[-1:] if run.stacks else ()
    return asleep(run) or any(frame.path.startswith("/") for frame in inner)


def _got_nowhere(run: Run) -> Need | None:
    """Return what a run that ended well went without, by what others than it wrote of that."""
    said = noise.clean(run.stderr[-4096:])
    if any(each in said for each in _CAMERA):
        return Need.DEVICE
    tools = {match[1].lower() for match in _SHELL.finditer(said)}
    return Need.PROGRAM if tools - _OF_A_TERMINAL else None
