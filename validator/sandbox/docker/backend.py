"""Programs in Docker: each in a fresh jail inside a hardened worker container."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.sandbox import guest
from validator.sandbox.docker.engine import Engine, connect
from validator.sandbox.docker.image import ImageStore
from validator.sandbox.docker.layers import LayerVolume
from validator.sandbox.docker.owner import Owner
from validator.sandbox.docker.pool import WorkerPool
from validator.sandbox.docker.probing import Probe, Prober
from validator.sandbox.docker.recipe import Recipe
from validator.sandbox.docker.roster import Roster
from validator.sandbox.docker.worker import Yard, reap
from validator.sandbox.supervised import out_of_memory

if TYPE_CHECKING:
    from validator.events import Listener
    from validator.facts import Job, Run, Target
    from validator.settings import Settings


@dataclass(frozen=True, slots=True)
class _Ready:
    """Everything a run stands on."""

    engine: Engine
    prober: Prober
    probe: Probe
    layers: LayerVolume
    pool: WorkerPool


class DockerBackend:
    """Runs programs in worker containers of a Docker engine, near or remote."""

    name = "docker"

    def __init__(self, settings: Settings, listener: Listener, *, jails: bool = True) -> None:
        """Use the engine, base image and limits that `settings` name; nothing is started yet.

        Without `jails` each program gets a container of its own even where it could have a jail.
        """
        self._wants_jails = jails
        self._settings = settings
        self._listener = listener
        self._lock = threading.Lock()
        self._ready: Future[_Ready] | None = None
        self._roster = Roster()

    def start(self) -> None:
        """Begin getting ready in the background: engine, image, first worker; never raises."""
        self._readiness()

    def target(self) -> Target:
        """Return the Python, platform and libc of the image.

        Raises:
            SandboxUnavailable: when no engine answers, no image can be had, or it has another
                Python than was asked for.
        """
        target = self._readiness().result().probe.target
        asked = self._settings.python
        if asked and asked != target.python:
            raise SandboxUnavailable(
                f"the sandbox image has Python {target.python}, not {asked}",
                remedy=f"set docker-base to an image with Python {asked}",
            )
        return target

    @property
    def jails(self) -> bool:
        """True where each program gets a jail of its own inside a worker; else a container each.

        Raises:
            SandboxUnavailable: as `target`.
        """
        return self._readiness().result().probe.jails

    @property
    def refusal(self) -> str:
        """Why there are no jails inside workers here; empty where there are.

        Raises:
            SandboxUnavailable: as `target`.
        """
        return self._readiness().result().probe.refusal

    def run(self, job: Job) -> Run:
        """Run one program in a jail or a container nothing has used before. Thread-safe.

        Raises:
            SandboxUnavailable: when the engine or the worker, not the program, failed.
        """
        ready = self._readiness().result()
        layer = ready.layers.ensure(job.layer) if job.layer and job.layer.size_bytes else None
        # A program that dies at the limit holds its memory until the kernel has taken it apart,
        # and who asks for more meanwhile is killed in its place: the supervisor (seen once or
        # twice in 60 such programs, Linux 6.18, cgroup v1). Whether it was this program or the one
        # before it cannot be told, so this one is run again, in a worker of its own.
        run = _attempt(ready, job, layer) or _attempt(ready, job, layer)
        return run or out_of_memory(job, ready.pool.backend)

    def close(self) -> None:
        """End every worker; what is being started ends as soon as it has started."""
        self._roster.close()

    def _readiness(self) -> Future[_Ready]:
        self._roster.refuse_when_closed()
        with self._lock:
            if self._ready is None:
                self._ready = Future()
                threading.Thread(target=self._prepare, args=(self._ready,), daemon=True).start()
            return self._ready

    def _prepare(self, future: Future[_Ready]) -> None:
        try:
            ready = self._get_ready()
        except BaseException as error:  # whoever waits for the future raises it
            future.set_exception(error)
            return
        future.set_result(ready)
        # Nobody waits for this, and the next start does it again.
        with suppress(SandboxUnavailable):
            reap(ready.engine, Owner.this_process())

    def _get_ready(self) -> _Ready:
        settings, engine = self._settings, connect()
        engine.refuse_unknown(settings.docker_runtime)
        recipe = Recipe(guest.folder())
        image = ImageStore(engine, recipe, settings, self._listener).ensure()
        yard = Yard(
            engine, image, recipe.seccomp, Owner.this_process(), self._roster,
            settings.docker_runtime, settings.docker_apparmor,
        )  # fmt: skip
        prober = Prober(yard, settings.cache_dir / "docker")
        probe = prober.probe()
        pool = WorkerPool(yard, jails=probe.jails and self._wants_jails)
        pool.warm(settings.limits)
        return _Ready(engine, prober, probe, LayerVolume(yard, self._listener), pool)


def _attempt(ready: _Ready, job: Job, layer: str | None) -> Run | None:
    """Return what the program did, or None where its supervisor was killed for want of memory."""
    with ready.pool.station(job.limits) as station:
        try:
            return station.supervisor.run(job, layer)
        except SandboxUnavailable:
            if station.supervisor.healthy:
                raise
            if station.worker.starved():
                return None
            # Perhaps this kernel no longer lets workers make jails; to be on the safe side.
            ready.prober.forget()
            raise
