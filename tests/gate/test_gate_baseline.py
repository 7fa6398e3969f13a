"""The baseline: what is known fails nothing, what is new does, what is gone is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from gate_reports import crash, ran, report

from validator.baseline import Baseline
from validator.errors import UsageError
from validator.findings import Missing, Report, Verdict

EARLY = '```python\ngreet()\n\ndef greet():\n    print("hi")\n```\n'
TYPO = "```python\nprint(nmae)\n```\n"
FINE = "```python\nprint(1)\n```\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def early(prose: int = 0, **changes: object) -> Report:
    text = "Some words.\n\n" * prose + EARLY
    return report(text, crash(1, "NameError", "name 'greet' is not defined"), **changes)


def typo(origin: str = "b.md") -> Report:
    return report(TYPO, crash(1, "NameError", "name 'nmae' is not defined"), origin=origin)


def updated(*reports: Report) -> Path:
    path = Path("known.json")
    baseline = Baseline(path, update=True)
    for each in reports:
        baseline.compare(each)
    baseline.write()
    return path


def test_the_whole_file_is_sorted_and_can_be_reviewed() -> None:
    path = updated(typo(), early())
    held = json.loads(path.read_text())
    assert held["version"] == 1
    assert [(each["reply"], each["code"], each["name"]) for each in held["findings"]] == [
        ("b.md", "RV206", "undefined-name"),
        ("reply.md", "RV204", "use-before-definition"),
    ]
    again = path.read_text()
    assert updated(early(), typo()).read_text() == again


def test_what_is_known_fails_nothing_wherever_it_moved() -> None:
    baseline = Baseline(updated(early()))
    found = baseline.compare(early(prose=10))
    assert found.findings == ()
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.excused
    assert (baseline.known, baseline.new, baseline.gone) == (1, 0, ())


def test_what_is_new_fails() -> None:
    baseline = Baseline(updated(early()))
    found = baseline.compare(typo("reply.md"))
    assert found.verdict is Verdict.FAILED
    assert [each.code for each in found.findings] == ["RV206"]
    assert (baseline.known, baseline.new) == (0, 1)
    assert [each.code for each in baseline.gone] == ["RV204"]


def test_the_same_fault_in_another_reply_is_new() -> None:
    assert Baseline(updated(early())).compare(early(origin="other.md")).verdict is Verdict.FAILED


def test_the_same_fault_once_more_is_new() -> None:
    baseline = Baseline(updated(typo()))
    once = typo()
    twice = replace(once, findings=once.findings * 2)
    baseline.compare(twice)
    assert (baseline.known, baseline.new) == (1, 1)


def test_the_same_fault_in_a_second_program_of_a_page_is_new() -> None:
    ended = report(FINE, replace(ran(), exit_code=3, completed=False))
    baseline = Baseline(updated(ended))
    assert baseline.compare(ended).excused
    assert baseline.compare(ended).verdict is Verdict.FAILED


def test_what_is_gone_is_told_and_taken_out() -> None:
    path = updated(early(), typo())
    baseline = Baseline(path, update=True)
    assert baseline.compare(report(FINE)).verdict is Verdict.PASSED
    assert [each.reply for each in baseline.gone] == ["reply.md"]
    baseline.write()
    left = json.loads(path.read_text())["findings"]
    assert [each["reply"] for each in left] == ["b.md"]  # not judged this time: it stays


def test_nothing_is_gone_from_a_reply_we_could_not_judge_in_full() -> None:
    missing = (Missing("sandbox", "no engine answers"),)
    baseline = Baseline(updated(typo("reply.md")), update=True)
    found = baseline.compare(report(FINE, missing=missing))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert not found.excused
    assert baseline.gone == ()
    baseline.write()
    assert len(json.loads(Path("known.json").read_text())["findings"]) == 1


def test_what_is_set_aside_by_a_comment_is_not_gone() -> None:
    text = EARLY.replace("greet()\n\n", "greet()  # validator: ignore[RV204] on purpose\n\n")
    run = crash(1, "NameError", "name 'greet' is not defined")
    path = updated(report(text, run))
    baseline = Baseline(path)
    assert baseline.compare(report(text, run, suppressions=True)).excused
    assert [each.code for each in baseline.gone] == ["RV110"]


def test_names_are_relative_to_the_file_wherever_one_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = updated(early(origin="docs/a.md")).absolute()
    Path("docs").mkdir()
    monkeypatch.chdir("docs")
    assert Baseline(path).compare(early(origin="a.md")).excused


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no baseline: it is not JSON"),
        ("[" * 100_000, "is no baseline: it is not JSON"),
        ("\udcff", "is no baseline: it is not JSON"),
        ("[]", "is no baseline (--update-baseline makes one)"),
        ('{"version": 1}', "an entry of it is not one of ours"),
        ('{"version": 1, "findings": [{"reply": 1}]}', "an entry of it is not one of ours"),
        ('{"version": 2, "findings": []}', "is a baseline of version 2, and this is 1"),
    ],
)
def test_a_file_that_is_no_baseline_of_ours_is_one_line(text: str, said: str) -> None:
    path = Path("known.json")
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    for update in (False, True):
        with pytest.raises(UsageError) as refused:
            Baseline(path, update=update)
        assert said in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_made_only_where_that_was_asked_for() -> None:
    with pytest.raises(UsageError, match="No such file"):
        Baseline(Path("known.json"))
    with pytest.raises(UsageError, match="cannot be written"):
        Baseline(Path("nowhere/known.json"), update=True).write()
