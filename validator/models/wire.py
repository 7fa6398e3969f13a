"""A reply over HTTP as it streams in: bounded in every way, retried only where nothing was lost.

Always streamed: a server with one lock for all its clients keeps generating for one that merely
stopped waiting, and lets the next one hang (abetlen/llama-cpp-python#313, seen again with 0.3.36 in
2026-11). Closing the stream is the one signal every server heeds. Every request has a connection of
its own: llama.cpp was seen to close reused ones without an answer in 2 of 10 clients.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import httpx

from validator.errors import ModelUnavailable, UsageError
from validator.events import Progress, ignore
from validator.facts import Stop
from validator.models import Completion, Usage, refusing, sse

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    from validator.events import Listener

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 300.0
"""A 13-billion model on a CPU was seen to think for 124 s before its first word."""
TOTAL_SECONDS = 1800.0
ASIDE_SECONDS = 10.0
"""What a question that generates nothing may take: probing, templates."""
LOADING_SECONDS = 180.0
"""How long a server that says it is loading its model is waited for."""
MAX_RETRY_AFTER_SECONDS = 60.0
CONNECT_ATTEMPTS = 3
MAX_REPLY_CHARACTERS = 4 * 1024 * 1024
MAX_ASIDE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Server:
    """Where a model is asked, with what key, and for how long at most."""

    url: str
    """Scheme, host and port, and the path its routes stand below, if any: no `/v1`."""
    name: str = ""
    """The model asked for; empty where the server's only one, or its first, is meant."""
    api_key: str = field(default="", repr=False)
    idle_seconds: float = IDLE_SECONDS
    """How long the server may say nothing; comments that keep a stream open are nothing."""
    total_seconds: float = TOTAL_SECONDS
    """How long a reply may take; looked at whenever something arrives."""
    listener: Listener = field(default=ignore, repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    """Another way to the server; None goes over the network."""
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)
    """How to wait some seconds before trying again."""
    has: str = ""
    """The endpoint it was found to have, in words, for when it lacks the one asked for."""
    models: tuple[str, ...] = ()
    """Names of the models it was found to have."""

    def __post_init__(self) -> None:
        """Refuse an address or a key that cannot be sent, before anything is."""
        object.__setattr__(self, "url", address(self.url))
        key = self.api_key.strip()
        if not (key.isascii() and (key.isprintable() or not key)):
            raise UsageError("the API key holds characters that no HTTP header may hold")
        object.__setattr__(self, "api_key", key)

    @property
    def bearer(self) -> dict[str, str]:
        """The key as most servers want it; nothing where there is none."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}

    def ask(
        self, path: str, body: Mapping[str, Any], dialect: Dialect, headers: Mapping[str, str]
    ) -> Completion:
        """Post `body` and return the reply, whole or as far as it came.

        A stream that breaks off, falls silent or takes too long after its first words is a
        `Completion` that was interrupted. Tried again are a connection that could not be made, a
        server that is loading its model, and one that says when to come back: nothing was
        generated in any of them.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
        """
        waiting = _Waiting(self)
        while True:
            arriving = Arriving()
            try:
                self._stream(path, body, dialect, headers, arriving)
            except refusing.NotYet as reason:
                waiting.once_more(reason)
                continue
            if arriving.begun:
                return arriving.completion(dialect.stops)
            raise refusing.no_reply(self.url + path, arriving.broke)

    def question(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return what the server answers, read as JSON; None where it has no such answer.

        Raises:
            ModelUnavailable: when no server answers, or it refuses the key.
        """
        waiting = _Waiting(self)
        while True:
            try:
                return self._question(method, path, body)
            except refusing.NotYet as reason:
                waiting.once_more(reason)

    def _question(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        try:
            with (
                self._client(httpx.Timeout(ASIDE_SECONDS)) as client,
                client.stream(method, self.url + path, json=body, headers=self._aside) as response,
            ):
                return refusing.answered(response, MAX_ASIDE_BYTES)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise refusing.NotYet("connecting", 0.5, self._no_reply("", error)) from None
        except httpx.HTTPError:
            return None

    @property
    def _aside(self) -> dict[str, str]:
        """Both ways to send a key: before probing, nobody knows which is understood."""
        return {**self.bearer, **({"x-api-key": self.api_key} if self.api_key else {})}

    def _stream(
        self,
        path: str,
        body: Mapping[str, Any],
        dialect: Dialect,
        headers: Mapping[str, str],
        arriving: Arriving,
    ) -> None:
        silence = min(self.idle_seconds, self.total_seconds)
        timeout = httpx.Timeout(silence, connect=min(CONNECT_SECONDS, silence))
        try:
            with (
                self._client(timeout) as client,
                client.stream("POST", self.url + path, json=body, headers=headers) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    raise refusing.refused(response, self)
                self._read(response, dialect, arriving)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise refusing.NotYet("connecting", 0.5, self._no_reply(path, error)) from None
        except httpx.HTTPError as error:
            arriving.broke = refusing.sentence(error, self.idle_seconds)
        except sse.OverlongLine:
            arriving.broke = "the server sent a line without an end"

    def _no_reply(self, path: str, error: httpx.HTTPError) -> ModelUnavailable:
        return refusing.no_reply(self.url + path, refusing.sentence(error, self.idle_seconds))

    def _read(self, response: httpx.Response, dialect: Dialect, arriving: Arriving) -> None:
        for event in _events(self._chunks(response, arriving), response):
            if event.strip() == "[DONE]":
                return
            words = arriving.take(event, dialect)
            self.listener(
                Progress(
                    "repair", "the model is writing", arriving.size, unit="characters", text=words
                )
            )
            if arriving.broke or arriving.ended:
                return

    def _chunks(self, response: httpx.Response, arriving: Arriving) -> Iterator[bytes]:
        began = time.monotonic()
        for chunk in response.iter_bytes():
            now = time.monotonic()
            if now - began > self.total_seconds:
                arriving.broke = f"the reply took longer than {self.total_seconds:g} s"
            elif now - max(arriving.last_event, began) > self.idle_seconds:
                arriving.broke = refusing.silent(self.idle_seconds)
            if arriving.broke:
                return
            yield chunk

    @cached_property
    def _verify(self) -> ssl.SSLContext | bool:
        """Made once, and for TLS only: reading the authorities takes longer than a request."""
        return httpx.create_ssl_context() if self.url.startswith("https:") else False

    def _client(self, timeout: httpx.Timeout) -> httpx.Client:
        transport = self.transport
        if transport is None and _is_loopback(httpx.URL(self.url).host):
            # A proxy that the environment names leads out, never back to this machine.
            transport = httpx.HTTPTransport(verify=self._verify)
        return httpx.Client(timeout=timeout, transport=transport, verify=self._verify)


def address(url: str) -> str:
    """Return `url` without what follows its path, and without a slash at its end.

    Raises:
        UsageError: for what is no http address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        raise UsageError("the model's address cannot be read as a URL") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError("a model's address looks like http://localhost:8080")
    return str(parsed.copy_with(query=None, fragment=None)).rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


# ── a dialect, and a reply in it ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the events of a stream mean."""

    take: Callable[[dict[str, Any], Arriving], None]
    """Enter one event: its words, its reason to stop, its counts."""
    stops: Mapping[str, Stop]
    """The server's words for why it stopped; any other is unknown."""


class Arriving:
    """A reply as it arrives, event by event."""

    def __init__(self) -> None:
        self.finish: str | None = None
        """The server's word for why it stopped."""
        self.ended = False
        """True once the server has said that nothing follows."""
        self.broke = ""
        """What broke it off, in words of ours."""
        self.failed = False
        """True where the server itself said that it broke it off."""
        self.usage = Usage()
        self.size = 0
        self.last_event = 0.0
        self._pieces: list[str] = []

    @property
    def begun(self) -> bool:
        """True once there is a word, or the server's word that there will be none."""
        return bool(self._pieces) or self.finish is not None or self.ended

    def take(self, event: str, dialect: Dialect) -> str:
        """Enter one event and return its words; one that makes no sense breaks the reply off."""
        self.last_event = time.monotonic()
        before = len(self._pieces)
        said = refusing.loaded(event)
        if not isinstance(said, dict):
            self.broke = "the server sent something that is not JSON"
        elif said.get("error"):
            self.broke = f"the server said: {refusing.error_text(said)}"
            self.failed = True
        else:
            dialect.take(said, self)
        if self.size > MAX_REPLY_CHARACTERS:
            self.broke = f"the reply is longer than {MAX_REPLY_CHARACTERS} characters"
        return "".join(self._pieces[before:])

    def words(self, content: Any) -> None:
        """Enter words, where they are any."""
        if isinstance(content, str) and content:
            self._pieces.append(content)
            self.size += len(content)

    def stopped(self, reason: Any) -> None:
        """Enter the server's word for why it stopped, where it is one."""
        if isinstance(reason, str) and reason:
            self.finish = reason

    def counted(self, prompt: Any, completion: Any) -> None:
        """Enter token counts; what is none leaves the count as it was."""
        self.usage = Usage(
            prompt if isinstance(prompt, int) else self.usage.prompt_tokens,
            completion if isinstance(completion, int) else self.usage.completion_tokens,
        )

    def completion(self, stops: Mapping[str, Stop]) -> Completion:
        """Return the reply as far as it came."""
        text = "".join(self._pieces)
        if self.broke or self.finish is None:
            detail = self.broke or "the stream ended without a reason to stop"
            stop = Stop.ERROR if self.failed else Stop.INTERRUPTED
            return Completion(text, stop, detail, self.usage)
        return Completion(text, stops.get(self.finish, Stop.UNKNOWN), self.finish, self.usage)


def _events(chunks: Iterator[bytes], response: httpx.Response) -> Iterator[str]:
    """Yield the events of a stream; a server that does not stream sends its one answer as JSON."""
    content_type = response.headers.get("content-type", "")
    if content_type.startswith("application/json"):
        yield b"".join(chunks).decode("utf-8", "replace")
    elif content_type.startswith("application/x-ndjson"):
        yield from sse.records(chunks)
    else:
        yield from sse.data(chunks)


# ── waiting ──────────────────────────────────────────────────────────────────────────────────────


class _Waiting:
    """How often and how long one request has been put off."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._times = 0
        self._seconds = 0.0

    def once_more(self, reason: refusing.NotYet) -> None:
        """Wait before the next try.

        Raises:
            ModelUnavailable: what was answered last, where it has been put off long enough.
        """
        self._times += 1
        seconds = min(reason.seconds * 2 ** (self._times - 1), MAX_RETRY_AFTER_SECONDS)
        given_up = (
            self._seconds + seconds > min(LOADING_SECONDS, self._server.total_seconds)
            if reason.why == "loading"
            else self._times >= CONNECT_ATTEMPTS
        )
        if given_up or reason.seconds > MAX_RETRY_AFTER_SECONDS:
            raise reason.failure from None
        self._seconds += seconds
        words = {"loading": "the server is loading its model", "busy": "the server is busy"}
        self._server.listener(Progress("repair", words.get(reason.why, "connecting once more")))
        self._server.pause(seconds)
