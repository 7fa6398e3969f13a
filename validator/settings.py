"""Every default and limit, read once from flags, the environment and `pyproject.toml`.

Precedence: a flag, `VALIDATOR_*` in the environment, `[tool.validator]`, the default. Of the index
pip's and uv's variables come after ours, and their configuration files last.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from platformdirs import user_cache_path

from validator.errors import UsageError
from validator.facts import Limits, ProgramKind
from validator.findings import Severity
from validator.index_files import is_file, named_index, read_toml
from validator.per_path import PerPath, read

if TYPE_CHECKING:
    from collections.abc import Mapping

SANDBOXES = ("auto", "docker", "bubblewrap", "none")
RESOLVERS = ("uv", "pip-tools")
PINS = ("strict", "nearest", "latest")
KINDS = tuple(kind.value for kind in ProgramKind)
FAIL_ON = (Severity.ERROR.value, Severity.WARNING.value)
MAX_REPLY_BYTES = 16 * 1024 * 1024
"""A reply larger than this is refused: the longest model outputs known are well under 1 MiB."""


def _default_cache_dir() -> Path:
    try:
        return user_cache_path("reply-validator")
    except RuntimeError:
        raise UsageError("this user has no home: name a folder for VALIDATOR_CACHE_DIR") from None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose, complete with defaults; nothing reads the environment after this."""

    sandbox: str = "auto"
    """`auto`, `docker`, `bubblewrap` or `none`."""
    python: str | None = None
    """The Python to run on, `X.Y`; None takes the sandbox's own."""
    resolver: str = "uv"
    """`uv` or `pip-tools`."""
    pins: str = "nearest"
    """What becomes of a pin that cannot install: `strict`, `nearest` or `latest`."""
    cutoff: str | None = None
    """The last day, `YYYY-MM-DD`, packages uploaded on which count; None counts all.

    Set by the age `min_age` too, when the settings are loaded.
    """
    cache_mib: int = 10_240
    """How much of wheels and layers is kept; the least recently used go first."""
    select: tuple[str, ...] = ()
    """Codes or prefixes to report; empty reports all."""
    ignore: tuple[str, ...] = ()
    """Codes or prefixes to set aside."""
    fail_on: Severity = Severity.ERROR
    """The least severity that makes a verdict FAILED."""
    suppressions: bool = False
    """Honour comments in a reply that set findings aside: for Markdown that people have read."""
    per_path: tuple[PerPath, ...] = ()
    """What is different for replies below some paths; `for_reply` puts it in force."""
    kind: str | None = None
    """What kind of program it is taken for, `script` and so on; None reads it from the code."""
    instrument: bool = True
    """Watch the program through its libraries, answer it, drive it; False runs it bare."""
    placeholder_assets: bool = True
    """Put generated files in the place of images, sounds and data the reply does not have."""
    build_sdists: bool = False
    """Build packages that exist only as source, in the sandbox; False leaves them out."""
    offline: bool = False
    """Ask no index; what the cache holds is used."""
    limits: Limits = field(default_factory=Limits)
    cache_dir: Path = field(default_factory=_default_cache_dir)
    index_url: str = "https://pypi.org/simple"
    """The package index's simple API; credentials in it are never shown."""
    further_indexes: bool = False
    """True where pip or uv are configured to ask other indexes too, which this program does not."""
    docker_base: str = "python:3.11-slim-bookworm"
    """The image the sandbox is built on; `sandboxes/docker/` can make one without a registry."""
    docker_runtime: str = ""
    """The engine's runtime for workers, such as `runsc`; empty takes the engine's default."""
    docker_apparmor: str = ""
    """The AppArmor profile of workers; empty takes the engine's, `unconfined` takes none."""

    def for_reply(self, origin: str) -> Settings:
        """Return the settings for one reply, by where it came from as the user named it.

        What is to be ignored adds up; of all else the last table that covers the reply holds.
        """
        found = self
        for each in self.per_path:
            if each.covers(origin):
                found = replace(
                    found,
                    ignore=(*found.ignore, *each.ignore),
                    fail_on=each.fail_on or found.fail_on,
                    suppressions=(
                        found.suppressions if each.suppressions is None else each.suppressions
                    ),
                )
        return found


