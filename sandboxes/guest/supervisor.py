"""Take jobs as frames on stdin, run each in a jail of its own, answer with frames on stdout.

Stands in the worker container or on the host; the program never shares a namespace with it, holds
none of its descriptors, and runs under another user where we have one to spare. Ends when its
stdin ends, and everything it started ends with it.

A frame is two big-endian 32-bit lengths, a JSON header, a body. A job is answered by any number of
`artifact` frames and one `run` frame; a job that cannot be started here is answered by `unable`.
"""

from __future__ import annotations

import _socket
import _thread
import argparse
import fcntl
import importlib.util
import json
import marshal
import os
import platform
import resource
import secrets
import selectors
import shutil
import signal
import struct
import sys
import time

# -I keeps a script's own folder off sys.path.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import jail
from watch import Capture, Events, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess

STACK_SIGNAL = 63
STACK_BYTES = 64 << 10
STACK_SECONDS = 0.2
"""How long a program may take to write its stacks at the deadline before it is killed."""
EATEN_STACK_SECONDS = 0.06
"""The same for one that is stopped because it takes too much: it goes on taking meanwhile."""
FLOOD_FACTOR = 64
"""A program that writes this many times what is kept is stopped: it will not say more."""
WATCH_SECONDS = 0.05
DRAIN_READS = 16
"""Of 256 KiB each: more than a pipe or a socket holds."""
MAX_JOB_BYTES = 256 << 20


def read_exactly(size: int) -> bytes:
    """Return `size` bytes of stdin; fewer only where it ends."""
    data = bytearray()
    while len(data) < size:
        piece = os.read(0, min(size - len(data), 1 << 20))
        if not piece:
            break
        data += piece
    return bytes(data)


def read_frame() -> tuple | None:
    """Return the next header and body, or None at the end."""
    lengths = read_exactly(8)
    if len(lengths) < 8:
        return None
    header_size, body_size = struct.unpack(">II", lengths)
    if header_size + body_size > MAX_JOB_BYTES:
        return None
    data = read_exactly(header_size + body_size)
    if len(data) < header_size + body_size:
        return None
    return json.loads(data[:header_size]), data[header_size:]


def write_frame(header: dict, body: bytes = b"") -> None:
    """Write one frame to stdout, all of it."""
    # A lone surrogate, which Python's strings may hold and no text can, becomes a question mark.
    encoded = json.dumps(header, ensure_ascii=False).encode("utf-8", "replace")
    view = memoryview(struct.pack(">II", len(encoded), len(body)) + encoded + body)
    while view:
        view = view[os.write(1, view) :]


