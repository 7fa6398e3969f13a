"""What a run came to nothing for want of: another program, another system, a device, a service."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from packaging.specifiers import SpecifierSet
from rules_evidence import crashed, linted, raised, ran, saw

from validator.facts import (
    Diagnostic,
    Ending,
    Frame,
    Part,
    Reply,
    Requirement,
    RequirementSource,
    Resolution,
    Span,
    Target,
    Traceback,
    Unresolved,
    UnresolvedReason,
)
from validator.findings import Severity, Verdict
from validator.rules import judge

if TYPE_CHECKING:
    from validator.rules import Evidence
    from validator.rules.judging import Judgement

HELLO = 'print("hello")\n'
ASLEEP = saw("pulse", state="sleeping", cpu_seconds=0.1)


def codes(judgement: Judgement) -> list[str]:
    return [each.code for each in judgement.findings]


def started(message: str, text: str = HELLO, last: str = "_execute_child") -> Evidence:
    """Return a run that ended where the standard library starts another program."""
    frames = (Frame("main.py", 1, "<module>"), Frame("/usr/lib/python3.11/subprocess.py", 9, last))
    return ran(text, exit_code=1, traceback=Traceback("FileNotFoundError", message, frames))


# ── programs ──


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        (
            "selenium.common.exceptions.NoSuchDriverException",
            "Message: Unable to obtain driver for chrome; For documentation on this error …",
        ),
        (
            "selenium.common.exceptions.WebDriverException",
            "Message: unknown error: cannot find Chrome binary",
        ),
        ("playwright._impl._errors.Error", "BrowserType.launch: Executable doesn't exist at /tmp"),
        ("pytesseract.TesseractNotFoundError", "tesseract is not installed or not in your PATH"),
        ("graphviz.ExecutableNotFound", "failed to execute PosixPath('dot')"),
        ("pyperclip.PyperclipException", "Pyperclip could not find a copy/paste mechanism"),
        ("subprocess.CalledProcessError", "Command 'x' returned non-zero exit status 127."),
        ("ImportError", "Bad git executable."),
        ("RuntimeError", "ffmpeg was not found but is required to load audio files"),
    ],
)  # fmt: skip
def test_a_program_that_is_not_installed_is_nobodys_fault(type_name: str, message: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert codes(judgement) == ["RV418"]
    assert judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("name", ["ffmpeg", "xdg-open", "g++", "notepad.exe"])
def test_a_program_started_by_its_name_is_looked_for_by_name(name: str) -> None:
    judgement = judge(started(f"[Errno 2] No such file or directory: '{name}'"))

    assert codes(judgement) == ["RV418"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        # Only a shell takes such a line apart.
        ("[Errno 2] No such file or directory: 'ls -l'", HELLO),
        # Files of its own.
        ("[Errno 2] No such file or directory: './build.sh'", HELLO),
        ("[Errno 2] No such file or directory: 'worker.py'", HELLO),
        # A folder to start something in, which it never made.
        ("[Errno 2] No such file or directory: 'out'", 'run(["ls"], cwd="out")\n'),
    ],
)
def test_what_is_started_and_is_its_own_to_see_to_is_charged(message: str, text: str) -> None:
    judgement = judge(replace(started(message, text), diagnostics=()))

    assert (codes(judgement), judgement.verdict) == (["RV401"], Verdict.FAILED)


def test_a_file_that_is_opened_by_a_bare_name_is_no_program() -> None:
    judgement = judge(
        started("[Errno 2] No such file or directory: 'notes'", last="read_text")
    )  # fmt: skip

    assert codes(judgement) == ["RV401"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (b"Error: ffmpeg is not installed or not in PATH.", ["RV418"]),
        (b"sh: 1: convert: not found", ["RV418"]),
        (b"This script only works on Windows.", ["RV419"]),
        (b"No serial ports found", ["RV415"]),
        (b"Could not open webcam", ["RV415"]),
        # Near misses: its own words about its own things.
        (b"error: user not found", ["RV406"]),
        (b"command not found: greet", ["RV406"]),
        (b"no ports left on this ship", ["RV406"]),
        (b"works on Windows and on Linux", ["RV406"]),
    ],
)
def test_a_program_that_leaves_saying_what_is_wanting_is_taken_at_its_word(
    words: bytes, code: list[str]
) -> None:
    judgement = judge(ran(HELLO, exit_code=1, stdout=words))

    assert codes(judgement) == code


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"sh: 1: ffmpeg: not found\n", ["RV418"]),
        (b"[ WARN:0@0.02] global cap_v4l.cpp:914 open VIDEOIO(V4L2:/dev/video0)\n", ["RV415"]),
        # To clear a terminal is not what a program is for.
        (b"sh: 1: cls: not found\n", []),
        (b"sh: 1: clear: not found\n", []),
    ],
)
def test_a_run_that_ended_well_and_went_without_has_not_passed(
    said: bytes, expected: list[str]
) -> None:
    judgement = judge(ran(HELLO, stderr=said))

    assert codes(judgement) == expected
    assert judgement.verdict is (Verdict.INCONCLUSIVE if expected else Verdict.PASSED)


# ── another system ──

WINDOWS = """\
import os

