"""The wire to the package index: requests, retries, ranges, downloads. The one user of httpx."""

from __future__ import annotations

import codecs
import fcntl
import os
import random
import socket
import ssl
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from validator.errors import IndexUnavailable, UsageError
from validator.packages.authorities import authorities
from validator.packages.credentials import check, login, without_credentials
from validator.packages.evicting import UNNAMED, hold, is_still

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx

CONNECTIONS = 10
ATTEMPTS = 3
TIMEOUT_SECONDS = 20.0
MAX_BODY_BYTES = 64 * 1024 * 1024
"""Of a page; the largest seen is under 4 MB (2026-11). Files have no such limit."""
MAX_BODY_SECONDS = 180.0
"""For a page once its answer has begun: one may come a byte at a time."""
MIN_BYTES_A_SECOND = 1024
"""Of a file, on average and after `GRACE_SECONDS`; ten come at the same time."""
GRACE_SECONDS = 60.0
_TURN_SECONDS = 0.05
_WRITE_BYTES = 1024 * 1024
_BUSY = (429, 500, 502, 503, 504)
MAX_PAUSE_SECONDS = 10.0
"""What an index may ask us to wait for; who is to wait longer is told so at once instead."""
_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
"""Python decodes by more, and some of them are no text (`hex`) or take for ever (`punycode`)."""


class TooLongError(Exception):
    """A file is longer than it may be."""


def up_to(limit_bytes: int) -> Callable[[int], None]:
    """Return what a download can report to as it arrives, and be ended by when it is too long.

    Raises:
        TooLongError: at what arrives beyond the limit.
    """
    so_far = 0

    def arrived(size_bytes: int) -> None:
        nonlocal so_far
        so_far += size_bytes
        if size_bytes > 0 and so_far > limit_bytes:
            raise TooLongError

    return arrived


@dataclass(frozen=True, slots=True)
class Answer:
    """What the index answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case or not: look-up does not mind."""
    body: bytes
    """Empty where it was not asked for."""
    text: str
    """The body by the charset it came with."""
    url: str
    """Where it came from in the end, without credentials."""


class Connection:
    """All that is asked of one index; safe to use from several threads.

    Raises:
        UsageError: the index is not a URL that can be asked.
    """

    def __init__(self, index_url: str) -> None:
        try:
            check(index_url)
        except ValueError as error:
            # The URL itself is not shown: it may hold a password anywhere.
            raise UsageError(f"the URL of the package index is not a URL: {error}") from None
        self._index = index_url
        self.shown = without_credentials(index_url)
        self._client: httpx.Client | None = None
        self._lock = Lock()
        self._closed = False
        self._downloads: set[socket.socket] = set()

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

    def get(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        only: int | None = None,
        attempts: int | None = None,
    ) -> Answer:
        """Ask for a URL, and read the answer's body: always, or only where its status is `only`.

        Raises:
            IndexUnavailable: there is no answer, or one of more than `MAX_BODY_BYTES` or that takes
                longer than `MAX_BODY_SECONDS`.
        """

        def ask(client: httpx.Client) -> Answer:
            with client.stream("GET", url, headers=headers, auth=self._login(url)) as response:
                body = b""
                if only is None or response.status_code == only:
                    body = self._bounded(response, url)
                text = body.decode(_charset(response.charset_encoding), "replace")
                final = without_credentials(str(response.url))
                return Answer(response.status_code, response.headers, body, text, final)

        return self._retrying(ask, attempts or ATTEMPTS)

    def head(self, url: str) -> int:
        """Return the status a URL answers with, its body unread.

        Not by HEAD, which some mirrors answer otherwise than GET.

        Raises:
            IndexUnavailable: there is no answer.
        """
        return self.get(url, only=0).status

    def save(self, url: str, path: Path, arrived: Callable[[int], None]) -> int:
        """Write what a URL sends to `path`, and return the status of the answer.

        `arrived` is called with the number of bytes of each piece, and with a negative number
        where they have to be fetched again.

        Raises:
            IndexUnavailable: there is no answer, or it comes at under `MIN_BYTES_A_SECOND`.
        """

        def ask(client: httpx.Client) -> Answer:
            with client.stream("GET", url, auth=self._login(url)) as response:
                if response.status_code == 200:
                    self._write(response, path, arrived)
                return Answer(response.status_code, response.headers, b"", "", "")

        return self._retrying(ask, ATTEMPTS).status

    def unavailable(self, what: str) -> IndexUnavailable:
        """Return the error that says what the index did instead of answering."""
        return IndexUnavailable(
            f"the package index {self.shown} {what}",
            remedy="check the connection, the proxy and VALIDATOR_INDEX_URL, then run again",
        )

    def _login(self, url: str) -> tuple[str, str] | None:
        return login(self._index, url)

    def _bounded(self, response: httpx.Response, url: str) -> bytes:
        name = url.rstrip("/").rpartition("/")[2]
        end = time.monotonic() + MAX_BODY_SECONDS
        pieces, size = [], 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY_BYTES:
                raise self.unavailable(f"answered with over {MAX_BODY_BYTES} bytes for {name}")
            if time.monotonic() > end:
                raise self.unavailable(f"took over {MAX_BODY_SECONDS:.0f} s to send {name}")
        return b"".join(pieces)

    def _write(self, response: httpx.Response, path: Path, arrived: Callable[[int], None]) -> None:
        count = 0
        begin = time.monotonic() + GRACE_SECONDS
        try:
            with path.open("wb", buffering=_WRITE_BYTES) as out, self._breakable(response):
                for piece in response.iter_bytes():
                    out.write(piece)
                    count += len(piece)
                    arrived(len(piece))
                    if count < MIN_BYTES_A_SECOND * (time.monotonic() - begin):
                        raise self.unavailable(
                            f"sends a file at under {MIN_BYTES_A_SECOND} bytes a second"
                        )
        except BaseException:
            arrived(-count)
            raise

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

    def _retrying(self, ask: Callable[[httpx.Client], Answer], attempts: int) -> Answer:
        # Imported where the network is first needed: httpx costs 0.13 s that a warm cache does not
        # owe (measured 2026-11, 2 cores).
        import httpx

        for attempt in range(attempts):
            last, asked = attempt == attempts - 1, 0.0
            try:
                answer = ask(self._connected())
            except httpx.HTTPError as error:
                if last:
                    raise self.unavailable(f"did not answer: {_reason(error)}") from None
            # An address on a page of the index, and none that could be asked.
            except (ValueError, httpx.InvalidURL) as error:
                raise self.unavailable(f"did not answer: {_reason(error)}") from None
            else:
                asked = _asked_pause(answer)
                if last or answer.status not in _BUSY or asked > MAX_PAUSE_SECONDS:
                    return answer
            # Many at once that failed together are not to come back together.
            time.sleep(asked + 0.2 * 2**attempt * random.uniform(0.75, 1.25))  # noqa: S311
        raise AssertionError("the last attempt returns or raises")

    def _connected(self) -> httpx.Client:
        import httpx

        with self._lock:
            if self._closed:
                raise self._over()
            if self._client is None:
                try:
                    self._client = httpx.Client(
                        verify=_verification(),
                        follow_redirects=True,
                        timeout=TIMEOUT_SECONDS,
                        limits=httpx.Limits(max_connections=CONNECTIONS),
                    )
                # A proxy or a certificate file that is named in the environment and is not one.
                except (OSError, ValueError, httpx.InvalidURL) as error:
                    raise self.unavailable(f"cannot be asked: {_reason(error)}") from None
                # What httpx needs beside itself for a SOCKS proxy.
                except ImportError:
                    raise IndexUnavailable(
                        f"the package index {self.shown} cannot be asked: the environment names a "
                        "SOCKS proxy, for which socksio is not installed",
                        remedy="pip install 'httpx[socks]'",
                    ) from None
            return self._client

    def _over(self) -> IndexUnavailable:
        return self.unavailable("is no longer asked: this run is over")