def load(
    flags: Mapping[str, Any],
    *,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Combine `flags` (None means not given), the environment and `pyproject.toml` into settings.

    `folder` is where the search for `pyproject.toml` begins; it goes upwards.

    Raises:
        UsageError: for a name or a value that means nothing here.
    """
    environ = os.environ if environ is None else environ
    folder = folder or Path.cwd()
    named = named_index(environ, folder)
    values: dict[str, Any] = {"index_url": named.index} if named.index else {}
    values.update(_from_pyproject(folder))
    per_path: tuple[PerPath, ...] = values.pop("per_path", ())
    over = _from_environment(environ)
    over.update({name: value for name, value in flags.items() if value is not None})
    values.update(over)
    further = named.further or any(environ.get(name) for name in _FURTHER)
    return replace(
        _build(_aged(values)),
        further_indexes=further,
        per_path=tuple(_below(each, over) for each in per_path),
    )


def _below(table: PerPath, over: Mapping[str, Any]) -> PerPath:
    """Return a table without what a flag or the environment says otherwise."""
    return replace(
        table,
        fail_on=None if "fail_on" in over else table.fail_on,
        suppressions=None if "suppressions" in over else table.suppressions,
    )


def _aged(values: dict[str, Any]) -> dict[str, Any]:
    """Turn `min_age`, in days, into the cutoff it comes to; of two the earlier day holds."""
    days = values.pop("min_age", None)
    if days is None:
        return values
    today = datetime.now(UTC).date()
    try:
        latest = (today - timedelta(days=int(days))).isoformat()
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"min-age is a number of days, not {days!r}") from None
    if latest > today.isoformat():
        raise UsageError(f"min-age must not be below 0, as {days} is")
    given = values.get("cutoff")
    return {**values, "cutoff": min(_day(given), latest) if given is not None else latest}


def _day(value: Any) -> str:
    # A TOML file has dates of its own.
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise UsageError(f"a cutoff is written YYYY-MM-DD, not {value!r}") from None


_FURTHER = ("PIP_EXTRA_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_INDEX")
_INDEX_NAME = re.compile(r"^\s*[\w.-]+=", re.ASCII)
"""What uv takes before an index's URL: `internal=https://…`."""
_OWN_NAMES = frozenset(f.name for f in fields(Settings)) - {"limits", "further_indexes", "per_path"}
_LIMIT_NAMES = frozenset(f.name for f in fields(Limits))
_ALIASES = {"seconds": "wall_seconds"}
_DERIVED = frozenset({"min_age"})
"""Settings that become another one."""


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    # pip's and uv's own variables name the index the machine is meant to use.
    for variable in ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX"):
        if environ.get(variable):
            values["index_url"] = _INDEX_NAME.sub("", environ[variable])
    for name in (*_OWN_NAMES, *_LIMIT_NAMES, *_ALIASES, *_DERIVED):
        text = environ.get(f"VALIDATOR_{name.upper()}")
        if text:
            values[name] = text
    return values


def _from_pyproject(folder: Path) -> dict[str, Any]:
    for candidate in (folder, *folder.parents):
        path = candidate / "pyproject.toml"
        if not is_file(path):
            continue
        tool = read_toml(path).get("tool")
        table = tool.get("validator", {}) if isinstance(tool, dict) else {}
        if not isinstance(table, dict):
            raise UsageError(f"{path} cannot be read: tool.validator is not a table")
        values = {name.replace("-", "_"): value for name, value in table.items()}
        if "per_path" in values:
            values["per_path"] = read(values["per_path"], candidate)
        return values
    return {}


def _build(values: Mapping[str, Any]) -> Settings:
    own: dict[str, Any] = {}
    limits: dict[str, Any] = {}
    for given, value in values.items():
        name = _ALIASES.get(given, given)
        if name in _LIMIT_NAMES:
            limits[name] = _number(given, value, whole=name != "wall_seconds")
        elif name in _OWN_NAMES:
            own[name] = _value(name, value)
        else:
            known = ", ".join(sorted(_OWN_NAMES | _LIMIT_NAMES | _DERIVED))
            raise UsageError(f"there is no setting {given!r}; there are: {known}")
    return Settings(**own, limits=replace(Limits(), **limits))


_CHOICES = {
    "sandbox": SANDBOXES,
    "resolver": RESOLVERS,
    "pins": PINS,
    "fail_on": FAIL_ON,
    "kind": KINDS,
}


_ON = ("1", "true", "yes", "on")
_OFF = ("0", "false", "no", "off")


def _value(name: str, value: Any) -> Any:
    choices = _CHOICES.get(name)
    if choices is not None:
        if value not in choices:
            raise UsageError(
                f"{name.replace('_', '-')} is one of {', '.join(choices)}, not {value!r}"
            )
        return Severity(value) if name == "fail_on" else value
    if name in ("select", "ignore"):
        items = value.split(",") if isinstance(value, str) else value
        return tuple(str(item).strip().upper() for item in items if str(item).strip())
    if name in ("offline", "instrument", "placeholder_assets", "build_sdists", "suppressions"):
        return _switch(name, str(value).strip().lower())
    if name == "cache_dir":
        try:
            # The sandbox's supervisor and the resolvers each stand in another folder.
            return Path(value).expanduser().absolute()
        except RuntimeError:
            raise UsageError(f"there is no home for the ~ in {value}") from None
    if name == "index_url":
        # Whoever asks adds a project's name: ours and uv's are to come to the same address.
        return str(value).strip().rstrip("/")
    if name == "cache_mib":
        return _number(name, value, whole=True)
    if name in ("python", "cutoff"):
        return _python(str(value)) if name == "python" else _day(value)
    return str(value)


def _switch(name: str, text: str) -> bool:
    if text not in (*_ON, *_OFF):
        raise UsageError(f"{name.replace('_', '-')} is true or false, not {text!r}")
    return text in _ON


def _python(text: str) -> str:
    major, _, minor = text.partition(".")
    if major != "3" or not minor.isdigit():
        raise UsageError(f"a Python is written X.Y, such as 3.11, not {text!r}")
    return text


def _number(name: str, value: Any, *, whole: bool) -> float | int:
    try:
        number = int(value) if whole else float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name.replace('_', '-')} is a number, not {value!r}") from None
    if not 0 < number < 1_000_000:
        raise UsageError(f"{name.replace('_', '-')} must be above 0, not {value}")
    return number
