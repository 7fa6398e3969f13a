"""The OpenAI chat dialect against a fake server that says what real ones were seen to say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

from validator.errors import ModelUnavailable, UsageError
from validator.facts import Stop
from validator.models import Completion, Message, Usage
from validator.models.openai_chat import OpenAIChat
from validator.models.wire import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from validator.events import Progress

ASK = (Message("user", "Say hello."),)


class FakeStream(httpx.SyncByteStream):
    """Bytes as they come over a wire that may break."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self.chunks = chunks
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk

    def close(self) -> None:
        self.closed = True


class FakeServer(httpx.MockTransport):
    """A server with one answer, which remembers what it was asked."""

    def __init__(
        self,
        *chunks: bytes | Exception,
        status: int = 200,
        content_type: str = "text/event-stream",
        headers: dict[str, str] | None = None,
    ) -> None:
        self.stream = FakeStream(*chunks)
        self.requests: list[httpx.Request] = []
        self.waited: list[float] = []
        every = {"content-type": content_type, **(headers or {})}

        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return httpx.Response(status, headers=every, stream=self.stream)

        super().__init__(answer)

    def ask(self, **settings: object) -> Completion:
        settings = {"url": "http://fake:8080", "pause": self.waited.append, **settings}
        bound = {"max_tokens": settings.pop("max_tokens")} if "max_tokens" in settings else {}
        server = Server(transport=self, **settings)  # type: ignore[arg-type]
        return OpenAIChat(server).complete(ASK, **bound)  # type: ignore[arg-type]

    @property
    def body(self) -> dict[str, object]:
        loaded: dict[str, object] = json.loads(self.requests[0].content)
        return loaded


