"""The package index: project pages and files over HTTP, kept on disk. The one user of httpx.

Indexes differ, so everything is negotiated (PEP 691, PEP 503): JSON is asked for and HTML taken,
an ETag is used where one is given, and a page lives 600 s by our own clock where no validator is
served at all, which is what some mirrors do.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from packaging.utils import canonicalize_name

from validator.errors import IndexUnavailable, UsageError
from validator.packages.pages import File, Page, from_html, from_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import httpx

    from validator.settings import Settings

LIFE_SECONDS = 600.0
"""How long a page is taken without asking again: the `max-age` PyPI itself gives its pages."""
CONNECTIONS = 10
ATTEMPTS = 3
TIMEOUT_SECONDS = 20.0
MAX_PAGE_BYTES = 64 * 1024 * 1024
"""The largest page seen is under 4 MB (2026-11)."""
MAX_IN_MEMORY = 256
"""Pages held by one process; a large one takes about 3 MB there."""
_ACCEPT = (
    "application/vnd.pypi.simple.v1+json, "
    "application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
)
_fields_of = attrgetter(*(field.name for field in fields(File)))
_FORMAT = 2
"""Part of every cached page; a page of another format is fetched again."""


def without_credentials(url: str) -> str:
    """Return a URL that may be shown: no user, no password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


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
        self._url = settings.index_url.rstrip("/")
        try:
            self._shown = without_credentials(self._url)
        except ValueError:
            # Not shown: what cannot be read may hold a password anywhere.
            raise UsageError("the URL of the package index is not a URL") from None
        self._offline = settings.offline
        self._cutoff = settings.cutoff
        place = hashlib.sha256(self._shown.encode()).hexdigest()[:16]
        self._folder = settings.cache_dir / "pages" / place
        self._memory: dict[str, Page | None] = {}
        self._since = time.time()
        self._client: httpx.Client | None = None
        self._lock = Lock()
        self._down: IndexUnavailable | None = None
        self._proven = False
        self._closed = False
        self._downloads: set[socket.socket] = set()

    @property
    def outage(self) -> IndexUnavailable | None:
        """Why the index could not be asked, if the pages asked for last came from an old cache."""
        return self._down

    def close(self) -> None:
        """Close the connections; a download under way in another thread ends with an error."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
            for connection in self._downloads:
                # Closing alone does not wake a thread that waits on it.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        if client is not None:
            client.close()

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
        if kept is not None and kept.etag:
            headers["If-None-Match"] = kept.etag
        response = self._retrying(lambda client: client.get(url, headers=headers))
        if response.status_code == 304 and kept is not None:
            return replace(kept, fetched_at=time.time())
        # PEP 503 knows one answer for "no such project"; PyPI gives 410 for some it removed.
        if response.status_code in (404, 410):
            self._prove()
            return _Kept(time.time(), "", None)
        if response.status_code != 200:
            raise self._unavailable(f"answered {response.status_code} for {name}")
        page = self._parse(name, response)
        etag = response.headers.get("ETag", "")
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
            if self._retrying(partial(_head, url)).status_code == 200:
                self._proven = True
                return
        raise self._unavailable("is not one: it has neither a list of projects nor pip")

    def _parse(self, name: str, response: httpx.Response) -> Page:
        if len(response.content) > MAX_PAGE_BYTES:
            raise self._unavailable(f"answered with {len(response.content)} bytes for {name}")
        kind = response.headers.get("Content-Type", "")
        url = str(response.url)
        read = from_html if "html" in kind else from_json
        try:
            return read(name, response.text, url)
        except ValueError:
            raise self._unavailable(f"answered with no project page for {name}") from None

    def _retrying(self, ask: Callable[[httpx.Client], httpx.Response]) -> httpx.Response:
        # Imported where the network is first needed: httpx costs 0.13 s that a warm cache does not
        # owe (measured 2026-11, 2 cores).
        import httpx

        for attempt in range(ATTEMPTS):
            last = attempt == ATTEMPTS - 1
            try:
                response = ask(self._connected())
            except httpx.HTTPError as error:
                if last:
                    raise self._unavailable(f"did not answer: {_reason(error)}") from None
            else:
                if last or response.status_code not in (429, 500, 502, 503, 504):
                    return response
            time.sleep(0.2 * 2**attempt)
        raise AssertionError("the last attempt returns or raises")

    def _connected(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._closed:
                raise self._over()
            if self._client is None:
                try:
                    self._client = httpx.Client(
                        follow_redirects=True,
                        timeout=TIMEOUT_SECONDS,
                        limits=httpx.Limits(max_connections=CONNECTIONS),
                    )
                # A proxy or a certificate file that is named in the environment and is not one.
                except (OSError, ValueError, httpx.InvalidURL) as error:
                    raise self._unavailable(f"cannot be asked: {_reason(error)}") from None
            return self._client

    def _over(self) -> IndexUnavailable:
        return self._unavailable("is no longer asked: this run is over")

    def _unavailable(self, what: str) -> IndexUnavailable:
        return IndexUnavailable(
            f"the package index {self._shown} {what}",
            remedy="check the connection, the proxy and VALIDATOR_INDEX_URL, then run again",
        )

    def download(self, file: File, folder: Path, arrived: Callable[[int], None]) -> Path:
        """Fetch a file into `folder` under its sha256, verified, unless it is there; return it.

        `arrived` is called with the number of bytes of each piece, and with a negative number
        where they have to be fetched again.

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
        with _temporary(folder) as temporary:
            response = self._retrying(partial(self._save, file.url, temporary, arrived))
            if response.status_code != 200:
                raise self._unavailable(f"answered {response.status_code} for {file.filename}")
            with temporary.open("rb") as saved:
                digest = hashlib.file_digest(saved, "sha256")
            if digest.hexdigest() != file.sha256:
                raise self._unavailable(f"sent a {file.filename} that has not the hash it names")
            temporary.replace(path)
        return path

    def _save(
        self, url: str, path: Path, arrived: Callable[[int], None], client: httpx.Client
    ) -> httpx.Response:
        count = 0
        with client.stream("GET", url) as response, path.open("wb") as out:
            if response.status_code != 200:
                return response
            try:
                with self._breakable(response):
                    for piece in response.iter_bytes():
                        out.write(piece)
                        count += len(piece)
                        arrived(len(piece))
            except BaseException:
                arrived(-count)
                raise
            return response

    @contextmanager
    def _breakable(self, response: httpx.Response) -> Iterator[None]:
        """Let `close` end a download that waits for its next piece."""
        connection = response.extensions["network_stream"].get_extra_info("socket")
        with self._lock:
            if self._closed:
                raise self._over()
            self._downloads.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._downloads.discard(connection)

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


def _head(url: str, client: httpx.Client) -> httpx.Response:
    # Not HEAD, which some mirrors answer otherwise than GET.
    with client.stream("GET", url, headers={"Accept": _ACCEPT}) as response:
        return response


def _reason(error: Exception) -> str:
    # httpx names some errors by type alone, and may quote a URL with the password in it.
    text = str(error).partition("\n")[0]
    return type(error).__name__ if not text or "://" in text else text


@contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """Make a file beside its destination; it is gone again unless it was moved there."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def write_whole(path: Path, data: bytes) -> None:
    """Write a cache file so that a reader sees all of it or none, whoever is killed when."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _temporary(path.parent) as temporary:
        temporary.write_bytes(data)
        temporary.replace(path)
