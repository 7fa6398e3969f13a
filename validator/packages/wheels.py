"""Unpacking wheels: names, links and sizes are checked before a byte of one is written.

Nothing of them is run.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from lzma import LZMAError
from operator import attrgetter
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.packages.contents import importable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType
    from typing import Self

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
MAX_NAME_BYTES = 255
"""Of one part of a name: what Linux's file systems take."""
MAX_PLACE_BYTES = 1024
"""Of a whole name; with a cache directory before it, Linux takes 4,096."""
DAMAGE: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,  # of a member without a name, up to CPython 3.11
    MemoryError,
    OSError,
)
"""What zipfile lets out of an archive that is damaged, encrypted, or of a kind it cannot read."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What wheels are packed by; zipfile unpacks the others without a bound (CPython 3.11 to 3.14)."""
_COPY_BYTES = 256 * 1024
_SHARE_BYTES = 4 * 1024 * 1024
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


class Unpacker:
    """Wheels on their way into an empty folder: each is written while the next is fetched.

    Scripts, headers and data outside the packages are left out: nothing starts from them in a
    jail. Where several wheels hold the same file, that of the last by name stays, in whatever order
    they come. A context manager for one thread; left early, it has stopped writing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _Entry] = {}
        """By place, of the wheel that came first with it."""
        self._last: dict[str, _Entry] = {}
        """By place, of the wheel that has the last word, where several hold it."""
        self._folders: set[str] = set()
        self._bytes = 0
        self._pool = ThreadPoolExecutor(UNPACKERS)
        self._writes: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, filename: str, path: Path) -> None:
        """Check a wheel, and begin to write what it holds.

        Raises:
            WheelRefused: a wheel is damaged, or holds what no wheel should; perhaps an earlier one.
            Unavailable: they are too much together, or do not go together.
        """
        entries = {entry.place: entry for entry in _listed(filename, path)}
        again = entries.keys() & self._files.keys()
        self._count(len(entries) - len(again), entries.values())
        self._make_folders(entries)
        for place in again:
            rival = self._last.get(place, self._files[place])
            self._last[place] = max(rival, entries.pop(place), key=attrgetter("filename"))
        self._files |= entries
        for share in _shares(entries.values()):
            self._writes.append(self._pool.submit(_write, path, share, self._folder))
        for write in self._writes:
            if write.done():
                write.result()

    @property
    def size_bytes(self) -> int:
        """What all that was added comes to, unpacked."""
        return sum(entry.member.file_size for entry in (self._files | self._last).values())

    def finish(self) -> tuple[str, ...]:
        """Return what can be imported, as `importable` names it, when everything is written.

        Raises:
            WheelRefused: a wheel is damaged.
        """
        for write in self._writes:
            write.result()
        for place, entry in self._last.items():
            if entry is not self._files[place]:
                (self._folder / place).unlink()
                _write(entry.wheel, [entry], self._folder)
        return importable(self._files)

    def _count(self, more: int, entries: Iterable[_Entry]) -> None:
        count = len(self._files) + more
        if count > MAX_FILES:
            raise Unavailable(f"the packages hold {count} files, more than {MAX_FILES}")
        self._bytes += sum(entry.member.file_size for entry in entries)
        if self._bytes > MAX_BYTES:
            size = self._bytes >> 20
            raise Unavailable(f"the packages unpack to {size} MiB, over {MAX_BYTES >> 20}")

    def _make_folders(self, entries: Mapping[str, _Entry]) -> None:
        folders: set[str] = set()
        for place in entries:
            folder = place.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        both = [each for each in folders if each in self._files or each in entries]
        both += [each for each in entries if each in self._folders]
        if both:
            together = {**self._files, **entries}
            raise _clash(together[both[0]], together.values())
        for name in sorted(folders - self._folders):
            (self._folder / name).mkdir()
        self._folders |= folders


def unpack(wheels: Iterable[tuple[str, Path]], folder: Path) -> tuple[str, ...]:
    """Unpack wheels, given as (file name, path), into an empty folder, as `Unpacker` does.

    Returns what can be imported from them.

    Raises:
        WheelRefused: a wheel is damaged, or holds what no wheel should.
        Unavailable: they are too much together, or do not go together.
    """
    with Unpacker(folder) as unpacker:
        for filename, path in wheels:
            unpacker.add(filename, path)
        return unpacker.finish()


def check(filename: str, path: Path) -> None:
    """Look at a wheel as `unpack` does, and write nothing.

    Raises:
        WheelRefused: it is damaged, or holds what no wheel should.
    """
    _listed(filename, path)


def _listed(filename: str, path: Path) -> list[_Entry]:
    with _blamed(filename, "its list of files"):
        try:
            with zipfile.ZipFile(path) as archive:
                members = [member for member in archive.infolist() if not member.is_dir()]
        except zipfile.BadZipFile:
            raise WheelRefused(filename, "it is not a zip archive") from None
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
    if len(name.encode()) > MAX_PLACE_BYTES or any(len(p.encode()) > MAX_NAME_BYTES for p in parts):
        raise WheelRefused(filename, f"{_shown(name)} is longer than names of files may be")
    return importable_place(name)


def importable_place(name: str) -> str | None:
    """Return where a file of a wheel goes below `sys.path`; None for one that does not go there."""
    parts = name.split("/")
    if parts[0].endswith(".data"):
        # Of the schemes of a wheel's data folder only these two are importable (PEP 427).
        return "/".join(parts[2:]) or None if parts[1:2] in (["purelib"], ["platlib"]) else None
    return name


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


def _shares(entries: Iterable[_Entry]) -> Iterator[list[_Entry]]:
    """Yield a wheel's files in shares that keep all who write busy to the end."""
    share: list[_Entry] = []
    size = 0
    for entry in entries:
        share.append(entry)
        size += entry.member.file_size
        if size > _SHARE_BYTES:
            yield share
            share, size = [], 0
    if share:
        yield share


