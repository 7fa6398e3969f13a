"""Other Pythons of this machine: found, told apart, and run on."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from validator.errors import SandboxUnavailable
from validator.facts import Job, Plan, ProgramKind, SourceFile
from validator.interpreters import find_interpreter, own_python
from validator.sandbox.bubblewrap import BubblewrapBackend
from validator.settings import load


@pytest.fixture(autouse=True)
def forgetful():
    find_interpreter.cache_clear()
    yield
    find_interpreter.cache_clear()


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_our_own_is_outside_any_virtual_environment():
    found = find_interpreter(own_python())
    assert (found.python, found.prefix) == (own_python(), Path(sys.base_prefix))


@pytest.mark.parametrize(
    "says",
    [
        "exit 1",
        "echo nonsense",
        "echo 4",
        "echo null",
        'echo \'["cpython", [3, 99], "/x", "/"]\'',
        'echo \'["cpython", [3, 99, 0, "final"], null, "/"]\'',
        'echo \'["cpython", [3, 98, 0, "final"], "/x", "/"]\'',
        'echo \'["cpython", [3, 99, 0, "beta"], "/x", "/"]\'',
        'echo \'["pypy", [3, 99, 0, "final"], "/x", "/"]\'',
    ],
)
def test_what_is_none(tmp_path, monkeypatch, says):
    script(tmp_path / "bin/python3.99", says)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    assert find_interpreter("3.99") is None


def test_a_user_without_a_home_has_none_there(tmp_path, monkeypatch):
    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_interpreter("3.99") is None


def test_one_of_pyenv_is_found_and_its_shim_is_not_asked(tmp_path, monkeypatch):
    says = 'echo \'["cpython", [3, 99, 0, "final"], "/py/bin/python3.99", "/py"]\''
    script(tmp_path / "shims/python3.99", f"touch {tmp_path}/asked; exit 1")
    script(tmp_path / "versions/3.99.0/bin/python3.99", says)
    monkeypatch.setenv("PATH", f"{tmp_path}/shims")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    found = find_interpreter("3.99")
    assert (found.executable, found.prefix) == (Path("/py/bin/python3.99"), Path("/py"))
    assert not (tmp_path / "asked").exists()


@pytest.mark.bubblewrap
@pytest.mark.parametrize("python", ["3.10", "3.12", "3.13"])
def test_programs_run_on_the_python_that_was_asked_for(sandboxes, python):
    if "bubblewrap" not in sandboxes or find_interpreter(python) is None:
        pytest.skip(f"no bubblewrap or no Python {python} here")
    backend = BubblewrapBackend(load({"python": python}), lambda event: None)
    text = "import sys\nprint('%d.%d' % sys.version_info[:2])\n"
    file = SourceFile("main.py", text, (1, 2))
    try:
        assert backend.target().python == python
        run = backend.run(Job((file,), "main.py", Plan(ProgramKind.SCRIPT, "a test")))
    finally:
        backend.close()
    assert (run.stdout.decode().strip(), run.completed) == (python, True)


@pytest.mark.bubblewrap
@pytest.mark.parametrize(
    ("python", "words"),
    [
        ("3.99", "this host has no Python 3.99"),
        ("3.8", "programs are run on Python 3.10 and later"),
    ],
)
def test_one_that_is_not_here_or_too_old_is_said(python, words):
    backend = BubblewrapBackend(load({"python": python}), lambda event: None)
    with pytest.raises(SandboxUnavailable, match=words):
        backend.target()
