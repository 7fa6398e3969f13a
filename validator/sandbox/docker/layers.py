"""The layers inside the engine: one volume, filled over the API, as the engine may be remote.

In the volume each copy of a layer is a folder `.copies/KEY-RANDOM`, and `KEY` links to a complete
one. The link is the last thing sent, so what a killed upload leaves behind is never run from, and
two uploads at once do not write into each other.
"""

from __future__ import annotations

import os
import tarfile
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from docker.errors import NotFound
from docker.types import Mount

from validator.errors import SandboxUnavailable
from validator.events import Progress
from validator.sandbox.docker.engine import ENGINE_ERRORS, asking
from validator.sandbox.docker.worker import LAYER_ROOT, LAYER_VOLUME, Yard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.events import Listener
    from validator.facts import Layer

UPLOAD_SECONDS = 1800
"""A carrier older than this was left behind: 2.5 GB of wheels at 2 MB/s take 20 minutes."""
_CHUNK_BYTES = 1024 * 1024
_Sent = Callable[[int], None]


class LayerVolume:
    """The layers that workers of one engine can see."""

    def __init__(self, yard: Yard, listener: Listener) -> None:
        """Keep layers in the engine of `yard`."""
        self._yard = yard
        self._client = yard.engine.client
        self._listener = listener
        self._present: set[str] = set()
        self._lock = threading.Lock()

    def ensure(self, layer: Layer) -> str:
        """Return the path at which workers see `layer`, sending it there first where it is missing.

        Raises:
            SandboxUnavailable: when the engine or its disk, or reading the folder fails.
        """
        inside = f"{LAYER_ROOT}/{layer.key}"
        with self._lock:
            if layer.key not in self._present:
                with asking("take the installed packages"), self._carrier() as carrier:
                    if not self._has(carrier, inside):
                        self._send(carrier, layer)
                self._present.add(layer.key)
        return inside

    @contextmanager
    def _carrier(self) -> Iterator[str]:
        """Give a container that is never started: the way into a volume over the engine's API."""
        with self._yard.roster.making():
            carrier = self._create_carrier()

            def remove() -> None:
                with suppress(*ENGINE_ERRORS):
                    self._client.remove_container(carrier, force=True)

            self._yard.roster.add(carrier, remove)
        try:
            yield carrier
        finally:
            remove()
            self._yard.roster.drop(carrier)

    def _create_carrier(self) -> str:
        created = self._client.create_container(
            self._yard.image.id,
            command=["true"],
            labels=self._yard.owner.labels("carrier", time.time() + UPLOAD_SECONDS),
            host_config=self._client.create_host_config(
                network_mode="none", mounts=[Mount(LAYER_ROOT, LAYER_VOLUME, type="volume")]
            ),
        )
        return str(created["Id"])

    def _has(self, carrier: str, path: str) -> bool:
        try:
            stream, _ = self._client.get_archive(carrier, path)
        except NotFound:
            return False
        stream.close()
        return True

    def _send(self, carrier: str, layer: Layer) -> None:
        copy = f".copies/{layer.key}-{uuid4().hex[:8]}"
        sent = 0

        def count(size: int) -> None:
            nonlocal sent
            sent += size
            step = "copying the packages to the engine"
            self._listener(Progress("sandbox", step, sent, layer.size_bytes, "bytes"))

        self._client.put_archive(carrier, LAYER_ROOT, _archive(Path(layer.path), copy, count))
        self._client.put_archive(carrier, LAYER_ROOT, _link(layer.key, copy))


def _archive(folder: Path, name: str, sent: _Sent) -> Iterator[bytes]:
    """Yield `folder` as a tar archive below `name`, owned by root and writable by nobody else."""
    copies = _entry(".copies", tarfile.DIRTYPE)
    # As the volume's own folder: layers are reached by who knows their key, and not listed.
    copies.mode = 0o711
    yield copies.tobuf()
    yield _entry(name, tarfile.DIRTYPE).tobuf()
    for path in sorted(folder.rglob("*")):
        inside = f"{name}/{path.relative_to(folder).as_posix()}"
        if path.is_symlink():
            continue  # wheels hold none; one that appeared could only point out of the layer
        if path.is_dir():
            yield _entry(inside, tarfile.DIRTYPE).tobuf()
        elif path.is_file():
            yield from _file(path, inside, sent)
    yield bytes(2 * tarfile.BLOCKSIZE)


def _file(path: Path, name: str, sent: _Sent) -> Iterator[bytes]:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        entry = _entry(name, tarfile.REGTYPE)
        entry.size = status.st_size
        # Compiled modules are valid for one mtime of their source, in whole seconds.
        entry.mtime = int(status.st_mtime)
        entry.mode = 0o755 if status.st_mode & 0o111 else 0o644
        yield entry.tobuf()
        left = entry.size
        while left:
            chunk = file.read(min(left, _CHUNK_BYTES))
            if not chunk:
                raise SandboxUnavailable(
                    f"{path} shrank while it was copied", remedy="validate cache clear"
                )
            left -= len(chunk)
            sent(len(chunk))
            yield chunk
        yield bytes(-entry.size % tarfile.BLOCKSIZE)


def _entry(name: str, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.mode = 0o755
    return entry


def _link(key: str, copy: str) -> bytes:
    entry = _entry(key, tarfile.SYMTYPE)
    entry.linkname = copy
    return entry.tobuf() + bytes(2 * tarfile.BLOCKSIZE)
