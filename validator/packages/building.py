"""Building a wheel from source: in the jail that programs run in, without any network.

What the build needs is worked out here, from the same index, wheels only, and lies in a layer like
that of any program. So nothing is fetched by anybody's code, and both sandboxes build.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement

from validator.events import Progress
from validator.facts import Asset, Ending, Job, Limits, Plan, ProgramKind, SourceFile
from validator.packages.connection import TooLongError, temporary, up_to, write_whole
from validator.packages.locking import Refusal, one_line
from validator.packages.offering import sources
from validator.packages.sources import (
    MAX_ARCHIVE_BYTES,
    Source,
    UnfitSourceError,
    build_requirements,
    read_source,
)
from validator.packages.target import marker_environment
from validator.packages.vouching import UnfitWheelError, vouch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from packaging.version import Version

    from validator.events import Listener
    from validator.facts import Layer, Run, Target
    from validator.packages.index import Index
    from validator.packages.pages import File, Page

SECONDS = 120.0
MEMORY_MIB = 1024
DISK_MIB = 256
MAX_WHEEL_MIB = 24
"""Of one built wheel; what the sandbox carries out of a jail at once ends at twice that."""
MAX_BUILDS = 12
"""For one reply, failed ones included."""
LOG_LINES = 6
"""The last of what a failed build wrote."""
_FORMAT = 1
_PLAN = Plan(ProgramKind.SCRIPT, "a package is built")
_PROGRAM = Path(__file__).with_name("jailed_build.py")
_COMPILER_SIGNS = ("gcc", "cc'", "g++", "clang", "compiler", "cmake", "ninja", "cargo", "rustc")


@dataclass(frozen=True, slots=True)
class Built:
    """A wheel made from source; it lies in the wheel store under its hash."""

    name: str
    version: str
    filename: str
    sha256: str
    source: File
    """What it was made from."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why nothing came of a source archive."""

    why: str
    """Follows `building it failed: `."""
    log: tuple[str, ...] = ()
    """The last lines of what the build wrote. Untrusted text, cleaned."""


class Builds:
    """What is built for one reply: each version once, at most `MAX_BUILDS`."""

    def __init__(self, builder: Builder | None) -> None:
        """Build by `builder`; without one nothing is."""
        self._builder = builder
        self._done: dict[tuple[str, Version], Built | Failure] = {}

    @property
    def wheels(self) -> tuple[Built, ...]:
        """The wheels that came of it, in the order they were built."""
        return tuple(each for each in self._done.values() if isinstance(each, Built))

    def attempt(self, page: Page, version: Version) -> Built | Failure | None:
        """Return what comes of building a version; None where nothing is to be built.

        Raises:
            Unavailable: the sandbox or the index let us down.
        """
        if self._builder is None:
            return None
        key = page.name, version
        if key not in self._done:
            if len(self._done) >= MAX_BUILDS:
                return Failure(f"{MAX_BUILDS} packages were built before it, and no more are")
            self._done[key] = self._builder.build(page, version)
        return self._done[key]


