"""Order, concurrency and laziness of the stages; what could not be done is said, not raised."""

from __future__ import annotations

import platform
import sysconfig
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from validator import rules, sandbox
from validator.errors import Unavailable
from validator.events import Progress, ignore
from validator.facts import Job, ReplyKind, Submission, Target
from validator.findings import Missing, Report, Seconds
from validator.linting import Linter, PartlyLinted
from validator.packages import Packages
from validator.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from validator.events import Listener
    from validator.facts import Diagnostic, Layer, Reply, Resolution, Run
    from validator.findings import Finding
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

T = TypeVar("T")


class Validator:
    """Everything warm: validate as many replies as you like, from any thread, then close it."""

    def __init__(self, settings: Settings, listener: Listener = ignore) -> None:
        """Begin to start the linters and the sandbox in the background, and return at once."""
        self.settings = settings
        self.listener = listener
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="validator")
        self._linter = Linter(settings, listener)
        self._linter.start()
        self._backend: Future[Backend] = self._threads.submit(sandbox.choose, settings, listener)
        self._packages: dict[Target, Packages] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Validator:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every process and container that was started."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._backend.done() and not self._backend.cancelled() and not self._backend.exception():
            self._backend.result().close()
        else:
            self._backend.add_done_callback(_close_backend)
        self._linter.close()
        for packages in self._packages.values():
            packages.close()

    def validate(self, reply: Reply) -> Report:
        """Return everything that can be learned about `reply`."""
        self.listener(Progress("reading", "reading the reply"))
        began = time.monotonic()
        submission = read(reply)
        return self.validate_submission(submission, reading_seconds=time.monotonic() - began)

    def validate_submission(
        self, submission: Submission, *, reading_seconds: float | None = None
    ) -> Report:
        """Return everything that can be learned about a program already read, or mended."""
        began = time.monotonic()
        if not submission.files or _is_snippets(submission):
            return self._judge(submission, _Stages(), reading_seconds, began)
        # The type checker is the slowest; it hides behind packages and the run.
        stages = _Stages()
        linting = self._threads.submit(
            self._stage, "linting", lambda: self._lint(submission, stages)
        )
        self._resolve_and_run(submission, stages)
        diagnostics, missing, seconds = linting.result()
        stages.diagnostics = diagnostics
        stages.linting_seconds = seconds
        if missing:
            stages.missing.insert(0, missing)
        return self._judge(submission, stages, reading_seconds, began)

    def examine(self, submission: Submission) -> tuple[Finding, ...]:
        """Return what shows of a program without running it: what fixes are weighed by."""
        stages, began = _Stages(), time.monotonic()
        if submission.files and not _is_snippets(submission):
            linting = self._threads.submit(
                self._stage, "linting", lambda: self._lint(submission, stages)
            )
            backend, _, _ = self._stage("sandbox", self._backend.result)
            packages = self._packages_for(
                backend.target() if backend else _host_target(self.settings)
            )
            stages.resolution = self._stage("packages", lambda: packages.resolve(submission))[0]
            stages.diagnostics = linting.result()[0]
        return self._judge(submission, stages, None, began).findings

    def _lint(self, submission: Submission, stages: _Stages) -> tuple[Diagnostic, ...]:
        try:
            return self._linter.lint(submission.files)
        except PartlyLinted as error:
            stages.missing.append(Missing("linting", str(error), error.remedy))
            return error.diagnostics

    def _resolve_and_run(self, submission: Submission, stages: _Stages) -> None:
        backend, no_backend, _ = self._stage("sandbox", self._backend.result)
        target = backend.target() if backend else _host_target(self.settings)
        packages = self._packages_for(target)
        resolution, no_packages, seconds = self._stage(
            "packages", lambda: packages.resolve(submission)
        )
        stages.resolution = resolution
        layer: Layer | None = None
        if resolution is not None and backend is not None:
            layer, no_packages, more = self._stage("packages", lambda: packages.layer(resolution))
            seconds = (seconds or 0.0) + (more or 0.0)
        stages.packages_seconds = seconds
        if no_packages:
            stages.missing.append(no_packages)
        if backend is None:
            stages.missing.append(no_backend or Missing("sandbox", "no sandbox"))
        elif no_packages:
            stages.missing.append(Missing("sandbox", "what it needs could not be installed"))
        else:
            self._run(submission, backend, layer, stages)

    def _run(
        self, submission: Submission, backend: Backend, layer: Layer | None, stages: _Stages
    ) -> None:
        assert submission.entry_point is not None
        job = Job(
            files=submission.files,
            entry_point=submission.entry_point,
            plan=sandbox.plan(submission),
            layer=layer,
            limits=self.settings.limits,
        )
        self.listener(Progress("sandbox", f"running {job.entry_point} ({job.plan.kind})"))
        stages.run, missing, seconds = self._stage("sandbox", lambda: backend.run(job))
        stages.sandbox_seconds = seconds
        if missing:
            stages.missing.append(missing)

    def _judge(
        self, submission: Submission, stages: _Stages, reading: float | None, began: float
    ) -> Report:
        evidence = rules.Evidence(submission, stages.diagnostics, stages.resolution, stages.run)
        missing = tuple(stages.missing)
        judgement = rules.judge(
            evidence,
            missing=missing,
            select=self.settings.select,
            ignore=self.settings.ignore,
            fail_on=self.settings.fail_on,
        )
        total = time.monotonic() - began + (reading or 0.0)
        return Report(
            submission=submission,
            verdict=judgement.verdict,
            reason=judgement.reason,
            diagnostics=stages.diagnostics or (),
            resolution=stages.resolution,
            run=stages.run,
            findings=judgement.findings,
            suppressed=judgement.suppressed,
            missing=missing,
            seconds=Seconds(
                reading,
                stages.linting_seconds,
                stages.packages_seconds,
                stages.sandbox_seconds,
                total,
            ),
        )

    def _packages_for(self, target: Target) -> Packages:
        with self._lock:
            if target not in self._packages:
                self._packages[target] = Packages(self.settings, target, self.listener)
            return self._packages[target]

    def _stage(self, name: str, work: Callable[[], T]) -> tuple[T | None, Missing | None, float]:
        """Do `work` and time it; a failure of ours becomes a Missing."""
        began = time.monotonic()
        try:
            return work(), None, time.monotonic() - began
        except Unavailable as error:
            return None, Missing(name, str(error), error.remedy), time.monotonic() - began


class _Stages:
    """What the stages have brought so far; one reply's, filled in as they end."""

    def __init__(self) -> None:
        self.diagnostics: tuple[Diagnostic, ...] | None = None
        self.resolution: Resolution | None = None
        self.run: Run | None = None
        self.missing: list[Missing] = []
        self.linting_seconds: float | None = None
        self.packages_seconds: float | None = None
        self.sandbox_seconds: float | None = None


def _is_snippets(submission: Submission) -> bool:
    """Tell pieces of a program the reply does not show: what is missing is not their fault."""
    return submission.decision is not None and submission.decision.kind is ReplyKind.SNIPPETS


def _close_backend(future: Future[Backend]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().close()


def _host_target(settings: Settings) -> Target:
    """Return what to choose packages for when nothing will run: this machine, or what was asked."""
    python = settings.python or ".".join(platform.python_version_tuple()[:2])
    system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return Target(python=python, platform=system, libc=" ".join(platform.libc_ver()).strip())
