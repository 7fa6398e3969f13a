"""Unpacking wheels: names, links and sizes are checked before a byte of one is written.

Nothing of them is run.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from lzma import LZMAError
from operator import attrgetter
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.packages.contents import Bounded, LongListError, importable
from validator.packages.writers import COUNT, Writers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
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
"""What wheels are packed by, and `inflating` unpacks: what reads the others knows no bound."""
_SHARE_BYTES = 4 * 1024 * 1024
_ENCRYPTED = 0x1
_LESS = "require less"


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

    @property
    def told(self) -> tuple[object, ...]:
        """A member as `inflating.write` is told of it."""
        each = self.member
        mode = 0o755 if each.external_attr >> 16 & stat.S_IXUSR else 0o644
        sizes = each.compress_size, each.file_size
        return self.place, each.header_offset, *sizes, each.CRC, each.compress_type, mode


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
        self._writers = Writers()
        self._pool = ThreadPoolExecutor(COUNT)
        self._writes: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self._writers.kill()
        self._pool.shutdown(cancel_futures=True)
        self._writers.close()

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
            self._writes.append(self._pool.submit(_write, self._writers, path, share, self._folder))
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
                _write(self._writers, entry.wheel, [entry], self._folder)
        return importable(self._files)

    def _count(self, more: int, entries: Iterable[_Entry]) -> None:
        count = len(self._files) + more
        if count > MAX_FILES:
            raise Unavailable(
                f"the packages hold {count} files, more than {MAX_FILES}", remedy=_LESS
            )
        self._bytes += sum(entry.member.file_size for entry in entries)
        if self._bytes > MAX_BYTES:
            size = self._bytes >> 20
            raise Unavailable(
                f"the packages unpack to {size} MiB, over {MAX_BYTES >> 20}", remedy=_LESS
            )

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


def check(filename: str, path: Path) -> None:
    """Look at a wheel as `Unpacker` does, and write nothing.

    Raises:
        WheelRefused: it is damaged, or holds what no wheel should.
    """
    _listed(filename, path)


def _listed(filename: str, path: Path) -> list[_Entry]:
    try:
        with Bounded(io.FileIO(path)) as file, zipfile.ZipFile(file) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except LongListError as error:
        raise Unavailable(
            f"{filename} is not unpacked: {error}", remedy="require another version"
        ) from None
    except zipfile.BadZipFile:
        raise WheelRefused(filename, "it is not a zip archive") from None
    except DAMAGE as error:
        # What the system says of the disk has a number.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        why = f"its list of files cannot be read: {str(error)[:MAX_SHOWN]}"
        raise WheelRefused(filename, why) from None
    packed = path.stat().st_size
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_RATIO * max(packed, 1024 * 1024):
        raise WheelRefused(filename, f"{packed} bytes unpack to {unpacked}")
    return [
        _checked(_Entry(filename, path, member, place))
        for member in members
        if (place := _place(filename, member)) is not None
    ]


def _checked(entry: _Entry) -> _Entry:
    member = entry.member
    if member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED:
        why = f"{_shown(member.filename)} is encrypted, or packed in an uncommon way"
        raise WheelRefused(entry.filename, why)
    return entry


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


def _write(writers: Writers, path: Path, entries: Sequence[_Entry], folder: Path) -> None:
    told = writers.write(
        wheel=str(path), folder=str(folder), members=[entry.told for entry in entries]
    )
    if told is None:
        return
    entry = entries[told["member"]]
    if "damage" not in told:
        raise OSError(told["errno"], told["words"])
    why = f"{_shown(entry.member.filename)}: {told['damage'][:MAX_SHOWN]}"
    raise WheelRefused(entry.filename, why)
