"""Unpacking wheels: names, links and sizes are checked before a byte is written; nothing is run."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.packages.contents import importable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_FILES = 200_000
"""In one layer; the largest sets measured have under 30,000."""
MAX_BYTES = 12 * 1024**3
"""Unpacked; PyTorch with its CUDA wheels, the largest in use, is about 7 GiB."""
MAX_RATIO = 200
"""Unpacked to packed, of one wheel of more than 1 MiB; ordinary ones stay under 20."""
MAX_SHOWN = 120
"""Characters of a name in a wheel that are shown; they may be 65,535."""
UNPACKERS = 2
MAX_AT_ONCE_BYTES = 1024 * 1024
"""A larger member is written piece by piece; the largest, of CUDA, are over 1 GiB."""
_COPY_BYTES = 256 * 1024
_ENCRYPTED = 0x1


class WheelRefused(Unavailable):
    """A wheel that is not unpacked for what it is, and not for a limit of ours."""

    def __init__(self, filename: str, why: str) -> None:
        super().__init__(f"{filename} is not unpacked: {why}", remedy="require another version")
        self.filename = filename
        self.why = why


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
        WheelRefused: a wheel is damaged, or holds what no wheel should.
        Unavailable: they are too much together, or do not go together.
    """
    entries: dict[str, _Entry] = {}
    for filename, path in wheels:
        try:
            entries.update((entry.place, entry) for entry in _listed(filename, path))
        except zipfile.BadZipFile:
            raise WheelRefused(filename, "it is not a zip archive") from None
    if len(entries) > MAX_FILES:
        raise Unavailable(f"the packages hold {len(entries)} files, more than {MAX_FILES}")
    size = sum(entry.member.file_size for entry in entries.values())
    if size > MAX_BYTES:
        raise Unavailable(f"the packages unpack to {size >> 20} MiB, over {MAX_BYTES >> 20}")
    _make_folders(entries, folder)
    _write_all(entries, folder)
    return Unpacked(size, importable(entries))


def check(filename: str, path: Path) -> None:
    """Look at a wheel as `unpack` does, and write nothing.

    Raises:
        WheelRefused: it is damaged, or holds what no wheel should.
    """
    try:
        _listed(filename, path)
    except zipfile.BadZipFile:
        raise WheelRefused(filename, "it is not a zip archive") from None


def _listed(filename: str, path: Path) -> list[_Entry]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
    packed = path.stat().st_size
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_RATIO * max(packed, 1024 * 1024):
        raise WheelRefused(filename, f"{packed} bytes unpack to {unpacked}")
    return [
        _Entry(filename, path, member, place)
        for member in members
        if (place := _place(filename, member)) is not None
    ]


def _place(filename: str, member: zipfile.ZipInfo) -> str | None:
    name = member.filename
    parts = name.split("/")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise WheelRefused(filename, f"{_shown(name)} is a link")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        raise WheelRefused(filename, f"{_shown(name)} does not stay in its folder")
    return importable_place(name)


def importable_place(name: str) -> str | None:
    """Return where a file of a wheel goes below `sys.path`; None for one that does not go there."""
    parts = name.split("/")
    if parts[0].endswith(".data"):
        # Of the schemes of a wheel's data folder only these two are importable (PEP 427).
        return "/".join(parts[2:]) or None if parts[1:2] in (["purelib"], ["platlib"]) else None
    return name


def _make_folders(entries: dict[str, _Entry], folder: Path) -> None:
    folders = {str(parent) for place in entries for parent in PurePosixPath(place).parents}
    for place in entries.keys() & folders:
        raise _clash(entries[place], entries.values())
    for name in sorted(folders):
        (folder / name).mkdir(exist_ok=True)


def _clash(file: _Entry, entries: Iterable[_Entry]) -> Unavailable:
    below = [each.filename for each in entries if each.place.startswith(f"{file.place}/")]
    if file.filename in below:
        return WheelRefused(file.filename, f"{_shown(file.place)} is a file and a folder")
    # Each of them may be sound.
    return Unavailable(
        f"{_shown(file.place)} is a file in {file.filename} and a folder in {below[0]}",
        remedy="require another version of one of them",
    )


def _shown(name: str) -> str:
    return repr(name if len(name) <= MAX_SHOWN else f"{name[:MAX_SHOWN]}…")


def _write_all(entries: dict[str, _Entry], folder: Path) -> None:
    by_wheel: dict[Path, list[_Entry]] = {}
    for entry in entries.values():
        by_wheel.setdefault(entry.wheel, []).append(entry)
    largest_first = sorted(by_wheel.items(), key=lambda item: -item[0].stat().st_size)
    with ThreadPoolExecutor(UNPACKERS) as pool:
        for done in [pool.submit(_write, path, group, folder) for path, group in largest_first]:
            done.result()


def _write(path: Path, entries: list[_Entry], folder: Path) -> None:
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for entry in entries:
            place = folder / entry.place
            try:
                _write_one(archive, file.fileno(), entry.member, place)
            except (
                zipfile.BadZipFile,
                zlib.error,
                EOFError,
                NotImplementedError,
                RuntimeError,
            ) as error:
                raise WheelRefused(
                    entry.filename, f"{_shown(entry.member.filename)}: {error}"
                ) from None


def _write_one(archive: zipfile.ZipFile, file: int, member: zipfile.ZipInfo, place: Path) -> None:
    mode = 0o755 if member.external_attr >> 16 & stat.S_IXUSR else 0o644
    out = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        # zipfile reads a member in many small steps under the interpreter's lock: of the 4,496
        # files of numpy, pandas and matplotlib 2.9 s of CPU, against 0.8 like this (2026-11).
        plain = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
        if plain and not member.flag_bits & _ENCRYPTED and member.file_size <= MAX_AT_ONCE_BYTES:
            _put(out, _at_once(file, member))
            return
        with archive.open(member) as source:
            while piece := source.read(_COPY_BYTES):
                _put(out, piece)
    finally:
        os.close(out)


def _put(out: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(out, view) :]


def _at_once(file: int, member: zipfile.ZipInfo) -> bytes:
    """Return a member's data, its size and checksum as announced.

    Raises:
        BadZipFile: they are not.
    """
    header = os.pread(file, 30, member.header_offset)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise zipfile.BadZipFile("its header is not where the list of files says")
    name_size, extra_size = struct.unpack("<HH", header[26:])
    begin = member.header_offset + 30 + name_size + extra_size
    data = os.pread(file, member.compress_size, begin)
    if member.compress_type == zipfile.ZIP_DEFLATED:
        # One byte more than announced is asked for, so that a bomb shows and does not burst.
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.file_size + 1)
    if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
        raise zipfile.BadZipFile("its size or its checksum is another than announced")
    return data
