"""The first resolver: `uv pip compile`, wheels only, for the target and not for the host."""

from __future__ import annotations

import re
import sys
import sysconfig
import tomllib
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from validator.errors import IndexUnavailable, Unavailable
from validator.packages.credentials import without_credentials
from validator.packages.locking import (
    LINKS,
    NOBODY,
    RETRIES,
    Caller,
    Chosen,
    Demand,
    Locked,
    Refusal,
    address_refused,
    check_disk,
    end_of,
    one_line,
    read_lock,
    run_tool,
)
from validator.packages.target import uv_platform

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from validator.facts import Target
    from validator.settings import Settings

# uv's own search for its program asks for these, and of threads that are the first to ask at once
# some get none (https://github.com/python/cpython/issues/92452, before CPython 3.12).
sysconfig.get_config_vars()

_LOCK, _PYLOCK = "requirements.txt", "pylock.toml"
_DEPENDS = re.compile(r"(\S+) depends? on (\S+)")
_REQUIRE = re.compile(r"you require ([^\s,]+)(?: and (?!all |you )([^\s,]+)(?=,))?")
_ADDRESS = re.compile(r"for package `([^`]+)`.*Package `([^`]+)` was included as a URL dependency")
_CONCLUSION = re.compile(r"we can conclude that .*?(?=\. And |\. \(\d+\) |\.?$)")
"""Up to the next reason: of the same conclusion, or of another after one that has a number."""


def lock(
    lines: Sequence[str],
    settings: Settings,
    target: Target,
    built: Mapping[str, Path] = MappingProxyType({}),
    caller: Caller = NOBODY,
) -> tuple[Locked, ...] | Refusal:
    """Lock requirement lines written by us; a Refusal where there is no solution.

    `built` are wheels to choose from beside those of the index, by file name. uv tells which wheels
    it takes and who needs what in two formats, so it runs twice, the second time from its cache;
    the `caller` hears in between.

    Raises:
        IndexUnavailable: uv could not reach the index.
        Unavailable: uv is missing or broken.
        OSError: its cache cannot be written.
    """
    run = partial(_run, lines, settings, target, built, caller)
    code, text, errors = run(_PYLOCK, "--format", "pylock.toml")
    if code != 0 and (refusal := _refused(errors)):
        return refusal
    # An index without hashes makes no lock of that format; what uv does not tell the pages do.
    known = _known(text, lines) if code == 0 else ()
    caller.hear(known)
    if [each.direct for each in known] == [True]:
        return known
    code = 1
    if known:
        code, text, errors = run(_LOCK, offline=True)
    if code != 0:
        code, text, errors = run(_LOCK)
    if code == 0:
        wheels = {(each.name, each.version): each.wheels for each in known}
        return tuple(
            replace(each, wheels=wheels.get((each.name, each.version), ()))
            for each in read_lock(text, lines)
        )
    if refusal := _refused(errors):
        return refusal
    check_disk(errors)
    raise IndexUnavailable(
        f"uv could not lock from {without_credentials(settings.index_url)}: "
        + one_line(_without_urls(_words(errors))),
        remedy="run once without --offline"
        if settings.offline
        else "run again, or --resolver pip-tools",
    )


def _refused(errors: str) -> Refusal | None:
    """Return the refusal that uv's words come to; None where they speak of something else."""
    if "No solution found" in errors and "network was disabled" not in errors:
        return _refusal(_words(errors))
    if address := _ADDRESS.search(" ".join(errors.split())):
        # A wheel that names another by an address: uv follows it for direct requirements only.
        return address_refused(*address.groups())
    return None


def _words(errors: str) -> str:
    return errors.partition("error:")[2] or errors


def _known(text: str, lines: Sequence[str]) -> tuple[Locked, ...]:
    """Return what a pylock.toml tells of a lock; nothing where part of it is not as expected."""
    asked = {Demand(line, "").name for line in lines}
    try:
        known = tuple(_locked(package, asked) for package in tomllib.loads(text)["packages"])
    except (ValueError, KeyError, TypeError):
        return ()
    return known if asked <= {each.name for each in known} else ()


def _locked(package: dict[str, Any], asked: Collection[str]) -> Locked:
    name, version = str(package["name"]), str(package["version"])
    return Locked(name, version, (), name in asked, tuple(map(_wheel, package["wheels"])))


def _wheel(told: dict[str, Any]) -> Chosen:
    url, size = without_credentials(str(told["url"])), told.get("size")
    name = unquote(urlsplit(url).path.rpartition("/")[2])
    size_bytes = size if isinstance(size, int) else None
    return Chosen(name, url, str(told["hashes"]["sha256"]), size_bytes)


def _run(
    lines: Sequence[str],
    settings: Settings,
    target: Target,
    built: Mapping[str, Path],
    caller: Caller,
    output: str,
    *options: str,
    offline: bool = False,
) -> tuple[int, str, str]:
    """Run uv on the lines, as `run_tool` does."""
    command = [
        _binary(),
        *("pip", "compile", "requirements.in"),
        *("--only-binary", ":all:"),
        *("--python", sys.executable, "--no-python-downloads"),
        *("--python-version", target.full_python, "--python-platform", uv_platform(target)),
        *("--no-config", "--no-header", "--color", "never", "--no-progress"),
        *("--cache-dir", str((settings.cache_dir / "uv").absolute())),
        *("--output-file", output, *options),
    ]
    if built:
        command += ["--find-links", LINKS]
    if settings.cutoff:
        command += ["--exclude-newer", end_of(settings.cutoff)]
    if settings.offline or offline:
        command += ["--offline"]
    # In the environment and not on the command line, which every user of the machine can read.
    environment = {"UV_DEFAULT_INDEX": settings.index_url, "UV_HTTP_RETRIES": RETRIES}
    return run_tool(command, lines, environment, built, output=output, gone=caller.gone)


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
