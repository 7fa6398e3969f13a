"""The second resolver: `pip-compile`, wheels only, for the Python that runs it.

pip-tools cannot lock for another Python or platform than its own, the third number of the version
excepted: it is told the target's. `--generate-hashes` asks an index for things not every index has
(197 s for numpy, pandas and matplotlib, measured 2026-11), so hashes come from the index page here
too.

pip fetches what a wheel names by an address, and builds it, `--only-binary :all:` or not (tried
with pip 26.3, 2026-11). So it is stopped where such a name becomes a requirement, which also tells
whose it is. That place is pip's own business and may move; builds are processes, so it is let start
none.
"""

from __future__ import annotations

import os
import re
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.errors import IndexUnavailable, UsageError
from validator.packages.credentials import without_credentials
from validator.packages.locking import (
    LINKS,
    NOBODY,
    RETRIES,
    Caller,
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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from validator.facts import Target
    from validator.settings import Settings

_NOT_BUILT = "PermissionError: nothing is built here"
_PROGRAM = """\
import collections, platform, runpy, sys

target = sys.argv.pop(1)
fields = ("major", "minor", "micro", "releaselevel", "serial")
numbers = (*map(int, target.split(".")), "final", 0)
sys.version_info = collections.namedtuple("version_info", fields)(*numbers)
platform.python_version = lambda: target

def refuse(event, arguments):
    if event.startswith(("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn")):
        raise PermissionError("nothing is built here")
    if event in ("os.system", "pty.spawn"):
        raise PermissionError("nothing is built here")

sys.addaudithook(refuse)

def without_addresses(plain):
    def checked(self, needed, *rest, **more):
        by = needed.comes_from
        # Of the lines of ours, none of which has an address, it is no requirement but words.
        if needed.link and not isinstance(by, str | None):
            if needed.match_markers(*(rest or more.values())):
                raise PermissionError(f"{by.name} needs {needed.name} from an address")
        return plain(self, needed, *rest, **more)
    return checked

try:
    from pip._internal.resolution.resolvelib.factory import Factory
    name = "_make_requirements_from_install_req"
    setattr(Factory, name, without_addresses(getattr(Factory, name)))
except (ImportError, AttributeError):
    pass
sys.argv[0] = "pip-compile"
runpy.run_module("piptools", run_name="__main__", alter_sys=True)
"""
_ADDRESS = re.compile(r"PermissionError: ([\w.-]+) needs ([\w.-]+) from an address$", re.MULTILINE)
_UNREACHED = ("Retry(total=0", "Could not fetch URL")
"""What pip logs before it says, of an index it could not reach, that there is no such package."""
_CAUSE = re.compile(
    r"RequirementInformation\(requirement=SpecifierRequirement\('([^']+)'\), "
    r"parent=(?:None|\w+\('[^' ]*?([^/' ]+)[ '])"
)


def lock(
    lines: Sequence[str],
    settings: Settings,
    target: Target,
    built: Mapping[str, Path] = MappingProxyType({}),
    caller: Caller = NOBODY,
) -> tuple[Locked, ...] | Refusal:
    """Lock requirement lines written by us; a Refusal where there is no solution.

    `built` are wheels to choose from beside those of the index, by file name. The `caller` hears of
    all of the lock at once.

    Raises:
        UsageError: the target's Python is not this one, or no index may be asked.
        IndexUnavailable: pip could not reach the index.
        Unavailable: pip-tools is missing or broken.
        OSError: its cache cannot be written.
    """
    _check(settings, target)
    code, text, errors = run_tool(
        _command(settings, target, built=bool(built)), lines, _environment(settings), built,
        gone=caller.gone,
    )  # fmt: skip
    if code == 0:
        locked = read_lock(text, lines)
        caller.hear(locked)
        return locked
    if address := _ADDRESS.search(errors):
        return address_refused(*address.groups())
    if any(sign in errors for sign in _UNREACHED):
        raise _unavailable(settings, "the index did not answer")
    if _NOT_BUILT in errors:
        return Refusal((), "something needed is only offered at an address of its own, as source")
    if "ResolutionImpossible" in errors or "DistributionNotFound" in errors:
        return _refusal(errors)
    check_disk(errors)
    last = errors.strip().rpartition("\n")[2]
    raise _unavailable(settings, one_line(re.sub(r"\S+://\S+", "its URL", last)))


def _unavailable(settings: Settings, why: str) -> IndexUnavailable:
    return IndexUnavailable(
        f"pip-tools could not lock from {without_credentials(settings.index_url)}: {why}",
        remedy="run again, or --resolver uv",
    )


def _check(settings: Settings, target: Target) -> None:
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    if target.python != own:
        raise UsageError(
            f"pip-tools locks only for the Python it runs on, {own}, and this run uses "
            f"{target.python}: take --resolver uv"
        )
    if settings.offline:
        raise UsageError("pip-tools cannot lock without an index: take --resolver uv")


def _command(settings: Settings, target: Target, *, built: bool) -> list[str]:
    cutoff = f" --uploaded-prior-to {end_of(settings.cutoff)}" if settings.cutoff else ""
    links = f" --find-links {LINKS}" if built else ""
    return [
        sys.executable,
        # Isolated: no PYTHONPATH, no user site, nothing of the current folder.
        *("-I", "-c", _PROGRAM, target.full_python, "compile", "requirements.in"),
        *("--output-file", "requirements.txt", "--no-config", "--no-header", "--strip-extras"),
        *("--no-emit-index-url", "--no-emit-options", "--allow-unsafe", "--quiet"),
        *("--cache-dir", str((settings.cache_dir / "pip-tools").absolute())),
        *("--pip-args", f"--only-binary :all:{cutoff}{links}"),
    ]


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": settings.index_url,
        "PIP_NO_INPUT": "1",
        "PIP_RETRIES": RETRIES,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def _refusal(errors: str) -> Refusal:
    demands = [
        Demand(_normalized(wanted), _distribution(filename))
        for wanted, filename in _CAUSE.findall(errors)
    ]
    # The last line of a traceback: the exception's dotted name, then its words.
    words = one_line(errors.strip().rpartition("\n")[2].partition(": ")[2])
    return Refusal(tuple(dict.fromkeys(demands)), words)


def _normalized(wanted: str) -> str:
    name = re.match(r"[\w.-]*", wanted)
    assert name is not None
    return canonicalize_name(name[0]) + wanted[name.end() :]


def _distribution(filename: str) -> str:
    if not filename:
        return ""
    name, _, rest = filename.partition("-")
    return f"{canonicalize_name(name)}=={rest.partition('-')[0]}"
