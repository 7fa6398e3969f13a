"""Workers kept ready: taken for one job at a time, replaced before anybody has to wait for it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.sandbox.docker.worker import LIFE_SECONDS, STAGED, SUPERVISOR, Worker, Yard
from validator.sandbox.supervised import Supervisor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Limits

JOBS_A_WORKER = 1024
"""A worker is replaced after so many: whatever builds up in it does not build up for long."""
AHEAD_JOBS = 16
"""So many jobs before that its successor is started: one takes half a second, a job hundredths."""
MOST_IDLE = 4
"""Kept for the next jobs; more would only hold memory, as jobs share the machine's processors."""
MARGIN_SECONDS = 60.0
"""A job is only given to a worker that lives this much longer than the job may."""


class Station:
    """A worker and the supervisor that stands in it."""

    def __init__(self, yard: Yard, limits: Limits, *, jails: bool) -> None:
        """Start both, and wait until the supervisor says that it is ready.

        Raises:
            SandboxUnavailable: when either does not start.
        """
        bare = ("--no-jail", "--life", str(LIFE_SECONDS))
        command = (*SUPERVISOR, *(STAGED if jails else bare))
        self.worker = Worker(yard, command, limits, jails=jails)
        self.supervisor = Supervisor(self.worker, backend=_backend(jails=jails))
        self.jobs = 0
        """How many it has been given."""
        try:
            self.supervisor.ready()
        except SandboxUnavailable as error:
            said = self.worker.stderr.splitlines()[-1:]
            raise SandboxUnavailable(": ".join([str(error), *said]), remedy=error.remedy) from error
        finally:
            if not self.supervisor.healthy:
                self.worker.kill()

    def serves(self, limits: Limits) -> bool:
        """Tell whether a job under `limits` may be given to it."""
        needed = time.monotonic() + limits.wall_seconds + MARGIN_SECONDS
        return _room(self.worker.limits) == _room(limits) and self.worker.ends > needed


def _backend(*, jails: bool) -> str:
    return "docker" if jails else "docker-single-use"


def _room(limits: Limits) -> tuple[int, int, int]:
    """Return the limits a container is made with; the supervisor enforces the others."""
    return limits.memory_mib, limits.processes, limits.disk_mib


class WorkerPool:
    """The stations that wait for jobs."""

    def __init__(self, yard: Yard, *, jails: bool) -> None:
        """Start workers in `yard`; without `jails` each of them serves one job."""
        self.backend = _backend(jails=jails)
        """The name its runs carry."""
        self._yard = yard
        self._jails = jails
        self._jobs_a_worker = JOBS_A_WORKER if jails else 1
        self._arrived = threading.Condition()
        self._idle: list[Station] = []
        self._starting: list[tuple[int, int, int]] = []

    def warm(self, limits: Limits) -> None:
        """Begin starting a worker for `limits` and return at once."""
        with self._arrived:
            self._starting.append(_room(limits))
        threading.Thread(target=self._start_spare, args=(limits,), daemon=True).start()

    @contextmanager
    def station(self, limits: Limits) -> Iterator[Station]:
        """Lend a station with exactly these limits; one that is odd or used up is ended after.

        Raises:
            SandboxUnavailable: when none can be started.
        """
        station = self._take(limits) or Station(self._yard, limits, jails=self._jails)
        station.jobs += 1
        if station.jobs == max(self._jobs_a_worker - AHEAD_JOBS, 1):
            self.warm(limits)
        try:
            yield station
        finally:
            self._give_back(station)

    def _take(self, limits: Limits) -> Station | None:
        with self._arrived:
            while True:
                # An engine that restarts, or a user who cleans up, ends workers behind our back.
                self._idle = [station for station in self._idle if station.worker.quiet]
                for station in self._idle:
                    if station.serves(limits):
                        self._idle.remove(station)
                        return station
                # One that is on its way is sooner there than one begun now.
                if _room(limits) not in self._starting:
                    return None
                self._arrived.wait()

    def _start_spare(self, limits: Limits) -> None:
        station = None
        try:
            # Whoever needs it then starts one for himself and learns what is wrong.
            with suppress(SandboxUnavailable):
                station = Station(self._yard, limits, jails=self._jails)
        finally:
            # Whatever happened: somebody may be waiting for it.
            with self._arrived:
                self._starting.remove(_room(limits))
                if station:
                    self._idle.append(station)
                self._arrived.notify_all()

    def _give_back(self, station: Station) -> None:
        worn = not station.supervisor.healthy or station.jobs >= self._jobs_a_worker
        with self._arrived:
            if not worn:
                self._idle.append(station)
            surplus = [station] if worn else self._idle[:-MOST_IDLE]
            self._idle = self._idle[-MOST_IDLE:]
            self._arrived.notify_all()
        for ended in surplus:
            threading.Thread(target=ended.worker.kill, daemon=True).start()
        if not station.supervisor.healthy and self._jails:
            self.warm(station.worker.limits)
