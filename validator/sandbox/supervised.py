"""Speak with a supervisor: a Job out as a frame, a Run back from frames.

A frame is two big-endian 32-bit lengths, a JSON header, a body; `sandboxes/guest/supervisor.py` is
the other end. What comes back was measured by the supervisor, but names, messages and output in it
are the program's own words.
"""

from __future__ import annotations

import json
import re
import struct
import time
from itertools import count
from typing import TYPE_CHECKING, Any

from validator.errors import SandboxUnavailable
from validator.facts import WORK, Artifact, Ending, Frame, Observation, ProgramKind, Run, Traceback

if TYPE_CHECKING:
    from validator.facts import Job
    from validator.sandbox.channel import Channel

READY_SECONDS = 20.0
GRACE_SECONDS = 5.0
"""How much later than the supervisor's own deadline we stop believing in the supervisor."""
PLAY_SECONDS = 2.5
"""How long a game is played, its keys pressed, before its window is closed."""
MAX_FRAME_BYTES = 64 << 20

_WATCHERS = {ProgramKind.SERVER: ("watch_port",)}
_SAFE_NAME = re.compile(r"(?:[^\W.][\w. ()+-]{0,60}/){0,3}[^\W.][\w. ()+-]{0,90}\Z")
"""What may be written below a folder of the user's: the program itself may have chosen the name."""
_STACK_THREAD = re.compile(r"^(?:Current thread|Thread) ")
_STACK_FRAME = re.compile(r'^  File "(.+)", line (\d+) in (.+)$')
_UNABLE = {
    "no-display": (
        "the program opens a window, and there is no Xvfb here to open it on",
        "install Xvfb (apt-get install xvfb), or use Docker: validate --sandbox docker",
    ),
    "no-tkinter": (
        "the program uses tkinter, which this Python was built without",
        "install it (apt-get install python3-tk), or use Docker: validate --sandbox docker",
    ),
}