def _reason(error: Exception) -> str:
    import httpx

    # httpx names some errors by type alone, and may quote a URL with the password in it; one that
    # is none it quotes in parts: "Invalid port: 'passw'".
    text = str(error).partition("\n")[0]
    quotes = "://" in text or not isinstance(error, (OSError, httpx.HTTPError))
    return type(error).__name__ if not text or quotes else text


def _asked_pause(answer: Answer) -> float:
    """Return the seconds an index says it wants to be left alone; a date says nothing to us."""
    told = answer.headers.get("Retry-After", "").strip()
    return float(told) if told.isascii() and told.isdigit() and len(told) < 10 else 0.0


def _charset(named: str | None) -> str:
    try:
        found = codecs.lookup(named or "utf-8").name
    except (LookupError, ValueError):
        return "utf-8"
    return found if found in _CHARSETS else "utf-8"


def _verification() -> ssl.SSLContext | bool:
    told = authorities(os.environ)
    if not told:
        return True
    return ssl.create_default_context(
        cafile=told.get("SSL_CERT_FILE"), capath=told.get("SSL_CERT_DIR")
    )


# ── what is kept of it ───────────────────────────────────────────────────────────────────────────


@contextmanager
def temporary(folder: Path) -> Iterator[Path]:
    """Make a file beside its destination; it is gone again unless it was moved there."""
    handle, name = tempfile.mkstemp(prefix=UNNAMED, dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


@contextmanager
def alone_with(path: Path, waiting: Callable[[], None]) -> Iterator[Path]:
    """Make a file of a known name that no other process or thread writes at the same time.

    While one does, `waiting` is called every `_TURN_SECONDS`; what it raises ends the waiting. The
    file is gone again unless it was moved.
    """

    def take(handle: int) -> None:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            waiting()
            time.sleep(_TURN_SECONDS)

    handle = hold(path, take)
    try:
        yield path
    finally:
        if is_still(path, handle):
            path.unlink(missing_ok=True)
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write a cache file so that a reader sees all of it or none, whoever is killed when."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with temporary(path.parent) as new:
        new.write_bytes(data)
        new.replace(path)
