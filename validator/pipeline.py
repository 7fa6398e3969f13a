"""Order, concurrency and laziness of the stages; what could not be done is said, not raised."""

from __future__ import annotations

import platform
import sysconfig
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from validator import rules, sandbox
from validator.errors import Unavailable
from validator.events import Progress, ignore
from validator.facts import Part, Reply, ReplyKind, Submission, Target, Unfit
from validator.findings import Missing, Report, Seconds
from validator.interpreters import own_python
from validator.linting import Linter, PartlyLinted
from validator.packages import Packages, WheelRefused, needs_packages
from validator.reading import read
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from validator.events import Listener
    from validator.facts import Diagnostic, Layer, Resolution, Run, Trial
    from validator.findings import Finding
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

T = TypeVar("T")


def validate(reply: str | Reply, settings: Settings | None = None) -> Report:
    """Return everything that can be learned about one reply, and end what that took to start.

    A text is a reply in one part. Without `settings` they are those of the environment and
    `pyproject.toml`. For many replies keep one `Validator`, which stays warm.

    Raises:
        UsageError: for a setting that means nothing here.
    """
    if isinstance(reply, str):
        reply = Reply((Part(reply, "the text given"),))
    with Validator(settings or load({})) as validator:
        return validator.validate(reply)


class Validator:
    """Everything warm: validate as many replies as you like, from any thread, then close it."""

    def __init__(self, settings: Settings, listener: Listener = ignore) -> None:
        """Begin to start the linters and the sandbox in the background, and return at once."""
        self.settings = settings
        self.listener = listener
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="validator")
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

    def validate(self, reply: Reply, *, trial: Trial | None = None) -> Report:
        """Return everything that can be learned about `reply`, tried with `trial` where given."""
        self.listener(Progress("reading", "reading the reply"))
        began = time.monotonic()
        submission = read(reply)
        return self.validate_submission(
            submission, reading_seconds=time.monotonic() - began, trial=trial
        )

    def validate_submission(
        self,
        submission: Submission,
        *,
        reading_seconds: float | None = None,
        trial: Trial | None = None,
    ) -> Report:
        """Return everything that can be learned about a program already read, or mended."""
        began = time.monotonic()
        if not submission.files or _is_snippets(submission):
            return self._judge(submission, _Stages(), reading_seconds, began)
        # The type checker is the slowest; it hides behind packages and the run.
        stages = _Stages()
        stages.trial = trial
        linting = self._threads.submit(self._lint, submission, stages)
        try:
            self._resolve_and_run(submission, stages)
        finally:
            stages.tell_layer(None)
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
            linting = self._threads.submit(self._lint, submission, stages)
            try:
                backend, _, _ = self._stage("sandbox", self._backend.result)
                self._install(submission, stages, backend)
            finally:
                stages.tell_layer(None)
            stages.diagnostics = linting.result()[0]
        return self._judge(submission, stages, None, began).findings

    def _lint(
        self, submission: Submission, stages: _Stages
    ) -> tuple[tuple[Diagnostic, ...] | None, Missing | None, float]:
        # Only a program that imports packages is worth waiting for them.
        waits = needs_packages(submission, self.settings.python or own_python())
        layer = stages.layer.result() if waits else None
        return self._stage("linting", lambda: self._lint_with(layer, submission, stages))

    def _lint_with(
        self, layer: Layer | None, submission: Submission, stages: _Stages
    ) -> tuple[Diagnostic, ...]:
        try:
            return self._linter.lint(submission.files, layer)
        except PartlyLinted as error:
            stages.missing.append(Missing("linting", str(error), error.remedy))
            return error.diagnostics

    def _resolve_and_run(self, submission: Submission, stages: _Stages) -> None:
        backend, no_backend, _ = self._stage("sandbox", self._backend.result)
        no_packages = self._install(submission, stages, backend)
        if backend is not None and no_packages is None:
            no_packages = self._compile(stages, backend)
        if no_packages:
            stages.missing.append(no_packages)
        if backend is None:
            stages.missing.append(no_backend or Missing("sandbox", "no sandbox"))
        elif no_packages:
            stages.missing.append(Missing("sandbox", "what it needs could not be installed"))
        else:
            vetting = self._threads.submit(self._vetted, stages.resolution, backend.target())
            self._run(submission, backend, stages.compiled, stages)
            stages.resolution = vetting.result()

    def _install(
        self, submission: Submission, stages: _Stages, backend: Backend | None
    ) -> Missing | None:
        """Resolve, build the layer where something can run on it, and look at what it holds."""
        packages = self._packages_for(
            backend.target() if backend else _host_target(self.settings), backend
        )
        resolution, missing, seconds = self._stage(
            "packages", lambda: packages.resolve(submission, fetch=backend is not None)
        )
        if resolution is not None and backend is not None:
            found, unfit = resolution, list[Unfit]()
            layer, missing, more = self._stage("packages", lambda: _layer(packages, found, unfit))
            seconds += more
            if layer is not None:
                resolution = packages.check(resolution, layer, submission)
            resolution = replace(resolution, unfit=tuple(unfit))
            stages.tell_layer(layer)
        stages.resolution = resolution
        stages.packages_seconds = seconds
        return missing

    def _compile(self, stages: _Stages, backend: Backend) -> Missing | None:
        """Have byte code made for the run, while the type checker reads the layer already."""
        packages, layer = self._packages_for(backend.target()), stages.layer.result()
        assert layer is not None, "nothing was missing"
        stages.compiled, missing, seconds = self._stage("packages", lambda: packages.compile(layer))
        stages.packages_seconds = (stages.packages_seconds or 0.0) + seconds
        return missing

    def _vetted(self, resolution: Resolution | None, target: Target) -> Resolution | None:
        """Add what the index knows of the pins, while the program runs; no matter if it fails."""
        if resolution is None:
            return None
        packages = self._packages_for(target)
        pins, _, _ = self._stage("packages", lambda: packages.vet(resolution.pins))
        return resolution if pins is None else replace(resolution, pins=pins)

    def _run(
        self, submission: Submission, backend: Backend, layer: Layer | None, stages: _Stages
    ) -> None:
        plan = sandbox.tried(sandbox.plan(submission, self.settings.kind), stages.trial)
        self.listener(Progress("sandbox", f"running {submission.entry_point} ({plan.kind})"))
        stages.run, missing, seconds = self._stage(
            "sandbox", lambda: sandbox.drive(plan, submission, backend, layer, self.settings)
        )
        stages.sandbox_seconds = seconds
        if missing:
            stages.missing.append(missing)

    def _judge(
        self, submission: Submission, stages: _Stages, reading: float | None, began: float
    ) -> Report:
        settings = self.settings.for_reply(submission.reply.origin)
        evidence = rules.Evidence(
            submission, stages.diagnostics, stages.resolution, stages.run, settings.suppressions
        )
        missing = tuple(stages.missing)
        judgement = rules.judge(
            evidence,
            missing=missing,
            select=settings.select,
            ignore=settings.ignore,
            fail_on=settings.fail_on,
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
            excused=judgement.excused,
            seconds=Seconds(
                reading,
                stages.linting_seconds,
                stages.packages_seconds,
                stages.sandbox_seconds,
                total,
            ),
        )

    def _packages_for(self, target: Target, backend: Backend | None = None) -> Packages:
        with self._lock:
            if target not in self._packages:
                self._packages[target] = Packages(
                    self.settings,
                    target,
                    self.listener,
                    run=backend.run if backend else None,
                    sandbox=backend.name if backend else "",
                )
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
        self.trial: Trial | None = None
        self.layer: Future[Layer | None] = Future()
        """What the type checker waits for."""
        self.compiled: Layer | None = None
        """The same layer, for the program."""

    def tell_layer(self, layer: Layer | None) -> None:
        """Have `layer` known, unless it is already: None where there will be none."""
        if not self.layer.done():
            self.layer.set_result(layer)


def _layer(packages: Packages, resolution: Resolution, unfit: list[Unfit]) -> Layer:
    """Return a resolution's layer; a wheel that is at fault is a fact, and put into `unfit` too."""
    try:
        return packages.layer(resolution)
    except WheelRefused as error:
        unfit.extend(
            Unfit(pin.name, pin.version, pin.filename, error.why)
            for pin in resolution.pins
            if pin.filename == error.filename
        )
        raise


def _is_snippets(submission: Submission) -> bool:
    """Tell pieces of a program the reply does not show: what is missing is not their fault."""
    return submission.decision is not None and submission.decision.kind is ReplyKind.SNIPPETS


def _close_backend(future: Future[Backend]) -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().close()


def _host_target(settings: Settings) -> Target:
    """Return what to choose packages for when nothing will run: this machine, or what was asked."""
    asked = settings.python
    python = platform.python_version() if asked in (None, own_python()) else asked
    system = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return Target.of(python, system, " ".join(platform.libc_ver()).strip())
