"""The program that builds a wheel inside the jail: it runs there, and nowhere else.

On stdin it is told what to build with; the project lies in `source/`. On stdout it answers with a
line of JSON: `needs`, what the backend asks for besides, or `wheel` and `size`, and the wheel after
that line. Whatever the backend itself writes goes to stderr. Standard library only.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

MADE_AT = "1577836800"
"""2020-01-01: what is built twice is to be the same twice (SOURCE_DATE_EPOCH)."""


def main() -> None:
    """Ask the backend what it needs, and when that is there have it build."""
    told = json.load(sys.stdin)
    answer = os.dup(1)
    os.dup2(2, 1)
    # Beside this file nothing is to be found that the project did not put there.
    sys.path.remove(str(Path(__file__).resolve().parent))
    os.chdir("source")
    os.environ["SOURCE_DATE_EPOCH"] = MADE_AT
    sys.path[:0] = [str(Path(path).resolve()) for path in told["backend_path"]]
    sys.argv[1:] = []
    backend = _backend(told["backend"])
    if told["ask"]:
        asks = getattr(backend, "get_requires_for_build_wheel", None)
        needs = list(asks(None)) if asks else []
        if needs:
            _say(answer, {"needs": needs})
            return
    folder = Path("../built").resolve()
    folder.mkdir()
    name = Path(backend.build_wheel(str(folder), None, None)).name
    wheel = (folder / name).read_bytes()
    _say(answer, {"wheel": name, "size": len(wheel)}, wheel)


def _backend(named: str) -> Any:
    module, _, path = named.partition(":")
    found: Any = importlib.import_module(module)
    for name in filter(None, path.split(".")):
        found = getattr(found, name)
    return found


def _say(answer: int, told: dict[str, object], wheel: bytes = b"") -> None:
    sys.stdout.flush()
    view = memoryview(json.dumps(told).encode() + b"\n" + wheel)
    while view:
        view = view[os.write(answer, view) :]


main()
