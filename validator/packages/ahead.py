"""A lock begun before it is certain to be the one wanted: while the pages that decide it come.

Mostly a reply's lines install as they are written, and the resolver need not wait to hear that.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Protocol

from validator.packages.locking import Caller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from validator.packages.locking import Locked, Refusal

    class Lock(Protocol):
        """A resolver, told for what and where."""

        def __call__(self, lines: Sequence[str], *, caller: Caller) -> tuple[Locked, ...] | Refusal:
            """Lock lines of ours."""


class Ahead:
    """A lock of some lines on its way; a context manager, which ends it when left."""

    def __init__(self, lines: Sequence[str], lock: Lock) -> None:
        """Begin to lock `lines`; nothing is begun where there are none."""
        self._lines = tuple(lines)
        self._lock = lock
        self._left = Event()
        self._known: Future[Sequence[Locked]] = Future()
        self._pool = ThreadPoolExecutor(1)
        self._answer = self._pool.submit(self._run) if lines else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._pool.shutdown()

    def lock(self, lines: Sequence[str], *, caller: Caller) -> tuple[Locked, ...] | Refusal:
        """Lock `lines`: by waiting for what was begun, where it was for the same; once.

        Raises:
            Unavailable: a resolver or the index let us down.
        """
        begun, self._answer = self._answer, None
        if begun is None or self._lines != tuple(lines):
            self._left.set()
            return self._lock(lines, caller=caller)
        caller.hear(self._known.result())
        return begun.result()

    def _run(self) -> tuple[Locked, ...] | Refusal:
        try:
            caller = Caller(self._known.set_result, self._left.is_set)
            return self._lock(self._lines, caller=caller)
        finally:
            if not self._known.done():
                self._known.set_result(())