class Supervisor:
    """One supervisor at the far end of a channel; takes one job at a time."""

    def __init__(self, channel: Channel, *, backend: str) -> None:
        """Speak over `channel`; `backend` is the name its runs will carry."""
        self.channel = channel
        self.backend = backend
        self.healthy = True
        """False after anything that was not as agreed; such a supervisor gets no further job."""
        self._buffer = bytearray()
        self._ready: dict[str, Any] | None = None
        self._ids = count(1)

    def ready(self) -> dict[str, Any]:
        """Wait until the supervisor stands and return what it says of its machine.

        Keys: `python` (its full version), `machine` and `libc` (`glibc 2.36`).

        Raises:
            SandboxUnavailable: when it does not answer.
        """
        if self._ready is None:
            header, _ = self._receive_frame(time.monotonic() + READY_SECONDS)
            if header.get("type") != "ready":
                raise self._broken(f"it began with {header.get('type')!r}")
            self._ready = header
        return self._ready

    def run(self, job: Job, layer_path: str | None) -> Run:
        """Run `job`; `layer_path` is where the supervisor finds the job's layer.

        Raises:
            SandboxUnavailable: when the supervisor failed, or lacks what the program needs.
        """
        self.ready()
        identity = str(next(self._ids))
        try:
            self._send_frame(*_encode(job, layer_path, identity))
            artifacts, header, body = self._receive_answer(job, identity)
        except BaseException:
            # Even an interrupt: a supervisor in the middle of a job is of no further use.
            self.healthy = False
            self.channel.kill()
            raise
        if header["type"] == "unable":
            message, remedy = _UNABLE[header["reason"]]
            raise SandboxUnavailable(message, remedy=remedy)
        return _decode(header, body, artifacts, job, self.backend)

    def _receive_answer(
        self, job: Job, identity: str
    ) -> tuple[tuple[Artifact, ...], dict[str, Any], bytes]:
        deadline = time.monotonic() + job.limits.wall_seconds + GRACE_SECONDS
        artifacts: list[Artifact] = []
        while True:
            header, body = self._receive_frame(deadline)
            if header.get("id") != identity:
                raise self._broken("it answered a job it was not given")
            if header["type"] != "artifact":
                return tuple(artifacts), header, body
            if _SAFE_NAME.match(header["path"]):
                artifacts.append(Artifact(header["path"], header["kind"], body))

    def _send_frame(self, header: dict[str, Any], body: bytes) -> None:
        encoded = json.dumps(header).encode()
        self.channel.send(struct.pack(">II", len(encoded), len(body)) + encoded + body)

    def _receive_frame(self, deadline: float) -> tuple[dict[str, Any], bytes]:
        header_size, body_size = struct.unpack(">II", self._receive(8, deadline))
        if header_size + body_size > MAX_FRAME_BYTES:
            raise self._broken("it announced more than any run can hold")
        try:
            header = json.loads(self._receive(header_size, deadline))
        except ValueError:
            raise self._broken("its answer is not JSON") from None
        if not isinstance(header, dict):
            raise self._broken("its answer is not an object")
        return header, self._receive(body_size, deadline)

    def _receive(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            try:
                piece = self.channel.receive(1 << 18, deadline)
            except TimeoutError:
                raise self._broken("it did not answer in time") from None
            if not piece:
                raise self._broken("it ended")
            self._buffer += piece
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _broken(self, how: str) -> SandboxUnavailable:
        self.healthy = False
        self.channel.kill()
        return SandboxUnavailable(
            f"the sandbox's supervisor failed: {how}", remedy="validate doctor"
        )


def out_of_memory(job: Job, backend: str) -> Run:
    """Return the run of a program that took all memory, its supervisor's too: no more is known."""
    return Run(
        backend=backend,
        plan=job.plan,
        ending=Ending.OUT_OF_MEMORY,
        exit_code=None,
        stdout=b"",
        stderr=b"",
        stdout_bytes=0,
        stderr_bytes=0,
        wall_seconds=0.0,
    )


def _encode(job: Job, layer_path: str | None, identity: str) -> tuple[dict[str, Any], bytes]:
    files = [(file.path, file.text.encode("utf-8", "surrogatepass")) for file in job.files]
    files += [(asset.path, asset.data) for asset in job.assets]
    plan, limits = job.plan, job.limits
    display = ("watch_screen",) if plan.needs_display else ()
    watchers = ("watch_page",) if job.picture else _WATCHERS.get(plan.kind, ())
    header = {
        "type": "job",
        "id": identity,
        "entry_point": job.entry_point,
        "arguments": list(job.arguments),
        "layer": layer_path,
        "display": plan.needs_display,
        "instrument": job.instrument,
        "watchers": [*display, *watchers],
        "plan": {
            "kind": plan.kind.value,
            "keys": list(plan.keys),
            "mouse": plan.mouse,
            "play_seconds": min(PLAY_SECONDS, limits.wall_seconds / 2),
            "needs_tk": plan.needs_tk,
            "drivers": list(plan.drivers) if job.instrument else [],
            "routes": list(plan.routes),
            "settle_seconds": plan.settle_seconds,
        },
        "limits": {
            "wall_seconds": limits.wall_seconds,
            "memory_mib": limits.memory_mib,
            "processes": limits.processes,
            "output_kib": limits.output_kib,
            "disk_mib": limits.disk_mib,
        },
        "files": [{"path": path, "size": len(data)} for path, data in files],
    }
    return header, b"".join(data for _, data in files) + job.stdin


def _decode(
    header: dict[str, Any], body: bytes, artifacts: tuple[Artifact, ...], job: Job, backend: str
) -> Run:
    crash = header["crash"]
    ending = Ending(header["ending"])
    if crash and crash["type"] == "MemoryError":
        ending = Ending.OUT_OF_MEMORY
    return Run(
        backend=backend,
        plan=job.plan,
        ending=ending,
        exit_code=header["exit_code"],
        stdout=body[: header["stdout_size"]],
        stderr=body[header["stdout_size"] :],
        stdout_bytes=header["stdout_bytes"],
        stderr_bytes=header["stderr_bytes"],
        wall_seconds=header["wall_seconds"],
        traceback=_traceback(crash) if crash else None,
        stacks=_stacks(header["stacks"]),
        completed=header["completed"],
        observations=tuple(
            Observation(str(seen.pop("kind", "")), seen) for seen in header["observations"]
        ),
        artifacts=artifacts,
    )


def _traceback(crash: dict[str, Any]) -> Traceback:
    frames = tuple(Frame(str(path), int(line), str(name)) for path, line, name in crash["frames"])
    return Traceback(str(crash["type"]), str(crash["message"]), frames)


def _stacks(text: str) -> tuple[Traceback, ...]:
    """Read what faulthandler wrote: one stack a thread, innermost frame first."""
    stacks: list[list[Frame]] = []
    for line in text.splitlines():
        if _STACK_THREAD.match(line):
            stacks.append([])
        elif stacks and (match := _STACK_FRAME.match(line)):
            path, number, function = match.groups()
            if "/guest/" not in path:
                stacks[-1].append(Frame(path.removeprefix(WORK), int(number), function))
    # faulthandler writes the thread that took the signal, the main one, last.
    told = (tuple(reversed(frames)) for frames in reversed(stacks) if frames)
    return tuple(Traceback("", "", frames) for frames in told)
