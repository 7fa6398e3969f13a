"""The chat dialect of OpenAI, as llama.cpp, llama-cpp-python, vLLM, LM Studio and Ollama speak it.

Always streamed and always bounded: a server with one lock for all its clients keeps generating for
one that merely stopped waiting, and lets the next one hang (abetlen/llama-cpp-python#313, seen
again with 0.3.36 in 2026-11). Closing the stream is the one signal every server heeds.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from validator.errors import ModelUnavailable, UsageError
from validator.events import Progress, ignore
from validator.facts import Stop
from validator.models import Completion, Usage, sse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from validator.events import Listener
    from validator.models import Message

MAX_TOKENS = 4096
CONNECT_SECONDS = 10.0
IDLE_SECONDS = 300.0
"""A 13-billion model on a CPU was seen to think for 124 s before its first word."""
TOTAL_SECONDS = 1800.0
MAX_REPLY_CHARACTERS = 4 * 1024 * 1024
MAX_ERROR_BYTES = 64 * 1024

_PATH = "/chat/completions"
_STOPS = {
    "stop": Stop.COMPLETE,
    "tool_calls": Stop.COMPLETE,
    "function_call": Stop.COMPLETE,
    "length": Stop.LIMIT,
    "content_filter": Stop.INTERRUPTED,
}


@dataclass(frozen=True)
class OpenAIChat:
    """A model behind an OpenAI-compatible chat endpoint."""

    url: str
    """The server (`http://localhost:8080`), its `/v1`, or the endpoint's whole address."""
    name: str = "default"
    """The model asked for; servers with one model take any name."""
    api_key: str = field(default="", repr=False)
    max_tokens: int = MAX_TOKENS
    idle_seconds: float = IDLE_SECONDS
    """How long the server may say nothing; comments that keep a stream open are nothing."""
    total_seconds: float = TOTAL_SECONDS
    """How long a reply may take; looked at whenever something arrives."""
    listener: Listener = field(default=ignore, repr=False)
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    """Another way to the server; None goes over the network."""

    def complete(self, messages: tuple[Message, ...]) -> Completion:
        """Return the model's next turn, whole or as far as it came.

        A stream that breaks off, falls silent or takes too long after its first words is a
        `Completion` that was interrupted.

        Raises:
            ModelUnavailable: when not one word of a reply came, with what to do about it.
            UsageError: when the address or the key cannot be sent.
        """
        answer = _Answer()
        url = endpoint(self.url)
        with httpx.Client(timeout=self._timeout(), transport=self.transport) as client:
            try:
                with client.stream(
                    "POST", url, json=self._body(messages), headers=self._headers()
                ) as response:
                    self._read(response, answer)
            except httpx.HTTPError as error:
                answer.broke = _sentence(error, self.idle_seconds)
            except sse.OverlongLine:
                answer.broke = "the server sent a line without an end"
        if not answer.begun:
            raise _unavailable(url, answer.broke)
        return self._completion(answer)

    def _read(self, response: httpx.Response, answer: _Answer) -> None:
        if response.status_code != httpx.codes.OK:
            raise _refused(response)
        for event in _events(self._chunks(response, answer), response):
            if event.strip() == "[DONE]":
                return
            answer.add(event)
            self.listener(_progress(answer))
            if answer.broke:
                return

    def _chunks(self, response: httpx.Response, answer: _Answer) -> Iterator[bytes]:
        began = time.monotonic()
        for chunk in response.iter_bytes():
            now = time.monotonic()
            if now - began > self.total_seconds:
                answer.broke = f"the reply took longer than {self.total_seconds:g} s"
            elif now - max(answer.last_event, began) > self.idle_seconds:
                answer.broke = _silent(self.idle_seconds)
            if answer.broke:
                return
            yield chunk

    def _timeout(self) -> httpx.Timeout:
        silence = min(self.idle_seconds, self.total_seconds)
        return httpx.Timeout(silence, connect=min(CONNECT_SECONDS, silence))

    def _headers(self) -> dict[str, str]:
        key = self.api_key.strip()
        if not (key.isascii() and key.isprintable()):
            raise UsageError("the API key holds characters that no HTTP header may hold")
        return {"Authorization": f"Bearer {key}"} if key else {}

    def _body(self, messages: tuple[Message, ...]) -> dict[str, Any]:
        return {
            "model": self.name,
            "messages": [{"role": each.role, "content": each.text} for each in messages],
            # Never left out: servers' own defaults run from 16 tokens to the end of the context.
            "max_tokens": self.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def _completion(self, answer: _Answer) -> Completion:
        text, usage = answer.text(), answer.usage
        if answer.broke or answer.finish is None:
            detail = answer.broke or "the stream ended without a reason to stop"
            return Completion(text, Stop.INTERRUPTED, detail, usage)
        stop = _STOPS.get(answer.finish, Stop.UNKNOWN)
        written = usage.completion_tokens
        # llama.cpp says `length` for a full context too (ggml-org/llama.cpp PR #28711, open in
        # 2026-11); a reply shorter than the limit asked for cannot have reached that limit.
        if stop is Stop.LIMIT and written is not None and written < self.max_tokens:
            stop = Stop.CONTEXT
        return Completion(text, stop, answer.finish, usage)


def endpoint(url: str) -> str:
    """Return the address to post to, given a server, its `/v1` or the address itself.

    Raises:
        UsageError: for what is no http address.
    """
    try:
        parsed = httpx.URL(url.strip())
    except httpx.InvalidURL:
        raise UsageError("the model's address cannot be read as a URL") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise UsageError("a model's address looks like http://localhost:8080")
    path = parsed.path.rstrip("/")
    if not path.endswith(_PATH):
        path = (path or "/v1") + _PATH
    return str(parsed.copy_with(path=path))


# ── what arrives ─────────────────────────────────────────────────────────────────────────────────


class _Answer:
    """A reply as it arrives, event by event."""

    def __init__(self) -> None:
        self.finish: str | None = None
        self.broke = ""
        self.usage = Usage()
        self.size = 0
        self.last_event = 0.0
        self._pieces: list[str] = []

    @property
    def begun(self) -> bool:
        """True once there is a word, or the server's word that there will be none."""
        return bool(self._pieces) or self.finish is not None

    def text(self) -> str:
        return "".join(self._pieces)

    def add(self, event: str) -> None:
        """Take in one event; what cannot be understood breaks the reply off."""
        self.last_event = time.monotonic()
        try:
            said = json.loads(event)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            self.broke = "the server sent something that is not JSON"
        elif said.get("error"):
            self.broke = f"the server said: {_error_text(said)}"
        else:
            self._add_usage(said.get("usage"))
            self._add_choices(said.get("choices"))

    def _add_choices(self, choices: Any) -> None:
        # The chunk that carries the usage has no choices at all.
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        first = choices[0]
        turn = first.get("delta") or first.get("message")
        content = turn.get("content") if isinstance(turn, dict) else None
        if isinstance(content, str) and content:
            self._pieces.append(content)
            self.size += len(content)
        if isinstance(first.get("finish_reason"), str):
            self.finish = first["finish_reason"]
        if self.size > MAX_REPLY_CHARACTERS:
            self.broke = f"the reply is longer than {MAX_REPLY_CHARACTERS} characters"

    def _add_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage = Usage(
                _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
            )


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) else None


