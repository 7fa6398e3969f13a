"""Byte code for a layer, made once: a guest cannot write any, and would compile anew at every run.

Importing pandas and matplotlib.pyplot takes 4.3 to 5 s without and 1.2 to 1.8 s with it (measured
2026-11). Compiling reads a module and runs nothing of it; it happens in a process of its own all
the same, as a parser may be brought down by what it is given. Not by `compileall`, whose pool took
half of the 0.5 s it needed for flask and requests.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from validator.interpreters import find_interpreter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

    from validator.facts import Target

SECONDS = 120.0
"""Then the rest is left uncompiled: it works, and starts slower."""
MAX_PROCESSES = 4
MEMORY_BYTES = 2 * 1024**3
_NOT_IMPORTED = frozenset({"test", "tests", "example", "examples", "docs", "benchmarks"})
"""Folders inside a package that are half of what large ones hold, and that nobody imports."""

_PROGRAM = f"""\
import os, py_compile, resource, sys
try:
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))
except (OSError, ValueError):
    pass
sys.setrecursionlimit(1000)
parent = os.getppid()
for name in map(os.fsdecode, sys.stdin.buffer.read().split(b"\\0")):
    if os.getppid() != parent:
        break
    try:
        py_compile.compile(
            name, dfile=name, doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    except Exception:
        pass
"""
"""It ends with whoever started it, who may be killed. macOS has no such limit, and somebody may
have set a lower one. Unchecked: a layer never changes, and an engine may keep other file times."""


def interpreter(target: Target) -> Path | None:
    """Return an interpreter of this host that makes the target's own byte code, if there is one."""
    found = find_interpreter(target.python)
    return found.executable if found else None


class Compiler:
    """Processes that compile a layer, one a processor, ended when left."""

    def __init__(self, site: Path, python: Path) -> None:
        """Start them in `site`."""
        self._site = site
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(min(os.cpu_count() or 1, MAX_PROCESSES)):
                self._processes.append(_start(site, python))
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def compile(self) -> None:
        """Write `__pycache__` folders below the site.

        What cannot be compiled, or not within `SECONDS`, is left as it is.
        """
        end = time.monotonic() + SECONDS
        shares = _shared_out(_modules(self._site), len(self._processes))
        for process, names in zip(self._processes, shares, strict=True):
            # One that was brought down reads nothing any more.
            with contextlib.suppress(BrokenPipeError):
                assert process.stdin is not None
                process.stdin.write(b"\0".join(names))
                process.stdin.close()
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(end - time.monotonic(), 0.0))

    def _end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            if process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()


def _start(site: Path, python: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (str(python), "-I", "-S", "-B", "-W", "ignore", "-c", _PROGRAM),
        # Nothing of the way to the layer is a reason to leave a file out.
        cwd=site,
        env={"LC_ALL": "C.UTF-8"},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _modules(site: Path) -> list[tuple[int, bytes]]:
    """Return size in bytes and place below the site of every module worth compiling."""
    found: list[tuple[int, bytes]] = []
    for folder, folders, names in os.walk(site):
        # One of its own at the top, such as `examples`, is what somebody installs it for.
        if folder != str(site):
            folders[:] = [each for each in folders if each not in _NOT_IMPORTED]
        paths = (Path(folder, name) for name in names if name.endswith(".py"))
        found.extend((each.stat().st_size, os.fsencode(each.relative_to(site))) for each in paths)
    return found


def _shared_out(modules: Sequence[tuple[int, bytes]], count: int) -> list[list[bytes]]:
    """Return shares of about as many bytes, which is what compiling takes its time for."""
    shares: list[list[bytes]] = [[] for _ in range(count)]
    loads = [0] * count
    for size, name in sorted(modules, reverse=True):
        lightest = loads.index(min(loads))
        shares[lightest].append(name)
        loads[lightest] += size
    return shares
