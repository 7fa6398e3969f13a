"""Unpacking wheels: names, links and sizes are checked before a byte is written; nothing is run."""

from __future__ import annotations

import shutil
import stat
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.packages.contents import importable

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_FILES = 200_000
"""In one layer; the largest sets measured have under 30,000."""
MAX_BYTES = 12 * 1024**3
"""Unpacked; PyTorch with its CUDA wheels, the largest in use, is about 7 GiB."""
MAX_RATIO = 200
"""Unpacked to packed, of one wheel of more than 1 MiB; ordinary ones stay under 20."""
UNPACKERS = 2
_COPY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    filename: str
    wheel: Path
    member: zipfile.ZipInfo
    place: str
    """Where it goes below the folder, with forward slashes."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came out of some wheels."""

    size_bytes: int
    modules: tuple[str, ...]
    """What can be imported from them, as `contents.importable` names it."""


def unpack(wheels: Sequence[tuple[str, Path]], folder: Path) -> Unpacked:
    """Unpack wheels, given as (file name, path), into an empty folder, and return what that was.

    Scripts, headers and data outside the packages are left out: nothing starts from them in a
    jail. Where two wheels hold the same file the later one wins.

    Raises:
        Unavailable: a wheel is damaged, or holds what no wheel should.
    """
    entries: dict[str, _Entry] = {}
    for filename, path in wheels:
        try:
            entries.update((entry.place, entry) for entry in _listed(filename, path))
        except zipfile.BadZipFile:
            raise _refused(filename, "it is not a zip archive") from None
    if len(entries) > MAX_FILES:
        raise Unavailable(f"the packages hold {len(entries)} files, more than {MAX_FILES}")
    size = sum(entry.member.file_size for entry in entries.values())
    if size > MAX_BYTES:
        raise Unavailable(f"the packages unpack to {size >> 20} MiB, over {MAX_BYTES >> 20}")
    _make_folders(entries, folder)
    _write_all(entries, folder)
    return Unpacked(size, importable(entries))


def _listed(filename: str, path: Path) -> list[_Entry]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
    packed = path.stat().st_size
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_RATIO * max(packed, 1024 * 1024):
        raise _refused(filename, f"{packed} bytes unpack to {unpacked}")
    return [
        _Entry(filename, path, member, place)
        for member in members
        if (place := _place(filename, member)) is not None
    ]


def _place(filename: str, member: zipfile.ZipInfo) -> str | None:
    name = member.filename
    parts = name.split("/")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise _refused(filename, f"{name!r} is a link")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise _refused(filename, f"{name!r} does not stay in its folder")
    return importable_place(name)


def importable_place(name: str) -> str | None:
    """Return where a file of a wheel goes below `sys.path`; None for one that does not go there."""
    parts = name.split("/")
    if parts[0].endswith(".data"):
        # Of the schemes of a wheel's data folder only these two are importable (PEP 427).
        return "/".join(parts[2:]) or None if parts[1:2] in (["purelib"], ["platlib"]) else None
    return name


def _refused(filename: str, why: str) -> Unavailable:
    return Unavailable(f"{filename} is not unpacked: {why}", remedy="require another version")


def _make_folders(entries: dict[str, _Entry], folder: Path) -> None:
    folders = {str(parent) for place in entries for parent in PurePosixPath(place).parents}
    for place in entries.keys() & folders:
        raise _refused(entries[place].filename, f"{place!r} is a file and a folder")
    for name in sorted(folders):
        (folder / name).mkdir(exist_ok=True)


def _write_all(entries: dict[str, _Entry], folder: Path) -> None:
    by_wheel: dict[Path, list[_Entry]] = {}
    for entry in entries.values():
        by_wheel.setdefault(entry.wheel, []).append(entry)
    largest_first = sorted(by_wheel.items(), key=lambda item: -item[0].stat().st_size)
    with ThreadPoolExecutor(UNPACKERS) as pool:
        for done in [pool.submit(_write, path, group, folder) for path, group in largest_first]:
            done.result()


def _write(path: Path, entries: list[_Entry], folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        for entry in entries:
            place = folder / entry.place
            try:
                with archive.open(entry.member) as source, place.open("xb") as out:
                    shutil.copyfileobj(source, out, _COPY_BYTES)
            except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
                raise _refused(entry.filename, f"{entry.member.filename!r}: {error}") from None
            if entry.member.external_attr >> 16 & stat.S_IXUSR:
                place.chmod(0o755)
