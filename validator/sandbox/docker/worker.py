"""A hardened container with a supervisor in it."""

from __future__ import annotations

import json
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound
from docker.types import HostConfig, LogConfig, Mount, Ulimit

from validator.sandbox.docker.attached import AttachedStream
from validator.sandbox.docker.engine import ENGINE_ERRORS, Engine, asking
from validator.sandbox.docker.owner import KIND, Owner, is_abandoned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validator.facts import Limits
    from validator.sandbox.docker.image import Image
    from validator.sandbox.docker.roster import Roster

LAYER_VOLUME = "reply-validator-layers"
LAYER_ROOT = "/layers"
"""Where a worker sees that volume."""
SUPERVISOR = ("python3", "-I", "-S", "/opt/validator/guest/supervisor.py")
STAGED = ("--root", "/opt/validator/root")
"""Where the image holds what is the same in every jail."""
TIMED = ("timeout", "--foreground", "--signal=KILL")
"""coreutils' own timer, because nothing outside is sure to be there when it is due."""
PROBE = ("python3", "-I", "-S", "/opt/validator/probe.py")
LIFE_SECONDS = 1800
"""A worker ends itself then, whatever its owner and its engine do."""
SUPERVISOR_MEMORY_MIB = 96
"""On top of the job's: the supervisor, 16 MiB at most over 60 small jobs, and what it is sent."""
SUPERVISOR_PROCESSES = 32
"""On top of the job's, threads counted: init, timeout, supervisor, two of bubblewrap."""
BARE_PROCESSES = 8
"""The same where there is no jail: init, timeout, supervisor, and what looks at a display."""
MOST_CPUS = 2
EVENT_SECONDS = 3.0
"""How long an engine is asked what became of a worker."""
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Yard:
    """All that workers have in common: where they stand and what they are made from."""

    engine: Engine
    image: Image
    seccomp: Mapping[str, Any]
    owner: Owner
    roster: Roster
    runtime: str = ""
    """The engine's name of the runtime to use; empty for its default."""
    apparmor: str = ""
    """The AppArmor profile to use; empty for the engine's own."""


