"""What driving showed, judged: close, pages, tests, files, and what the sandbox does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rules_evidence import OFFSET, crashed, raised, ran, saw

from validator.facts import Ending, Frame, ProgramKind, Traceback
from validator.findings import Severity, Verdict
from validator.rules import judge

if TYPE_CHECKING:
    from validator.rules.judging import Judgement

HELLO = 'print("hello")\n'
LOOP = "while True:\n    pass\n"
WEB = """\
def home():
    return total


def item(number):
    return {}[number]


# "/" and "/sum" and "/item/" are served
"""
LOG = """\
127.0.0.1 - - "GET {path} HTTP/1.1"
Traceback (most recent call last):
  File "/env/flask/app.py", line 917, in full_dispatch_request
    rv = self.dispatch_request()
  File "/work/main.py", line {line}, in handler
    return
{words}
"""


def codes(judgement: Judgement) -> list[str]:
    return [each.code for each in judgement.findings]


def served(text: str, log: str, *responses: object) -> Judgement:
    return judge(
        ran(
            text,
            kind=ProgramKind.SERVER,
            stderr=log.encode(),
            observations=(saw("port", port=80), *responses),
        )
    )


# ── a window that would not close ──


def test_a_window_that_went_on_after_it_was_closed_is_a_warning() -> None:
    seen = (saw("frames", count=9), saw("close", after_seconds=2.5), saw("ignored-close"))
    judgement = judge(
        ran(LOOP, kind=ProgramKind.GAME, ending=Ending.TIMED_OUT, exit_code=None, observations=seen)
    )

    assert codes(judgement) == ["RV408"]
    assert judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("ending", [Ending.TIMED_OUT, Ending.EXITED])
def test_a_window_that_ran_out_of_time_or_closed_is_not(ending: Ending) -> None:
    seen = (saw("frames", count=9), saw("close", after_seconds=2.5))
    code = 0 if ending is Ending.EXITED else None
    judgement = judge(
        ran(LOOP, kind=ProgramKind.GAME, ending=ending, exit_code=code, observations=seen)
    )

    assert codes(judgement) == []
    assert judgement.verdict is Verdict.PASSED


# ── pages ──


def test_a_page_that_fails_is_told_at_the_line_its_log_points_to() -> None:
    log = LOG.format(path="/", line=2, words="NameError: name 'total' is not defined")
    judgement = served(WEB.replace("total", "str(1)"), log, saw("response", path="/", status=500))
    (finding,) = judgement.findings

    assert (finding.code, finding.severity) == ("RV409", Severity.ERROR)
    assert finding.location.reply_line == OFFSET + 2
    assert finding.message == (
        "`GET /` was answered with 500: NameError: name 'total' is not defined"
    )


def test_a_page_that_fails_as_foretold_is_told_once() -> None:
    log = LOG.format(path="/", line=2, words="NameError: name 'total' is not defined")
    judgement = served(WEB, log, saw("response", path="/", status=500))

    assert codes(judgement) == ["RV206"]
    assert "answered with 500" in judgement.findings[0].evidence[-1]


def test_pages_that_fail_at_one_place_are_told_once() -> None:
    log = LOG.format(path="/", line=2, words="TypeError: no") * 2
    judgement = served(
        HELLO * 4,
        log,
        saw("response", path="/", status=500),
        saw("response", path="/sum", status=503),
    )

    assert codes(judgement) == ["RV409"]


def test_a_page_that_fails_over_a_value_of_ours_is_a_warning() -> None:
    log = LOG.format(path="/item/1", line=6, words="KeyError: '1'")
    text = WEB.replace("total", "str(1)")
    judgement = served(text, log, saw("response", path="/item/1", status=500))

    assert [each.severity for each in judgement.findings] == [Severity.WARNING]


def test_a_page_that_needs_the_network_is_a_note() -> None:
    log = LOG.format(path="/", line=1, words="ConnectionError: Failed to resolve 'example.org'")
    judgement = served(HELLO, log, saw("response", path="/", status=500))

    assert [(each.code, each.severity) for each in judgement.findings] == [("RV409", Severity.NOTE)]
    assert judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("status", [200, 302, 404, 405, 422, None])
def test_other_answers_are_none_of_its_faults(status: int | None) -> None:
    assert codes(served(HELLO, "", saw("response", path="/", status=status))) == []


# ── tests ──


def test_a_failed_case_is_told_and_its_status_is_not_told_again() -> None:
    case = saw("case", name="test_sum", outcome="failed", message="assert 3 == 4", path="main.py",
               line=1)  # fmt: skip
    passed = saw("case", name="test_other", outcome="passed", message="", path=None, line=None)
    judgement = judge(ran(HELLO, kind=ProgramKind.TESTS, exit_code=1, observations=(case, passed)))

    assert codes(judgement) == ["RV412"]
    assert judgement.findings[0].location.reply_line == OFFSET + 1
    assert judgement.verdict is Verdict.FAILED


def test_many_failed_cases_are_counted() -> None:
    cases = tuple(saw("case", name=f"t{n}", outcome="error", message="no") for n in range(14))
    judgement = judge(ran(HELLO, kind=ProgramKind.TESTS, exit_code=1, observations=cases))

    assert len(judgement.findings) == 11
    assert any(each.message == "4 more tests failed" for each in judgement.findings)


def test_tests_that_passed_have_passed_and_tests_that_never_ran_have_not() -> None:
    case = saw("case", name="t", outcome="passed", message="")

    assert judge(ran(HELLO, kind=ProgramKind.TESTS, observations=(case,))).verdict is Verdict.PASSED
    assert codes(judge(ran(HELLO, kind=ProgramKind.TESTS))) == ["RV411"]


# ── files ──


def test_every_file_that_was_stood_in_for_is_said_at_its_line() -> None:
    text = 'load = print\nload("img/hero.png")\n'
    judgement = judge(ran(text, observations=(saw("placeholder", path="img/hero.png"),)))
    (finding,) = judgement.findings

    assert (finding.code, finding.severity) == ("RV210", Severity.WARNING)
    assert finding.location.reply_line == OFFSET + 2
    assert judgement.verdict is Verdict.PASSED


def test_a_crash_over_what_a_stand_in_holds_is_not_charged() -> None:
    plain = crashed(HELLO, "KeyError", "'amount'", 1)
    stood_in = ran(
        HELLO,
        exit_code=1,
        traceback=raised("KeyError", "'amount'", 1),
        observations=(saw("placeholder", path="sales.csv"),),
    )

    assert judge(plain).verdict is Verdict.FAILED
    assert judge(stood_in).verdict is Verdict.INCONCLUSIVE


# ── what is not here ──


@pytest.mark.parametrize(
    ("type_name", "message", "code"),
    [
        ("openai.OpenAIError", "The api_key client option must be set", "RV414"),
        ("google.auth.exceptions.DefaultCredentialsError", "no ADC", "RV414"),
        ("KeyError", "Environment variable STRIPE_SECRET is not set", "RV414"),
        ("sounddevice.PortAudioError", "Error querying device -1", "RV415"),
        ("RuntimeError", "Found no NVIDIA driver on your system", "RV415"),
        ("AssertionError", "Torch not compiled with CUDA enabled", "RV415"),
        ("psycopg2.OperationalError", 'connection to server at "localhost" failed', "RV416"),
        ("pymongo.errors.ServerSelectionTimeoutError", "localhost:27017: refused", "RV416"),
        ("redis.exceptions.ConnectionError", "Error 111 connecting to localhost:6379.", "RV416"),
    ],
)
def test_what_is_not_here_makes_a_run_inconclusive(type_name: str, message: str, code: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert codes(judgement) == [code]
    assert judgement.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("type_name", "message"),
    [
        ("KeyError", "'key'"),
        ("ValueError", "token list is empty"),
        ("ValueError", "password must be a string"),
        ("ValueError", "primary_key is missing"),
        ("RuntimeError", "the camera is upside down"),
        ("OSError", "the port is taken"),
    ],
)
def test_a_crash_that_only_sounds_like_it_is_charged(type_name: str, message: str) -> None:
    judgement = judge(crashed(HELLO, type_name, message, 1))

    assert codes(judgement) == ["RV401"]
    assert judgement.verdict is Verdict.FAILED


# ── what was typed ──

ASKS = """\
i = input("Index: ")
print(int(i))
tasks = [{"name": 1}]
for i, task in enumerate(tasks):
    print(i, task["title"])
