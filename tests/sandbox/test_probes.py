"""Every hostile program of `sandboxes/probes/` in every sandbox: its promise holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from validator.facts import Part, Reply
from validator.pipeline import Validator
from validator.reporters import RENDERERS
from validator.sandbox import guest
from validator.sandbox.escapes import Attempt, attempt

if TYPE_CHECKING:
    from pathlib import Path

    from seeing import RunProgram

    from validator.facts import Run
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

ACTS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
"""What a terminal or a reader would obey or stumble over."""
FOLDER = guest.folder() / "probes"
PROBES = sorted(FOLDER.glob("*.py"))


@dataclass(frozen=True)
class Probe:
    """A probe and what its header says."""

    text: str
    promise: str
    endings: tuple[str, ...]
    limits: dict[str, float]
    completes: bool | None


def parse(path: Path) -> Probe:
    text = path.read_text(encoding="utf-8")
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    header = dict(line.split(": ", 1) for line in lines[:4] if ": " in line)
    limits = (pair.split("=") for pair in header.get("limits", "").split())
    return Probe(
        text,
        header["promise"],
        tuple(header["ending"].split(", ")),
        {name: float(value) if "." in value else int(value) for name, value in limits},
        {"no": False, None: None}[header.get("completed")],
    )


@pytest.mark.parametrize("path", PROBES, ids=lambda path: path.stem)
def test_the_promise_is_kept_and_the_next_program_is_fine(path: Path, run: RunProgram) -> None:
    probe = parse(path)

    seen = run(probe.text, **probe.limits)

    assert seen.ending.value in probe.endings, (probe.promise, seen.ending, seen.stderr[-500:])
    said = seen.stdout + seen.stderr
    assert b"BROKEN" not in said, (probe.promise, said[:2000])
    if seen.ending.value == "exited":
        assert b"kept" in seen.stdout or probe.completes is False, said[-1000:]
        assert seen.completed or probe.completes is False, said[-1000:]
    if probe.completes is False:
        assert not seen.completed, probe.promise
    told = str([seen.observations, seen.artifacts, seen.traceback])
    assert "\ud800" not in told
    assert {artifact.path for artifact in seen.artifacts} <= {"a", "b"}
    assert_fine(run("print('fine')\n"))


def assert_fine(seen: Run) -> None:
    assert (seen.ending.value, seen.exit_code, seen.completed) == ("exited", 0, True)
    assert (seen.stdout, seen.stderr, seen.observations) == (b"fine\n", b"", ())


def test_there_is_a_probe_for_every_promise_and_each_states_it_on_its_first_line() -> None:
    assert len(PROBES) >= 40
    for path in PROBES:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# promise: "), path
        assert len(first) > 30, path
    assert len({parse(path).promise for path in PROBES}) == len(PROBES)


def test_doctor_sees_every_wall_hold_and_would_see_one_that_does_not(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [each for each in attempt(backend) if each.got_out] == []

    (tmp_path / "probes").mkdir()
    (tmp_path / "probes/open.py").write_text("print('BROKEN: the wall is open')\n")
    (tmp_path / "probes/mute.py").write_text("raise SystemExit(3)\n")
    monkeypatch.setattr("validator.sandbox.escapes.ATTEMPTS", {"open": "walk out", "mute": "hide"})
    monkeypatch.setattr("validator.sandbox.escapes.guest.folder", lambda: tmp_path)
    assert attempt(backend) == (
        Attempt("walk out", ("the wall is open",)),
        Attempt("hide", ("it could not be tried: exited, status 3",)),
    )


@pytest.mark.bubblewrap
@pytest.mark.parametrize("name", ["output_that_acts", "crash_that_acts"])
def test_nothing_a_program_says_acts_in_a_report(name: str, session_settings: Settings) -> None:
    text = parse(FOLDER / f"{name}.py").text
    reply = Reply((Part(f"````python\n{text}````\n", "reply.md"),))
    with Validator(replace(session_settings, sandbox="bubblewrap", offline=True)) as validator:
        report = validator.validate(reply)
    if report.run is None:
        pytest.skip(report.reason or "no sandbox")

    for style, render in RENDERERS:
        shown = render(report)
        assert not ACTS.search(shown), style
        assert "\n::error::forged" not in shown
        assert style == "json" or len(shown) < 20_000


def test_nothing_of_one_program_is_there_for_the_next(run: RunProgram) -> None:
    for path in (FOLDER / "state_left.py", FOLDER / "state_left_to_find.py"):
        seen = run(parse(path).text)
        assert b"BROKEN" not in seen.stdout, seen.stdout
        assert seen.completed, seen.stderr
