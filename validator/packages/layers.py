"""Layers: the unpacked wheels of a lock, built once and named by their content.

Concurrent builds of one layer build it once, in one process or several; a kill at any moment leaves
at worst a folder named `.new-…`, removed by the next build. Once a layer has its name, all that is
ever added is its byte code, before the first program runs on it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING

from validator.errors import Unavailable
from validator.events import Progress
from validator.facts import Layer
from validator.packages.compiling import Compiler, interpreter
from validator.packages.connection import temporary
from validator.packages.evicting import UNNAMED, evict, hold, holding, mark_used
from validator.packages.fetching import Fetch, count
from validator.packages.settling import boot, settle
from validator.packages.wheels import Unpacker, WheelRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from validator.events import Listener
    from validator.facts import Pin, Target
    from validator.packages.index import Index

MAX_BEGUN = 8
"""Layers built at the same time before anybody waits for them."""
_TURN_SECONDS = 0.02
_FORMAT = 3
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
        self._layers = self._cache_dir / "layers"
        self._store = self._cache_dir / "wheels"
        self._limit_bytes = limit_bytes
        self._index = index
        self._listener = listener
        self._begun: dict[str, Future[Layer]] = {}
        self._builders = ThreadPoolExecutor(MAX_BEGUN)
        self._fetching: set[Fetch] = set()
        self._held: dict[str, int] = {}
        self._settling: dict[str, Thread] = {}
        self._closed = False
        self._lock = Lock()

    def close(self) -> None:
        """End what is done beside, and let go of every layer given out."""
        self._closed = True
        with self._lock:
            for fetch in self._fetching:
                fetch.stop()
        self._builders.shutdown(cancel_futures=True)
        with self._lock:
            settling, self._settling = self._settling, {}
            held, self._held = self._held, {}
        for thread in settling.values():
            thread.join()
        for lock in held.values():
            os.close(lock)

    def has_built(self, pins: Sequence[Pin]) -> bool:
        """Return whether the wheels among the pins that no index offers are still kept."""
        return all((self._store / pin.sha256).exists() for pin in pins if pin.built_from)

    def begin(self, pins: Sequence[Pin], target: Target) -> None:
        """Begin to build a layer that is probably asked for soon; no matter if it never is."""
        key = key_of(pins, target)
        with self._lock:
            if (
                pins
                and not self._closed
                and key not in self._begun
                and not (self._layers / key).exists()
            ):
                self._begun[key] = self._builders.submit(self._get, pins, target)

    def get(self, pins: Sequence[Pin], target: Target) -> Layer:
        """Return the layer of a lock, built if it is not there, and hold on to it.

        Its byte code may not be made yet: `compile` does that.

        Raises:
            IndexUnavailable: a wheel cannot be had.
            WheelRefused: a wheel is itself at fault.
            Unavailable: the wheels are too much, or what is kept was tampered with.
            OSError: the cache cannot be written.
        """
        with self._lock:
            begun = self._begun.pop(key_of(pins, target), None)
        try:
            return begun.result() if begun else self._get(pins, target)
        except CancelledError:
            raise _over() from None

    def _get(self, pins: Sequence[Pin], target: Target) -> Layer:
        key = key_of(pins, target)
        folder = self._layers / key
        self._layers.mkdir(parents=True, exist_ok=True)
        while (kept := self._held_layer(key)) is None:
            # Whoever is first builds, and holds on to it then: the others wait for the lock only
            # until it is there, or they would wait for his program, and in one process for ever.
            take = partial(self._take, fcntl.LOCK_EX, unless=lambda: _kept(folder) is not None)
            with suppress(_NeedlessError), holding(self._layers / f"{key}.lock", take):
                if _kept(folder) is None:
                    self._build(pins, folder)
        mark_used(folder / "layer.json")
        return kept.layer(folder)

    def _held_layer(self, key: str) -> _Kept | None:
        """Return what is kept of a layer, and hold on to it; None where it is to be built."""
        lock = hold(self._layers / f"{key}.lock", partial(self._take, fcntl.LOCK_SH))
        try:
            kept = _kept(self._layers / key)
        except BaseException:
            os.close(lock)
            raise
        if kept is None:
            # Of one that somebody removed by hand while we held it, nothing is left to hold.
            os.close(lock)
            self._hold(key, None)
        else:
            self._hold(key, lock)
        return kept

    def _take(self, how: int, lock: int, unless: Callable[[], bool] = lambda: False) -> None:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, how | fcntl.LOCK_NB)
                return
            if self._closed:
                raise _over()
            if unless():
                raise _NeedlessError
            time.sleep(_TURN_SECONDS)

    def compile(self, layer: Layer, target: Target) -> Layer:
        """Return a layer that was given out, with its byte code made, once whoever asks.

        Raises:
            Unavailable: what is kept was tampered with, or removed.
            OSError: the cache cannot be written.
        """
        folder = self._layers / layer.key
        try:
            kept = _known(folder)
            if not kept.compiled:
                compiling = self._layers / f"{layer.key}.compiling"
                with holding(compiling, partial(self._take, fcntl.LOCK_EX)):
                    kept = _known(folder)
                    if not kept.compiled:
                        kept = self._compile(folder, kept, target)
        except FileNotFoundError:
            # Not by us, who leave what is held: whoever emptied the cache by hand.
            raise Unavailable(
                f"the layer in {folder} was removed while it was in use", remedy="run again"
            ) from None
        if not kept.settled:
            self._settle(folder, kept)
        return kept.layer(folder)

    def _hold(self, key: str, lock: int | None) -> None:
        with self._lock:
            before = self._held.pop(key, None)
            if lock is not None:
                self._held[key] = lock
        if before is not None:
            os.close(before)

    def _build(self, pins: Sequence[Pin], folder: Path) -> None:
        try:
            with self._fetched(pins) as fetch:
                self._make(folder, pins, fetch)
        except WheelRefused as error:
            blamed = next(pin for pin in pins if pin.filename == error.filename)
            _check_kept(self._store / blamed.sha256)
            raise
        except FileNotFoundError:
            # Evicted or cleared beside us, between its arrival and its unpacking.
            with self._fetched(pins) as fetch:
                self._make(folder, pins, fetch)
        evict(self._cache_dir, self._limit_bytes, spare=folder.name)

    @contextmanager
    def _fetched(self, pins: Sequence[Pin]) -> Iterator[Fetch]:
        """Fetch the wheels of pins until `close`, or until they are not wanted any more."""
        fetch = Fetch(pins, self._store, self._index, self._listener)
        with self._lock:
            self._fetching.add(fetch)
            if self._closed:
                fetch.stop()
        try:
            yield fetch
        finally:
            fetch.stop()
            with self._lock:
                self._fetching.discard(fetch)

    def _make(self, folder: Path, pins: Sequence[Pin], fetch: Fetch) -> None:
        prefix = f"{UNNAMED}{folder.name[:16]}-"
        for left in self._layers.glob(f"{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)
        new = Path(tempfile.mkdtemp(prefix=prefix, dir=self._layers))
        try:
            site = new / "site"
            site.mkdir()
            # Of nothing nothing is to be unpacked, compiled or flushed.
            modules, size_bytes = self._unpack(pins, fetch, site) if pins else ((), 0)
            wheels = tuple(sorted(pin.filename for pin in pins))
            kept = _Kept(size_bytes, modules, wheels, boot(), not pins, not pins)
            kept.write(new)
            new.chmod(0o755)
            if folder.exists():
                # Of another boot, and perhaps not whole.
                folder.rename(lost := self._layers / f"{prefix}lost")
                shutil.rmtree(lost, ignore_errors=True)
            new.rename(folder)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def _unpack(self, pins: Sequence[Pin], fetch: Fetch, site: Path) -> tuple[tuple[str, ...], int]:
        """Return what can be imported of wheels that are unpacked as they come, and their size."""
        with Unpacker(site) as unpacker:
            for filename, path in fetch.arrived():
                unpacker.add(filename, path)
            self._listener(Progress("packages", f"unpacking {count(pins)}"))
            modules = unpacker.finish()
        if not boot():
            settle(site, lambda: False)
        return modules, unpacker.size_bytes

    def _compile(self, folder: Path, kept: _Kept, target: Target) -> _Kept:
        site = folder / "site"
        if kept.wheels and (python := interpreter(target)):
            self._listener(Progress("packages", f"compiling {count(kept.wheels)}"))
            with Compiler(site, python) as compiler:
                compiler.compile()
        kept = replace(kept, size_bytes=_size(site), compiled=True)
        kept.write(folder)
        return kept

    def _settle(self, folder: Path, kept: _Kept) -> None:
        """Have a layer on disk for good, beside the program that is run on it."""

        def work() -> None:
            # A disk that takes no more says so where something has to be written.
            with suppress(OSError):
                if settle(folder / "site", lambda: self._closed):
                    replace(kept, settled=True).write(folder)

        if not boot():
            work()
            return
        with self._lock:
            if folder.name not in self._settling and not self._closed:
                thread = self._settling[folder.name] = Thread(target=work)
                thread.start()


@dataclass(frozen=True, slots=True)
class _Kept:
    """What `layer.json` says of a layer."""

    size_bytes: int
    modules: tuple[str, ...]
    wheels: tuple[str, ...]
    """Their file names."""
    made_in: str
    """The boot it was made in; good for that alone until it is `settled`."""
    compiled: bool = False
    settled: bool = False

    def layer(self, folder: Path) -> Layer:
        return Layer(folder.name, str(folder / "site"), self.size_bytes, self.modules)

    def write(self, folder: Path) -> None:
        # The folder is not made here: one that somebody removed would come back empty, for good.
        with temporary(folder) as new:
            new.write_bytes(json.dumps(asdict(self)).encode())
            new.replace(folder / "layer.json")


def _kept(folder: Path) -> _Kept | None:
    """Return what is kept of a layer; None where it is not there, or not sure to be whole."""
    try:
        data = (folder / "layer.json").read_bytes()
        if not data.strip(b"\0"):
            # What a power cut leaves of a file that was not on the disk yet.
            return None
        facts = json.loads(data)
        kept = _Kept(
            int(facts["size_bytes"]),
            tuple(map(str, facts["modules"])),
            tuple(map(str, facts["wheels"])),
            str(facts["made_in"]),
            facts["compiled"] is True,
            facts["settled"] is True,
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        # Never by a kill: the folder got its name when it was whole. Somebody changed it since.
        raise Unavailable(
            f"the layer in {folder} was changed after it was made",
            remedy="run `validate cache clear` and try again",
        ) from None
    return kept if kept.settled or kept.made_in == boot() else None


class _NeedlessError(Exception):
    """What a lock was waited for has been done by somebody else."""


def _known(folder: Path) -> _Kept:
    kept = _kept(folder)
    if kept is None:
        raise FileNotFoundError
    return kept


def _over() -> Unavailable:
    return Unavailable("a layer is no longer waited for: this run is over")


def _size(folder: Path) -> int:
    return sum(entry.stat(follow_symlinks=False).st_size for entry in _files(str(folder)))


def _files(folder: str) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(entry.path)
            else:
                yield entry


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
