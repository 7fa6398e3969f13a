"""The package index: project pages and files over HTTP, kept on disk.

Indexes differ, so everything is negotiated (PEP 691, PEP 503): JSON is asked for and HTML taken,
an ETag is used where one is given, and a page lives 600 s by our own clock where no validator is
served at all, which is what some mirrors do.
"""

from __future__ import annotations

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.errors import IndexUnavailable
from validator.packages.advisories import vet
from validator.packages.connection import CONNECTIONS, Connection, alone_with, up_to, write_whole
from validator.packages.evicting import UNNAMED
from validator.packages.pages import File, Page, from_html, from_json
from validator.packages.peeking import peek

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from validator.facts import Pin
    from validator.packages.connection import Answer
    from validator.packages.contents import Contents
    from validator.settings import Settings

LIFE_SECONDS = 600.0
"""How long a page is taken without asking again: the `max-age` PyPI itself gives its pages."""
MAX_IN_MEMORY = 256
"""Pages held by one process; a large one takes about 3 MB there."""
MAX_PEEKED_BYTES = 1024**3
"""Of a wheel that is fetched whole only to be looked into, from an index without ranges."""
_ACCEPT = (
    "application/vnd.pypi.simple.v1+json, "
    "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
)
_fields_of = attrgetter(*(field.name for field in fields(File)))
_FORMAT = 2
"""Part of every cached page; a page of another format is fetched again."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A page as it lies on disk; `files` is None for a project the index does not have."""

    fetched_at: float
    etag: str
    files: tuple[File, ...] | None
    status: str = ""
    status_reason: str = ""

    @property
    def fresh(self) -> bool:
        return 0 <= time.time() - self.fetched_at < LIFE_SECONDS