def _write(path: Path, entries: list[_Entry], folder: Path) -> None:
    with path.open("rb") as file, ExitStack() as opened:
        archive: zipfile.ZipFile | None = None
        for entry in entries:
            member = entry.member
            shown = _shown(member.filename)
            with _blamed(entry.filename, shown), _new(f"{folder}/{entry.place}", member) as out:
                if member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED:
                    raise NotImplementedError("it is encrypted, or packed in an uncommon way")
                # zipfile reads a member in many small steps under the interpreter's lock: of the
                # 4,496 files of numpy, pandas and matplotlib 2.9 s of CPU, against 0.8 at once
                # (2026-11).
                if member.file_size <= MAX_AT_ONCE_BYTES:
                    _put(out, _at_once(file.fileno(), member))
                    continue
                # Reading its list again is what opening an archive takes its time for.
                archive = archive or opened.enter_context(zipfile.ZipFile(path))
                with archive.open(member) as source:
                    while piece := source.read(_COPY_BYTES):
                        _put(out, piece)


@contextmanager
def _blamed(filename: str, what: str) -> Iterator[None]:
    """Turn what is wrong with part of a wheel into what is wrong with the wheel."""
    try:
        yield
    except DAMAGE as error:
        # What the system says of a disk has a number; what bz2 says of its data has none.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise WheelRefused(filename, f"{what}: {_words(error)}") from None


def _words(error: Exception) -> str:
    return str(error)[:MAX_SHOWN] or type(error).__name__


@contextmanager
def _new(place: str, member: zipfile.ZipInfo) -> Iterator[int]:
    mode = 0o755 if member.external_attr >> 16 & stat.S_IXUSR else 0o644
    out = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        yield out
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
    size = os.fstat(file).st_size
    if not 0 <= member.header_offset <= size - member.compress_size:
        raise zipfile.BadZipFile("it is not where the list of files says")
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
