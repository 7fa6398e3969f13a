"""What the cache holds, and how it is emptied: `validate cache info|clear`."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.packages.evicting import clear_files, clear_layers

if TYPE_CHECKING:
    from pathlib import Path

    from validator.settings import Settings

PARTS = {
    "layers": "unpacked wheels, one folder a lock",
    "wheels": "downloaded wheels, named by their sha256",
    "built": "which wheel was built from which source",
    "pages": "pages of the package index",
    "advisories": "what the index knows of versions",
    "contents": "what wheels hold, without the wheels",
    "locks": "answers of the resolver",
    "uv": "uv's own cache",
    "pip-tools": "pip-tools' own cache",
}
"""Folder below the cache directory → what is in it. Nothing else is counted or removed."""
_OF_TOOLS = ("uv", "pip-tools")
_TRIES = 5
"""To remove what a tool may be writing to at the same time."""


@dataclass(frozen=True, slots=True)
class CachePart:
    """One folder of the cache."""

    name: str
    holds: str
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """What the package cache holds."""

    path: str
    parts: tuple[CachePart, ...]

    @property
    def size_bytes(self) -> int:
        """The size of all parts together."""
        return sum(part.size_bytes for part in self.parts)


def info(settings: Settings) -> CacheInfo:
    """Count what the package cache holds; a cache that is not there holds nothing."""
    folder = settings.cache_dir
    parts = (CachePart(name, holds, *_measure(folder / name)) for name, holds in PARTS.items())
    return CacheInfo(str(folder), tuple(parts))


def clear(settings: Settings) -> CacheInfo:
    """Remove all the package cache holds but what is in use, and return what is left.

    Raises:
        Unavailable: something in it cannot be removed.
    """
    for name in PARTS:
        try:
            _clear(settings.cache_dir / name)
        except OSError as error:
            raise Unavailable(
                f"{error.filename} cannot be removed: {error.strerror}",
                remedy="remove it by hand, or name another folder with VALIDATOR_CACHE_DIR",
            ) from None
    return info(settings)


def _clear(folder: Path) -> None:
    if folder.name == "layers":
        clear_layers(folder)
    elif folder.name not in _OF_TOOLS:
        clear_files(folder)
    else:
        _remove(folder)


def _remove(folder: Path) -> None:
    for left in reversed(range(_TRIES)):
        if not folder.exists():
            return
        try:
            shutil.rmtree(folder)
        except OSError as error:
            # What goes or comes beside us is no reason to leave the rest.
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY) or not left:
                raise


def _measure(folder: Path) -> tuple[int, int]:
    files = size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                size += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - 4 times faster
            except FileNotFoundError:
                continue
            files += 1
    return files, size
