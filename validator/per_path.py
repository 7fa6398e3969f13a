"""Settings for some paths only: `[[tool.validator.per-path]]` in `pyproject.toml`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from validator.errors import UsageError
from validator.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_KEYS = ("paths", "ignore", "fail-on", "suppressions")
_WHERE = "[[tool.validator.per-path]]"
_FAIL_ON = (Severity.ERROR.value, Severity.WARNING.value)


@dataclass(frozen=True, slots=True)
class PerPath:
    """What is different for the replies below some paths."""

    root: Path
    """The folder of the `pyproject.toml`, from which `paths` are counted."""
    paths: tuple[str, ...]
    """Patterns: `*` within one name, `**` for any folders; a folder stands for all below it."""
    ignore: tuple[str, ...] = ()
    """Codes or prefixes to set aside, besides those set aside everywhere."""
    fail_on: Severity | None = None
    suppressions: bool | None = None

    def covers(self, origin: str) -> bool:
        """Tell whether a reply, as the user named it, is one of those meant."""
        try:
            names = Path(os.path.normpath(Path(origin).absolute())).relative_to(self.root).parts
        except ValueError:
            return False
        return any(_fits(names, PurePosixPath(each).parts) for each in self.paths)


def read(tables: Any, root: Path) -> tuple[PerPath, ...]:
    """Return the tables as written in `pyproject.toml`, checked.

    Raises:
        UsageError: a key is unknown, or a value means nothing.
    """
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise UsageError(f"per-path is written as tables, each headed {_WHERE}")
    return tuple(_one(table, root) for table in tables)


def _one(table: Mapping[str, Any], root: Path) -> PerPath:
    unknown = [each for each in table if each.replace("_", "-") not in _KEYS]
    if unknown:
        raise UsageError(f"{_WHERE} has no setting {unknown[0]!r}; it has: {', '.join(_KEYS)}")
    known = {name.replace("_", "-"): value for name, value in table.items()}
    paths = _texts("paths", known.get("paths", ()))
    if not paths:
        raise UsageError(f"{_WHERE} needs paths, such as paths = ['docs/**']")
    fail_on, suppressions = known.get("fail-on"), known.get("suppressions")
    if fail_on is not None and fail_on not in _FAIL_ON:
        raise UsageError(f"{_WHERE}: fail-on is one of {', '.join(_FAIL_ON)}, not {fail_on!r}")
    if suppressions is not None and not isinstance(suppressions, bool):
        raise UsageError(f"{_WHERE}: suppressions is true or false, not {suppressions!r}")
    return PerPath(
        root.absolute(),
        paths,
        tuple(each.upper() for each in _texts("ignore", known.get("ignore", ()))),
        None if fail_on is None else Severity(fail_on),
        suppressions,
    )


def _texts(name: str, value: Any) -> tuple[str, ...]:
    items: Iterable[Any] = (value,) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(each, str) for each in items):
        raise UsageError(f"{_WHERE}: {name} is a list of strings, not {value!r}")
    return tuple(each.strip() for each in items if each.strip())


def _fits(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether a path, or a folder above it, is what a pattern says."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(_fits(names[skipped:], pattern[1:]) for skipped in range(len(names)))
    return bool(names) and fnmatchcase(names[0], pattern[0]) and _fits(names[1:], pattern[1:])
