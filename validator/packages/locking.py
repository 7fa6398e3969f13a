"""What the two resolvers share: lines of ours in, pins or a conflict out, nothing of the host's."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.errors import Unavailable
from validator.packages.authorities import authorities

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TOOL_SECONDS = 180.0
"""A resolver that has not come to an end by then is stopped; the slowest measured took 17 s."""
_LOOK_SECONDS = 0.1
RETRIES = "2"
"""Of a resolver's requests: our own client has just had answers from the same index."""

_KEPT = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
_LAST_DAY = date(9999, 12, 29)
"""Of a cutoff: uv 0.13 reads no time from the evening of the day after on (2026-11)."""
_NUMBER = re.compile(r"(?:\(os error |\[Errno )(\d{1,4})[)\]]")
"""Of what the system said, as uv and pip word it."""
_OF_DISKS = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)")
_ADVERB = re.compile(r"^\s+#\s*(?:via\b)?\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The wheel a resolver took for one line of its lock."""

    filename: str
    url: str
    """Without credentials."""
    sha256: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Locked:
    """One line of a lock."""

    name: str
    """Normalized by PEP 503."""
    version: str
    required_by: tuple[str, ...]
    """Normalized names of the others that need it."""
    direct: bool
    """True where it was asked for itself."""
    wheels: tuple[Chosen, ...] = ()
    """Those the resolver says it may take; empty where it does not say."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Somebody wants a version of something."""

    wanted: str
    """A requirement as the resolver words it: `werkzeug>=3.0.0`; empty where no words will do."""
    by: str
    """`flask==3.0.3`; empty for what the program itself requires."""

    @property
    def name(self) -> str:
        """The normalized name of what is wanted."""
        return canonicalize_name(re.split(r"[^\w.-]", self.wanted, maxsplit=1)[0])


@dataclass(frozen=True, slots=True)
class Refusal:
    """The resolver found no answer."""

    demands: tuple[Demand, ...]
    """What cannot hold together, as far as it could be read from the resolver's words."""
    words: str
    """The resolver's own account in one line, for where nothing could be read."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever wants a lock, while it is made."""

    hear: Callable[[Sequence[Locked]], None] = lambda _: None
    """Called as soon as it is known what is in it, all but who needs what."""
    gone: Callable[[], bool] = lambda: False
    """Asked now and then: True where nobody wants it any more."""


NOBODY = Caller()
"""Waits for the lock, and for nothing before it."""


def environment(folder: Path, extra: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment of a resolver: certificates, proxies and `extra`.

    `PIP_*` and `UV_*` of the host, its pip and uv configuration and its home would each make a
    lock depend on the machine; pip writes any variable it sees into a URL that names it.
    """
    proxies = (*_PROXIES, *map(str.upper, _PROXIES))
    kept = {name: os.environ[name] for name in (*_KEPT, *proxies) if name in os.environ}
    return {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        **kept,
        **authorities(os.environ),
        **extra,
    }


LINKS = "built"
"""The folder with wheels that were built, where there are any; an index may not have their like."""


_RUNNING: dict[subprocess.Popen[bytes], Path] = {}
"""The resolvers of this process, each with its folder."""
_OVER = Event()


def end_all() -> None:
    """End every resolver, and remove its folder: for a process that leaves its threads behind."""
    _OVER.set()
    for process, folder in tuple(_RUNNING.items()):
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def run_tool(
    command: Sequence[str],
    lines: Sequence[str],
    extra: Mapping[str, str],
    built: Mapping[str, Path] = MappingProxyType({}),
    *,
    output: str = "requirements.txt",
    gone: Callable[[], bool] = NOBODY.gone,
) -> tuple[int, str, str]:
    """Run a resolver in a folder that holds `requirements.in` and in `LINKS` wheels we `built`.

    Returns its exit code, the lock it wrote to `output` ("" if none) and its stderr.

    Raises:
        Unavailable: it is not there, does not come to an end, or whoever wanted it is `gone`.
    """
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="reply-validator-lock-")))
            _fill(folder, lines, built)
        except OSError as error:
            raise Unavailable(
                f"no folder for a lock can be made: {error.strerror}",
                remedy="make room in the temporary folder, or name another with TMPDIR",
            ) from None
        try:
            code, errors = _finish(command, folder, environment(folder, extra), gone)
        except OSError as error:
            raise Unavailable(
                f"{command[0]} cannot be started: {error.strerror}",
                remedy="reinstall reply-validator, or try the other one with --resolver",
            ) from None
        written = folder / output
        lock = written.read_text(encoding="utf-8") if written.exists() else ""
        return code, lock, errors.decode(errors="replace")


def _fill(folder: Path, lines: Sequence[str], built: Mapping[str, Path]) -> None:
    (folder / "requirements.in").write_text("".join(f"{line}\n" for line in lines))
    if built:
        (folder / LINKS).mkdir()
    for filename, wheel in built.items():
        (folder / LINKS / filename).symlink_to(wheel.absolute())


def check_disk(errors: str) -> None:
    """Make sure that it was not the disk a resolver failed for.

    Raises:
        OSError: it was.
    """
    for number in map(int, _NUMBER.findall(errors)):
        if number in _OF_DISKS:
            raise OSError(number, os.strerror(number))


def _finish(
    command: Sequence[str], folder: Path, env: Mapping[str, str], gone: Callable[[], bool]
) -> tuple[int, bytes]:
    """Return exit code and stderr of a command, ended where it takes too long or for nobody."""
    end = time.monotonic() + TOOL_SECONDS
    with subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        _RUNNING[process] = folder
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    _, errors = process.communicate(timeout=min(_LOOK_SECONDS, TOOL_SECONDS))
                    if not _OVER.is_set():
                        return process.returncode, errors
                if gone() or _OVER.is_set():
                    raise Unavailable("a lock is no longer waited for: this run is over")
                if time.monotonic() > end:
                    raise Unavailable(
                        f"{Path(command[0]).name} did not finish in {TOOL_SECONDS:.0f} s",
                        remedy="try the other one with --resolver",
                    )
        except BaseException:
            process.kill()
            raise
        finally:
            del _RUNNING[process]


def read_lock(text: str, lines: Sequence[str]) -> tuple[Locked, ...]:
    """Read the lock both tools write: a pin a line, each followed by who wanted it.

    Raises:
        Unavailable: it lacks something that `lines`, none of which has a marker, asked for.
    """
    pins: list[tuple[str, str, list[str]]] = []
    for line in text.splitlines():
        if pin := _PIN.match(line):
            pins.append((canonicalize_name(pin[1]), pin[2], []))
        elif pins and (via := _ADVERB.match(line)) and via[1]:
            pins[-1][2].append(via[1].strip())
    found = {name for name, _, _ in pins}
    missing = [name for line in lines if (name := Demand(line, "").name) not in found]
    if missing:
        # A lock in a form nobody here knows must not pass for one with nothing in it.
        raise Unavailable(
            f"the resolver's lock does not name {missing[0]}, which was asked of it",
            remedy="try the other one with --resolver, or another version of this one",
        )
    return tuple(_locked(name, version, via) for name, version, via in pins)


def _locked(name: str, version: str, via: Sequence[str]) -> Locked:
    # "-r requirements.in" is the program itself.
    others = [line for line in via if not line.startswith("-r ")]
    by = tuple(sorted(canonicalize_name(line) for line in others))
    return Locked(name, version, by, direct=not others or len(others) < len(via))


def chain(demand: Demand, needs: Sequence[Demand], asked: Mapping[str, str]) -> str:
    """Return `front needs middle, which needs shared<2`, back to what was `asked` for by name."""
    owner = Demand(demand.by, "").name
    words = f"needs {demand.wanted}"
    seen = {owner}
    while owner not in asked:
        above = next((each for each in needs if each.name == owner), None)
        if above is None or (further := Demand(above.by, "").name) in seen:
            break
        words = f"needs {owner}, which {words}"
        owner = further
        seen.add(owner)
    return f"{asked.get(owner, owner)} {words}"


def address_refused(by: str, name: str) -> Refusal:
    """Return the refusal of a package that names another by an address."""
    owner = Demand(by, "").name
    why = f"{owner} needs {name} from an address of its own, which is not followed"
    return Refusal((Demand("", by),), why)


def one_line(text: str) -> str:
    """Return a tool's words as one line of at most 300 characters, without control characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= 300 else f"{line[:299]}…"


def end_of(day: str) -> str:
    """Return the first moment after a day, as both tools read a time: `2026-11-16T00:00:00Z`."""
    last = min(date.fromisoformat(day), _LAST_DAY)
    return f"{last + timedelta(days=1)}T00:00:00Z"
