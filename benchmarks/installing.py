"""What the packages part of the benchmarks runs: cold and warm, ours and bare uv's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

from validator.facts import Reply, RequirementLine, RequirementSource, Span, Submission
from validator.packages import Packages
from validator.packages.target import uv_platform
from validator.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from validator.facts import Target

SETS = ("pygame", "flask\nrequests", "numpy\npandas\nmatplotlib")


def explaining(target: Target) -> dict[str, Callable[[], object]]:
    """Return the cold explanation of one pin beside one bare request for its page."""
    url = f"{load({}).index_url.rstrip('/')}/pygame/"
    return {
        "curl of the page": lambda: _quietly("curl", "-sL", "-o", os.devnull, url),
        "pygame==2.1.2 explained": lambda: resolve("pygame==2.1.2", target, layer=False),
    }


def cold(lines: str, target: Target) -> dict[str, Callable[[], object]]:
    """Return lock and layer of a set from nothing, beside uv's own, with and without byte code."""
    return {
        "uv pip compile + install --target": lambda: _bare_uv(lines, target),
        "the same, --compile-bytecode": lambda: _bare_uv(lines, target, "--compile-bytecode"),
        "ours, compiling": lambda: resolve(lines, target),
    }


def resolve(lines: str, target: Target, cache: Path | None = None, *, layer: bool = True) -> None:
    """Resolve requirement lines as a reply's, in a cache of their own unless one is given."""
    with tempfile.TemporaryDirectory() as empty:
        settings = replace(load({}), cache_dir=cache or Path(empty))
        wanted = tuple(
            RequirementLine(line, Span(1, 1), RequirementSource.BLOCK) for line in lines.split()
        )
        with Packages(settings, target) as packages:
            resolution = packages.resolve(Submission(Reply(()), requirements=wanted))
            if layer:
                packages.layer(resolution)


def _bare_uv(lines: str, target: Target, *options: str) -> None:
    uv = find_uv_bin()
    with tempfile.TemporaryDirectory() as folder:
        wanted, lock = Path(folder) / "in.txt", Path(folder) / "lock.txt"
        wanted.write_text(lines + "\n")
        common = (
            *("--cache-dir", f"{folder}/cache", "--python-version", target.python, "--quiet"),
            *("--python-platform", uv_platform(target)),
            *("--no-config", "--only-binary", ":all:", "--default-index", load({}).index_url),
        )
        _quietly(uv, "pip", "compile", str(wanted), "-o", str(lock), *common)
        into = ("--target", f"{folder}/site", "--no-deps", *options)
        _quietly(uv, "pip", "install", "-r", str(lock), *into, *common)


def _quietly(*argv: str) -> None:
    subprocess.run(argv, capture_output=True, check=True)
