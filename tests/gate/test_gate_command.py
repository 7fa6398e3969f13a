"""The gate as a pipeline meets it: a command line in, an exit code and whole documents out."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from junitparser import JUnitXml

from validator.cli import main

EARLY = '```python\ngreet()\n\ndef greet():\n    print("hi")\n```\n'
FINE = "```python\nprint(1)\n```\n"
PROSE = "Nothing but words.\n"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def put(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


# ── formats ──────────────────────────────────────────────────────────────────────────────────────


def test_several_replies_are_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    put("a.md", PROSE)
    put("b/c.md", "Other words.\n")
    assert main(["a.md", "b", "--sandbox", "none", "--format", "junit", "--output", "o.xml"]) == 1
    (suite,) = JUnitXml.fromfile("o.xml")
    assert [(case.classname, case.name) for case in suite] == [(".", "a.md"), ("b", "c.md")]
    assert main(["a.md", "b", "--sandbox", "none", "--format", "sarif"]) == 1
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert [each["location"]["uri"] for each in run["artifacts"]] == ["a.md", "b/c.md"]


def test_github_gets_annotations_and_a_summary_after_what_is_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", PROSE)
    put("summary.md", "before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    assert main(["a.md", "--sandbox", "none", "--format", "github"]) == 1
    assert "::error" in capsys.readouterr().out
    before, heading, *_ = Path("summary.md").read_text().splitlines()
    assert (before, heading) == ("before", "## Reply Validator: 1 reply, 1 failed")
    assert main(["a.md", "--sandbox", "none", "--format", "text"]) == 1
    assert Path("summary.md").read_text().count("##  Reply") == 0


def test_a_summary_that_cannot_be_written_changes_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put("a.md", PROSE)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "nowhere/summary.md")
    assert main(["a.md", "--sandbox", "none", "--format", "github"]) == 1
    assert "GITHUB_STEP_SUMMARY: nowhere/summary.md cannot be written" in capsys.readouterr().err


# ── the baseline ─────────────────────────────────────────────────────────────────────────────────


def test_a_baseline_from_the_first_run_to_the_day_it_is_empty(
    capsys: pytest.CaptureFixture[str],
) -> None:
    put("a.md", PROSE)
    put("b.md", "Other words.\n")
    gate = ["a.md", "b.md", "--sandbox", "none", "--baseline", "known.json"]
    assert main(gate) == 2
    assert "known.json cannot be read" in capsys.readouterr().err
    assert main([*gate, "--update-baseline"]) == 0
    assert "0 known, 2 new, 0 gone" in capsys.readouterr().err
    assert main(gate) == 0
    shown = capsys.readouterr()
    assert "set aside RV101 no-code: known, in known.json (baseline)" in shown.out
    assert "2 known, 0 new, 0 gone" in shown.err
    put("c.md", "New words.\n")
    assert main(["c.md", *gate]) == 1
    assert "2 known, 1 new, 0 gone" in capsys.readouterr().err


@pytest.mark.bubblewrap
def test_what_is_mended_is_gone(
    sandboxes: frozenset[str], capsys: pytest.CaptureFixture[str]
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not answer")
    put("a.md", EARLY)
    gate = ["a.md", "--sandbox", "bubblewrap", "--baseline", "known.json"]
    assert main([*gate, "--update-baseline"]) == 0
    put("a.md", f"A word before.\n\n{EARLY}")
    assert main(gate) == 0
    assert "1 known, 0 new, 0 gone" in capsys.readouterr().err
    put("a.md", FINE)
    assert main([*gate, "--update-baseline"]) == 0
    assert "gone: 'a.md' RV204 use-before-definition" in capsys.readouterr().err
    assert json.loads(Path("known.json").read_text())["findings"] == []


def test_updating_needs_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    put("a.md", PROSE)
    assert main(["a.md", "--update-baseline"]) == 2
    assert capsys.readouterr().err == "validate: --update-baseline goes with --baseline FILE\n"


# ── what has changed ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def repository() -> None:
    git("init", "-q")
    put("docs/old.md", PROSE)
    put("docs/edited.md", PROSE)
    put("docs/deleted.md", PROSE)
    git("add", ".")
    git("commit", "-qm", "first")


@pytest.mark.usefixtures("repository")
def test_only_what_has_changed_is_judged(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put("docs/edited.md", "Edited.\n")
    put("docs/ü new.md", "New.\n")
    put("elsewhere.md", "New, and not asked about.\n")
    Path("docs/deleted.md").unlink()
    put("docs/.gitignore", "ignored.md\n")
    put("docs/ignored.md", PROSE)
    assert main(["docs", "--changed-since", "HEAD", "--sandbox", "none", "--format", "json"]) == 1
    lines = capsys.readouterr().out.splitlines()
    found = [json.loads(line)["submission"]["origin"] for line in lines]
    assert found == ["docs/edited.md", "docs/ü new.md"]
    monkeypatch.chdir("docs")
    arguments = ["edited.md", "old.md", "--changed-since", "HEAD", "--sandbox", "none"]
    assert main([*arguments, "--format", "gitlab"]) == 1
    assert {each["location"]["path"] for each in json.loads(capsys.readouterr().out)} == {
        "edited.md"
    }


@pytest.mark.usefixtures("repository")
def test_nothing_changed_is_said_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", "--changed-since", "HEAD"]) == 0
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "validate: nothing of it changed since HEAD\n")


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("revision", ["--output=x", "-", "", "nope", "HEAD:docs", "HEAD\n"])
def test_what_is_no_revision_is_one_line(revision: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["docs", f"--changed-since={revision}"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("validate: --changed-since")
    assert said.count("\n") == 1


def test_outside_a_repository_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    put("a.md", PROSE)
    assert main(["a.md", "--changed-since", "HEAD"]) == 2
    assert "not a git repository" in capsys.readouterr().err


# ── documentation ────────────────────────────────────────────────────────────────────────────────


def test_each_program_of_a_page_has_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    put("page.md", f"{FINE}\nand\n\n```python\nimport os; os.nonsense\n```\n")
    put("prose.md", PROSE)
    assert main(["page.md", "prose.md", "--docs", "--sandbox", "none", "--format", "json"]) == 1
    shown = capsys.readouterr()
    assert "validate: prose.md: no code to run, or excerpts only" in shown.err
    reports = [json.loads(line) for line in shown.out.splitlines()]
    assert [each["verdict"] for each in reports] == ["inconclusive", "failed"]
    (finding,) = reports[1]["findings"]
    assert finding["reply_place"] == {"part": "page.md", "line": 8}
