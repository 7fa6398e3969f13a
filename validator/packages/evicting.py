"""Keeping the cache within its size: the layers and wheels that were not used longest go first."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

UNNAMED = ".new-"
"""How the name begins of what is being made."""
LEFT_SECONDS = 24 * 3600
"""Nobody builds or downloads for so long; what is older and has no name yet was left behind."""
WRITTEN_SECONDS = 60.0
"""Nobody takes so long for a file that is written in one piece."""


@dataclass(frozen=True, slots=True)
class _Kept:
    path: Path
    used_at: float
    size_bytes: int


def mark_used(path: Path) -> None:
    """Note that a layer or a wheel was used now."""
    # A cache on a disk that can only be read still serves.
    with suppress(OSError):
        os.utime(path)


def evict(cache_dir: Path, limit_bytes: int, *, spare: str) -> None:
    """Remove what was not used longest until layers and wheels take no more than the limit.

    The layer named `spare` stays, and so does every layer some process holds: its lock is taken
    for the removal, so that nobody begins to use what is being removed. What somebody was killed
    over goes too, once it is a day old.
    """
    layers, wheels = cache_dir / "layers", cache_dir / "wheels"
    _sweep(layers)
    _sweep(wheels)
    kept = sorted((*_layers(layers), *_wheels(wheels)), key=lambda each: each.used_at)
    excess = sum(each.size_bytes for each in kept) - limit_bytes
    for each in kept:
        if excess <= 0:
            return
        with suppress(OSError):
            if each.path.name != spare and _remove(each.path):
                excess -= each.size_bytes


def clear_layers(folder: Path) -> None:
    """Remove every layer nobody holds, and what was left behind of its making.

    A program whose packages went while it ran would be blamed for that.
    """
    for lock in sorted(folder.glob("*.lock")):
        _remove(lock.with_suffix(""))


def clear_files(folder: Path) -> None:
    """Remove every file below a folder that nobody writes.

    The folders stay: somebody may have made sure of one, and be about to write to it.
    """
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            with suppress(FileNotFoundError):
                if not path.name.startswith(UNNAMED) or _is_left(path):
                    path.unlink()


def _is_left(path: Path) -> bool:
    """Tell what somebody was killed over from what is being written."""
    # A download is locked; all else that has no name yet is written at once.
    if time.time() - path.stat().st_mtime < WRITTEN_SECONDS:
        return False
    with suppress(BlockingIOError), holding(path, _at_once):
        return True
    return False


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{UNNAMED}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > LEFT_SECONDS:
                remove = shutil.rmtree if left.is_dir() else os.unlink
                with suppress(OSError):
                    remove(left)


def _layers(folder: Path) -> Iterator[_Kept]:
    # Not what is being built, whose name begins with a dot.
    for facts in folder.glob("[0-9a-f]*/layer.json"):
        # One that is being removed beside us, or was changed by hand, is nothing to count.
        with suppress(OSError, ValueError, KeyError, TypeError):
            size = int(json.loads(facts.read_bytes())["size_bytes"])
            yield _Kept(facts.parent, facts.stat().st_mtime, size)


def _wheels(folder: Path) -> Iterator[_Kept]:
    for path in folder.glob("[0-9a-f]*"):
        with suppress(FileNotFoundError):
            found = path.stat()
            yield _Kept(path, found.st_mtime, found.st_size)


def _remove(path: Path) -> bool:
    """Remove a wheel, or a layer where nobody holds it; return whether nobody does."""
    if path.is_file():
        path.unlink(missing_ok=True)
        return True
    lock = path.with_name(f"{path.name}.lock")
    with suppress(BlockingIOError), holding(lock, _at_once):
        # First its name, then the rest: half a layer is never found under its key.
        doomed = path.with_name(f"{UNNAMED}{path.name[:16]}-evicted-{os.getpid()}")
        with suppress(FileNotFoundError):
            path.rename(doomed)
            shutil.rmtree(doomed)
        # What a builder was killed over.
        for left in path.parent.glob(f"{UNNAMED}{path.name[:16]}-*"):
            shutil.rmtree(left, ignore_errors=True)
        path.with_name(f"{path.name}.compiling").unlink(missing_ok=True)
        lock.unlink(missing_ok=True)
        return True
    return False


def _at_once(lock: int) -> None:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def holding(path: Path, take: Callable[[int], None]) -> Iterator[None]:
    """Hold the lock of a file, as `hold` does, and let go of it in the end."""
    lock = hold(path, take)
    try:
        yield
    finally:
        os.close(lock)


def hold(path: Path, take: Callable[[int], None]) -> int:
    """Return a descriptor of a file, made if need be, that `take` has locked; to be closed.

    Whoever has a file's lock may remove or move the file. So what was waited for may be the lock of
    a file nobody finds any more, and then it is that of the next one that is taken.
    """
    while True:
        lock = _opened(path)
        try:
            take(lock)
            if is_still(path, lock):
                return lock
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)


def is_still(path: Path, handle: int) -> bool:
    """Return whether a file that was opened is the one that stands there now."""
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        # A file that can only be read can be locked all the same.
        if error.errno not in (errno.EROFS, errno.EACCES) or not path.exists():
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