def said(content: str | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    return b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n"


def usage(prompt: int, completion: int) -> bytes:
    counted = {"prompt_tokens": prompt, "completion_tokens": completion}
    return b"data: " + json.dumps({"choices": [], "usage": counted}).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


# ── a reply that came ────────────────────────────────────────────────────────────────────────────


def test_a_whole_reply() -> None:
    server = FakeServer(said(None), said("Hel"), said("lo"), said(None, "stop"), usage(9, 2), DONE)
    assert server.ask() == Completion("Hello", Stop.COMPLETE, "stop", Usage(9, 2))
    assert server.stream.closed


def test_what_is_sent_is_streamed_and_bounded() -> None:
    server = FakeServer(said("x", "stop"), DONE)
    server.ask(max_tokens=77, name="tiny", api_key="k-1")
    assert server.body["max_tokens"] == 77
    assert server.body["stream"] is True
    assert server.body["model"] == "tiny"
    assert server.body["messages"] == [{"role": "user", "content": "Say hello."}]
    assert server.requests[0].headers["authorization"] == "Bearer k-1"
    assert str(server.requests[0].url) == "http://fake:8080/v1/chat/completions"


def test_without_a_key_no_authorization_is_sent() -> None:
    server = FakeServer(said("x", "stop"), DONE)
    server.ask()
    assert "authorization" not in server.requests[0].headers


def test_a_reply_that_reached_the_limit_asked_for() -> None:
    server = FakeServer(said("Hel", "length"), usage(9, 5), DONE)
    assert server.ask(max_tokens=5).stop is Stop.LIMIT


def test_length_before_the_limit_is_a_full_context() -> None:
    server = FakeServer(said("Hel", "length"), usage(4090, 5), DONE)
    assert server.ask(max_tokens=6).stop is Stop.CONTEXT


def test_length_without_a_count_is_taken_at_its_word() -> None:
    assert FakeServer(said("Hel", "length"), DONE).ask().stop is Stop.LIMIT


def test_a_reason_nobody_knows_is_unknown_and_kept() -> None:
    completion = FakeServer(said("Hel", "meteor"), DONE).ask()
    assert (completion.stop, completion.detail) == (Stop.UNKNOWN, "meteor")


def test_a_model_that_says_nothing_has_replied() -> None:
    assert FakeServer(said(None, "stop"), DONE).ask() == Completion("", Stop.COMPLETE, "stop")


def test_a_server_that_does_not_stream_is_understood() -> None:
    choice = {"message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [choice]}).encode()
    server = FakeServer(body, content_type="application/json; charset=utf-8")
    assert server.ask() == Completion("Hello", Stop.COMPLETE, "stop")


def test_pings_between_events_are_not_words() -> None:
    server = FakeServer(b": ping - now\r\n\r\n", said("Hi"), b":\n\n", said(None, "stop"), DONE)
    assert server.ask().text == "Hi"


def test_progress_is_told_as_the_reply_grows() -> None:
    told: list[Progress] = []
    FakeServer(said("Hel"), said("lo", "stop"), DONE).ask(listener=told.append)
    assert [each.done for each in told] == [3, 5]


# ── a reply that broke off ───────────────────────────────────────────────────────────────────────


def test_a_null_reason_before_done_is_an_interruption() -> None:
    # llama-cpp-python, when another client's request comes in.
    completion = FakeServer(said("Hel"), said(None), DONE).ask()
    assert (completion.text, completion.stop) == ("Hel", Stop.INTERRUPTED)


def test_a_body_that_breaks_after_done_is_a_whole_reply() -> None:
    broken = httpx.RemoteProtocolError("peer closed connection")
    completion = FakeServer(said("Hi", "stop"), DONE, broken).ask()
    assert (completion.text, completion.stop) == ("Hi", Stop.COMPLETE)


def test_a_connection_that_breaks_off_keeps_what_came() -> None:
    broken = httpx.RemoteProtocolError("peer closed connection")
    completion = FakeServer(said("Hel"), broken).ask()
    assert completion == Completion("Hel", Stop.INTERRUPTED, "the server broke the connection off")


def test_a_server_that_falls_silent_keeps_what_came() -> None:
    completion = FakeServer(said("Hel"), httpx.ReadTimeout("timed out")).ask(idle_seconds=7)
    assert completion == Completion("Hel", Stop.INTERRUPTED, "the server was silent for 7 s")


def test_an_error_in_the_stream_ends_it() -> None:
    error = b'data: {"error": {"message": "out of\\nmemory", "code": 500}}\n\n'
    completion = FakeServer(said("Hel"), error, said("lost", "stop")).ask()
    assert completion == Completion("Hel", Stop.ERROR, "the server said: out of memory")


def test_an_event_that_is_not_json_ends_it() -> None:
    completion = FakeServer(said("Hel"), b"data: <html>\n\n").ask()
    assert completion.detail == "the server sent something that is not JSON"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"total_seconds": 20.0}, "the reply took longer than 20 s"),
        ({"idle_seconds": 20.0}, "the server was silent for 20 s"),
    ],
)
def test_pings_do_not_keep_a_stuck_server_alive(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, float], reason: str
) -> None:
    clock = iter(range(0, 10_000, 5))
    monkeypatch.setattr("validator.models.wire.time.monotonic", lambda: next(clock))
    server = FakeServer(said("Hel"), *[b": ping\n\n"] * 50, said("lo", "stop"), DONE)
    assert server.ask(**settings) == Completion("Hel", Stop.INTERRUPTED, reason)
    assert server.stream.closed


# ── no reply at all ──────────────────────────────────────────────────────────────────────────────


def refusal(server: FakeServer, **settings: object) -> ModelUnavailable:
    with pytest.raises(ModelUnavailable) as raised:
        server.ask(**settings)
    assert "\n" not in str(raised.value)
    return raised.value


def test_a_wrong_endpoint_becomes_a_sentence() -> None:
    # The evening's own failure: {"detail":"Not Found"} and nothing else.
    server = FakeServer(b'{"detail":"Not Found"}', status=404, content_type="application/json")
    error = refusal(server, url="http://fake:8080/vi/completion")
    assert str(error) == (
        "the model server answered 404 at http://fake:8080/vi/completion/v1/chat/completions: "
        "Not Found. It has no such endpoint, and none of those known here either"
    )
    assert error.remedy.startswith("give the address of a model server without a path")