class Attempt:
    """One program from start to end."""

    def __init__(self, launcher: jail.Bubblewrap | jail.Bare, job: dict, files: bytes) -> None:
        """Prepare to run `job`, whose files lie one after the other in `files`."""
        self.launcher = launcher
        self.job = job
        self.limits = job["limits"]
        self.token = secrets.token_hex(16)
        self.stopped = ""
        self.abandoned = False
        kept = self.limits["output_kib"] << 10
        self.stdout, self.stderr = Capture(kept), Capture(kept)
        self.seal = _unguessable()
        self.events = Events(self.token, self.seal)
        self.stacks = _fixed_memory_file(STACK_BYTES)
        self.pulse: list = []
        self.payload, self.stdin = self._split(files)

    def _split(self, body: bytes) -> tuple:
        files, at = {}, 0
        for file in self.job["files"]:
            files[file["path"]] = body[at : at + file["size"]]
            at += file["size"]
        return files, body[at:]

    def run(self) -> None:
        """Run the program and answer with its artifacts and its end."""
        began = self.spoke = time.monotonic()
        process, pipes = self._start()
        self.usage = Usage(process.pid, self.limits, isinstance(self.launcher, jail.Bubblewrap))
        try:
            self._watch(process, pipes, began)
        finally:
            # The reaper goes with bubblewrap, and every process of the jail with the reaper.
            process.kill()
            status = process.wait()
            if isinstance(self.launcher, jail.Bare):
                _kill_all(process.pid)
            for descriptor in pipes:
                os.close(descriptor)
        self._answer(status, time.monotonic() - began)

    def _start(self) -> tuple:
        bare = isinstance(self.launcher, jail.Bare)
        stdin = (
            jail.memory_file("stdin", self.stdin)
            if self.stdin
            else os.open(os.devnull, os.O_RDONLY)
        )
        # No pipe: whoever holds an end of one can open the other through /proc, and read along.
        event_end, event_start = (end.detach() for end in _socket.socketpair())
        out_end, out_start = os.pipe()
        error_end, error_start = os.pipe()
        runner_job = {
            "token": self.token,
            "seal": b"\n%s\n" % self.seal,
            "files": self.payload,
            "entry_point": self.job["entry_point"],
            "arguments": self.job["arguments"],
            "paths": {**self.launcher.paths, "layer": self.launcher.layer_path(self.job)},
            "plan": self.job["plan"],
            "instrument": self.job["instrument"]
            and self.job["plan"]["kind"] in ("game", "plot", "window"),
            "watchers": self.job["watchers"],
            "filter": self.launcher.filter if bare else b"",
            "rlimits": self._rlimits(),
            # Beside us in one container, a bomb must leave us a turn.
            "nice": 10 if bare else 0,
        }
        payload = jail.memory_file("job", marshal.dumps(runner_job, 2))
        fds = {"job": payload, "events": event_start, "stacks": self.stacks}
        try:
            process = self.launcher.start(
                self.job, fds, {"stdin": stdin, "stdout": out_start, "stderr": error_start}
            )
        finally:
            for descriptor in (stdin, payload, event_start, out_start, error_start):
                os.close(descriptor)
        return process, (out_end, error_end, event_end)

    def _rlimits(self) -> dict:
        memory = self.limits["memory_mib"] << 20
        limits = {
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 1024,
            # A backstop behind the watched limit: libraries reserve far more than they touch.
            "RLIMIT_DATA": memory * 2 + (256 << 20),
            # Should the supervisor itself be killed, and a bubblewrap not die with its parent,
            # nobody is left to stop the program.
            "RLIMIT_CPU": int(self.limits["wall_seconds"] * (os.cpu_count() or 1)) + 30,
        }
        if isinstance(self.launcher, jail.Bubblewrap):
            # Counted within the jail's own user namespace from Linux 5.14 on. A container without
            # one shares the count with every other of its user, and has a limit of its own.
            limits["RLIMIT_NPROC"] = self.limits["processes"]
        return limits

    def _watch(self, process: subprocess.Popen, pipes: tuple, began: float) -> None:
        out, error, events = pipes
        readers = {out: self.stdout, error: self.stderr, events: self.events}
        deadline = began + self.limits["wall_seconds"]
        with selectors.DefaultSelector() as selector:
            for descriptor in (*readers, 0):
                selector.register(descriptor, selectors.EVENT_READ)
            while len(selector.get_map()) > 1:
                ready = selector.select(WATCH_SECONDS)
                for key, _ in ready:
                    if key.fd == 0:
                        self.abandoned = True
                        return
                    if not _read_into(key.fd, readers[key.fd]):
                        selector.unregister(key.fd)
                    elif key.fd != events:
                        self.spoke = time.monotonic()
                self.stopped = self.stopped or self._reason_to_stop(deadline)
                if self.stopped:
                    self._stop(process, readers)
                    return
                if not ready and process.poll() is not None:
                    # Something that outlived it holds a pipe open. What it wrote itself, perhaps
                    # just now, is in there.
                    _drain(readers)
                    return

    def _reason_to_stop(self, deadline: float) -> str:
        most = (self.limits["output_kib"] << 10) * FLOOD_FACTOR
        if self.stdout.total > most or self.stderr.total > most or self.events.flooded:
            return "output-flood"
        if self.usage.exceeded():
            return self.usage.exceeded()
        if time.monotonic() > min(deadline, self.events.close_by):
            return "timed-out"
        return ""

    def _stop(self, process: subprocess.Popen, readers: dict) -> None:
        if not self.events.enough:
            quiet = round(time.monotonic() - self.spoke, 2)
            self.pulse = [{**self.usage.pulse(), "quiet_seconds": quiet}]
        self._ask_for_stacks(STACK_SECONDS if self.stopped == "timed-out" else EATEN_STACK_SECONDS)
        process.kill()
        process.wait()
        if isinstance(self.launcher, jail.Bare):
            _kill_all(process.pid)
        _drain(readers)

    def _ask_for_stacks(self, seconds: float) -> None:
        program = self.usage.program()
        if program is None:
            return
        try:
            os.kill(program, STACK_SIGNAL)
        except OSError:
            return
        give_up = time.monotonic() + seconds
        before = -1
        while time.monotonic() < give_up:
            time.sleep(0.02)
            written = len(self._stack_text())
            if written and written == before:
                return
            before = written

    def _stack_text(self) -> str:
        data = os.pread(self.stacks, STACK_BYTES, 0)
        return data.rstrip(b"\0").decode("utf-8", "replace")

    def _answer(self, status: int, wall_seconds: float) -> None:
        if self.abandoned:
            return
        for header, body in self.events.artifacts():
            write_frame({"type": "artifact", "id": self.job["id"], **header}, body)
        stdout, stderr = self.stdout.bytes(), self.stderr.bytes()
        code = 128 - status if status < 0 else status
        ended = not self.stopped
        self.events.ended(ended)
        # bubblewrap turns a signal into such a status; a program may leave with one of its own.
        signalled = code > 128 and code != self.events.status and not self.events.crash
        killed = signalled and code == 128 + signal.SIGKILL
        memory = self.stopped == "out-of-memory" or (ended and killed and self.usage.killed())
        ending = self.stopped or ("signalled" if signalled else "exited")
        write_frame(
            {
                "type": "run",
                "id": self.job["id"],
                "ending": "out-of-memory" if memory else ending,
                "exit_code": code if ended and not memory else None,
                "stdout_size": len(stdout),
                "stdout_bytes": self.stdout.total,
                "stderr_bytes": self.stderr.total,
                "wall_seconds": round(wall_seconds, 4),
                "completed": self.events.completed,
                "crash": self.events.crash,
                "stacks": self._stack_text() if self.stopped else "",
                "observations": [*self.events.observations(), *self.pulse],
            },
            stdout + stderr,
        )


