"""The hooks, by pre-commit's own runner: a clone of this tree, a repository that uses it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from scratch import GOOD, ROOT, committed, git, replies, shipped

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository with what this tree has in it."""
    return committed(shipped(tmp_path_factory.mktemp("hooks"), ".pre-commit-hooks.yaml"))


@pytest.fixture
def workspace(tmp_path: Path, sandboxes: frozenset[str]) -> Path:
    """Return a repository of replies and pages, of which the hooks are to judge some."""
    if "bubblewrap" not in sandboxes:
        pytest.skip("bubblewrap does not work here")
    folder = replies(tmp_path / "workspace")
    (folder / "README.md").write_text(f"# What it does\n\n{GOOD}")
    (folder / "NOTES.md").write_text("# Nothing but words\n")
    return folder


def pre_commit(folder: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_HOME": str(home), "VALIDATOR_SANDBOX": "bubblewrap"},
    )


def test_the_hooks_are_what_pre_commit_takes(tmp_path: Path) -> None:
    manifest = str(ROOT / ".pre-commit-hooks.yaml")
    done = pre_commit(ROOT, tmp_path, "validate-manifest", manifest)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.online
@pytest.mark.bubblewrap
def test_each_hook_judges_its_own_and_stops_a_commit(
    hooks: Path, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.getbasetemp() / "pre-commit"
    (workspace / ".pre-commit-config.yaml").write_text(
        f"""\
repos:
- repo: {hooks}
  rev: HEAD
  hooks:
  - id: validate-replies
    args: [--format, github]
  - id: validate-docs
    files: ^README
"""
    )

    git(workspace, "add", ".")
    assert pre_commit(workspace, home, "autoupdate", "--bleeding-edge").returncode == 0
    done = pre_commit(workspace, home, "run", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error file=replies/bad.md,line=5" in done.stdout
    assert "replies/good.md passed" in done.stdout
    assert "README.md" not in done.stdout
    assert "validate code in documentation...........................................Passed" in (
        done.stdout
    )

    (workspace / "replies/bad.md").write_text(GOOD)
    git(workspace, "add", ".")
    done = pre_commit(workspace, home, "run")
    assert done.returncode == 0, done.stdout + done.stderr
