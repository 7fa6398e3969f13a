"""Directory trees, as replies draw them: where the files of a project belong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from validator.facts import BlockKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from validator.reading.passage import Stretch

_ENTRY = re.compile(
    r"(?P<branch>[│|\s]*(?:[├└]─+|[|`+]-{2,})\s*)(?P<name>[\w.@-]+)(?P<folder>/?)\s*(?:#.*|\(.*)?"
)
_MAX_LINES = 500


def paths_in_trees(stretches: Iterable[Stretch]) -> dict[str, str]:
    """Return the path, below the root, of each file name that the drawn trees have once."""
    found: dict[str, list[str]] = {}
    for stretch in stretches:
        if stretch.kind is not BlockKind.PYTHON:
            for path in _paths(stretch.passage.lines[:_MAX_LINES]):
                found.setdefault(path.rpartition("/")[2], []).append(path)
    return {name: paths[0] for name, paths in found.items() if len(set(paths)) == 1}


def _paths(lines: Sequence[str]) -> Iterator[str]:
    folders: list[tuple[int, str]] = []
    for line in lines:
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            continue
        column = len(entry["branch"])
        while folders and folders[-1][0] >= column:
            folders.pop()
        if entry["folder"] or "." not in entry["name"]:
            folders.append((column, entry["name"]))
        else:
            yield "/".join([*(name for _, name in folders), entry["name"]])