if os.name == "nt":
    import msvcrt

    key = msvcrt.getch()
print("hello")
"""


def said_of(name: str, module: str, line: int) -> Diagnostic:
    message = f'"{name}" is not a known attribute of module "{module}"'
    return Diagnostic(
        "pyright", "reportAttributeAccessIssue", message, "main.py", Span(line, line), 1, 9
    )


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("ModuleNotFoundError", "No module named 'winsound'"),
        ("ModuleNotFoundError", "No module named 'win32com.client'"),
        ("ModuleNotFoundError", "No module named 'AppKit'"),
        ("AttributeError", "module 'os' has no attribute 'startfile'"),
        ("AttributeError", "module 'ctypes' has no attribute 'windll'"),
        ("ImportError", "cannot import name 'windll' from 'ctypes' (/usr/lib/ctypes/__init__.py)"),
        ("OSError", "this tool is only supported on Windows"),
    ],
)
def test_what_only_another_system_has_is_not_charged(type_name: str, message: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert (codes(judgement), judgement.verdict) == (["RV419"], Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("ModuleNotFoundError", "No module named 'window'"),
        ("AttributeError", "module 'os' has no attribute 'startfiles'"),
        ("AttributeError", "module 'math' has no attribute 'windll'"),
        ("ValueError", "no view on windows"),
    ],
)
def test_what_no_system_has_is(type_name: str, message: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert (codes(judgement), judgement.verdict) == (["RV401"], Verdict.FAILED)


def test_the_stubs_of_this_system_say_nothing_of_another_ones_modules() -> None:
    evidence = replace(
        linted(WINDOWS), diagnostics=(said_of("getch", "msvcrt", 6), said_of("square", "math", 7))
    )

    assert [each.location.line for each in judge(evidence).findings] == [7]


def wanting(name: str, type_name: str, message: str) -> Evidence:
    """Return a run without a package that has no wheel here."""
    requirement = Requirement(name, name, (), SpecifierSet(), None, None, RequirementSource.BLOCK)
    words = f"{name} 1.0 exists but has no wheel for Python 3.11 on Linux x86_64"
    unresolved = Unresolved(requirement, UnresolvedReason.NO_WHEEL, words)
    resolution = Resolution(Target("3.11", "linux_x86_64"), "uv", unresolved=(unresolved,))
    return replace(crashed(HELLO, type_name, message, 1), resolution=resolution)


def test_a_package_made_for_another_system_is_wanting_here_and_not_wrong() -> None:
    judgement = judge(wanting("pywin32", "ModuleNotFoundError", "No module named 'win32gui'"))

    assert [(each.code, each.severity) for each in judgement.findings] == [
        ("RV304", Severity.WARNING),
        ("RV419", Severity.NOTE),
    ]
    assert judgement.verdict is Verdict.INCONCLUSIVE


def test_a_package_that_merely_has_no_wheel_stays_an_error() -> None:
    judgement = judge(wanting("pygame", "ModuleNotFoundError", "No module named 'pygame'"))

    assert judgement.verdict is Verdict.FAILED


# ── devices and services ──


@pytest.mark.parametrize(
    ("type_name", "message", "code"),
    [
        ("gpiozero.exc.BadPinFactory", "Unable to load any default pin factory!", "RV415"),
        ("ModuleNotFoundError", "No module named 'RPi'", "RV415"),
        ("RuntimeError", "This module can only be run on a Raspberry Pi!", "RV415"),
        ("pygame.error", "Invalid joystick device number", "RV415"),
        ("ImportError", "You must be root to use this library on linux.", "RV415"),
        (
            "FileNotFoundError",
            "[Errno 2] No such file or directory: '/sys/class/power_supply'",
            "RV415",
        ),
        ("docker.errors.DockerException", "Error while fetching server API version: …", "RV416"),
        ("kafka.errors.NoBrokersAvailable", "NoBrokersAvailable", "RV416"),
        ("TypeError", '"Could not resolve authentication method. Expected …"', "RV414"),
        ("botocore.exceptions.NoRegionError", "You must specify a region.", "RV414"),
        ("openai.APIConnectionError", "Connection error.", "RV410"),
    ],
)
def test_each_librarys_words_for_what_it_has_not_are_known(
    type_name: str, message: str, code: str
) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert (codes(judgement), judgement.verdict) == ([code], Verdict.INCONCLUSIVE)


@pytest.mark.parametrize("library", ["pymongo", "kafka", "redis"])
def test_who_sleeps_in_the_library_of_a_service_waits_for_it(library: str) -> None:
    frames = (Frame("main.py", 1, "<module>"), Frame(f"/env/{library}/pool.py", 80, "connect"))
    stopped = ran(
        HELLO,
        ending=Ending.TIMED_OUT,
        exit_code=None,
        stacks=(Traceback("", "", frames),),
        observations=(ASLEEP,),
    )
    busy = replace(
        stopped,
        run=replace(stopped.run, observations=(saw("pulse", state="running", cpu_seconds=9.9),)),  # type: ignore[type-var]
    )

    assert (codes(judge(stopped)), judge(stopped).verdict) == (["RV416"], Verdict.INCONCLUSIVE)
    assert codes(judge(busy)) == ["RV402"]


def test_who_sleeps_in_its_own_line_waits_for_nothing_of_ours() -> None:
    stopped = ran(
        HELLO,
        ending=Ending.TIMED_OUT,
        exit_code=None,
        stacks=(raised("", "", 1),),
        observations=(ASLEEP,),
    )

    assert codes(judge(stopped)) == ["RV402"]


# ── the network ──

NLTK = "Resource punkt_tab not found. Please use the NLTK Downloader to obtain the resource:"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('nltk.download("punkt_tab")\n', Verdict.INCONCLUSIVE),
        ('word_tokenize("Hello.")\n', Verdict.FAILED),
    ],
)
def test_data_the_program_downloads_itself_wants_the_network(text: str, expected: Verdict) -> None:
    evidence = replace(crashed(text, "LookupError", NLTK, 1), diagnostics=())

    assert judge(evidence).verdict is expected


def test_data_the_reply_says_to_download_wants_the_network_too() -> None:
    message = "[E050] Can't find model 'en_core_web_sm'. It doesn't seem to be a package"
    crash = crashed(HELLO, "OSError", message, 1)
    told = Reply((Part("First: python -m spacy download en_core_web_sm", "reply.md"),))
    prepared = replace(crash, submission=replace(crash.submission, reply=told))

    assert judge(crash).verdict is Verdict.FAILED
    assert codes(judge(prepared)) == ["RV410"]


@pytest.mark.parametrize(
    ("text", "codes_"),
    [
        ("s = socket.socket(socket.AF_INET, socket.SOCK_RAW)\n", ["RV410"]),
        ('open("/usr/x")\n', ["RV401"]),
    ],
)
def test_bare_packets_are_for_root_alone(text: str, codes_: list[str]) -> None:
    crash = crashed(text, "PermissionError", "[Errno 1] Operation not permitted", 1)

    assert codes(judge(replace(crash, diagnostics=()))) == codes_


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"Error: [Errno -3] Temporary failure in name resolution\n", ["RV410"]),
        # What a program may well say without having tried.
        (b"Connection refused, as the tale goes\n", []),
    ],
)
def test_a_program_that_caught_the_want_of_a_network_was_not_seen_to_work(
    said: bytes, expected: list[str]
) -> None:
    judgement = judge(ran(HELLO, stdout=said))

    assert codes(judgement) == expected
    assert judgement.verdict is (Verdict.INCONCLUSIVE if expected else Verdict.PASSED)


# ── what runs until it is stopped ──

POLLS = """\
import time

