"""`--also`: reports of several formats from one run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from junitparser import JUnitXml

from validator.cli import main

GOOD = "Here you are:\n\n```python\nprint('hello')\n```\n"
BAD = "Of course:\n\n```python\ndef greet(name):\n    print(nam)\n\ngreet('you')\n```\n"
BARE = ["--sandbox", "none", "--offline"]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("good.md").write_text(GOOD)
    Path("bad.md").write_text(BAD)


def test_one_run_writes_what_every_reader_wants(capsys: pytest.CaptureFixture[str]) -> None:
    also = ["sarif=out.sarif", "junit=out.xml", "gitlab=out.json", "html=site", "text=out.txt"]
    code = main(["good.md", "bad.md", *BARE, *(f"--also={each}" for each in also)])

    assert code == 1
    assert "error RV206 undefined-name" in capsys.readouterr().out
    sarif = json.loads(Path("out.sarif").read_text())
    assert [result["ruleId"] for result in sarif["runs"][0]["results"]] == ["RV206"]
    cases = [case.name for suite in JUnitXml.fromfile("out.xml") for case in suite]
    assert cases == ["good.md", "bad.md"]
    named = [each["check_name"] for each in json.loads(Path("out.json").read_text())]
    assert "RV206 undefined-name" in named
    assert sorted(path.name for path in Path("site/replies").iterdir()) == ["1.html", "2.html"]
    assert "error RV206 undefined-name" in Path("out.txt").read_text()


def test_one_reply_makes_one_page() -> None:
    assert main(["bad.md", *BARE, "--also", "html=page.html"]) == 1
    assert Path("page.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("wanted", "line"),
    [
        ("pdf=x", "argument --also: 'pdf=x' is not FORMAT=FILE with one of text, json,"),
        ("sarif", "argument --also: 'sarif' is not FORMAT=FILE"),
        ("sarif=", "argument --also: 'sarif=' is not FORMAT=FILE"),
    ],
)
def test_what_is_no_format_and_file_is_refused(
    wanted: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["good.md", "--also", wanted])
    assert line in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_said_before_the_work(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["bad.md", *BARE, "--also", "sarif=nowhere/x"])
    seen = capsys.readouterr()
    assert (code, seen.out) == (2, "")
    assert seen.err == "validate: nowhere/x cannot be written: No such file or directory\n"
