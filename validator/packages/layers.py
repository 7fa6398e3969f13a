"""Layers: the unpacked wheels of a lock, built once, named by their content, then never written.

Concurrent builds of one layer build it once, in one process or several; a kill at any moment leaves
at worst a folder named `.new-…`, removed by the next build.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from validator.errors import IndexUnavailable, Unavailable
from validator.events import Progress
from validator.facts import Layer
from validator.packages.compiling import Compiler, interpreter
from validator.packages.connection import CONNECTIONS
from validator.packages.evicting import evict, mark_used, open_lock
from validator.packages.pages import File
from validator.packages.wheels import WheelRefused, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from validator.events import Listener
    from validator.facts import Pin, Target
    from validator.packages.index import Index

MAX_DOWNLOAD_BYTES = 6 * 1024**3
"""Of one lock's wheels; PyTorch with its CUDA wheels, the largest in use, is about 3 GiB."""
_FORMAT = 2
"""Of the folder `layers/KEY`: `site/`, which goes on `sys.path`, and `layer.json`."""


def key_of(pins: Sequence[Pin], target: Target) -> str:
    """Return the name of a layer: sha256 over the sorted pins and the target."""
    content = [
        _FORMAT,
        sorted((pin.filename, pin.sha256) for pin in pins),
        [target.python, target.platform, target.libc],
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


class Layers:
    """The layers below one cache directory; a layer given out is not evicted before `close`.

    Usable from several threads.
    """

    def __init__(self, cache_dir: Path, limit_bytes: int, index: Index, listener: Listener) -> None:
        self._cache_dir = cache_dir.absolute()
        self._limit_bytes = limit_bytes
        self._index = index
        self._listener = listener
        self._held: dict[str, int] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Let go of every layer given out."""
        with self._lock:
            held, self._held = self._held, {}
        for lock in held.values():
            os.close(lock)

    def has_built(self, pins: Sequence[Pin]) -> bool:
        """Return whether the wheels among the pins that no index offers are still kept."""
        store = self._cache_dir / "wheels"
        return all((store / pin.sha256).exists() for pin in pins if pin.built_from)

    def get(self, pins: Sequence[Pin], target: Target) -> Layer:
        """Return the layer of a lock, built if it is not there, and hold on to it.

        Raises:
            IndexUnavailable: a wheel cannot be had.
            WheelRefused: a wheel is itself at fault.
            Unavailable: the wheels are too much, or what is kept was tampered with.
            OSError: the cache cannot be written.
        """
        key = key_of(pins, target)
        layers = self._cache_dir / "layers"
        layers.mkdir(parents=True, exist_ok=True)
        lock = open_lock(layers / f"{key}.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_SH)
            layer = _existing(layers, key)
            if layer is None:
                # Whoever is first builds; the others wait here, and find it built.
                fcntl.flock(lock, fcntl.LOCK_EX)
                layer = _existing(layers, key) or self._build(pins, target, key)
                fcntl.flock(lock, fcntl.LOCK_SH)
        except BaseException:
            os.close(lock)
            raise
        mark_used(layers / key / "layer.json")
        self._hold(key, lock)
        return layer

    def _hold(self, key: str, lock: int) -> None:
        with self._lock:
            self._held[key], before = lock, self._held.get(key)
        if before is not None:
            os.close(before)

    def _build(self, pins: Sequence[Pin], target: Target, key: str) -> Layer:
        layers = self._cache_dir / "layers"
        wheels = _wheels(pins, self._cache_dir / "wheels", self._index, self._listener)
        try:
            _make(layers, key, wheels, target, self._listener)
        except WheelRefused as error:
            _check_kept(dict(wheels)[error.filename])
            raise
        layer = _existing(layers, key)
        assert layer is not None, "it was just made"
        evict(self._cache_dir, self._limit_bytes, spare=key)
        return layer


def _existing(layers: Path, key: str) -> Layer | None:
    try:
        facts = json.loads((layers / key / "layer.json").read_bytes())
        size, modules = int(facts["size_bytes"]), tuple(map(str, facts["modules"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        # Never by a kill: the folder got its name when it was whole. Somebody changed it since.
        raise Unavailable(
            f"the layer in {layers / key} was changed after it was made",
            remedy="run `validate cache clear` and try again",
        ) from None
    return Layer(key=key, path=str(layers / key / "site"), size_bytes=size, modules=modules)


def _make(
    layers: Path,
    key: str,
    wheels: Sequence[tuple[str, Path]],
    target: Target,
    listener: Listener,
) -> None:
    for left in layers.glob(f".new-{key[:16]}-*"):
        shutil.rmtree(left, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=f".new-{key[:16]}-", dir=layers))
    try:
        (new / "site").mkdir()
        modules = _fill(new / "site", wheels, target, listener)
        facts = {
            "format": _FORMAT,
            "size_bytes": _settle(new / "site"),
            "modules": modules,
            "wheels": [name for name, _ in wheels],
        }
        (new / "layer.json").write_text(json.dumps(facts))
        _flush(new / "layer.json")
        new.chmod(0o755)
        new.rename(layers / key)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def _fill(
    site: Path, wheels: Sequence[tuple[str, Path]], target: Target, listener: Listener
) -> tuple[str, ...]:
    """Unpack and compile wheels, and return the modules that can be imported of them."""
    python = interpreter(target) if wheels else None
    with Compiler(site, python) if python else nullcontext() as compiler:
        listener(Progress("packages", f"unpacking {_count(wheels)}"))
        unpacked = unpack(wheels, site)
        if compiler is not None:
            listener(Progress("packages", f"compiling {_count(wheels)}"))
            compiler.compile()
    return unpacked.modules


def _settle(folder: Path) -> int:
    """Have the folder's files on disk before its name says they are there; return their bytes.

    All of them, since a power cut may otherwise keep the rename and lose the contents. Asked one
    after the other the disk takes a millisecond each; from several threads they share its flushes.
    """
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return sum(pool.map(_flush_all, os.walk(folder)))


def _flush_all(listed: tuple[str, list[str], list[str]]) -> int:
    folder, _, names = listed
    return sum(_flush(Path(folder, name)) for name in names)


def _flush(path: Path) -> int:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


# ── the wheels ───────────────────────────────────────────────────────────────────────────────────


def _wheels(
    pins: Sequence[Pin], store: Path, index: Index, listener: Listener
) -> list[tuple[str, Path]]:
    """Return every pin's wheel, by file name, fetching those the store does not have."""
    missing = [pin for pin in pins if not (store / pin.sha256).exists()]
    if missing:
        _fetch(missing, store, index, listener)
    for pin in pins:
        mark_used(store / pin.sha256)
    ordered = sorted(pins, key=lambda pin: pin.filename)
    return [(pin.filename, store / pin.sha256) for pin in ordered]


def _check_kept(wheel: Path) -> None:
    """Make sure that a wheel is still the one that was fetched, before it is blamed.

    Raises:
        Unavailable: it is not; it is fetched again the next time.
    """
    with wheel.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != wheel.name:
        wheel.unlink(missing_ok=True)
        raise Unavailable(
            f"{wheel} was changed after it was fetched", remedy="run again: it is fetched anew"
        )


def _fetch(pins: Sequence[Pin], store: Path, index: Index, listener: Listener) -> None:
    files = [
        File(pin.filename, pin.url, pin.sha256, "", "", None, size_bytes=pin.size_bytes)
        for pin in pins
    ]
    meter = _Meter(files, listener)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        try:
            for done in [pool.submit(index.download, file, store, meter.add) for file in files]:
                done.result()
        except BaseException:
            # One that fails, or Ctrl-C, is not to wait for hundreds of megabytes of the others.
            meter.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Meter:
    """Adds up the bytes of downloads that run side by side."""

    def __init__(self, files: Sequence[File], listener: Listener) -> None:
        sizes = [file.size_bytes for file in files]
        known = [size for size in sizes if size is not None]
        self._total = sum(known) if len(known) == len(sizes) else None
        if sum(known) > MAX_DOWNLOAD_BYTES:
            raise _too_much(files, sum(known))
        self._step = f"downloading {_count(files)}"
        self._done = 0
        self._files = files
        self._listener = listener
        self._lock = Lock()
        self._stopped = False

    def stop(self) -> None:
        """Have every download end at its next piece."""
        self._stopped = True

    def add(self, count: int) -> None:
        if self._stopped and count > 0:
            raise IndexUnavailable("the download was broken off")
        with self._lock:
            self._done += count
            done = self._done
        # An index need not say how large its files are, nor the truth.
        if count > 0 and done > MAX_DOWNLOAD_BYTES:
            raise _too_much(self._files, done)
        self._listener(Progress("packages", self._step, done, self._total, "bytes"))


def _too_much(files: Sequence[File], size_bytes: int) -> Unavailable:
    return Unavailable(
        f"{_count(files)} to download come to {size_bytes >> 20} MiB, over the limit of "
        f"{MAX_DOWNLOAD_BYTES >> 20}",
        remedy="require less, or versions with smaller wheels",
    )


def _count(things: Sequence[object]) -> str:
    return f"{len(things)} package{'' if len(things) == 1 else 's'}"