class Index:
    """One index, as the settings name it; safe to use from several threads.

    Pages are kept under `cache_dir/pages`. When the index cannot be asked, a page of any age is
    better than none: an outage makes answers older, never different in kind.

    Raises:
        UsageError: the settings' index is not a URL.
    """

    def __init__(self, settings: Settings) -> None:
        url = settings.index_url.rstrip("/")
        self._connection = Connection(url)
        self._url = self.shown = self._connection.shown
        self._offline = settings.offline
        self._cutoff = settings.cutoff
        place = hashlib.sha256(self._url.encode()).hexdigest()[:16]
        self._cache_dir = settings.cache_dir
        self._folder = settings.cache_dir / "pages" / place
        self._memory: dict[str, Page | None] = {}
        self._since = time.time()
        self._down: IndexUnavailable | None = None
        self._proven = False

    @property
    def outage(self) -> IndexUnavailable | None:
        """Why the index could not be asked, if the pages asked for last came from an old cache."""
        return self._down

    def close(self) -> None:
        """Close the connections; a download under way in another thread ends with an error."""
        self._connection.close()

    def pages(self, names: Iterable[str]) -> dict[str, Page | None]:
        """Return the page of each project, None for one the index does not have.

        Asks for what the cache does not answer, `CONNECTIONS` at a time; keys are normalized.

        Raises:
            IndexUnavailable: the index cannot be asked and the cache does not know a project.
        """
        self._down = None
        memory = self._remembered()
        wanted = list(dict.fromkeys(str(canonicalize_name(name)) for name in names))
        missing = [name for name in wanted if name not in memory]
        if len(missing) == 1:
            memory[missing[0]] = self._load(missing[0])
        elif missing:
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                memory.update(zip(missing, pool.map(self._load, missing), strict=True))
        return {name: memory[name] for name in wanted}

    def _remembered(self) -> dict[str, Page | None]:
        # Replaced and never emptied: another thread may be reading the one before.
        if len(self._memory) > MAX_IN_MEMORY or time.time() - self._since >= LIFE_SECONDS:
            self._memory = {}
            self._since = time.time()
        return self._memory

    def _load(self, name: str) -> Page | None:
        kept = self._read(name)
        if kept is not None and (kept.fresh or self._offline):
            return self._page(name, kept)
        if self._offline:
            raise IndexUnavailable(
                f"{name} is not in the cache, and --offline asks no index",
                remedy="run once without --offline",
            )
        try:
            if self._down is not None:
                raise self._down
            kept = self._ask(name, kept)
            self._write(name, kept)
        except IndexUnavailable as error:
            # Every further name would wait for the same silence.
            self._down = error
            if kept is None:
                raise
        return self._page(name, kept)

    def _page(self, name: str, kept: _Kept) -> Page | None:
        if kept.files is None:
            return None
        return Page(name, kept.files, kept.status, kept.status_reason, self._cutoff)

    def _ask(self, name: str, kept: _Kept | None) -> _Kept:
        url = f"{self._url}/{name}/"
        headers = {"Accept": _ACCEPT}
        # Bytes beyond ASCII cannot be sent back; an index may give such all the same.
        if kept is not None and kept.etag and kept.etag.isascii():
            headers["If-None-Match"] = kept.etag
        answer = self._connection.get(url, headers)
        if answer.status == 304 and kept is not None:
            return replace(kept, fetched_at=time.time())
        # PEP 503 knows one answer for "no such project"; PyPI gives 410 for some it removed.
        if answer.status in (404, 410):
            self._prove()
            return _Kept(time.time(), "", None)
        if answer.status != 200:
            raise self._connection.unavailable(f"answered {answer.status} for {name}")
        page = self._parse(name, answer)
        etag = answer.headers.get("ETag", "")
        return _Kept(time.time(), etag, page.files, page.status, page.status_reason)

    def _prove(self) -> None:
        """Make sure that this is an index before "no such project" is believed.

        Of a mistyped URL everything is 404, and that is not the fault of whoever named a package.
        The root is a list of all projects, some 40 MB of it on PyPI: only its header is read. Not
        every mirror has one, but every mirror of PyPI has pip.
        """
        if not (self._proven or self._folder.exists()):
            self.check()

    def check(self) -> None:
        """Find out whether the index answers and is one; the cache is not asked.

        Raises:
            IndexUnavailable: it does not, or is not.
        """
        for url in (f"{self._url}/", f"{self._url}/pip/"):
            if self._connection.head(url) == 200:
                self._proven = True
                return
        raise self._connection.unavailable("is not one: it has neither a list of projects nor pip")

    def _parse(self, name: str, answer: Answer) -> Page:
        read = from_html if "html" in answer.headers.get("Content-Type", "") else from_json
        try:
            return read(name, answer.text, answer.url)
        except ValueError:
            raise self._connection.unavailable(
                f"answered with no project page for {name}"
            ) from None

    def vet(self, pins: Sequence[Pin]) -> tuple[Pin, ...]:
        """Return the pins with the vulnerabilities the index knows of; None where it does not."""
        return vet(pins, self._connection, self._cache_dir, offline=self._offline)

    def contents(self, file: File) -> Contents | None:
        """Return what a wheel holds, as little of it fetched as will do; None where nobody knows.

        Raises:
            IndexUnavailable: the index does not answer.
        """
        wheels = self._cache_dir / "wheels"
        arrived = up_to(MAX_PEEKED_BYTES)
        fetch = None if self._offline else lambda: self.download(file, wheels, arrived)
        return peek(file, self._connection, self._cache_dir, fetch)

    def download(self, file: File, folder: Path, arrived: Callable[[int], None]) -> Path:
        """Fetch a file into `folder` under its sha256, verified, unless it is there; return it.

        `arrived` is called with the number of bytes of each piece, with a negative number where
        they have to be fetched again, and with 0 while somebody else is seen to fetch the file:
        what it raises ends the download.

        Raises:
            IndexUnavailable: the index does not send it, or what it sends has another hash.
        """
        path = folder / file.sha256
        if path.exists():
            return path
        if self._offline:
            raise IndexUnavailable(
                f"{file.filename} is not in the cache, and --offline asks no index",
                remedy="run once without --offline",
            )
        folder.mkdir(parents=True, exist_ok=True)
        with alone_with(folder / f"{UNNAMED}{file.sha256}", lambda: arrived(0)) as new:
            if path.exists():
                return path
            status = self._connection.save(file.url, new, arrived)
            if status != 200:
                raise self._connection.unavailable(f"answered {status} for {file.filename}")
            with new.open("rb") as saved:
                digest = hashlib.file_digest(saved, "sha256")
            if digest.hexdigest() != file.sha256:
                raise self._connection.unavailable(
                    f"sent a {file.filename} that has not the hash it names"
                )
            new.replace(path)
        return path

    def _path(self, name: str) -> Path:
        # A name comes from parsed requirements and imports; its hash fits every file system.
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def _read(self, name: str) -> _Kept | None:
        try:
            data = json.loads(self._path(name).read_bytes())
            if data["format"] != _FORMAT or data["name"] != name:
                return None
            files = data["files"]
            kept = None if files is None else tuple(File(*values) for values in files)
            told = data["status"], data["status_reason"]
            return _Kept(data["fetched_at"], data["etag"], kept, *told)
        # A page we cannot read is a page we do not have; half a write leaves none behind.
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, name: str, kept: _Kept) -> None:
        files = None
        if kept.files is not None:
            # Not `dataclasses.astuple`: it copies every string, 75 ms for the 4,415 of numpy.
            files = [_fields_of(file) for file in kept.files]
        data = {
            "format": _FORMAT,
            "name": name,
            "fetched_at": kept.fetched_at,
            "etag": kept.etag,
            "files": files,
            "status": kept.status,
            "status_reason": kept.status_reason,
        }
        write_whole(self._path(name), json.dumps(data).encode())