while True:
    print("looking")
    time.sleep(1)
"""
STOPPABLE = """\
import time

try:
    while True:
        time.sleep(1)
except KeyboardInterrupt:
    print("stopped")
"""
COUNTS = """\
import time

while len([]) < 1:
    print("looking")
    time.sleep(1)
"""
WAITS = """\
import time

while True:
    time.sleep(1)
"""


@pytest.mark.parametrize(
    ("text", "line", "stdout", "state", "quiet_seconds", "severity"),
    [
        (POLLS, 5, b"looking\n", "sleeping", 0.6, Severity.NOTE),
        (STOPPABLE, 5, b"", "sleeping", 9.9, Severity.NOTE),
        # It has long stopped writing; it never wrote; it works; it stands elsewhere; it may end.
        (POLLS, 5, b"looking\n", "sleeping", 9.0, Severity.ERROR),
        (WAITS, 4, b"", "sleeping", 9.9, Severity.ERROR),
        (POLLS, 5, b"looking\n", "running", 0.6, Severity.ERROR),
        (POLLS, 4, b"looking\n", "sleeping", 0.6, Severity.ERROR),
        (COUNTS, 5, b"looking\n", "sleeping", 0.6, Severity.ERROR),
    ],
)  # fmt: skip
def test_who_sleeps_between_the_rounds_of_an_endless_loop_may_be_made_for_it(
    text: str, line: int, stdout: bytes, state: str, quiet_seconds: float, severity: Severity
) -> None:
    felt = saw("pulse", state=state, cpu_seconds=0.1, quiet_seconds=quiet_seconds)
    stopped = ran(
        text,
        ending=Ending.TIMED_OUT,
        exit_code=None,
        stdout=stdout,
        wall_seconds=10.0,
        stacks=(Traceback("", "", (Frame("main.py", line, "<module>"),)),),
        observations=(felt,),
    )

    found = [each for each in judge(stopped).findings if each.code == "RV402"]
    assert [each.severity for each in found] == [severity]


# ── threads ──

IN_A_THREAD = b"""\
Exception in thread Thread-3 (work):
Traceback (most recent call last):
  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
    self.run()
  File "/work/main.py", line 2, in work
    print(1 / n)
          ~~^~~
