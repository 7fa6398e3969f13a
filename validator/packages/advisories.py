"""What the index knows of the pinned versions: vulnerabilities, from its JSON pages.

Not every index has them, and one that has may tell them of the newest version only. What is not
known stays None, whatever the reason: unknown is never clean.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from validator.errors import IndexUnavailable
from validator.facts import Vulnerability
from validator.packages.connection import CONNECTIONS, write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from validator.facts import Pin
    from validator.packages.connection import Connection

LIFE_SECONDS = 86_400.0
"""How long an answer serves, "the index does not say" included."""
MAX_WORDS = 200
"""Characters of one summary: anybody's words, as long as they like."""
MAX_TOLD = 50
"""Vulnerabilities kept of one version; the most seen, of an old TensorFlow, were over 400."""
_FORMAT = 1


def vet(
    pins: Sequence[Pin], connection: Connection, cache_dir: Path, *, offline: bool
) -> tuple[Pin, ...]:
    """Return the pins with what the index knows of each; never raises for an index that is silent.

    One request a pin that the cache does not answer, `CONNECTIONS` at a time, each tried once.
    """

    def one(pin: Pin) -> Pin:
        return replace(pin, vulnerabilities=_known(pin, connection, folder, offline=offline))

    folder = cache_dir / "advisories" / sha256(connection.shown.encode()).hexdigest()[:16]
    if not pins:
        return ()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        return tuple(pool.map(one, pins))


def _known(
    pin: Pin, connection: Connection, folder: Path, *, offline: bool
) -> tuple[Vulnerability, ...] | None:
    path = folder / f"{pin.name}-{pin.version}.json"
    kept = _recall(path, any_age=offline)
    if kept is not None or offline:
        return _read(kept["vulnerabilities"]) if kept else None
    try:
        told = _asked(pin, connection)
    except IndexUnavailable:
        # Not kept: the next run may be luckier.
        return None
    data = None if told is None else [asdict(each) for each in told]
    kept = {"format": _FORMAT, "at": time.time(), "vulnerabilities": data}
    write_whole(path, json.dumps(kept).encode())
    return told


def _asked(pin: Pin, connection: Connection) -> tuple[Vulnerability, ...] | None:
    base = connection.shown.removesuffix("/simple")
    if base == connection.shown:
        return None  # a JSON page stands beside `/simple`, or nobody knows where
    own = connection.get(f"{base}/pypi/{pin.name}/{pin.version}/json", only=200, attempts=1)
    if own.status == 200:
        return _vulnerabilities(own.text, pin.version)
    # Some mirrors have the project's page alone, which speaks of the newest version.
    newest = connection.get(f"{base}/pypi/{pin.name}/json", only=200, attempts=1)
    return _vulnerabilities(newest.text, pin.version) if newest.status == 200 else None


def _vulnerabilities(text: str, version: str) -> tuple[Vulnerability, ...] | None:
    try:
        page = json.loads(text)
        if page["info"]["version"] != version:
            return None
        told = [each for each in page["vulnerabilities"] if not each.get("withdrawn")]
        return _read(
            [
                {**each, "summary": each.get("summary") or each.get("details") or ""}
                for each in told[:MAX_TOLD]
            ]
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _read(told: Sequence[dict[str, Any]] | None) -> tuple[Vulnerability, ...] | None:
    if told is None:
        return None
    return tuple(
        Vulnerability(
            id=_line(each.get("id")),
            aliases=_lines(each.get("aliases")),
            summary=_line(each.get("summary")),
            fixed_in=_lines(each.get("fixed_in")),
        )
        for each in told
    )


def _lines(values: object) -> tuple[str, ...]:
    # What is told beside a vulnerability may be amiss; that there is one still counts.
    return tuple(map(_line, values)) if isinstance(values, list) else ()


def _line(value: object) -> str:
    text = str(value or "")
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return clean if len(clean) <= MAX_WORDS else f"{clean[: MAX_WORDS - 1]}…"


def _recall(path: Path, *, any_age: bool) -> dict[str, Any] | None:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        fresh = any_age or 0 <= time.time() - data["at"] < LIFE_SECONDS
        return data if data["format"] == _FORMAT and fresh else None
    # What cannot be read was not kept.
    except (OSError, ValueError, KeyError, TypeError):
        return None