def _events(chunks: Iterator[bytes], response: httpx.Response) -> Iterator[str]:
    """Yield the events of a stream; a server that does not stream sends its one answer as JSON."""
    if response.headers.get("content-type", "").startswith("application/json"):
        yield b"".join(chunks).decode("utf-8", "replace")
    else:
        yield from sse.data(chunks)


def _progress(answer: _Answer) -> Progress:
    return Progress("repair", "the model is writing", done=answer.size, unit="characters")


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────


def _silent(seconds: float) -> str:
    return f"the server was silent for {seconds:g} s"


def _sentence(error: httpx.HTTPError, idle_seconds: float) -> str:
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            return f"no server answers ({error or 'no connection in time'})"
        case httpx.TimeoutException():
            return _silent(idle_seconds)
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return "the server broke the connection off"
        case _:
            # Never the error's own words: they may quote a header, and one of them is the key.
            return f"the connection failed ({type(error).__name__})"


def _unavailable(url: str, broke: str) -> ModelUnavailable:
    if not broke:
        return ModelUnavailable(
            f"the model at {_shown(url)} answered with an empty stream",
            remedy="llama-cpp-python does this when the prompt does not fit its context: "
            "start the server with a larger --n_ctx",
        )
    return ModelUnavailable(
        f"no reply from the model at {_shown(url)}: {broke}",
        remedy="check that the server runs and that the address is its own",
    )


def _refused(response: httpx.Response) -> ModelUnavailable:
    url, status = str(response.request.url), response.status_code
    said = _said(response)
    message = f"the model server answered {status} at {_shown(url)}" + (f": {said}" if said else "")
    if status == httpx.codes.NOT_FOUND:
        return ModelUnavailable(
            f"{message}. It has no such endpoint, or no such model",
            remedy="give the address of an OpenAI-compatible server without a path, "
            "such as http://localhost:8080",
        )
    return ModelUnavailable(message, remedy=_remedy(status, said, response))


def _remedy(status: int, said: str, response: httpx.Response) -> str:
    match status:
        case 401 | 403:
            return "give the server's API key"
        case 429:
            wait = response.headers.get("retry-after", "")
            return f"try again in {wait} s" if wait.isdigit() else "try again later"
        case 503:
            return "the server may still be loading its model: try again in a moment"
        case 400 | 413 if "context" in said:
            return "start the server with a larger context, or send it a shorter reply"
        case _:
            return "look at the server's own log"


def _said(response: httpx.Response) -> str:
    """Return the server's explanation as one short line, out of whatever shape it came in."""
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > MAX_ERROR_BYTES:
            break
    text = body[:MAX_ERROR_BYTES].decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return _one_line(text)
    return _error_text(said) if isinstance(said, dict) else _one_line(text)


def _error_text(said: dict[str, Any]) -> str:
    """Return the words of `{"error": {"message": …}}`, `{"error": "…"}` or `{"detail": …}`."""
    error = said.get("error") or said.get("detail") or said
    words = error.get("message", error) if isinstance(error, dict) else error
    return _one_line(words if isinstance(words, str) else json.dumps(words))


def _one_line(text: str) -> str:
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:300]


def _shown(url: str) -> str:
    """Return the address without the user and password it may hold."""
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))
