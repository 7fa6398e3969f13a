"""Both linters behind one verb, with the slow one warming while other work goes on."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from validator.errors import LinterUnavailable
from validator.events import Progress, ignore
from validator.linting import ruff
from validator.linting.pyright import Pyright

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import TracebackType

    from validator.events import Listener
    from validator.facts import Diagnostic, Layer, SourceFile
    from validator.settings import Settings


class PartlyLinted(LinterUnavailable):
    """Ruff answered and pyright did not; `diagnostics` holds what ruff said."""

    def __init__(self, reason: LinterUnavailable, diagnostics: tuple[Diagnostic, ...]) -> None:
        super().__init__(str(reason), remedy=reason.remedy)
        self.diagnostics = diagnostics


class Linter:
    """Ruff and one warm pyright, for any number of programs; a context manager.

    `start` returns at once and lets the server warm in the background. Every method may be called
    from any thread; programs are checked one after another, as pyright has one thread.
    """

    def __init__(self, settings: Settings, listener: Listener = ignore) -> None:
        # The embedded sandbox runs on this interpreter and the Docker image is built to match it.
        own = f"{sys.version_info.major}.{sys.version_info.minor}"
        self._python = settings.python or own
        self._cache_dir = settings.cache_dir
        self._listener = listener
        self._state = threading.Lock()
        self._asking = threading.Lock()
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="pyright-start")
        self._pyright: Future[Pyright] | None = None

    def __enter__(self) -> Self:
        """Begin warming."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the server."""
        self.close()

    def start(self) -> None:
        """Begin to start pyright and return at once; a failure is told by `lint`."""
        self._begin()

    def lint(
        self, files: tuple[SourceFile, ...], layer: Layer | None = None
    ) -> tuple[Diagnostic, ...]:
        """Return what ruff and pyright say about a program, by file and line.

        `layer` holds the packages to check attribute access against; without one, third-party
        imports are unknown and nothing is said about them.

        Raises:
            LinterUnavailable: ruff cannot be had.
            PartlyLinted: pyright cannot be had, or broke off; carries what ruff said.
        """
        python = tuple(file for file in files if file.path.endswith((".py", ".pyw")))
        if not python:
            return ()
        self._listener(Progress("linting", "asking ruff"))
        found = [each for file in python for each in ruff.diagnose(file, python=self._python)]
        try:
            found += self._ask_pyright(python, layer)
        except LinterUnavailable as error:
            raise PartlyLinted(error, tuple(found)) from error
        order = {file.path: index for index, file in enumerate(python)}
        return tuple(sorted(found, key=lambda each: (order[each.path], each.span, each.column)))

    def close(self) -> None:
        """End the server for certain, wherever its start stands; may be called again."""
        self._end()
        self._starter.shutdown(wait=True)

    def _begin(self) -> Future[Pyright]:
        with self._state:
            if self._pyright is None:
                self._pyright = self._starter.submit(
                    Pyright, python=self._python, cache_dir=self._cache_dir, listener=self._listener
                )
            return self._pyright

    def _end(self) -> None:
        # Not under `_asking`: whoever waits for an answer is told that the server has gone.
        with self._state:
            pyright, self._pyright = self._pyright, None
        if pyright is not None and pyright.exception() is None:
            pyright.result().close()

    def _ask_pyright(self, files: tuple[SourceFile, ...], layer: Layer | None) -> list[Diagnostic]:
        self._listener(Progress("linting", "asking pyright"))
        with self._asking:
            try:
                return self._begin().result().diagnose(files, layer)
            except LinterUnavailable:
                # One program was too much for it: the next one gets a fresh server.
                self._end()
                raise
