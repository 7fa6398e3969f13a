"""can-ai-code's checks: from a record to tests, and what they say of programs that run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from batches import batch, codes, program, records, results
from hypothesis import given
from hypothesis import strategies as st

from validator.batch.checks import NotAChecksListError, checks_in
from validator.batch.records import Fields, Record, Unreadable, records_in

if TYPE_CHECKING:
    from pathlib import Path

SHARE = "def share(whole, parts):\n    return {'each': whole // parts, 'rest': [whole % parts]}\n"
CHECKS: list[dict[str, Any]] = [
    {"assert": "f.name", "eq": "share", "got": "other", "status": 0},
    {"assert": "len(f.args)", "eq": 2},
    {"assert": "f.args[1].name", "eq": "parts"},
    {"assert": "f.call(7,\n 2)", "eq": {"each": 3, "rest": [1]}, "weight": 3},
    {"assert": "f.call(8, 4).get('rest')[0]", "eq-any": [None, 0]},
    {"assert": "f.call(1, 0)['exc_type']  # as a result", "eq": "ZeroDivisionError"},
]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said_of(code: str, checks: object = CHECKS) -> str:
    """Run the checks after `code`, here and in names of their own; '' where all of them hold."""
    names: dict[str, object] = {"__name__": "program"}
    exec(code, names)
    try:
        exec(checks_in({"checks": checks}), names)
    except AssertionError as error:
        return str(error)
    return ""


def test_a_program_that_holds_them_all_passes_however_they_once_went() -> None:
    assert said_of(SHARE) == ""
    assert said_of(f"import math\n\n\n{SHARE}\n\ndef share_all():\n    return share(1, 1)\n") == ""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("def share", "def divide", "f.name is 'divide', not 'share'"),
        ("parts", "n", "f.args[1].name is 'n', not 'parts'"),
        ("//", "/", "f.call(7,\n 2) is {'each': 3.5, 'rest': [1]}, not {'each': 3, 'rest': [1]}"),
        ("parts)", "parts, more)", "len(f.args) is 3, not 2"),
        (SHARE, "share = 1\n", "the program has no function to check"),
        (SHARE, "from json import dumps as share\n", "the program has no function to check"),
    ],
)
def test_what_does_not_hold_is_said(before: str, after: str, said: str) -> None:
    assert said in said_of(SHARE.replace(before, after))


def test_one_of_several_results_will_do_and_no_other() -> None:
    checks = [{"assert": "f.call(8, 4)['rest']", "eq-any": [[1], [2]]}]
    assert said_of(SHARE, checks) == "f.call(8, 4)['rest'] is [0], not [1] or [2]"


@pytest.mark.parametrize(
    "data",
    [
        {"checks": CHECKS},
        {"expected": {"checks": CHECKS, "stdout": None}},
        {"Checks": {"first": CHECKS[0], "second": CHECKS[1]}, "language": "python"},
    ],
)
def test_they_are_found_where_its_files_have_them(data: dict[str, Any]) -> None:
    (found,) = records_in({"reply": program(SHARE), **data}, Fields(), line=1, name="f")
    assert isinstance(found, Record)
    assert found.trial is not None
    assert "check('f.name', lambda: (\nf.name\n), ['share'])" in found.trial.tests


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"checks": CHECKS, "language": "javascript"},
        {"checks": "passed"},
        {"checks": ["all", 3]},
        {"checks": [{"name": "lint", "ok": True}]},
        {"expected": "4"},
    ],
)
def test_what_is_something_else_is_left_alone(data: dict[str, Any]) -> None:
    assert checks_in(data) == ""


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ({"assert": "f.call(", "eq": 1}, "a check asserts what is no expression: 'f.call('"),
        ({"assert": "1)\nimport os\n(1", "eq": 1}, "a check asserts what is no expression"),
        ({"assert": 7, "eq": 1}, "a check asserts what is no expression: '7'"),
        ({"assert": "f.name"}, "nothing says what 'f.name' has to equal"),
    ],
)
def test_checks_that_cannot_be_made_are_a_record_that_cannot_be_read(
    check: dict[str, Any], said: str
) -> None:
    data = {"reply": program(SHARE), "checks": [CHECKS[0], check]}
    (found,) = records_in(data, Fields(), line=1, name="f")
    assert isinstance(found, Unreadable)
    assert found.error.startswith(f"its checks cannot be made: {said}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each),
    max_leaves=8,
)


@given(words=st.text(max_size=30), wanted=JSON)
def test_whatever_a_check_holds_it_is_python_or_refused(words: str, wanted: object) -> None:
    try:
        text = checks_in({"checks": [{"assert": words, "eq": wanted}]})
    except NotAChecksListError:
        return
    compile(text, "given_tests.py", "exec")


@pytest.mark.bubblewrap
def test_they_decide_in_the_jail(sandboxes: frozenset[str]) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer here")
    name = records(
        {"id": "holds", "answer": program(SHARE), "checks": CHECKS},
        {"id": "does not", "answer": program(SHARE.replace("//", "*")), "checks": CHECKS},
        {"id": "other", "answer": program(SHARE), "checks": [{"assert": "f.name", "eq": "halve"}]},
    )
    assert batch(name, sandbox="bubblewrap") == 1
    found = {each["id"]: (each["verdict"], codes(each)) for each in results().values()}
    assert found == {
        "holds": ("passed", []),
        "does not": ("failed", ["RV412"]),
        "other": ("failed", ["RV412"]),
    }
    assert "f.name is 'share', not 'halve'" in json.dumps(results())
