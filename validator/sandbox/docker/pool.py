"""Workers kept ready: taken for one job at a time, replaced before anybody has to wait for it."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.sandbox.docker.worker import SUPERVISOR, Worker, Yard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Limits

JOBS_A_WORKER = 64
"""A worker is replaced after so many: whatever builds up in it does not build up for long."""
MOST_IDLE = 4
"""Kept for the next jobs; more would only hold memory, as jobs share the machine's processors."""
MARGIN_SECONDS = 60.0
"""A job is only given to a worker that lives this much longer than the job may."""


class WorkerPool:
    """Idle workers, and those at work."""

    def __init__(self, yard: Yard, *, jails: bool) -> None:
        """Start workers in `yard`; without `jails` each of them serves one job."""
        self._yard = yard
        self._jails = jails
        self._jobs_a_worker = JOBS_A_WORKER if jails else 1
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._starting: list[Limits] = []
        self._closed = False

    def warm(self, limits: Limits) -> None:
        """Begin starting a worker for `limits` and return at once."""
        with self._lock:
            if self._closed:
                return
            self._starting.append(limits)
        threading.Thread(target=self._start_spare, args=(limits,), daemon=True).start()

    @contextmanager
    def worker(self, limits: Limits) -> Iterator[Worker]:
        """Lend a worker with exactly these limits; one that is odd or used up is not lent again.

        Raises:
            SandboxUnavailable: when none can be started.
        """
        worker = self._take(limits)
        worker.jobs += 1
        if not self._jails:
            self.warm(limits)
        try:
            yield worker
        except BaseException:
            worker.spoiled = True
            raise
        finally:
            self._give_back(worker)

    def close(self) -> None:
        """End all workers, those at work included; none is started afterwards."""
        with self._lock:
            self._closed = True
            doomed = list(self._all)
            self._all.clear()
            self._idle.clear()
            self._arrived.notify_all()
        # Side by side: one removal takes the engine 0.1 s, and an interrupted user waits for all.
        enders = [threading.Thread(target=worker.kill) for worker in doomed]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join()

    def _take(self, limits: Limits) -> Worker:
        with self._lock:
            # One that is on its way is sooner there than one begun now.
            while True:
                self._refuse_when_closed()
                found = self._fitting(limits)
                if found:
                    self._idle.remove(found)
                    return found
                if limits not in self._starting:
                    break
                self._arrived.wait()
        return self._start(limits)

    def _refuse_when_closed(self) -> None:
        if self._closed:
            raise SandboxUnavailable("the Docker sandbox has been closed")

    def _fitting(self, limits: Limits) -> Worker | None:
        needed = time.monotonic() + limits.wall_seconds + MARGIN_SECONDS
        return next(
            (w for w in self._idle if w.limits == limits and w.ends > needed),
            None,
        )

    def _start(self, limits: Limits) -> Worker:
        options = () if self._jails else ("--no-jail",)
        worker = Worker(self._yard, (*SUPERVISOR, *options), limits, jails=self._jails)
        with self._lock:
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.kill()
        raise SandboxUnavailable("the Docker sandbox has been closed")

    def _start_spare(self, limits: Limits) -> None:
        worker = None
        # Whoever needs it starts one for himself and learns what is wrong.
        with suppress(SandboxUnavailable):
            worker = self._start(limits)
        with self._lock:
            self._starting.remove(limits)
            if worker and not self._closed:
                self._idle.append(worker)
            self._arrived.notify_all()

    def _give_back(self, worker: Worker) -> None:
        worn = worker.spoiled or worker.jobs >= self._jobs_a_worker
        with self._lock:
            keep = not worn and not self._closed and len(self._idle) < MOST_IDLE
            if keep:
                self._idle.append(worker)
                self._arrived.notify_all()
                return
            self._all.discard(worker)
        threading.Thread(target=worker.kill, daemon=True).start()
        if worn and self._jails:
            self.warm(worker.limits)