print(input(promt))
print(i + 1)
print(eval(i))
words = __import__("sys").stdin.read().split()
print(float(words[0]))
"""


@pytest.mark.parametrize(
    ("type_name", "message", "line", "severity"),
    [
        ("ValueError", "invalid literal for int() with base 10: 'two'", 2, Severity.NOTE),
        ("NameError", "name 'two' is not defined", 8, Severity.NOTE),
        ("ValueError", "could not convert string to float: 'red'", 10, Severity.NOTE),
        ("KeyError", "'title'", 5, Severity.ERROR),
        ("NameError", "name 'promt' is not defined", 6, Severity.ERROR),
        ("TypeError", 'can only concatenate str (not "int") to str', 7, Severity.ERROR),
    ],
)
def test_only_what_our_answer_can_have_caused_is_not_charged(
    type_name: str, message: str, line: int, severity: Severity
) -> None:
    evidence = ran(
        ASKS.replace("promt", "str()") if line != 6 else ASKS,
        exit_code=1,
        traceback=raised(type_name, message, line),
        observations=(saw("input", prompt="Index: ", answer="two"),),
    )
    (crash,) = (each for each in judge(evidence).findings if each.code in ("RV401", "RV206"))

    assert crash.severity is severity


# ── time ──


def test_a_program_the_machine_had_no_time_for_is_not_charged() -> None:
    def stopped(
        state: str,
        cpu_seconds: float,
        kind: ProgramKind = ProgramKind.SCRIPT,
        *,
        code: str = LOOP,
        line: int | None = 1,
    ) -> Judgement:
        pulse = saw("pulse", state=state, cpu_seconds=cpu_seconds, threads=1)
        stack = Traceback("", "", () if line is None else (Frame("main.py", line, "<module>"),))
        return judge(
            ran(code, kind=kind, ending=Ending.TIMED_OUT, exit_code=None, wall_seconds=10.0,
                observations=(pulse,), stacks=(stack,))
        )  # fmt: skip

    busy, asleep, starved = (
        stopped("running", 9.9),
        stopped("sleeping", 0.1),
        stopped("running", 2, ProgramKind.SERVER),
    )

    assert busy.findings[0].message.endswith("busy (9.9 s of processor time)")
    assert asleep.findings[0].message.endswith("asleep (0.1 s of processor time)")
    assert busy.verdict is asleep.verdict is stopped("running", 2).verdict is Verdict.FAILED
    assert starved.verdict is Verdict.INCONCLUSIVE

    importing = stopped("running", 1.2, code="import numpy\n\nwhile True:\n    pass\n")
    nowhere_yet = stopped("running", 1.2, line=None)
    long_import = stopped("running", 9.9, code="import slow\n")

    assert importing.verdict is nowhere_yet.verdict is Verdict.INCONCLUSIVE
    assert long_import.verdict is Verdict.FAILED


# ── a library's example ──


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("TypeError", Verdict.FAILED), ("ValueError", Verdict.INCONCLUSIVE)],
)
def test_an_example_that_raises_weighs_by_what_it_raises(kind: str, verdict: Verdict) -> None:
    seen = saw("usage", outcome="raised", type=kind, message="no", path="usage_example.py", line=1)
    judgement = judge(ran(HELLO, kind=ProgramKind.LIBRARY, observations=(seen,)))

    assert (codes(judgement), judgement.verdict) == (["RV417"], verdict)
