"""Keeping the cache within its size: the layers and wheels that were not used longest go first."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


LEFT_SECONDS = 24 * 3600
"""Nobody builds or downloads for so long; what is older and has no name yet was left behind."""


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


def clear_layers(folder: Path) -> bool:
    """Remove every layer nobody holds, and return whether that was all there is.

    A program whose packages went while it ran would be blamed for that.
    """
    free = [_remove(lock.with_suffix("")) for lock in sorted(folder.glob("*.lock"))]
    return all(free)


def _sweep(folder: Path) -> None:
    for left in folder.glob(".new-*"):
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
    with holding(path.with_name(f"{path.name}.lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        # First its name, then the rest: half a layer is never found under its key.
        doomed = path.with_name(f".new-{path.name[:16]}-evicted-{os.getpid()}")
        with suppress(FileNotFoundError):
            path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
    return True


@contextmanager
def holding(path: Path) -> Iterator[int]:
    """Open a lock file, and let go of whatever is held of it in the end.

    The file stays: removing it would let a waiter and a newcomer hold two different ones.
    """
    lock = open_lock(path)
    try:
        yield lock
    finally:
        os.close(lock)


def open_lock(path: Path) -> int:
    """Return a descriptor of a lock file, made if need be; to be closed by the caller."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
