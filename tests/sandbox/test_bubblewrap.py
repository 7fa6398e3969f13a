"""Jails on the host: as many at a time as there are processors, and none after something odd."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from validator.errors import SandboxUnavailable
from validator.events import ignore
from validator.facts import Job, Limits, Plan, ProgramKind, SourceFile
from validator.sandbox.bubblewrap import BubblewrapBackend, _Process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.sandbox.supervised import Supervisor
    from validator.settings import Settings

pytestmark = pytest.mark.bubblewrap


def job(text: str) -> Job:
    plan = Plan(ProgramKind.SCRIPT, "a test")
    return Job((SourceFile("main.py", text, ()),), "main.py", plan, limits=Limits(wall_seconds=20))


@pytest.fixture
def backend(
    session_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BubblewrapBackend]:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1})
    made = BubblewrapBackend(session_settings, ignore)
    try:
        made.target()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    yield made
    made.close()


def test_one_program_after_the_other_needs_one_supervisor(backend: BubblewrapBackend) -> None:
    backend.start()
    for number in range(3):
        assert backend.run(job(f"print({number})\n")).stdout == b"%d\n" % number

    assert len(backend._all) == 1


def test_side_by_side_there_are_as_many_as_processors(backend: BubblewrapBackend) -> None:
    seen: list[bytes] = []
    slow = job("import time\ntime.sleep(0.5)\nprint('done')\n")
    threads = [
        threading.Thread(target=lambda: seen.append(backend.run(slow).stdout)) for _ in "123"
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert seen == [b"done\n"] * 3
    assert len(backend._all) == 2


def test_one_that_is_gone_is_replaced(backend: BubblewrapBackend) -> None:
    (lost,) = backend._all
    lost.channel.kill()

    with pytest.raises(SandboxUnavailable):
        backend.run(job("print('lost')\n"))
    assert backend.run(job("print('here again')\n")).stdout == b"here again\n"
    assert lost not in backend._all


def test_a_jail_ends_with_its_supervisor_even_while_it_is_made(
    backend: BubblewrapBackend, session_settings: Settings
) -> None:
    # It writes nothing: a write to nobody would end it too.
    asleep = job("import time\ntime.sleep(15)\n")
    survivors = []
    for turn in range(20):
        layer = session_settings.cache_dir / "layers" / f"orphan-{turn}"
        layer.mkdir(mode=0o755)
        with suppress(SandboxUnavailable), backend._lent() as supervisor:
            supervisor.ready()
            stops = threading.Timer(turn / 400, os.kill, (last_of(supervisor), signal.SIGKILL))
            stops.start()
            supervisor.run(asleep, str(layer))
        stops.join()
        for _ in range(100):
            if not (left := naming(f"/{layer.name}\0")):
                break
            time.sleep(0.05)
        survivors += left

    for process in survivors:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    assert survivors == []


def last_of(supervisor: Supervisor) -> int:
    """Return the supervisor's own process: as root, bubblewrap stands before it."""
    channel = supervisor.channel
    assert isinstance(channel, _Process)
    process = channel._process.pid
    while children := Path(f"/proc/{process}/task/{process}/children").read_text().split():
        process = int(children[0])
    return process


def naming(text: str) -> list[int]:
    """Return every process with `text` among its arguments, as both of bubblewrap's have."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


def test_closing_ends_what_runs_and_nothing_runs_after(backend: BubblewrapBackend) -> None:
    outcome: list[object] = []

    def run_endless() -> None:
        try:
            outcome.append(backend.run(job("while True: pass\n")))
        except SandboxUnavailable as error:
            outcome.append(error)

    thread = threading.Thread(target=run_endless)
    thread.start()
    while backend._idle:
        time.sleep(0.01)
    backend.close()
    backend.close()
    thread.join()

    assert isinstance(outcome[0], SandboxUnavailable)
    with pytest.raises(SandboxUnavailable, match="closed"):
        backend.run(job("print('after')\n"))