class Worker:
    """A running container whose process is at the other end of a `Channel`."""

    def __init__(
        self, yard: Yard, command: tuple[str, ...], limits: Limits, *, jails: bool
    ) -> None:
        """Start a container that runs `command` under `limits`.

        `jails` says whether its process may make namespaces for jails of its own. Where it may
        not, the program stands beside it, so nothing else may: whatever runs under the same user
        and can be looked into through /proc lends the program the channel to us. The process must
        then end itself after `LIFE_SECONDS`; as first in its namespace nothing there can kill it.

        Raises:
            SandboxUnavailable: when the engine cannot start it.
        """
        self.limits = limits
        self.ends = time.monotonic() + LIFE_SECONDS
        self._client = yard.engine.client
        self._roster = yard.roster
        with asking("start a worker container"):
            with yard.roster.making():
                self.id = self._create(yard, command, limits, jails=jails)
                yard.roster.add(self.id, self._remove)
            try:
                self._stream = self._attach()
                self._client.start(self.id)
            except BaseException:
                self._remove()
                raise

    @property
    def quiet(self) -> bool:
        """True while its process has said nothing unasked and has not ended."""
        return self._stream.quiet

    @property
    def stderr(self) -> str:
        """The last lines its process wrote to stderr."""
        return self._stream.stderr.decode(errors="replace").strip()

    def send(self, data: bytes) -> None:
        """Write all of `data` to the process's stdin.

        Raises:
            SandboxUnavailable: when the worker is gone.
        """
        self._stream.send(data)

    def receive(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes of its stdout, empty at the end; `deadline` is monotonic time.

        Raises:
            TimeoutError: when nothing came before `deadline`.
            SandboxUnavailable: when the connection broke.
        """
        return self._stream.receive(size, deadline)

    def starved(self) -> bool:
        """Tell whether the container ran out of memory, as far as its engine remembers.

        An engine keeps the last 256 events (daemon/events/events.go), those of containers that are
        gone among them.
        """
        asked = {"container": self.id, "event": ["oom", "die"]}
        with suppress(*ENGINE_ERRORS):
            # From the engine's first second on, whatever its clock says.
            until = int(time.time() + EVENT_SECONDS)
            told = self._client.events(since=1, until=until, filters=asked, decode=True)
            with closing(told):
                return next((event["Action"] for event in told), "") == "oom"
        return False

    def kill(self) -> None:
        """End the container and everything in it at once; may be called twice."""
        self._stream.close()
        self._remove()

    def _create(self, yard: Yard, command: tuple[str, ...], limits: Limits, *, jails: bool) -> str:
        created = self._client.create_container(
            yard.image.id,
            command=[*((*TIMED, str(LIFE_SECONDS)) if jails else ()), *command],
            user="65534:65534",
            stdin_open=True,
            hostname="worker",
            working_dir="/",
            network_disabled=True,
            # ~/.docker/config.json may name proxies, with passwords, for containers' environments.
            use_config_proxy=False,
            labels=yard.owner.labels("worker", time.time() + LIFE_SECONDS + 60),
            host_config=self._host_config(yard, limits, jails=jails),
        )
        return str(created["Id"])

    def _host_config(self, yard: Yard, limits: Limits, *, jails: bool) -> HostConfig:
        memory = (limits.memory_mib + SUPERVISOR_MEMORY_MIB) * _MIB
        room = f"rw,exec,nosuid,nodev,mode=1777,size={limits.disk_mib}m"
        config = self._client.create_host_config(
            network_mode="none",
            read_only=True,
            cap_drop=["ALL"],
            runtime=yard.runtime or None,
            security_opt=[
                "no-new-privileges",
                f"seccomp={_profile(yard.seccomp, jails=jails)}",
                *([f"apparmor={yard.apparmor}"] if yard.apparmor else []),
            ],
            # Without a jail this limit is the program's: no other count is its own.
            pids_limit=limits.processes + (SUPERVISOR_PROCESSES if jails else BARE_PROCESSES),
            mem_limit=memory,
            memswap_limit=memory,
            nano_cpus=min(MOST_CPUS, yard.engine.cpus) * 10**9,
            ulimits=[
                Ulimit(name="core", soft=0, hard=0),
                Ulimit(name="nofile", soft=1024, hard=4096),
            ],
            shm_size=f"{limits.disk_mib}m",
            tmpfs={"/tmp": room, "/work": room},  # noqa: S108 - inside the container
            mounts=[Mount(LAYER_ROOT, LAYER_VOLUME, type="volume", read_only=True)],
            log_config=LogConfig(type="none"),
            init=jails,
            auto_remove=True,
        )
        if jails:
            # A fresh /proc may be mounted in a new namespace only where the old one shows all of
            # itself (mount_too_revealing in the kernel's fs/namespace.c); the jail has its own.
            config["MaskedPaths"], config["ReadonlyPaths"] = [], []
        return config

    def _attach(self) -> AttachedStream:
        asked = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        return AttachedStream(self._client.attach_socket(self.id, params=asked))

    def _remove(self) -> None:
        # Gone already, being removed already, or the engine is gone: then its own timer ends it.
        with suppress(*ENGINE_ERRORS):
            self._client.remove_container(self.id, force=True, v=True)
        self._roster.drop(self.id)


def _profile(seccomp: Mapping[str, Any], *, jails: bool) -> str:
    rules = [
        rule
        for rule in seccomp["syscalls"]
        if jails or not rule.get("comment", "").startswith("namespaces")
    ]
    return json.dumps({**seccomp, "syscalls": rules})


def reap(engine: Engine, here: Owner) -> int:
    """Remove the containers of validators that are no more, and return how many there were.

    Raises:
        SandboxUnavailable: when the engine does not answer.
    """
    removed = 0
    with asking("look for abandoned workers"):
        for container in engine.client.containers(all=True, filters={"label": f"{KIND}.deadline"}):
            if is_abandoned(container["Labels"], here.host):
                with suppress(NotFound, APIError):
                    engine.client.remove_container(container["Id"], force=True, v=True)
                    removed += 1
    return removed
