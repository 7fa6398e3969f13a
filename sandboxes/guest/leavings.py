"""Keep the pictures and pages a program wrote into its folder, a bounded number of them."""

from __future__ import annotations

import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .instruments import Session

KEPT = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".html", ".pdf")
MAX_FILES = 8
MAX_FILE_BYTES = 2 << 20
MAX_LOOKED_AT = 2000


def keep(work: str, given: dict, session: Session) -> None:
    """Send what lies in `work` and was not `given` there, in the order it was written."""
    found = sorted(_written(work, given))[:MAX_FILES]
    taken: set = set()
    for _, path in found:
        data = _read(path)
        if data:
            name = _plain(os.path.relpath(path, work), taken)
            session.keep(f"files/{name}", data, "file")


def _written(work: str, given: dict) -> list:
    found, looked_at = [], 0
    for folder, _, names in os.walk(work):
        for name in names:
            looked_at += 1
            path = os.path.join(folder, name)
            if looked_at > MAX_LOOKED_AT or not name.lower().endswith(KEPT):
                continue
            facts = os.lstat(path)
            small = 0 < facts.st_size <= MAX_FILE_BYTES
            if stat.S_ISREG(facts.st_mode) and small and os.path.relpath(path, work) not in given:
                found.append((facts.st_mtime_ns, path))
    return found


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(MAX_FILE_BYTES)


def _plain(name: str, taken: set) -> str:
    """Return a name safe anywhere for a path the program chose, and not yet taken."""
    stem, suffix = os.path.splitext(name)
    # One dash for whatever lies between letters and digits that any system takes.
    parts = re.split(r"[^A-Za-z0-9_]+", stem)
    plain = "-".join(filter(None, parts))[:60] or "file"
    unique, number = plain + suffix.lower(), 1
    while unique in taken:
        number += 1
        unique = f"{plain}-{number}{suffix.lower()}"
    taken.add(unique)
    return unique
