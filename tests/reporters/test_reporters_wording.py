from __future__ import annotations

import pytest
from reporter_samples import TARGET, hello, run, submission, worm

from validator.facts import (
    Artifact,
    Ending,
    Frame,
    Observation,
    Part,
    Pin,
    ProgramKind,
    Reply,
    Resolution,
    Run,
    Submission,
    Traceback,
)
from validator.reporters import wording


def stopped(kind: ProgramKind, *observations: Observation) -> Run:
    return run(
        kind, ending=Ending.TIMED_OUT, exit_code=None, wall_seconds=10.0, observations=observations
    )


@pytest.mark.parametrize(
    ("ran", "sentence"),
    [
        (run(), "script in docker: ended with exit status 0 after 0.04 s"),
        (
            run(exit_code=1, traceback=Traceback("ValueError", "", (Frame("main.py", 1, "f"),))),
            "script in docker: ended by ValueError after 0.04 s",
        ),
        (
            run(ending=Ending.SIGNALLED, exit_code=139),
            "script in docker: killed by SIGSEGV after 0.04 s",
        ),
        (
            run(ending=Ending.SIGNALLED, exit_code=128 + 99),
            "script in docker: killed by signal 99 after 0.04 s",
        ),
        (
            run(ending=Ending.OUT_OF_MEMORY, exit_code=None),
            "script in docker: stopped after 0.04 s, out of memory",
        ),
        (
            run(ending=Ending.OUTPUT_FLOOD, exit_code=None),
            "script in docker: stopped after 0.04 s, it would not stop writing",
        ),
        (
            stopped(ProgramKind.SCRIPT),
            "script in docker: did not end, and was stopped after 10.0 s",
        ),
        (
            stopped(ProgramKind.GAME, Observation("frames", {"count": 1, "distinct": 1})),
            "game in docker: ran until it was stopped after 10.0 s; drew 1 frame",
        ),
        (
            stopped(ProgramKind.GAME, Observation("frames", {"count": 900, "distinct": 1})),
            (
                "game in docker: ran until it was stopped after 10.0 s; "
                "drew 900 frames, every one the same"
            ),
        ),
        (
            stopped(
                ProgramKind.SERVER,
                Observation("port", {"port": 5000}),
                Observation("response", {"path": "/", "status": 200, "body_bytes": 12}),
            ),
            (
                "server in docker: ran until it was stopped after 10.0 s; "
                "listened on port 5000; answered / with 200"
            ),
        ),
        (
            stopped(
                ProgramKind.SERVER,
                Observation("response", {"path": "/", "status": None, "error": "reset"}),
            ),
            "server in docker: ran until it was stopped after 10.0 s; gave no answer to /: reset",
        ),
        (
            run(
                ProgramKind.PLOT,
                observations=(
                    Observation("figure", {"path": "figure-1.png"}),
                    Observation("figure", {"path": "figure-2.png"}),
                ),
                artifacts=(Artifact("figure-1.png", "figure", b""),),
            ),
            (
                "plot in docker: ended with exit status 0 after 0.04 s; "
                "made 2 figures, figure-1.png, figure-2.png"
            ),
        ),
        (
            run(observations=(Observation("meteor", {"mass": 3, "parts": [1], "at": "noon"}),)),
            "script in docker: ended with exit status 0 after 0.04 s; meteor: at noon mass 3",
        ),
    ],
)
def test_a_run_in_a_sentence(ran: Run, sentence: str) -> None:
    assert wording.run(ran) == sentence


def test_a_program_in_a_sentence() -> None:
    assert wording.program(hello().submission) == "main.py, 2 lines, from reply lines 4-5"
    assert wording.program(submission("x", 1, 1)) == "main.py, 1 line, from reply line 1"
    nothing = Submission(Reply((Part("", "-"),)))
    assert wording.program(nothing) == "no program found"


def pin(name: str, *required_by: str) -> Pin:
    return Pin(name, "1.0", "0" * 64, f"{name}.whl", required_by)


@pytest.mark.parametrize(
    ("pins", "sentence"),
    [
        ((), "the standard library only, for Python 3.11 on linux_x86_64"),
        ((pin("flask"),), "flask 1.0, for Python 3.11 on linux_x86_64"),
        (
            (pin("flask"), pin("jinja2", "flask"), pin("click", "flask")),
            "flask 1.0, with 2 packages behind, for Python 3.11 on linux_x86_64",
        ),
        (
            tuple(pin(f"p{n}") for n in range(9)),
            (
                "p0 1.0, p1 1.0, p2 1.0, p3 1.0, p4 1.0, p5 1.0 and 3 more, "
                "for Python 3.11 on linux_x86_64"
            ),
        ),
    ],
)
def test_packages_in_a_sentence(pins: tuple[Pin, ...], sentence: str) -> None:
    assert wording.packages(Resolution(TARGET, "uv", pins=pins)) == sentence


def test_asking_for_packages_and_getting_none_is_not_needing_none() -> None:
    asked = worm().resolution
    assert asked is not None
    nothing = Resolution(TARGET, "uv", requirements=asked.requirements)
    assert wording.packages(nothing).startswith("nothing could be installed")
