"""Which other Pythons this machine has: they run programs and compile packages of their own."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10.0
"""An interpreter that has not said what it is by then is none."""
OWN_SECONDS = 60.0
"""The same for the one that runs us, which there is: 50 of us at once on 2 cores took over 10."""
_ASKED = (
    "import json, sys; print(json.dumps([sys.implementation.name, sys.version_info[:4], "
    "sys.executable, sys.base_prefix]))"
)


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A CPython of this machine, outside any virtual environment."""

    python: str
    """`X.Y`."""
    executable: Path
    prefix: Path
    """What it is installed below."""


def own_python() -> str:
    """Return the Python that runs us, `X.Y`."""
    return ".".join(platform.python_version_tuple()[:2])


@cache
def find_interpreter(python: str) -> Interpreter | None:
    """Return a released CPython `X.Y` of this machine: the one that runs us, else the first found.

    Looked for as `pythonX.Y` on the path, where distributions and python.org put them, and among
    those of pyenv and uv. None is ever downloaded.
    """
    if python == own_python():
        executable = Path(getattr(sys, "_base_executable", None) or sys.executable)
        return _asked(executable.resolve(), python, OWN_SECONDS)
    return next(filter(None, (_asked(path, python) for path in _candidates(python))), None)


def _candidates(python: str) -> Iterator[Path]:
    name = f"python{python}"
    for path in (os.environ.get("PATH"), "/usr/bin:/usr/local/bin:/opt/python/bin"):
        found = shutil.which(name, path=path)
        # pyenv's shims only pass on to what is looked for below, if they do, and take their time.
        if found and Path(found).parent.name != "shims":
            yield Path(found)
    # Of a user without a home that is a folder of no such name, and no error.
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    kept = (
        Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local/share/uv/python"),
    )
    for folder in kept:
        # The newest of its minor versions first, as near as names tell.
        yield from sorted(folder.glob(f"*{python}.*/bin/{name}"), reverse=True)


def _asked(executable: Path, python: str, seconds: float = SECONDS) -> Interpreter | None:
    """Return what an executable says it is, where that is what is looked for."""
    try:
        done = subprocess.run(
            (str(executable), "-I", "-S", "-c", _ASKED),
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
        name, (major, minor, _, level), path, prefix = json.loads(done.stdout)
        if (name, f"{major}.{minor}", level) != ("cpython", python, "final"):
            return None
        return Interpreter(python, Path(path).resolve(), Path(prefix))
    # Something of that name need not be a Python, nor one that still works.
    except (OSError, ValueError, TypeError, subprocess.TimeoutExpired):
        return None
