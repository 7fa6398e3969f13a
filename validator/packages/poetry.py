"""What poetry is told to install, worded as pip would be told. Pure.

poetry has ranges of its own (`^1.2`, `~1.2`), parts versions by blanks as well as by commas, and
says in keys of a table what pip says in a marker.
"""

from __future__ import annotations

import re
from typing import Any

_CLAUSE = re.compile(
    r"(?P<sign>===|==|~=|!=|<=|>=|[\^~<>=])?\s*(?P<version>\d[\w.*+!-]*|\*)(?:\s*,\s*|\s+|$)"
)
_SERIES = re.compile(r"\d{1,9}(?:\.\d{1,9})*")
"""Numbers of no more digits than a version has: Python itself refuses to count above 4,300."""
_SOURCES = ("git", "path", "url", "file")
MAX_CONSTRAINTS = 20
"""Of one package, for several Pythons or platforms."""


def worded(name: str, told: Any) -> tuple[str, ...]:
    """Return the lines of a requirements.txt that say what poetry's table says of a package.

    One for each of several constraints. What pip has no words for is worded so that it is refused
    for what it is.
    """
    if isinstance(told, list):
        return tuple(_line(name, each) for each in told[:MAX_CONSTRAINTS])
    return (_line(name, told),)


def _line(name: str, told: Any) -> str:
    if not isinstance(told, dict):
        return f"{name}{_versions(str(told))}"
    extras = told.get("extras")
    if isinstance(extras, list) and extras:
        name = f"{name}[{','.join(map(str, extras))}]"
    for source in _SOURCES:
        if source in told:
            return f"{name} @ {told[source]}"
    marker = " and ".join(f"({each})" for each in _markers(told))
    versions = _versions(str(told.get("version", "*")))
    return f"{name}{versions}{f' ; {marker}' if marker else ''}"


def _versions(told: str) -> str:
    """Return poetry's versions as pip's; of ranges to choose from the last, mostly the newest.

    pip knows no `||`; what meets one of the ranges meets what was said.
    """
    found = _comparisons(told.split("|")[-1])
    return f" {told}" if found is None else ",".join(map("".join, found))


def _markers(told: dict[str, Any]) -> tuple[str, ...]:
    """Return what must hold for a package to be installed."""
    given = str(told.get("markers", ""))
    platform = told.get("platform")
    there = f"sys_platform == '{platform}'" if platform else ""
    return tuple(filter(None, (given, _pythons(str(told.get("python", "*"))), there)))


def _pythons(told: str) -> str:
    ranges: list[str] = []
    for each in filter(None, map(str.strip, told.split("|"))):
        found = _comparisons(each)
        if found is None:
            return f"python {told}"
        ranges.append(" and ".join(_of_python(*pair) for pair in found))
    return " or ".join(ranges) if all(ranges) else ""


def _of_python(sign: str, version: str) -> str:
    precise = version.count(".") > 1 and not version.endswith(".*")
    return f"python_{'full_' if precise else ''}version {sign} '{version}'"


def _comparisons(told: str) -> tuple[tuple[str, str], ...] | None:
    """Return what versions must meet, as pip compares; None where it cannot be read."""
    told = told.strip()
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(told):
        match = _CLAUSE.match(told, at)
        compared = _compared(match["sign"] or "==", match["version"]) if match else None
        if match is None or compared is None:
            return None
        found.extend(compared)
        at = match.end()
    return tuple(found)


def _compared(sign: str, version: str) -> tuple[tuple[str, str], ...] | None:
    if version == "*":
        return ()
    if sign in ("^", "~"):
        return _range(sign, version)
    return (("==" if sign == "=" else sign, version),)


def _range(sign: str, version: str) -> tuple[tuple[str, str], ...] | None:
    """Return the range of a `^1.2.3` (up to the next number not 0) or `~1.2.3`."""
    series = _SERIES.match(version)
    if series is None or version[series.end() :][:1].isdigit():
        return None
    numbers = [int(part) for part in series[0].split(".")]
    keep = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    if sign == "~":
        keep = min(1, len(numbers) - 1)
    upper = [*numbers[:keep], numbers[keep] + 1]
    return (">=", version.removesuffix(".*")), ("<", ".".join(map(str, upper)))