ZeroDivisionError: division by zero
"""


def test_an_exception_that_ends_a_thread_is_a_crash_though_the_program_goes_on() -> None:
    judgement = judge(ran("def work(n):\n    print(1 / n)\n", stderr=b"starting\n" + IN_A_THREAD))

    assert (codes(judgement), judgement.verdict) == (["RV401"], Verdict.FAILED)
    assert judgement.findings[0].message == "ZeroDivisionError: division by zero"
    assert judgement.findings[0].location.line == 2


@pytest.mark.parametrize(
    "said",
    [
        # One that the program caught, and shows.
        IN_A_THREAD.partition(b"\n")[2],
        b"Exception in thread safety: none\n",
        IN_A_THREAD.replace(b"Traceback", b"traceback"),
    ],
)
def test_a_traceback_that_ended_nothing_is_not(said: bytes) -> None:
    assert judge(ran(HELLO, stderr=said)).verdict is Verdict.PASSED


def test_a_thread_that_found_no_network_is_excused_as_the_program_would_be() -> None:
    said = IN_A_THREAD.replace(
        b"ZeroDivisionError: division by zero",
        b"socket.gaierror: [Errno -3] Temporary failure in name resolution",
    )

    assert codes(judge(ran(HELLO, stderr=said))) == ["RV410"]


def test_a_process_of_its_own_that_ends_so_is_a_crash_too() -> None:
    said = IN_A_THREAD.replace(b"Exception in thread Thread-3 (work):", b"Process Process-2:")
    judgement = judge(ran("def work(n):\n    print(1 / n)\n", stderr=said))

    assert (codes(judgement), judgement.findings[0].location.line) == (["RV401"], 2)


def test_what_a_thread_says_once_its_window_was_closed_is_of_no_account() -> None:
    closed = ran(HELLO, stderr=IN_A_THREAD, observations=(saw("close", after_seconds=2.5),))

    assert judge(closed).verdict is Verdict.PASSED


@pytest.mark.parametrize(
    ("path", "verdict"),
    [
        ("/tmp/Downloads", Verdict.INCONCLUSIVE),
        ("/home/alice/Documents/notes", Verdict.INCONCLUSIVE),
        ("C:\\\\Users\\\\alice\\\\Desktop", Verdict.INCONCLUSIVE),
        ("/tmp/parts", Verdict.FAILED),
        ("Downloads", Verdict.FAILED),
    ],
)
def test_folders_people_have_at_home_are_for_them_to_have(path: str, verdict: Verdict) -> None:
    message = f"[Errno 2] No such file or directory: '{path}'"

    assert judge(crashed(HELLO, "FileNotFoundError", message, 1)).verdict is verdict


def test_a_traceback_without_end_is_read_once() -> None:
    lines = (" " * 200 + "x\n") * 1000
    said = f"Exception in thread Thread-1 (work):\nTraceback (most recent call last):\n{lines}!\n"

    assert judge(ran(HELLO, stderr=said.encode() * 5)).verdict is Verdict.PASSED


NO_NAMES = b"[Errno -3] Temporary failure in name resolution. Retrying in 2s [Retry 2/5].\n"
OWN, LIBRARY = Frame("main.py", 3, "<module>"), Frame("/env/hub/_http.py", 566, "backoff")


@pytest.mark.parametrize(
    ("said", "state", "frames", "expected"),
    [
        pytest.param(NO_NAMES, "sleeping", (OWN, LIBRARY), "RV410", id="a library tries again"),
        pytest.param(NO_NAMES, "running", (OWN, LIBRARY), "RV410", id="and is at work on it"),
        pytest.param(NO_NAMES, "sleeping", (OWN,), "RV410", id="it tries again itself"),
        pytest.param(NO_NAMES, "running", (OWN,), "RV402", id="it goes round in a loop"),
        pytest.param(b"no luck\n", "sleeping", (OWN, LIBRARY), "RV402", id="no word of a network"),
    ],
)
def test_who_is_stopped_while_trying_to_reach_somebody_needs_the_network(
    said: bytes, state: str, frames: tuple[Frame, ...], expected: str
) -> None:
    judgement = judge(
        ran(
            WAITS,
            ending=Ending.TIMED_OUT,
            exit_code=None,
            stderr=said,
            wall_seconds=10.0,
            stacks=(Traceback("", "", frames),),
            observations=(saw("pulse", state=state, cpu_seconds=6.0, quiet_seconds=1.0),),
        )
    )

    assert codes(judgement) == [expected]
    inconclusive = expected == "RV410"
    assert judgement.verdict is (Verdict.INCONCLUSIVE if inconclusive else Verdict.FAILED)
