"""The first resolver: `uv pip compile`, wheels only, for the target and not for the host."""

from __future__ import annotations

import re
import sys
import tomllib
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from validator.errors import IndexUnavailable, Unavailable
from validator.packages.credentials import without_credentials
from validator.packages.locking import (
    LINKS,
    RETRIES,
    Chosen,
    Demand,
    Locked,
    Refusal,
    address_refused,
    end_of,
    one_line,
    read_lock,
    run_tool,
)
from validator.packages.target import uv_platform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from validator.facts import Target
    from validator.settings import Settings

_PYLOCK = "pylock.toml"
_DEPENDS = re.compile(r"(\S+) depends? on (\S+)")
_REQUIRE = re.compile(r"you require ([^\s,]+)(?: and (?!all |you )([^\s,]+)(?=,))?")
_ADDRESS = re.compile(r"for package `([^`]+)`.*Package `([^`]+)` was included as a URL dependency")
_CONCLUSION = re.compile(r"we can conclude that .*?(?=\. And |\.?$)")


def lock(
    lines: Sequence[str],
    settings: Settings,
    target: Target,
    built: Mapping[str, Path] = MappingProxyType({}),
) -> tuple[Locked, ...] | Refusal:
    """Lock requirement lines written by us; a Refusal where there is no solution.

    `built` are wheels to choose from beside those of the index, by file name.

    Raises:
        IndexUnavailable: uv could not reach the index.
        Unavailable: uv is missing or broken.
    """
    code, text, errors = run_tool(
        _command(settings, target, built=bool(built)), lines, _environment(settings), built
    )
    if code == 0:
        return read_lock(text, lines)
    words = errors.partition("error:")[2] or errors
    if "No solution found" in errors and "network was disabled" not in errors:
        return _refusal(words)
    if address := _ADDRESS.search(" ".join(errors.split())):
        # A wheel that names another by an address: uv follows it for direct requirements only.
        return address_refused(*address.groups())
    raise IndexUnavailable(
        f"uv could not lock from {without_credentials(settings.index_url)}: "
        + one_line(_without_urls(words)),
        remedy="run once without --offline"
        if settings.offline
        else "run again, or --resolver pip-tools",
    )


def wheels(
    locked: Sequence[Locked], settings: Settings, target: Target
) -> dict[tuple[str, str], tuple[Chosen, ...]]:
    """Return which wheels uv may take, by name and version, without asking the index for its pages.

    uv has just read them. It tells this in another format than who needs what, so it runs again.
    What it does not tell, in a version that cannot or of an index without hashes, is left out.

    Raises:
        Unavailable: uv is missing or does not end.
    """
    lines = [f"{each.name}=={each.version}" for each in locked]
    command = [*_command(settings, target, built=False), "--no-deps", "--format", "pylock.toml"]
    command[command.index("requirements.txt")] = _PYLOCK
    code, text, _ = run_tool(command, lines, _environment(settings), output=_PYLOCK)
    return _chosen(text) if code == 0 else {}


def _chosen(text: str) -> dict[tuple[str, str], tuple[Chosen, ...]]:
    found: dict[tuple[str, str], tuple[Chosen, ...]] = {}
    # What is not as expected is not known; the index pages are.
    try:
        packages = list(tomllib.loads(text)["packages"])
    except (ValueError, KeyError, TypeError):
        return {}
    for package in packages:
        with suppress(ValueError, KeyError, TypeError):
            wheels = tuple(map(_wheel, package["wheels"]))
            found[package["name"], package["version"]] = wheels
    return found


def _wheel(told: dict[str, Any]) -> Chosen:
    url, size = without_credentials(str(told["url"])), told.get("size")
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    size_bytes = size if isinstance(size, int) else None
    return Chosen(name, url, str(told["hashes"]["sha256"]), size_bytes)


def _command(settings: Settings, target: Target, *, built: bool) -> list[str]:
    command = [
        _binary(),
        *("pip", "compile", "requirements.in", "--output-file", "requirements.txt"),
        *("--only-binary", ":all:"),
        *("--python", sys.executable, "--no-python-downloads"),
        *("--python-version", target.python, "--python-platform", uv_platform(target)),
        *("--no-config", "--no-header", "--color", "never", "--no-progress"),
        *("--cache-dir", str((settings.cache_dir / "uv").absolute())),
    ]
    if built:
        command += ["--find-links", LINKS]
    if settings.cutoff:
        command += ["--exclude-newer", end_of(settings.cutoff)]
    return [*command, "--offline"] if settings.offline else command


def _environment(settings: Settings) -> dict[str, str]:
    # In the environment and not on the command line, which every user of the machine can read.
    return {"UV_DEFAULT_INDEX": settings.index_url, "UV_HTTP_RETRIES": RETRIES}


def _binary() -> str:
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        raise Unavailable(
            "uv is not installed beside this program",
            remedy="pip install uv, or --resolver pip-tools",
        ) from None


def _refusal(words: str) -> Refusal:
    # "Because flask==3.0.3 depends on werkzeug>=3.0.0 and you require flask==3.0.3, we can conclude
    # that you require werkzeug>=3.0.0. And because you require werkzeug==2.0.3, we can conclude …":
    # what follows a conclusion is derived, and not anybody's demand (uv 0.8 to 0.13).
    text = " ".join(words.partition("hint:")[0].split())
    stated = _CONCLUSION.sub("", text)
    demands = [Demand(wanted.rstrip(",."), by) for by, wanted in _DEPENDS.findall(stated)]
    asked = [wanted for pair in _REQUIRE.findall(stated) for wanted in pair if wanted]
    demands += [Demand(wanted.rstrip("."), "") for wanted in asked]
    # What stands before the first reason is drawn differently by every version.
    reason = text.partition("Because ")[2] or text
    return Refusal(tuple(dict.fromkeys(demands)), one_line(reason))


def _without_urls(text: str) -> str:
    return re.sub(r"\S+://\S+", "its URL", text)
