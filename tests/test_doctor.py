"""`validate doctor`: every check says what it found in lines a terminal shows whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.cli import main
from validator.doctor import Check, Examination

if TYPE_CHECKING:
    import pytest

ADDRESS = "https://packages.example.org/" + "a-very-long-path/" * 6 + "simple"


def shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *checks: Check
) -> tuple[int, str]:
    monkeypatch.setattr("validator.doctor.examine", lambda *_: Examination(checks))
    status = main(["doctor"])
    return status, capsys.readouterr().out


def test_each_thing_found_has_its_own_lines_and_none_is_long(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    attempts = ", ".join(f"attempt {number}" for number in range(40))

    status, text = shown(
        monkeypatch,
        capsys,
        Check("bubblewrap", True, f"runs programs in a jail\n{attempts}\nhas a browser"),
        Check("docker", False, "no engine answers", "start one"),
        Check("display", False, "no Xvfb", "apt-get install xvfb"),
    )

    lines = text.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 100
    assert lines[0] == "ok       bubblewrap   runs programs in a jail"
    assert lines[1].startswith(" " * 22 + "attempt 0, attempt 1,")
    assert lines[2].startswith(" " * 24 + "attempt")
    assert " ".join(attempts.split()) in " ".join(text.split())
    assert f"{'':22}has a browser" in lines
    assert lines[-4:-2] == ["missing  docker       no engine answers", f"{'':22}start one"]


def test_what_is_copied_from_it_is_never_broken_in_two(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    works = [Check(name, True, "works") for name in ("bubblewrap", "docker", "display")]

    status, text = shown(monkeypatch, capsys, *works, Check("index", False, f"{ADDRESS} is mute"))

    assert status == 3
    assert ADDRESS in text
