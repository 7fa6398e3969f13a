"""The project that a page of documentation is part of."""

from __future__ import annotations

from pathlib import Path

_MARKS = ("pyproject.toml", "setup.py", "setup.cfg")
_STDIN = "-"


def packages_beside(origin: str) -> frozenset[str]:
    """Return the names of the packages of the project whose folder holds the page, or one above.

    That is the nearest folder with a `pyproject.toml`, `setup.py` or `setup.cfg`; its packages are
    the folders with an `__init__.py` in it and in its `src`.
    """
    return frozenset() if origin == _STDIN else _packages(Path(origin).resolve().parent)


def _packages(folder: Path) -> frozenset[str]:
    for project in (folder, *folder.parents):
        if any((project / mark).is_file() for mark in _MARKS):
            found = (*project.glob("*/__init__.py"), *project.glob("src/*/__init__.py"))
            return frozenset(each.parent.name for each in found)
    return frozenset()
