"""Try everything a validation stands on, and say how to get what is missing."""

from __future__ import annotations

import platform
import shutil
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from validator.errors import Unavailable, UsageError
from validator.events import Progress
from validator.facts import SourceFile
from validator.interpreters import own_python

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.events import Listener
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

_SAMPLE = SourceFile("main.py", "print(undefined_on_purpose)\n", (1,))
_ENOUGH_BYTES = 1 << 30
"""Free space below which a layer with numpy, pandas and matplotlib (180 MB) may not fit twice."""

_WATCHED = (
    "memory of all a program's processes is watched and stopped, not bounded by the kernel; "
    "processor time is bounded by the clock alone"
)
_BOUNDED = "memory, processes and processor time are bounded by the kernel"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried."""

    name: str
    works: bool
    found: str
    """What was found, or why it does not work: one line, and one more for each thing apart."""
    remedy: str = ""
    """How to get it, where it is missing."""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was tried."""

    checks: tuple[Check, ...]

    @property
    def enough(self) -> bool:
        """True where every stage can be done: one sandbox is enough, and Xvfb is for windows."""
        works = {check.name: check.works for check in self.checks}
        sandbox = works.pop("bubblewrap") | works.pop("docker")
        works.pop("display")
        return sandbox and all(works.values())


def examine(settings: Settings, listener: Listener) -> Examination:
    """Try each part for real: lint, ask the index, run a program in each sandbox."""
    parts: tuple[tuple[str, Callable[[], str]], ...] = (
        ("python", _python),
        ("ruff", _ruff),
        ("pyright", lambda: _pyright(settings, listener)),
        ("index", lambda: _index(settings)),
        ("bubblewrap", lambda: _bubblewrap(settings, listener)),
        ("display", _display),
        ("docker", lambda: _docker(settings, listener)),
        ("cache", lambda: _cache(settings)),
    )
    return Examination(tuple(_check(name, part, listener) for name, part in parts))


def _check(name: str, part: Callable[[], str], listener: Listener) -> Check:
    listener(Progress("doctor", f"trying {name}"))
    try:
        return Check(name, True, part())
    except Unavailable as error:
        return Check(name, False, str(error), error.remedy)


def _python() -> str:
    return f"{platform.python_version()} at {sys.executable}"


def _ruff() -> str:
    from validator.linting import ruff

    ruff.diagnose(_SAMPLE, python=own_python())
    return f"finds faults ({ruff.find()})"


def _pyright(settings: Settings, listener: Listener) -> str:
    from validator.linting import Linter

    with Linter(settings, listener) as linter:
        found = [each for each in linter.lint((_SAMPLE,)) if each.tool == "pyright"]
    if not found:
        raise Unavailable("pyright starts, but does not see an undefined name")
    return "finds faults"


def _index(settings: Settings) -> str:
    from validator.packages.credentials import with_credentials
    from validator.packages.index import Index

    try:
        index = Index(replace(settings, index_url=with_credentials(settings.index_url)))
    except UsageError as error:
        raise Unavailable(str(error), remedy="set VALIDATOR_INDEX_URL") from None
    where = index.shown
    if settings.offline:
        raise Unavailable(f"not asked: --offline ({where})", remedy="leave --offline out")
    try:
        page = index.pages(["pip"])["pip"]
    finally:
        index.close()
    if page is None:
        raise Unavailable(
            f"{where} does not know pip: it is no package index", remedy="set PIP_INDEX_URL"
        )
    return f"{where} answers"


def _bubblewrap(settings: Settings, listener: Listener) -> str:
    from validator.sandbox.bubblewrap import BubblewrapBackend, find_bwrap

    backend = BubblewrapBackend(replace(settings, python=None), listener)
    try:
        target = backend.target()
        withstood, pictures = _walls(backend), _pictures(backend)
    finally:
        backend.close()
    runs = f"runs programs in a jail, on {target} ({find_bwrap()})"
    return f"{runs}\n{withstood}\n{_WATCHED}\n{pictures}"


def _display() -> str:
    found = shutil.which("Xvfb")
    if found is None:
        raise Unavailable(
            "no Xvfb: tkinter and turtle programs run only in Docker",
            remedy="apt-get install xvfb",
        )
    return f"{found}, for tkinter and turtle programs outside Docker"


def _docker(settings: Settings, listener: Listener) -> str:
    from validator.sandbox.docker.backend import DockerBackend

    backend = DockerBackend(settings, listener)
    try:
        target = backend.target()
        jails, refusal = backend.jails, backend.refusal
        withstood, pictures = _walls(backend), _pictures(backend)
    finally:
        backend.close()
    how = "in a jail of its own" if jails else f"in a container of its own, as jails: {refusal}"
    runtime = f" under {settings.docker_runtime}" if settings.docker_runtime else ""
    return f"runs each program {how}{runtime}, on {target}\n{withstood}\n{_BOUNDED}\n{pictures}"


def _pictures(backend: Backend) -> str:
    from validator.sandbox.picturing import has_browser

    if has_browser(backend):
        return "has a browser for pictures of pages"
    where = "in its image: see docker-base" if backend.name == "docker" else "in /usr/lib"
    return f"no pictures of pages, for want of a Chromium {where}"


def _walls(backend: Backend) -> str:
    """Have programs try to get out of that sandbox, and say what it withstood."""
    from validator.sandbox.escapes import attempt

    attempts = attempt(backend)
    open_walls = [f"{each.what} ({each.got_out[0]})" for each in attempts if each.got_out]
    if open_walls:
        raise Unavailable(
            f"it does not hold against {'; '.join(open_walls)}",
            remedy="run nothing here that you do not trust, and report this as a bug",
        )
    return f"held against {len(attempts)} attempts: {', '.join(each.what for each in attempts)}"


def _cache(settings: Settings) -> str:
    folder = settings.cache_dir
    probe = folder / "doctor"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"written by validate doctor")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be written: {error.strerror}", remedy="set VALIDATOR_CACHE_DIR"
        ) from error
    if free < _ENOUGH_BYTES:
        raise Unavailable(f"{folder} has only {free >> 20} MiB free", remedy="validate cache clear")
    return f"{folder}, {free >> 30} GiB free"
