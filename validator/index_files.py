"""Which package index pip's and uv's own configuration files name, for where no variable does."""

from __future__ import annotations

import configparser
import os.path
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from validator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NONE = "/dev/null"
"""What PIP_CONFIG_FILE names where no file is to be read (pip's documentation, `os.devnull`)."""


@dataclass(frozen=True, slots=True)
class Named:
    """What one machine's configuration says of indexes."""

    index: str | None = None
    """The one to ask; it may hold a password."""
    further: bool = False
    """True where others are to be asked as well, which this program does not."""


def named_index(environ: Mapping[str, str], folder: Path, root: Path = Path("/")) -> Named:
    """Return what the files say: uv's before pip's, the nearer before the further away.

    `folder` is where the search for a project's `uv.toml` and `pyproject.toml` begins; `root` is
    where the system's own files lie below. A file that is not there says nothing.

    Raises:
        UsageError: a file is there and cannot be read.
    """
    found = [*_of_uv(environ, folder, root), *_of_pip(environ, root)]
    index = next((each.index for each in found if each.index), None)
    return Named(index, any(each.further for each in found))


# ── uv ───────────────────────────────────────────────────────────────────────────────────────────


def _of_uv(environ: Mapping[str, str], folder: Path, root: Path) -> Iterator[Named]:
    if environ.get("UV_NO_CONFIG", "").lower() in ("1", "true", "yes", "on"):
        return
    if given := environ.get("UV_CONFIG_FILE"):
        yield _in_uv_table(read_toml(Path(given)))
        return
    yield from _of_project(folder)
    for config in (_config_home(environ), *_config_folders(environ, root)):
        if config is not None and is_file(path := config / "uv" / "uv.toml"):
            yield _in_uv_table(read_toml(path))


def _of_project(folder: Path) -> Iterator[Named]:
    for place in (folder, *folder.parents):
        # Of the two in one folder uv reads only the first.
        if is_file(own := place / "uv.toml"):
            yield _in_uv_table(read_toml(own))
            return
        if is_file(project := place / "pyproject.toml"):
            tool = read_toml(project).get("tool")
            table = tool.get("uv") if isinstance(tool, dict) else None
            if isinstance(table, dict):
                yield _in_uv_table(table)
                return


def _in_uv_table(table: Mapping[str, Any]) -> Named:
    told = table.get("index")
    indexes = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
    default = [each.get("url") for each in indexes if each.get("default") is True]
    pip = table.get("pip")
    default += [each.get("index-url") for each in (table, pip if isinstance(pip, dict) else {})]
    further = len(indexes) > sum(each.get("default") is True for each in indexes)
    further = further or bool(table.get("extra-index-url"))
    return Named(next((each for each in default if isinstance(each, str)), None), further)


def is_file(path: Path) -> bool:
    """Return whether a file is there, where we may look: somebody else's home says nothing."""
    return os.path.isfile(path)  # noqa: PTH113 - the other raises where we may not, up to 3.13


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a configuration file.

    Raises:
        UsageError: it cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    # ValueError: bad TOML, bad UTF-8, or a number of more digits than Python reads (4,300).
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from None


# ── pip ──────────────────────────────────────────────────────────────────────────────────────────


def _of_pip(environ: Mapping[str, str], root: Path) -> Iterator[Named]:
    """Yield what pip's files say, those that override others first (`pip config debug`)."""
    given = environ.get("PIP_CONFIG_FILE")
    if given == _NONE:
        return
    if given:
        yield _in_pip_file(Path(given))
    home = environ.get("HOME")
    config = _config_home(environ)
    yield _in_pip_file(Path(sys.prefix) / "pip.conf")
    if config is not None:
        yield _in_pip_file(config / "pip" / "pip.conf")
    if home:
        yield _in_pip_file(Path(home) / ".pip" / "pip.conf")
    yield _in_pip_file(root / "etc" / "pip.conf")
    for folder in _config_folders(environ, root):
        yield _in_pip_file(folder / "pip" / "pip.conf")


def _in_pip_file(path: Path) -> Named:
    if not is_file(path):
        return Named()
    # Not interpolated: a password may hold any sign.
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise UsageError(f"{path} cannot be read: {type(error).__name__}") from None
    told: dict[str, str] = {}
    for section in ("global", "install"):  # the command's own section overrides
        if parser.has_section(section):
            # pip takes a dash and an underscore for the same.
            told.update((name.replace("_", "-"), text) for name, text in parser.items(section))
    return Named(told.get("index-url", "").strip() or None, bool(told.get("extra-index-url")))


def _config_home(environ: Mapping[str, str]) -> Path | None:
    if given := environ.get("XDG_CONFIG_HOME"):
        return Path(given)
    home = environ.get("HOME")
    return Path(home) / ".config" if home else None


def _config_folders(environ: Mapping[str, str], root: Path) -> tuple[Path, ...]:
    told = environ.get("XDG_CONFIG_DIRS")
    system = (root / "etc",)
    return (
        (*(Path(each) for each in told.split(":") if each), *system)
        if told
        else (root / "etc" / "xdg", *system)
    )
