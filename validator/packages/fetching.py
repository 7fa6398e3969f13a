"""Fetching the wheels of a lock: side by side, from the moment it is known which they are.

That may be before the resolver has said all it has to say. What arrives is kept by its sha256.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from threading import Lock
from typing import TYPE_CHECKING

from validator.errors import IndexUnavailable, Unavailable
from validator.events import Progress
from validator.packages.evicting import mark_used
from validator.packages.pages import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from validator.events import Listener
    from validator.facts import Pin
    from validator.packages.index import Index

MAX_DOWNLOAD_BYTES = 6 * 1024**3
"""Of one lock's wheels; PyTorch with its CUDA wheels, the largest in use, is about 3 GiB."""

LARGE_BYTES = 2 * 1024**2
"""One after the other, so that the first is unpacked while the next comes; of the others, most of
whose time is waiting for an answer, `SMALL_AT_ONCE` beside it."""
SMALL_AT_ONCE = 4


class Fetch:
    """The wheels of some pins on their way into the store, from construction on."""

    def __init__(self, pins: Sequence[Pin], store: Path, index: Index, listener: Listener) -> None:
        self._refusal: Unavailable | None = None
        self._downloads: dict[Future[Path], str] = {}
        files = [
            File(pin.filename, pin.url, pin.sha256, "", "", None, size_bytes=pin.size_bytes)
            for pin in pins
        ]
        try:
            self._meter = _Meter([f for f in files if not (store / f.sha256).exists()], listener)
        except Unavailable as error:
            self._refusal = error
            return
        large, small = ThreadPoolExecutor(1), ThreadPoolExecutor(SMALL_AT_ONCE)
        for file in sorted(files, key=lambda file: -(file.size_bytes or 0)):
            pool = large if (file.size_bytes or 0) > LARGE_BYTES else small
            download = pool.submit(index.download, file, store, self._meter.add)
            self._downloads[download] = file.filename
        large.shutdown(wait=False)
        small.shutdown(wait=False)

    def arrived(self) -> Iterator[tuple[str, Path]]:
        """Yield every wheel, as (file name, path), when it is there.

        Raises:
            IndexUnavailable: one cannot be had.
            Unavailable: they are too much.
        """
        if self._refusal is not None:
            raise self._refusal
        for download in as_completed(self._downloads):
            path = download.result()
            mark_used(path)
            yield self._downloads[download], path

    def stop(self) -> None:
        """Have every download end at its next piece, or before it begins."""
        if self._refusal is None:
            self._meter.stop()
        for download in self._downloads:
            download.cancel()


class _Meter:
    """Adds up the bytes of downloads that run side by side."""

    def __init__(self, files: Sequence[File], listener: Listener) -> None:
        sizes = [file.size_bytes for file in files]
        known = [size for size in sizes if size is not None]
        self._total = sum(known) if len(known) == len(sizes) else None
        if sum(known) > MAX_DOWNLOAD_BYTES:
            raise _too_much(files, sum(known))
        self._step = f"downloading {count(files)}"
        self._done = 0
        self._files = files
        self._listener = listener
        self._lock = Lock()
        self._stopped = False

    def stop(self) -> None:
        self._stopped = True

    def add(self, size_bytes: int) -> None:
        if self._stopped and size_bytes >= 0:
            raise IndexUnavailable("the download was broken off")
        with self._lock:
            self._done += size_bytes
            done = self._done
        # An index need not say how large its files are, nor the truth.
        if size_bytes > 0 and done > MAX_DOWNLOAD_BYTES:
            raise _too_much(self._files, done)
        if size_bytes:
            self._listener(Progress("packages", self._step, done, self._total, "bytes"))


def _too_much(files: Sequence[File], size_bytes: int) -> Unavailable:
    return Unavailable(
        f"{count(files)} to download come to {size_bytes >> 20} MiB, over the limit of "
        f"{MAX_DOWNLOAD_BYTES >> 20}",
        remedy="require less, or versions with smaller wheels",
    )


def count(things: Sequence[object]) -> str:
    """Return `1 package`, `7 packages`."""
    return f"{len(things)} package{'' if len(things) == 1 else 's'}"
