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
    """Return lock and layer of a set from nothing, beside uv's own, with and without byte code.

    uv makes none unless told to; ours is made after the layer is there, before a program runs.
    """
    return {
        "uv pip compile + install --target": lambda: _bare_uv(lines, target),
        "ours, lock and layer": lambda: resolve(lines, target),
        "uv, --compile-bytecode": lambda: _bare_uv(lines, target, "--compile-bytecode"),
        "ours, with byte code": lambda: resolve(lines, target, compile_=True),
    }


def resolve(
    lines: str,
    target: Target,
    cache: Path | None = None,
    *,
    layer: bool = True,
    compile_: bool = False,
) -> None:
    """Resolve requirement lines as a reply's, in a cache of their own unless one is given."""
    settings = replace(load({}), cache_dir=cache or _fresh())
    wanted = tuple(
        RequirementLine(line, Span(1, 1), RequirementSource.BLOCK) for line in lines.split()
    )
    submission = Submission(Reply(()), requirements=wanted)
    with Packages(settings, target) as packages:
        resolution = packages.resolve(submission, fetch=layer)
        made = packages.layer(resolution) if layer else None
        if made and compile_:
            packages.compile(made)


def _fresh() -> Path:
    """Return an empty folder that stays until all is measured.

    ext4 does not give out an inode again for a minute or more after it was freed, and looks through
    all such ones at every new file: once a large folder was deleted, making a file took 1 ms
    instead of 0.03 (Linux 6.18, 2026-11), and whoever makes most was measured slowest.
    """
    return Path(tempfile.mkdtemp(dir=_KEPT.name))


_KEPT = tempfile.TemporaryDirectory(prefix="reply-validator-benchmark-")


def _bare_uv(lines: str, target: Target, *options: str) -> None:
    uv, folder = find_uv_bin(), _fresh()
    wanted, lock = folder / "in.txt", folder / "lock.txt"
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
