"""What installs on a target: its wheel tags, its marker environment, its name in uv's words."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from packaging import tags
from packaging.specifiers import SpecifierSet

from validator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.facts import Target

MACOS = (13, 0)
"""The macOS a wheel may ask for: what uv takes for `aarch64-apple-darwin` (uv 0.13, 2026-11)."""

_UV_GLIBC = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
"""Minor versions of `ARCH-manylinux_2_N` that uv 0.13 knows (`uv pip compile --help`)."""

_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""The names PEP 600 keeps for three of its tags."""


def architecture(target: Target) -> str:
    """Return the machine part of a target's platform: `x86_64`, `aarch64`, `arm64`."""
    return target.platform.partition("_")[2]


def platforms(target: Target) -> tuple[str, ...]:
    """Return the platform tags a target accepts, most preferred first.

    Raises:
        UsageError: for a platform that is neither Linux nor macOS.
    """
    system = target.platform.partition("_")[0]
    if system == "linux":
        return (*_linux(target), target.platform)
    if system == "macosx":
        return tuple(tags.mac_platforms(MACOS, architecture(target)))
    raise UsageError(f"no packages can be chosen for {target.platform}: it is not Linux or macOS")


def _linux(target: Target) -> Iterator[str]:
    family, _, number = target.libc.partition(" ")
    machine = architecture(target)
    minor = int(number.partition(".")[2] or 0)
    if family == "musl":
        yield from (f"musllinux_1_{n}_{machine}" for n in range(minor, -1, -1))
    elif family == "glibc":
        # manylinux begins at glibc 2.5 on x86 and at 2.17 everywhere else (PEP 600, PEP 599).
        oldest = 5 if machine in ("x86_64", "i686") else 17
        for n in range(minor, oldest - 1, -1):
            yield f"manylinux_2_{n}_{machine}"
            if n in _LEGACY:
                yield f"{_LEGACY[n]}_{machine}"


_BUILD = re.compile(r"[^-]+-[^-]+-([0-9]{1,18})([^-]*)-[^-]+-[^-]+-[^-]+\.whl$")
"""The third of six parts; of five there is none."""
Triple = tuple[str, str, str]


@cache
def ranks(target: Target) -> dict[Triple, int]:
    """Return every wheel tag the target accepts with its rank; 0 is preferred most."""
    version = tuple(int(part) for part in target.python.split("."))
    interpreter = f"cp{''.join(target.python.split('.'))}"
    accepted = platforms(target)
    ordered = [
        *tags.cpython_tags(version, abis=[interpreter], platforms=accepted),
        *tags.compatible_tags(version, interpreter=interpreter, platforms=accepted),
    ]
    return {
        (tag.interpreter, tag.abi, tag.platform): rank
        for rank, tag in reversed(list(enumerate(ordered)))
    }


def triples(filename: str) -> Iterator[Triple]:
    """Yield the tags a wheel's file name spells out, in compressed sets or one by one.

    `packaging.utils.parse_wheel_filename` says the same but costs 0.25 s for the 1,558 wheels of
    pygame (measured 2026-11), because it makes and interns an object for every tag.
    """
    parts = filename.removesuffix(".whl").split("-")
    if len(parts) < 5:
        return
    pythons, abis, places = (part.split(".") for part in parts[-3:])
    for python in pythons:
        for abi in abis:
            for place in places:
                yield python, abi, place


def rank(filename: str, target: Target) -> int | None:
    """Return how well a wheel fits the target, 0 best; None where it does not install there."""
    known = ranks(target)
    return min((known[tag] for tag in triples(filename) if tag in known), default=None)


def fit(filename: str, target: Target) -> tuple[int, int, str] | None:
    """Return how well a wheel fits the target, the more the better; None where it does not install.

    By its tags, then by its build number, the last of which is one that is not there (PEP 427).
    """
    found = rank(filename, target)
    if found is None:
        return None
    build = _BUILD.match(filename)
    return -found, int(build[1]) if build else -1, build[2] if build else ""


def allows(requires_python: str, target: Target) -> bool:
    """Return whether a `Requires-Python` admits the target; one that means nothing admits all."""
    try:
        return SpecifierSet(requires_python).contains(target.full_python, prereleases=True)
    # No specifier, or one of a number with more digits than Python reads (4,300).
    except ValueError:
        return True


def marker_environment(target: Target) -> dict[str, str]:
    """Return the environment a marker is evaluated in: the target's, nothing of the host's."""
    linux = target.platform.startswith("linux")
    return {
        "implementation_name": "cpython",
        "implementation_version": target.full_python,
        "os_name": "posix",
        "platform_machine": architecture(target),
        "platform_python_implementation": "CPython",
        "platform_release": "",
        "platform_system": "Linux" if linux else "Darwin",
        "platform_version": "",
        "python_full_version": target.full_python,
        "python_version": target.python,
        "sys_platform": "linux" if linux else "darwin",
        "extra": "",
    }


def uv_platform(target: Target) -> str:
    """Return the value of uv's `--python-platform` nearest to the target and not above it."""
    machine = architecture(target)
    if not target.platform.startswith("linux"):
        return f"{'aarch64' if machine == 'arm64' else machine}-apple-darwin"
    family, _, number = target.libc.partition(" ")
    if family == "musl":
        return f"{machine}-unknown-linux-musl"
    minor = int(number.partition(".")[2] or _UV_GLIBC[0])
    return f"{machine}-manylinux_2_{max((n for n in _UV_GLIBC if n <= minor), default=17)}"


def words(target: Target) -> str:
    """Return the target's platform as a person says it: `Linux x86_64`."""
    system = "Linux" if target.platform.startswith("linux") else "macOS"
    return f"{system} {architecture(target)}"
