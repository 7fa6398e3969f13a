"""Reading a source archive: names, links and sizes are checked, and nothing of it is run. Pure.

It is held in memory and never written here: whoever builds it gets plain files with plain names.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import tomllib
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from validator.facts import Asset
from validator.packages.contents import Bounded, unpacked
from validator.packages.wheels import DAMAGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_ARCHIVE_BYTES = 32 * 1024 * 1024
"""A source archive that is larger is not built; those of pure Python are seldom over 2 MiB."""
MAX_FILES = 10_000
MAX_BYTES = 96 * 1024 * 1024
"""Unpacked; it has to fit into the memory of a jail beside what is built from it."""
MAX_PATH = 200
MAX_REQUIREMENTS = 30
DEFAULT_BACKEND = "setuptools.build_meta:__legacy__"
"""Of a project that names none, and what it then needs (PEP 517)."""
DEFAULT_REQUIRES = ("setuptools>=40.8.0", "wheel")
_MAX_TAR_BYTES = MAX_BYTES + 2048 * MAX_FILES
_BACKEND = re.compile(r"[A-Za-z_][\w.]*(?::[A-Za-z_][\w.]*)?")


class UnfitSourceError(Exception):
    """An archive that is not built, and why, in words that follow its name."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be built, and by what."""

    files: tuple[Asset, ...]
    """Paths relative to the project's own folder."""
    backend: str
    """`setuptools.build_meta`, or with `:object` behind it."""
    backend_path: tuple[str, ...]
    """Folders of the project that the backend is looked for in first."""
    requires: tuple[str, ...]
    """What the backend needs installed: names, versions and markers, written anew."""


def read_source(archive: bytes, filename: str) -> Source:
    """Return what lies in a `.tar.gz` or `.zip` below its one folder.

    Raises:
        UnfitSourceError: it is damaged, too large, or holds what no source archive should.
    """
    opened = _in_zip if filename.endswith(".zip") else _in_tar
    try:
        files = _checked(opened(archive))
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
        raise UnfitSourceError(f"it is damaged: {error}") from None
    except DAMAGE as error:
        raise UnfitSourceError(f"it cannot be read: {error}") from None
    if not files:
        raise UnfitSourceError("it holds no files")
    system = _build_system(files.get("pyproject.toml", b""))
    return Source(tuple(Asset(path, data) for path, data in files.items()), *system)


def _in_tar(archive: bytes) -> Iterator[tuple[str, int, Any]]:
    # All of it first and by itself: tarfile reads some headers whole, however long they say to be.
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as packed:
        plain = packed.read(_MAX_TAR_BYTES + 1)
    if len(plain) > _MAX_TAR_BYTES:
        raise UnfitSourceError(f"it unpacks to over {MAX_BYTES >> 20} MiB")
    with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as tar:
        for member in tar:
            # Links, and files that are devices, are left out: no file of ours comes of them.
            if member.isreg():
                yield member.name, member.size, lambda member=member: _taken(tar, member)


def _taken(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    opened = tar.extractfile(member)
    return opened.read() if opened else b""


def _in_zip(archive: bytes) -> Iterator[tuple[str, int, Any]]:
    with zipfile.ZipFile(Bounded(io.BytesIO(archive))) as packed:
        for member in packed.infolist():
            kind = member.external_attr >> 28
            if not member.is_dir() and kind in (0, 0o10):
                yield (
                    member.filename,
                    member.file_size,
                    lambda member=member: unpacked(packed, member),
                )


def _checked(members: Iterable[tuple[str, int, Any]]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    size = 0
    for name, bytes_said, read in members:
        parts = [part for part in name.split("/") if part != "."]
        if name.startswith("/") or any(_is_odd(part) for part in parts):
            raise UnfitSourceError(f"{name[:MAX_PATH]!r} does not stay in its folder")
        if len(parts) < 2:
            # All of a project lies below `name-version/` (PEP 517); what lies beside is none of it.
            continue
        size += bytes_said
        if size > MAX_BYTES:
            raise UnfitSourceError(f"it unpacks to over {MAX_BYTES >> 20} MiB")
        if len(files) >= MAX_FILES:
            raise UnfitSourceError(f"it holds more than {MAX_FILES} files")
        files["/".join(parts[1:])] = read()
    return _without_clashes(files)


def _is_odd(part: str) -> bool:
    return part in ("", "..") or len(part) > MAX_PATH or not part.isprintable() or "\\" in part


def _without_clashes(files: dict[str, bytes]) -> dict[str, bytes]:
    folders = {"/".join(parts[:size]) for path in files if (parts := path.split("/"))
               for size in range(1, len(parts))}  # fmt: skip
    for path in files.keys() & folders:
        raise UnfitSourceError(f"{path!r} is a file and a folder")
    return files


def _build_system(pyproject: bytes) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return backend, its path and its requirements, as PEP 517 and PEP 518 word them."""
    try:
        table = tomllib.loads(pyproject.decode())
    except (ValueError, RecursionError) as error:
        raise UnfitSourceError(f"its pyproject.toml cannot be read: {error}") from None
    system = table.get("build-system")
    if not isinstance(system, dict):
        return DEFAULT_BACKEND, (), DEFAULT_REQUIRES
    requires = build_requirements(system.get("requires", DEFAULT_REQUIRES))
    backend = system.get("build-backend", DEFAULT_BACKEND)
    path = system.get("backend-path", ())
    if not isinstance(backend, str) or not _BACKEND.fullmatch(backend):
        raise UnfitSourceError("the build backend it names is not one")
    if not isinstance(path, list | tuple) or not all(_is_inside(each) for each in path):
        raise UnfitSourceError("the place it names for its build backend leads out of it")
    return backend, tuple(map(str, path)), requires


def _is_inside(path: object) -> bool:
    return isinstance(path, str) and not path.startswith("/") and ".." not in path.split("/")


def build_requirements(told: object) -> tuple[str, ...]:
    """Return what a project or its backend asks to have installed, parsed and written anew.

    Raises:
        UnfitSourceError: one of them is an address, or no requirement at all.
    """
    if not isinstance(told, list | tuple) or len(told) > MAX_REQUIREMENTS:
        raise UnfitSourceError("what it needs to be built is not a list of requirements")
    try:
        found = [Parsed(str(each)) for each in told]
    except InvalidRequirement:
        raise UnfitSourceError("what it needs to be built is not a list of requirements") from None
    for each in found:
        if each.url:
            raise UnfitSourceError(f"to be built it needs {each.name} from an address of its own")
    return tuple(map(str, found))
