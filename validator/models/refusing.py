"""What a server says instead of a reply, as sentences with a next step; no secret is in any."""

from __future__ import annotations

import email.utils
import json
import time
from typing import TYPE_CHECKING, Any, Literal

import httpx

from validator.errors import ModelUnavailable

if TYPE_CHECKING:
    from validator.models.wire import Server

KEY_STATUSES = (401, 403)
MAX_ERROR_BYTES = 64 * 1024
_LOADING_SECONDS = 1.0
_BUSY_SECONDS = 2.0


class NotYet(Exception):
    """Nothing was generated, and asking again may help."""

    def __init__(
        self,
        why: Literal["connecting", "loading", "busy"],
        seconds: float,
        failure: ModelUnavailable,
    ) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = seconds
        """How long to wait before the first time it is asked again."""
        self.failure = failure
        """What to say when it has been asked often enough."""


class Refused(ModelUnavailable):
    """The server understood that it was asked, and will not answer so; `status` is its own."""

    def __init__(self, message: str, *, status: int, said: str, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.status = status
        self.said = said
        """Its words, on one line."""


# ── no answer at all ─────────────────────────────────────────────────────────────────────────────


def silent(seconds: float) -> str:
    """Return the sentence for a server that says nothing."""
    return f"the server was silent for {seconds:g} s"


def sentence(error: httpx.HTTPError, idle_seconds: float) -> str:
    """Return what went wrong on the way, in our own words."""
    match error:
        case httpx.ConnectTimeout() | httpx.ConnectError():
            if "CERTIFICATE" in str(error).upper():
                return f"its certificate is not trusted here ({one_line(str(error))})"
            return f"no server answers ({error or 'no connection in time'})"
        case httpx.TimeoutException():
            return silent(idle_seconds)
        case httpx.RemoteProtocolError() | httpx.ReadError() | httpx.WriteError():
            return "the server broke the connection off"
        case _:
            # Never the error's own words: they may quote a header, and one of them is the key.
            return f"the connection failed ({type(error).__name__})"


def no_reply(url: str, broke: str) -> ModelUnavailable:
    """Return the failure of a request that brought not one word."""
    if not broke:
        return ModelUnavailable(
            f"the model at {shown(url)} answered with an empty stream",
            remedy="llama-cpp-python does this when the prompt does not fit its context: "
            "start the server with a larger --n_ctx",
        )
    remedy = "check that the server runs and that the address is its own"
    if "certificate" in broke:
        remedy = "name the authority's certificate in SSL_CERT_FILE"
    return ModelUnavailable(f"no reply from the model at {shown(url)}: {broke}", remedy=remedy)


# ── an answer that is none ───────────────────────────────────────────────────────────────────────


def refused(response: httpx.Response, server: Server) -> ModelUnavailable | NotYet:
    """Return what to raise for a status that is not 200."""
    url, status = str(response.request.url), response.status_code
    said = _said(response)
    message = f"the model server answered {status} at {shown(url)}" + (f": {said}" if said else "")
    if status == httpx.codes.NOT_FOUND:
        return _no_such_place(message, said, server)
    failure = Refused(
        message, status=status, said=said, remedy=_remedy(status, said, response, server)
    )
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return NotYet("loading", _LOADING_SECONDS, failure)
    if status in (httpx.codes.TOO_MANY_REQUESTS, 529):
        return NotYet("busy", _retry_after(response) or _BUSY_SECONDS, failure)
    return failure


def _no_such_place(message: str, said: str, server: Server) -> Refused:
    if "model" in said.lower():  # Ollama's: model 'x' not found
        has = f"; it has {', '.join(server.models[:5])}" if server.models else ""
        remedy = "name one of its models: --model NAME@URL"
    elif server.has:
        has = f". The server has no such endpoint; it has {server.has}"
        remedy = f"give its address alone, and it is asked there: --model {shown(server.url)}"
    else:
        has = ". It has no such endpoint, and none of those known here either"
        remedy = "give the address of a model server without a path, such as http://localhost:8080"
    return Refused(f"{message}{has}", status=404, said=said, remedy=remedy)


def _remedy(status: int, said: str, response: httpx.Response, server: Server) -> str:
    match status:
        case 401 | 403:
            return "give the server's key: --api-key-env VARIABLE"
        case 429:
            wait = _retry_after(response)
            return f"try again in {wait:g} s" if wait else "try again later"
        case 503:
            return "the server may still be loading its model: try again in a moment"
        case 400 | 413 if "context" in said:
            return "start the server with a larger context, or send it a shorter reply"
        case 400 | 404 | 422 if "model" in said and not server.name:
            return "name the model: --model NAME@URL"
        case _:
            return "look at the server's own log"


def _retry_after(response: httpx.Response) -> float | None:
    """Return the seconds a server asks to be left alone; a date is turned into seconds."""
    value = response.headers.get("retry-after", "").strip()
    try:
        return max(float(value), 0.1)
    except ValueError:
        pass
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.1)
    except (ValueError, TypeError):
        return None


def answered(response: httpx.Response, max_bytes: int) -> Any:
    """Return a small answer read as JSON, or None where there is none.

    Raises:
        ModelUnavailable: when the server wants a key, or another one.
        NotYet: while it is loading its model.
    """
    url = shown(str(response.request.url))
    if response.status_code in KEY_STATUSES:
        raise Refused(
            f"the model server answered {response.status_code} at {url}: {_said(response)}",
            status=response.status_code,
            said="",
            remedy="give the server's key: --api-key-env VARIABLE",
        )
    if response.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        failure = Refused(
            f"the model server answered 503 at {url}: {_said(response)}",
            status=503,
            said="",
            remedy="the server may still be loading its model: try again in a moment",
        )
        raise NotYet("loading", _LOADING_SECONDS, failure)
    if response.status_code != httpx.codes.OK:
        return None
    return loaded(_body(response, max_bytes))


# ── a server's words ─────────────────────────────────────────────────────────────────────────────


def _body(response: httpx.Response, max_bytes: int) -> str:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > max_bytes:
            break
    return body[:max_bytes].decode("utf-8", "replace")


def _said(response: httpx.Response) -> str:
    """Return the server's explanation as one short line, out of whatever shape it came in."""
    text = _body(response, MAX_ERROR_BYTES)
    said = loaded(text)
    return error_text(said) if isinstance(said, dict) else one_line(text)


def loaded(text: str) -> Any:
    """Return `text` read as JSON, or None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def error_text(said: dict[str, Any]) -> str:
    """Return the words of `{"error": {"message": …}}`, `{"error": "…"}` or `{"detail": …}`."""
    error = said.get("error") or said.get("detail") or said
    words = error.get("message", error) if isinstance(error, dict) else error
    return one_line(words if isinstance(words, str) else json.dumps(words))


def one_line(text: str) -> str:
    """Return `text` on one line, cut, without what acts on a terminal."""
    return "".join(char for char in " ".join(text.split()) if char.isprintable())[:300]


def shown(url: str) -> str:
    """Return the address without the user and password it may hold."""
    return str(httpx.URL(url).copy_with(userinfo=b"", query=None, fragment=None))
