"""Byte code for a layer, made once: a guest cannot write any, and would compile anew at every run.

Importing pandas and matplotlib.pyplot takes 4.3 to 5 s without and 1.2 to 1.8 s with it (measured
2026-11). Compiling reads a module and runs nothing of it; it happens in a process of its own all
the same, as a parser may be brought down by what it is given.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING

from validator.interpreters import find_interpreter

if TYPE_CHECKING:
    from pathlib import Path

    from validator.facts import Target

SECONDS = 120.0
"""Then the rest is left uncompiled: it works, and starts slower."""
MANY = 60
"""Modules from which on a second process earns its start."""
MEMORY_BYTES = 2 * 1024**3

_PROGRAM = f"""\
import compileall, py_compile, re, resource, sys
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY_BYTES}, {MEMORY_BYTES}))
    sys.setrecursionlimit(1000)
    compileall.compile_dir(
        ".", maxlevels=40, quiet=2, workers=int(sys.argv[1]), stripdir=".",
        rx=re.compile("/(tests?|examples?|docs|benchmarks)/"),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
"""
"""Tests and examples are half of what large packages hold, and nobody imports them. Unchecked: the
layer never changes, and an engine may keep other file times than this host."""


def compiler(target: Target) -> Path | None:
    """Return an interpreter of this host that makes the target's own byte code, if there is one."""
    found = find_interpreter(target.python)
    return found.executable if found else None


def compile_layer(site: Path, python: Path) -> int:
    """Write `__pycache__` folders below `site`, and return how many bytes they hold.

    What cannot be compiled, or not within `SECONDS`, is left as it is.
    """
    many = sum(1 for _ in zip(site.rglob("*.py"), range(MANY), strict=False)) == MANY
    workers = 2 if many else 1
    # Not by `-c`: the workers have to find their main module.
    program = site.parent / ".compile.py"
    program.write_text(_PROGRAM)
    compiler = subprocess.Popen(
        (str(python), "-I", "-S", "-B", str(program), str(workers)),
        # Nothing of the way to the layer is a reason to leave a file out.
        cwd=site,
        env={"LC_ALL": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            compiler.wait(SECONDS)
    finally:
        # Its workers too, also where we were interrupted.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(compiler.pid, signal.SIGKILL)
        compiler.wait()
        program.unlink()
    return sum(path.stat().st_size for path in site.rglob("__pycache__/*.pyc"))
