"""A program that a busy machine gave no time to begin is run again for longer; no other is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from driving_outcome import outcome

from validator.facts import Ending, Frame, Job, Observation, Run, Target, Traceback
from validator.findings import Verdict

SERVER = "import http.server\n\nhttp.server.HTTPServer(('', 8000), None).serve_forever()\n"
SCRIPT = "import slow\n\nwhile True:\n    pass\n"


class Busy:
    """A sandbox on a machine that is busy: the first run is stopped, a longer one would do."""

    name = "bubblewrap"

    def __init__(self, felt: dict[str, object], *, line: int, seen: tuple[str, ...] = ()) -> None:
        self.felt = {"state": "running", "threads": 1, **felt}
        self.stack = Traceback("", "", (Frame("main.py", line, "<module>"),))
        self.seen = tuple(Observation(kind, {"port": 8000}) for kind in seen)
        self.seconds: list[float] = []

    def start(self) -> None:
        """Nothing to start."""

    def close(self) -> None:
        """Nothing to end."""

    def target(self) -> Target:
        return Target("3.11", "linux_x86_64")

    def run(self, job: Job) -> Run:
        self.seconds.append(job.limits.wall_seconds)
        stopped = Run(
            backend=self.name, plan=job.plan, ending=Ending.TIMED_OUT, exit_code=None, stdout=b"",
            stderr=b"", stdout_bytes=0, stderr_bytes=0, wall_seconds=job.limits.wall_seconds,
            stacks=(self.stack,), observations=(*self.seen, Observation("pulse", self.felt)),
        )  # fmt: skip
        if len(self.seconds) == 1:
            return stopped
        answered = Observation("response", {"path": "/", "status": 200, "content_type": ""})
        seen = (Observation("port", {"port": 8000}), answered)
        return replace(stopped, observations=seen if "http" in job.files[0].text else ())


@pytest.mark.parametrize("cpu_seconds", [2.5, 0.4])
def test_a_server_that_had_no_time_to_begin_gets_it(cpu_seconds: float) -> None:
    backend = Busy({"cpu_seconds": cpu_seconds}, line=1)
    seen = outcome(backend, SERVER)

    assert backend.seconds == [10.0, 30.0]
    assert seen.verdict is Verdict.PASSED
    assert seen.seen("longer", "seconds") == [(30.0,)]


def test_what_its_share_asks_for_is_what_it_gets() -> None:
    backend = Busy({"cpu_seconds": 4.0}, line=1)
    outcome(backend, SERVER)

    assert backend.seconds == [10.0, 25.0]


def test_a_script_that_is_still_importing_is_given_time_too() -> None:
    backend = Busy({"cpu_seconds": 4.0}, line=1)
    outcome(backend, SCRIPT)

    assert backend.seconds == [10.0, 25.0]


@pytest.mark.parametrize(
    ("text", "backend"),
    [
        pytest.param(SCRIPT, Busy({"cpu_seconds": 2.0}, line=4), id="a loop on any machine"),
        pytest.param(SERVER, Busy({"cpu_seconds": 5.0}, line=1), id="it had half a processor"),
        pytest.param(
            SERVER, Busy({"cpu_seconds": 2.0, "state": "sleeping"}, line=1), id="it waits"
        ),
        pytest.param(SERVER, Busy({"cpu_seconds": 2.0}, line=3, seen=("port",)), id="it listens"),
    ],
)
def test_no_other_program_is_run_twice(text: str, backend: Busy) -> None:
    seen = outcome(backend, text)

    assert backend.seconds == [10.0]
    assert seen.seen("longer") == []
