"""Show progress on a terminal while long steps run; elsewhere, be silent."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from validator.reporters.untrusted import visible

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rich.status import Status

    from validator.events import Progress


class ProgressLine:
    """One line at the bottom of a terminal that says what is going on, gone when it is done."""

    def __init__(self, stream: TextIO | None = None) -> None:
        """Write to `stream`, by default standard error, if it is a terminal."""
        self._stream = sys.stderr if stream is None else stream
        self._shown = self._stream.isatty()
        self._status: Status | None = None
        self._typing = False
        self._lock = threading.Lock()

    def __enter__(self) -> ProgressLine:
        if self._shown:
            from rich.console import Console

            self._status = Console(file=self._stream).status("starting", spinner="dots")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._status is not None:
                self._status.stop()
                self._status = None
                if self._typing:
                    self._stream.write("\n")

    def __call__(self, progress: Progress) -> None:
        """Show `progress`; called from any thread."""
        with self._lock:
            if self._status is None:
                return
            from rich.markup import escape

            if progress.text:
                self._type(self._status, progress.text)
                return
            if self._typing:
                self._typing = False
                self._stream.write("\n")
                self._status.start()
            self._status.update(escape(_words(progress)))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while something else is written to the terminal."""
        with self._lock:
            if self._status is not None:
                self._status.stop()
        try:
            yield
        finally:
            with self._lock:
                if self._status is not None:
                    self._status.start()

    def _type(self, status: Status, text: str) -> None:
        """Show what a model writes as it comes, in place of the line that says what is going on."""
        if not self._typing:
            status.stop()
            self._typing = True
        self._stream.write("\n".join(map(visible, text.split("\n"))))
        self._stream.flush()


def _words(progress: Progress) -> str:
    if progress.done is None:
        return progress.step
    if progress.unit == "bytes":
        done, total = progress.done / 1e6, (progress.total or 0) / 1e6
        return f"{progress.step} {done:.1f}" + (f" of {total:.1f} MB" if total else " MB")
    of = f" of {progress.total}" if progress.total else ""
    return f"{progress.step} {progress.done}{of} {progress.unit}".rstrip()
