"""The job of docs/ci.md for GitLab: its lines are run as a shell runs them there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from junitparser import JUnitXml
from markdown_it import MarkdownIt
from scratch import ROOT, replies, shipped

PAGE = ROOT / "docs/ci.md"


def snippet() -> dict[str, Any]:
    found = MarkdownIt().parse(PAGE.read_text().partition("## GitLab")[2])
    return yaml.safe_load(next(token.content for token in found if token.type == "fence"))


def lines(
    workspace: Path, script: list[str], path: Path, **more: str
) -> subprocess.CompletedProcess[str]:
    # The job's variables but for the engine: the sandbox is the one of this machine.
    environment = {
        **os.environ,
        "CI_PROJECT_DIR": str(workspace),
        "VALIDATOR_SANDBOX": "bubblewrap",
        "VALIDATOR_CACHE_DIR": str(workspace / ".cache/reply-validator"),
        "PATH": f"{path}{os.pathsep}{os.environ['PATH']}",
        **more,
    }
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(script)],
        check=False,
        capture_output=True,
        text=True,
        cwd=workspace,
        env=environment,
    )


def test_it_is_what_gitlab_takes_for_a_job(tmp_path: Path) -> None:
    (tmp_path / ".gitlab-ci.yml").write_text(yaml.safe_dump(snippet()))
    checked = subprocess.run(
        [
            *[sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci"],
            tmp_path / ".gitlab-ci.yml",
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.bubblewrap
def test_its_script_leaves_what_its_artefacts_name(
    tmp_path: Path, sandboxes: frozenset[str]
) -> None:
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    job = snippet()["replies"]
    workspace = replies(tmp_path / "workspace")

    done = lines(workspace, job["script"], Path(sys.executable).parent)

    assert done.returncode == 1, done.stderr
    assert "error RV206 undefined-name" in done.stdout
    reports = job["artifacts"]["reports"]
    (issue,) = json.loads((workspace / reports["codequality"]).read_text())
    assert issue["location"]["path"] == "replies/bad.md"
    cases = [
        case for suite in JUnitXml.fromfile(str(workspace / reports["junit"])) for case in suite
    ]
    assert [(case.name, bool(case.result)) for case in cases] == [
        ("bad.md", True),
        ("good.md", False),
    ]
    for path in (*job["artifacts"]["paths"], *job["cache"]["paths"]):
        assert any((workspace / path).iterdir()), path
    assert job["variables"]["VALIDATOR_CACHE_DIR"].endswith(job["cache"]["paths"][0])


@pytest.mark.online
def test_it_installs_the_command(tmp_path: Path) -> None:
    built = subprocess.run(
        [
            *[sys.executable, "-m", "uv", "build", "--wheel", "-q"],
            *["--out-dir", tmp_path / "wheels", shipped(tmp_path / "source")],
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)

    done = lines(
        tmp_path,
        [*snippet()["replies"]["before_script"], "validate --version"],
        venv / "bin",
        # What it needs is here already; the wheel is the one just built.
        PYTHONPATH=os.pathsep.join(path for path in sys.path if path.endswith("site-packages")),
        PIP_NO_INDEX="1",
        PIP_FIND_LINKS=str(tmp_path / "wheels"),
        PIP_FORCE_REINSTALL="1",
        PIP_NO_DEPS="1",
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("reply-validator ")
    assert (venv / "bin/validate").is_file()
