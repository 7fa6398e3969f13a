"""The containers this process answers for: all can be ended at once, even half-made ones."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLOSE_SECONDS = 1.5
"""How long closing waits for containers that are being made right now: each takes about 0.1 s."""


class Roster:
    """Containers from just before they exist until they are gone; thread-safe."""

    def __init__(self) -> None:
        """Begin with none."""
        self._changed = threading.Condition()
        self._making = 0
        self._removals: dict[str, Callable[[], None]] = {}
        self._closed = False

    def refuse_when_closed(self) -> None:
        """Return, unless the roster has been closed.

        Raises:
            SandboxUnavailable: when it has.
        """
        if self._closed:
            raise SandboxUnavailable("the Docker sandbox has been closed")

    @contextmanager
    def making(self) -> Iterator[None]:
        """Surround the making of a container, up to and with its `add`.

        Raises:
            SandboxUnavailable: when the roster has been closed.
        """
        with self._changed:
            self.refuse_when_closed()
            self._making += 1
        try:
            yield
        finally:
            with self._changed:
                self._making -= 1
                self._changed.notify_all()

    def add(self, container: str, remove: Callable[[], None]) -> None:
        """Note that `container` exists and that `remove`, which never raises, ends it."""
        with self._changed:
            self._removals[container] = remove

    def drop(self, container: str) -> None:
        """Note that `container` is gone."""
        with self._changed:
            self._removals.pop(container, None)

    def close(self) -> None:
        """Let no more be made, and end all there are; may be called twice."""
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._making == 0, CLOSE_SECONDS)
            removals = list(self._removals.values())
            self._removals.clear()
        # Side by side: one removal takes the engine 0.1 s, and an interrupted user waits for all.
        threads = [threading.Thread(target=remove, daemon=True) for remove in removals]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