@pytest.mark.parametrize(
    ("status", "body", "message", "remedy"),
    [
        (
            401,
            b'{"detail":"Invalid API key"}',
            "Invalid API key",
            "give the server's key: --api-key-env",
        ),
        (
            503,
            b'{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
            "Loading model",
            "the server may still be loading its model: try again in a moment",
        ),
        (
            400,
            b'{"error":{"message":"the request exceeds the available context size"}}',
            "exceeds the available context size",
            "start the server with a larger context, or send it a shorter reply",
        ),
        (500, b"<h1>Oops\x1b[31m</h1>", "<h1>Oops[31m</h1>", "look at the server's own log"),
        (404, b'{"error":"model \'tiny\' not found"}', "model 'tiny' not found", "name one of its"),
        (502, b"", "answered 502", "look at the server's own log"),
    ],
)
def test_a_refusal_says_what_the_server_said_and_what_to_do(
    status: int, body: bytes, message: str, remedy: str
) -> None:
    error = refusal(FakeServer(body, status=status))
    assert message in str(error)
    assert error.remedy.startswith(remedy)


def test_too_many_requests_says_when_to_come_back() -> None:
    server = FakeServer(b"{}", status=429, headers={"retry-after": "12"})
    assert refusal(server).remedy == "try again in 12 s"


def test_an_empty_stream_is_no_reply() -> None:
    # llama-cpp-python, when the prompt does not fit: 200, text/event-stream, nothing.
    error = refusal(FakeServer())
    assert "empty stream" in str(error)
    assert "--n_ctx" in error.remedy


def test_no_server_at_all() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)

    waited: list[float] = []
    server = Server("http://fake:8080", transport=httpx.MockTransport(refuse), pause=waited.append)
    with pytest.raises(ModelUnavailable, match=r"no server answers .*refused"):
        OpenAIChat(server).complete(ASK)
    assert waited == [0.5, 1.0], "nothing was sent, so it is safe to try again, but not for ever"


def test_silence_from_the_start_is_no_reply() -> None:
    error = refusal(FakeServer(httpx.ReadTimeout("timed out")), idle_seconds=3)
    assert "silent for 3 s" in str(error)


def test_no_secret_is_ever_shown() -> None:
    error = refusal(FakeServer(status=500), url="http://me:hunter2@fake:8080", api_key="k-secret")
    assert "hunter2" not in str(error)
    assert "k-secret" not in repr(OpenAIChat(Server("http://fake", api_key="k-secret")))
    broken = FakeServer(httpx.LocalProtocolError("Illegal header value b'Bearer k-secret'"))
    assert "k-secret" not in str(refusal(broken, api_key="k-secret"))


@pytest.mark.parametrize("key", ["k\nX-Other: 1", "schlüssel"])
def test_a_key_no_header_may_hold_is_refused(key: str) -> None:
    with pytest.raises(UsageError, match="API key"):
        FakeServer().ask(api_key=key)


@pytest.mark.parametrize("given", ["", "localhost:8080", "ftp://h", "http://", "http://h:port"])
def test_what_is_no_address_is_said_to_be_none(given: str) -> None:
    with pytest.raises(UsageError):
        Server(given)


def test_a_stream_of_anything_is_a_reply_or_a_refusal() -> None:
    nasty: tuple[Callable[[], bytes], ...] = (
        lambda: b"data: []\n\n",
        lambda: b'data: {"choices": 7}\n\n',
        lambda: b'data: {"choices": [null]}\n\n',
        lambda: b'data: {"choices": [{"delta": {"content": 7}, "finish_reason": 3}]}\n\n',
        lambda: b'data: {"usage": [], "choices": [{}]}\n\n',
        lambda: b"data: " + b"[" * 100_000 + b"\n\n",
        lambda: b"\xff\xfe\n\n",
        lambda: b"x" * 2_000_000,
    )
    for make in nasty:
        refusal(FakeServer(make()))