def _unguessable() -> bytes:
    """Return a line like nothing else, nor like any text: who searches memory knows no pattern."""
    while True:
        line = secrets.token_bytes(32)
        if b"\n" not in line and not line.startswith(b"{"):
            return line


def _read_into(descriptor: int, reader: Capture | Events) -> bool:
    try:
        data = os.read(descriptor, 1 << 18)
    except BlockingIOError:
        return False
    if data:
        reader.take(data)
    return bool(data)


def _drain(readers: dict) -> None:
    """Take what is already in the pipes, and not what somebody goes on writing there."""
    for descriptor, reader in readers.items():
        os.set_blocking(descriptor, False)
        for _ in range(DRAIN_READS):
            if not _read_into(descriptor, reader):
                break


def _fixed_memory_file(size: int) -> int:
    """Return a memory file that can be written but never grown, so that it holds no more."""
    descriptor = os.memfd_create("stacks", os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)
    return descriptor


def _kill_all(group: int) -> None:
    """End what the program started: as a container's first process, everything in it but us."""
    try:
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(group, signal.SIGKILL)
    except OSError:
        pass


def _hide() -> None:
    """Make our /proc entries unreadable to a program of the same user, where there is no jail."""
    import ctypes

    pr_set_dumpable = 4
    ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)


def _expire(seconds: float) -> None:
    time.sleep(seconds)
    os._exit(1)


def unable(job: dict, has_tk: bool) -> str:
    """Return why this job's program cannot get what it needs here, or nothing."""
    if "watch_screen" in job["watchers"] and shutil.which("Xvfb") is None:
        return "no-display"
    if job["plan"]["needs_tk"] and not has_tk:
        return "no-tkinter"
    return ""


def main() -> None:
    """Serve jobs until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bwrap", default="bwrap", help="the bubblewrap to make jails with")
    parser.add_argument("--no-jail", action="store_true", help="this container is the jail")
    parser.add_argument("--life", type=float, help="end after so many seconds, whatever happens")
    parser.add_argument("--user", type=int, help="become this user first")
    parser.add_argument("--prefix-source", help="where the Python's prefix can be read")
    parser.add_argument("--root", default="", help="where stage.py has laid out the jails' root")
    parser.add_argument("--layers", help="FROM:TO, where layers said to lie in FROM can be read")
    options = parser.parse_args()
    # Another user may not be able to read this Python, so all of it that is needed is read first.
    python, prefix = jail.find_python()
    has_tk = importlib.util.find_spec("_tkinter") is not None
    ready = {
        "type": "ready",
        "python": platform.python_version(),
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()).strip(),
    }
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, 1024), hard), hard))
    if options.life:
        # The one signal Python would die of as a container's first process. A handler and not
        # SIG_IGN, which the program would inherit.
        signal.signal(signal.SIGINT, lambda *_: None)
        _thread.start_new_thread(_expire, (options.life,))
    if options.user:
        os.setgroups([])
        os.setgid(options.user)
        os.setuid(options.user)
    launcher = _launcher(options, python, prefix)
    write_frame(ready)
    serve(launcher, options.layers or ":", has_tk)


def _launcher(options: argparse.Namespace, python: str, prefix: str) -> jail.Bubblewrap | jail.Bare:
    if options.no_jail:
        _hide()
        return jail.Bare(python)
    program = shutil.which(options.bwrap) or options.bwrap
    source = options.prefix_source or prefix
    return jail.Bubblewrap(program, python, prefix, source, options.root)


def serve(launcher: jail.Bubblewrap | jail.Bare, layers: str, has_tk: bool) -> None:
    """Run one job after the other; `layers` is FROM:TO, a folder's name and where it lies here."""
    named, _, readable = layers.partition(":")
    while (frame := read_frame()) is not None:
        job, body = frame
        if job["layer"]:
            job["layer"] = job["layer"].replace(named, readable, 1) if named else job["layer"]
        reason = unable(job, has_tk)
        if reason:
            write_frame({"type": "unable", "id": job["id"], "reason": reason})
            continue
        attempt = Attempt(launcher, job, body)
        attempt.run()
        os.close(attempt.stacks)


main()