class Builder:
    """Builds for one target, and keeps what it built by the hash of the source and what for.

    `run` runs a job in a jail; `provide` makes requirements into the layer of a lock, or says why
    they cannot be had.
    """

    def __init__(
        self,
        target: Target,
        cache_dir: Path,
        index: Index,
        run: Callable[[Job], Run],
        provide: Callable[[Sequence[str]], Layer | Refusal],
        listener: Listener,
        sandbox: str,
    ) -> None:
        self._target = target
        self._cache_dir = cache_dir
        self._index = index
        self._run = run
        self._provide = provide
        self._listener = listener
        self._sandbox = sandbox

    def build(self, page: Page, version: Version) -> Built | Failure:
        """Return the wheel of a version that exists as source.

        Raises:
            Unavailable: the sandbox or the index let us down.
        """
        file = next(iter(sources(page, version, self._target)), None)
        if file is None or not file.sha256:
            return Failure("the index shows no source archive of it with a sha256")
        kept = self._cache_dir / "built" / f"{self._key(file)}.json"
        if found := self._recall(kept, page.name, version, file):
            return found
        try:
            name, wheel = self._wheel(file)
            digest = self._keep(name, wheel, page.name, version)
        except UnfitSourceError as error:
            return Failure(one_line(str(error)))
        except UnfitWheelError as error:
            return Failure(one_line(f"the wheel it makes is not taken: {error}"))
        except _BuildFailedError as error:
            return error.failure
        write_whole(kept, json.dumps({"filename": name, "sha256": digest}).encode())
        return Built(page.name, str(version), name, digest, file)

    def _keep(self, filename: str, wheel: bytes, project: str, version: Version) -> str:
        digest = hashlib.sha256(wheel).hexdigest()
        store = self._cache_dir / "wheels"
        with temporary(store) as new:
            new.write_bytes(wheel)
            vouch(filename, new, project, version, self._target)
            new.replace(store / digest)
        return digest

    def _key(self, file: File) -> str:
        target = self._target
        content = [
            _FORMAT, file.sha256, target.python, target.platform, target.libc, self._sandbox
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _recall(self, kept: Path, name: str, version: Version, file: File) -> Built | None:
        try:
            data = json.loads(kept.read_bytes())
            filename, digest = str(data["filename"]), str(data["sha256"])
        # What cannot be read was not kept.
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if not (self._cache_dir / "wheels" / digest).exists():
            return None
        return Built(name, str(version), filename, digest, file)

    def _wheel(self, file: File) -> tuple[str, bytes]:
        """Return file name and contents of the wheel made from an archive."""
        if (file.size_bytes or 0) > MAX_ARCHIVE_BYTES:
            raise _too_large()
        try:
            arrived = up_to(MAX_ARCHIVE_BYTES)
            path = self._index.download(file, self._cache_dir / "wheels", arrived)
        except TooLongError:
            raise _too_large() from None
        # Somebody may have had it before, for another purpose and within another limit.
        if path.stat().st_size > MAX_ARCHIVE_BYTES:
            raise _too_large()
        source = read_source(path.read_bytes(), file.filename)
        self._listener(Progress("packages", f"building {file.filename}"))
        told, wheel = self._answer(source, source.requires, ask=True)
        if "needs" in told:
            requires = (*source.requires, *build_requirements(told["needs"]))
            told, wheel = self._answer(source, requires, ask=False)
        name, size = told.get("wheel"), told.get("size")
        if not isinstance(name, str) or size != len(wheel):
            raise UnfitSourceError("its build backend makes no wheel")
        return name, wheel

    def _answer(
        self, source: Source, requires: tuple[str, ...], *, ask: bool
    ) -> tuple[Mapping[str, Any], bytes]:
        layer = self._provide(_applying(requires, self._target))
        if isinstance(layer, Refusal):
            raise UnfitSourceError(f"what it needs to be built cannot be had: {layer.words}")
        run = self._run(_job(source, layer, ask=ask))
        line, _, rest = run.stdout.partition(b"\n")
        if (
            run.ending is Ending.EXITED
            and run.exit_code == 0
            and len(run.stdout) == run.stdout_bytes
        ):
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if isinstance(told, dict):
                return told, rest
        raise _BuildFailedError(_failure(run))


def _too_large() -> UnfitSourceError:
    return UnfitSourceError(f"it is over {MAX_ARCHIVE_BYTES >> 20} MiB")


def _applying(requires: Sequence[str], target: Target) -> tuple[str, ...]:
    """Return those of a build's requirements that the target is to have, without their markers.

    Raises:
        UnfitSourceError: what a marker says cannot be told of a target.
    """
    environment = marker_environment(target)
    lines = []
    for needed in map(Requirement, requires):
        try:
            applies = needed.marker is None or needed.marker.evaluate(environment)
        # It compares what cannot be compared, or asks for what no environment has.
        except (ValueError, KeyError):
            raise UnfitSourceError(
                f"whether it needs {needed.name} to be built its marker does not tell"
            ) from None
        if applies:
            needed.marker = None
            lines.append(str(needed))
    return tuple(lines)


class _BuildFailedError(Exception):
    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.why)
        self.failure = failure


def _job(source: Source, layer: Layer, *, ask: bool) -> Job:
    told = {"backend": source.backend, "backend_path": source.backend_path, "ask": ask}
    text = _PROGRAM.read_text(encoding="utf-8")
    return Job(
        files=(SourceFile("main.py", text, tuple(range(text.count("\n") + 1))),),
        entry_point="main.py",
        plan=_PLAN,
        layer=layer,
        stdin=json.dumps(told).encode(),
        limits=replace(
            Limits(),
            wall_seconds=SECONDS,
            memory_mib=MEMORY_MIB,
            disk_mib=DISK_MIB,
            output_kib=MAX_WHEEL_MIB * 1024,
        ),
        instrument=False,
        assets=tuple(Asset(f"source/{each.path}", each.data) for each in source.files),
    )


_ENDINGS = {
    Ending.TIMED_OUT: f"it did not end within {SECONDS:.0f} s",
    Ending.OUT_OF_MEMORY: f"it took more than {MEMORY_MIB} MiB of memory",
    Ending.OUTPUT_FLOOD: "it would not stop writing",
    Ending.SIGNALLED: "it was brought down by a signal",
}


def _failure(run: Run) -> Failure:
    lines = [one_line(each) for each in run.stderr.decode(errors="replace").splitlines()[-200:]]
    log = tuple(each for each in lines if each)[-LOG_LINES:]
    if run.ending in _ENDINGS:
        return Failure(_ENDINGS[run.ending], log)
    told = run.traceback
    why = one_line(f"{told.type_name}: {told.message}" if told else log[-1] if log else "no word")
    if any(sign in f"{why} {' '.join(log)}".lower() for sign in _COMPILER_SIGNS):
        why = f"it wants a compiler, and the sandbox has none that serves ({why})"
    return Failure(why, log)
