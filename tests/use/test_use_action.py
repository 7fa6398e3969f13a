"""The GitHub action: its steps are the scripts that they are, run in repositories of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from sarif import loader
from scratch import BAD, GOOD, ROOT, replies, shipped
from workflow import Job

ACTION = ROOT / "action.yml"
SARIF, PAGES = "github/codeql-action/upload-sarif", "actions/upload-artifact"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return replies(tmp_path / "workspace")


def job(workspace: Path, **inputs: str) -> Job:
    """Return a job past its installation, in which `validate` is the one of these tests."""
    temp = workspace.parent / "temp"
    (temp / "reply-validator").mkdir(parents=True, exist_ok=True)
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    known = {"steps.install.outputs.validate": str(Path(sys.executable).parent / "validate")}
    return Job(ACTION, workspace, temp, given, known)


# ── what it says of itself ───────────────────────────────────────────────────────────────────────


def test_it_is_what_github_takes_for_an_action() -> None:
    checked = subprocess.run(
        [
            sys.executable,
            "-m",
            "check_jsonschema",
            "--builtin-schema",
            "vendor.github-actions",
            ACTION,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


def test_inputs_reach_scripts_as_variables_and_never_as_code() -> None:
    read = yaml.safe_load(ACTION.read_text())
    scripts = [step for step in read["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    for step in scripts:
        assert "${{" not in step["run"]
    used = set(re.findall(r"inputs\.([\w-]+)", ACTION.read_text()))
    assert used == set(read["inputs"])


# ── judging ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.bubblewrap
def test_findings_are_annotated_summed_up_and_kept(
    workspace: Path, sandboxes: frozenset[str]
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    at = job(workspace, sandbox="bubblewrap", sarif="true")

    done = at.run("Judge")

    assert done.returncode == 1, done.stderr
    annotation = "::error file=replies/bad.md,line=5,col=11,title=RV206 undefined-name::"
    assert annotation in done.stdout
    summary = at.summary.read_text()
    assert "replies/bad.md" in summary
    assert "undefined-name" in summary
    assert at.known["steps.judge.outputs.exit-code"] == "1"
    assert at.happens(SARIF)
    assert at.happens(PAGES)
    findings = loader.load_sarif_file(at.filled(at.step(SARIF)["with"]["sarif_file"]))
    assert [each["Code"] for each in findings.get_records()] == ["RV206"]
    pages = Path(at.filled(at.step(PAGES)["with"]["path"]))
    assert sorted(path.name for path in pages.rglob("*.html")) == ["1.html", "2.html", "index.html"]


def test_one_reply_makes_one_page_and_uploads_are_as_asked(workspace: Path) -> None:
    at = job(workspace, paths="replies/bad.md", sandbox="none", html="false")

    assert at.run("Judge").returncode == 1

    page = Path(at.known["steps.judge.outputs.html-folder"]) / "index.html"
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert not at.happens(SARIF)
    assert not at.happens(PAGES)


def test_what_could_not_be_told_fails_the_step_and_is_told_apart(workspace: Path) -> None:
    at = job(workspace, paths="replies/good.md", sandbox="none")
    assert at.run("Judge").returncode == 3
    assert at.known["steps.judge.outputs.exit-code"] == "3"
    assert at.happens(PAGES)


def test_only_what_changed_is_judged_and_nothing_is_no_failure(workspace: Path) -> None:
    at = job(workspace, changed_since="HEAD", sandbox="none", sarif="true")
    assert at.run("Judge").returncode == 0
    assert at.known["steps.judge.outputs.exit-code"] == "0"
    assert not at.happens(SARIF)
    assert not at.happens(PAGES)

    (workspace / "replies/good.md").write_text(BAD)
    at = job(workspace, changed_since="HEAD", sandbox="none", sarif="true")
    done = at.run("Judge")
    assert done.returncode == 1
    assert "file=replies/good.md" in done.stdout
    assert "replies/bad.md" not in done.stdout
    assert at.happens(SARIF)


@pytest.mark.bubblewrap
def test_what_the_baseline_knows_fails_nothing(workspace: Path, sandboxes: frozenset[str]) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    subprocess.run(
        [
            sys.executable,
            "-m",
            "validator",
            "replies",
            "--baseline=known.json",
            "--update-baseline",
        ],
        env={**os.environ, "VALIDATOR_SANDBOX": "bubblewrap"},
        cwd=workspace,
        check=False,
        capture_output=True,
    )
    at = job(workspace, baseline="known.json", sandbox="bubblewrap")
    done = at.run("Judge")
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_of_documentation_are_judged_block_by_block(workspace: Path) -> None:
    (workspace / "guide.md").write_text(
        f"{GOOD}\n```python\nimport math\n\nprint(math.square(2))\n```\n"
    )
    at = job(workspace, paths="guide.md", docs="true", sandbox="none")
    done = at.run("Judge")
    assert "::error file=guide.md,line=10" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize(
    "paths",
    ["$(touch pwned)", '"; touch pwned; "', "`touch pwned`", "--write=pwned", "x\n--output=pwned"],
)
def test_hostile_inputs_name_files_that_are_not_there(workspace: Path, paths: str) -> None:
    at = job(workspace, paths=paths, sandbox="none", baseline="")
    done = at.run("Judge")
    assert done.returncode == 2
    assert re.fullmatch(r"validate: there is no .+\n", done.stderr)
    assert at.known["steps.judge.outputs.exit-code"] == "2"
    assert not (workspace / "pwned").exists()


def test_no_paths_are_said_to_be_missing(workspace: Path) -> None:
    done = job(workspace, paths="").run("Judge")
    assert done.returncode == 2
    assert done.stderr.startswith("validate: the following arguments are required: REPLY")


# ── installing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.online
@pytest.mark.bubblewrap
def test_from_the_checkout_of_the_action_to_a_verdict(
    workspace: Path, sandboxes: frozenset[str]
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    checkout = shipped(workspace.parent / "checkout", "action.yml")
    temp = workspace.parent / "temp"
    temp.mkdir()
    inputs = {"paths": "replies/good.md\n", "sandbox": "bubblewrap"}
    known = {"steps.python.outputs.python-path": sys.executable}
    at = Job(checkout / "action.yml", workspace, temp, inputs, known)

    installed = at.run("Install Reply Validator")
    assert installed.returncode == 0, installed.stderr
    done = at.run("Judge")

    assert done.returncode == 0, done.stdout + done.stderr
    assert Path(at.known["steps.install.outputs.validate"]).is_relative_to(temp)
    kept = Path(at.filled(at.step("actions/cache")["with"]["path"]))
    assert list(kept.iterdir()), "the cache would be empty"
    uploaded = json.loads(Path(at.known["steps.judge.outputs.sarif-file"]).read_text())
    assert uploaded["runs"][0]["results"] == []
