"""What driving a program showed, in words and in the published schema."""

from __future__ import annotations

from typing import Any

import pytest

from validator.facts import Ending, Observation, Plan, ProgramKind, Run
from validator.reporters import wording
from validator.reporters.json import schema


def told(kind: str, *seen: dict[str, Any]) -> tuple[str, ...]:
    run = Run(
        backend="bubblewrap",
        plan=Plan(ProgramKind.SCRIPT, "chosen by the test"),
        ending=Ending.EXITED,
        exit_code=0,
        stdout=b"",
        stderr=b"",
        stdout_bytes=0,
        stderr_bytes=0,
        wall_seconds=0.1,
        observations=tuple(Observation(kind, fields) for fields in seen),
    )
    return wording.observed(run)


@pytest.mark.parametrize(
    ("kind", "seen", "words"),
    [
        (
            "input",
            [{"prompt": f"Name {n}: ", "answer": "Al"} for n in range(5)],
            "answered 5 prompts: Name 0: 'Al', Name 1: 'Al', Name 2: 'Al', Name 3: 'Al' and 1 more",
        ),
        ("input", [{"prompt": "", "answer": "5"}], "answered 1 prompt: a line '5'"),
        (
            "invocation",
            [{"arguments": [], "exit_code": 2}, {"arguments": ["add", "3"], "exit_code": None}],
            "was run without arguments (status 2), with add 3 (stopped)",
        ),
        (
            "case",
            [{"outcome": "passed"}, {"outcome": "failed"}, {"outcome": "passed"}],
            "ran 3 tests: 1 failed, 2 passed",
        ),
        (
            "response",
            [{"path": "/", "status": 200}, {"path": "/a", "status": 404}, {"path": "/b"}],
            "answered / with 200, and 2 more requests, 1 failure among them",
        ),
        ("usage", [{"outcome": "ran"}], "its usage example ran"),
        ("definitions-only", [{}], "nothing but its definitions was exercised"),
        ("placeholder", [{"path": "a.png"}], "generated files stood for a.png"),
    ],
)
def test_what_was_seen_is_said_in_a_phrase(
    kind: str, seen: list[dict[str, Any]], words: str
) -> None:
    assert told(kind, *seen) == (words,)


@pytest.mark.parametrize("kind", ["input", "invocation", "case", "response", "usage", "pulse"])
def test_fields_a_guest_left_out_or_made_up_break_no_phrase(kind: str) -> None:
    assert told(kind, {}, {"arguments": 3, "status": "x", "answer": None, "cpu_seconds": "y"})


def test_the_schema_knows_every_kind_of_program() -> None:
    known = schema()["$defs"]["run"]["properties"]["kind"]["enum"]

    assert sorted(known) == sorted(kind.value for kind in ProgramKind)
