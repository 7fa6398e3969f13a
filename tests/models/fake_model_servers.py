"""Fakes of model servers on loopback, each with the manners its original was seen to have.

Every fake says what a function of the conversation returns, four characters a token, and cuts it at
the bound it was sent. What goes wrong on purpose is named by the flags of `Manners`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ssl

Say = Callable[[list[dict[str, Any]]], str]
TOKEN = 4


@dataclass
class Manners:
    """What a fake does besides answering."""

    loading: int = 0
    """How many requests are first answered with 503, as while a model is loaded."""
    busy: int = 0
    """How many generations are first answered with 429."""
    retry_after: str = "1"
    pings: bool = False
    """Comments between the events, as sse-starlette sends them."""
    drip_seconds: float = 0.0
    silent_after: int | None = None
    """Events after which nothing more comes, and the connection stays open."""
    broken_after: int | None = None
    """Events after which the connection is closed in the middle of the body."""
    empty_body: bool = False
    null_reason: bool = False
    """The reply ends without a reason, then [DONE], then a broken body: an interrupted request."""
    no_done: bool = False
    error_after: int | None = None
    key: str = ""
    context_tokens: int = 8192
    refuses_prefill: bool = False
    refuses_max_tokens: bool = False
    """As OpenAI's newer models do, for `max_completion_tokens`."""


@dataclass
class Asked:
    """One request as it came."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    connection: int


def once(say: str | Say) -> Say:
    return say if callable(say) else (lambda messages: say)


@dataclass
class FakeModelServer:
    """Answers on a port of its own from `with` to its end."""

    say: str | Say = "Hello, you."
    manners: Manners = field(default_factory=Manners)
    tls: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.asked: list[Asked] = []
        self.left = threading.Event()
        """Set once a client has gone away in the middle of a reply."""
        self._connections = 0

    def __enter__(self) -> FakeModelServer:
        fake = self

        class Handler(_Handler):
            server_fake = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def generations(self) -> list[Asked]:
        return [each for each in self.asked if each.body]

    # ── what the originals differ in ─────────────────────────────────────────────────────────────

    def answer(self, exchange: _Handler) -> None:
        raise NotImplementedError

    def not_found(self, exchange: _Handler) -> None:
        exchange.json(404, {"detail": "Not Found"})

    # ── what they share ──────────────────────────────────────────────────────────────────────────

    def cut(self, text: str, bound: int | None) -> tuple[list[str], bool]:
        """Return the tokens of `text`, and whether the bound took some of them away."""
        tokens = [text[at : at + TOKEN] for at in range(0, len(text), TOKEN)]
        bound = len(tokens) if bound is None else bound
        return tokens[:bound], len(tokens) > bound

    def spoken(self, messages: list[dict[str, Any]]) -> str:
        return once(self.say)(messages)

    def wait(self, seconds: float) -> None:
        self._ended.wait(seconds)

    def put_off(self, exchange: _Handler) -> bool:
        """Answer with what has nothing to do with the request, where that is asked for."""
        manners = self.manners
        if manners.key and exchange.key() != manners.key:
            exchange.json(401, {"error": {"message": "Invalid API key", "code": 401}})
        elif manners.loading > 0:
            manners.loading -= 1
            exchange.json(503, {"error": {"code": 503, "message": "Loading model"}})
        elif exchange.body and manners.busy > 0:
            manners.busy -= 1
            exchange.json(
                429, {"error": {"message": "slow down"}}, **{"Retry-After": manners.retry_after}
            )
        else:
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_fake: FakeModelServer

    def setup(self) -> None:
        super().setup()
        self.server_fake._connections += 1
        self.number = self.server_fake._connections

    def handle(self) -> None:
        with suppress(OSError):  # a client may hang up whenever it likes
            super().handle()

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._take({})

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", "0"))
        self._take(json.loads(self.rfile.read(length) or b"{}"))

    def _take(self, body: dict[str, Any]) -> None:
        self.body = body
        fake = self.server_fake
        headers = {name.lower(): value for name, value in self.headers.items()}
        fake.asked.append(Asked(self.path, body, headers, self.number))
        try:
            if not fake.put_off(self):
                fake.answer(self)
        except OSError:
            fake.left.set()
            self.close_connection = True

    def key(self) -> str:
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return bearer or self.headers.get("x-api-key", "")

    def json(self, status: int, value: Any, **headers: str) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        for name, given in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, given)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def stream(self, events: Iterable[bytes], content_type: str = "text/event-stream") -> None:
        """Send events one chunk each, with all the manners the fake has."""
        manners = self.server_fake.manners
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number, event in enumerate(() if manners.empty_body else events):
            if number == manners.broken_after:
                self.wfile.write(b"ff\r\nhalf a")
                self.close_connection = True
                return
            if number == manners.silent_after:
                self._until_left()
                return
            if manners.pings:
                self._chunk(b": ping - 2026-11-22 10:00:00\r\n\r\n")
            self._chunk(event)
            if manners.drip_seconds:
                self.server_fake.wait(manners.drip_seconds)
        if manners.null_reason:
            self.wfile.write(b"ff\r\nhalf a")
            self.close_connection = True
            return
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _until_left(self) -> None:
        """Say nothing until the client hangs up, and notice that it did."""
        self.connection.settimeout(10)
        if self.connection.recv(1) == b"":
            self.server_fake.left.set()
        self.close_connection = True


def event(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


# ── OpenAI's shapes ──────────────────────────────────────────────────────────────────────────────


class _OpenAIShaped(FakeModelServer):
    """What all servers with OpenAI's routes do alike."""

    model = "fake"
    owner = "someone"
    default_bound: int | None = None
    """Of `/v1/completions` where the client names none."""
    knows_new_bound = False

    def models(self) -> dict[str, Any]:
        entry = {"id": self.model, "object": "model", "created": 1, "owned_by": self.owner}
        return {"object": "list", "data": [entry]}

    def answer(self, exchange: _Handler) -> None:
        match exchange.path:
            case "/v1/models":
                exchange.json(200, self.models())
            case "/v1/chat/completions":
                self.chat(exchange)
            case "/v1/completions":
                self.completions(exchange)
            case _:
                self.not_found(exchange)

    def bound(self, body: dict[str, Any]) -> int | None:
        new = body.get("max_completion_tokens") if self.knows_new_bound else None
        return new if new is not None else body.get("max_tokens")

    def prefilled(self, body: dict[str, Any], text: str) -> str:
        """Return what is said where the last turn is the model's own: everything, once more."""
        return text

    def chat(self, exchange: _Handler) -> None:
        body = exchange.body
        messages = body["messages"]
        if self.manners.refuses_max_tokens and "max_tokens" in body:
            said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            exchange.json(400, {"error": {"message": said, "code": "unsupported_parameter"}})
            return
        text = self.spoken(
            [each for each in messages if each is not messages[-1] or each["role"] == "user"]
        )
        if messages[-1]["role"] == "assistant":
            text = self.prefilled(body, text)
        self.reply(exchange, text, self.bound(body), "chat")

    def completions(self, exchange: _Handler) -> None:
        body = exchange.body
        prompt = body["prompt"]
        text = self.spoken([{"role": "user", "content": prompt}])
        written = prompt.rpartition("### Response:\n")[2]
        text = text[len(written) :] if written and text.startswith(written) else text
        self.reply(exchange, text, body.get("max_tokens", self.default_bound), "text")

    def reply(self, exchange: _Handler, text: str, bound: int | None, shape: str) -> None:
        tokens, cut = self.cut(text, bound)
        reason = None if self.manners.null_reason else "length" if cut else "stop"
        usage = {
            "prompt_tokens": 9,
            "completion_tokens": len(tokens),
            "total_tokens": 9 + len(tokens),
        }
        if not exchange.body.get("stream"):
            exchange.json(200, self.whole("".join(tokens), reason, usage, shape))
            return
        include = (exchange.body.get("stream_options") or {}).get("include_usage")
        exchange.stream(self.events(tokens, reason, usage if include else None, shape))

    def whole(self, text: str, reason: str | None, usage: Any, shape: str) -> dict[str, Any]:
        turn = (
            {"message": {"role": "assistant", "content": text}}
            if shape == "chat"
            else {"text": text}
        )
        choice = {"index": 0, "finish_reason": reason, **turn}
        return {
            "id": "x",
            "object": "x",
            "created": 1,
            "model": self.model,
            "choices": [choice],
            "usage": usage,
        }

    def events(
        self, tokens: list[str], reason: str | None, usage: Any, shape: str
    ) -> Iterator[bytes]:
        def chunk(piece: Any, finish: str | None) -> bytes:
            turn = {"delta": piece} if shape == "chat" else {"text": piece.get("content") or ""}
            choice = {"index": 0, "finish_reason": finish, **turn}
            made = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": self.model}
            return event({**made, "choices": [choice]})

        yield chunk({"role": "assistant", "content": None}, None)
        for number, token in enumerate(tokens):
            if number == self.manners.error_after:
                yield event({"error": {"message": "out of memory", "code": 500}})
                return
            yield chunk({"content": token}, None)
        yield chunk({}, reason)
        if usage:
            yield event(
                {
                    "id": "x",
                    "object": "x",
                    "created": 1,
                    "model": self.model,
                    "choices": [],
                    "usage": usage,
                }
            )
        if not self.manners.no_done:
            yield b"data: [DONE]\n\n"


class FakeLlamaCppPython(_OpenAIShaped):
    """FastAPI's 404, 16 tokens where no bound is sent, no prefill, pings, one model."""

    model = "fake.gguf"
    owner = "me"
    default_bound = 16


class FakeOpenAI(_OpenAIShaped):
    """Takes the new name of the bound, and with `refuses_max_tokens` no other."""

    model = "gpt-fake"
    owner = "openai"
    knows_new_bound = True


class FakeVllm(_OpenAIShaped):
    """Tells its context, refuses what does not fit it, continues where two flags say so."""

    model = "fake/vllm"
    owner = "vllm"
    default_bound = 16
    knows_new_bound = True

    def models(self) -> dict[str, Any]:
        listed = super().models()
        listed["data"][0]["max_model_len"] = self.manners.context_tokens
        return listed

    def chat(self, exchange: _Handler) -> None:
        body = exchange.body
        going_on = body.get("continue_final_message", False)
        if going_on and body.get("add_generation_prompt", True):
            said = "Cannot set both continue_final_message and add_generation_prompt"
            exchange.json(400, {"error": {"message": said, "code": 400}})
        elif (
            sum(len(each["content"]) for each in body["messages"]) // TOKEN
            + (self.bound(body) or 0)
            > self.manners.context_tokens
        ):
            said = "This model's maximum context length is exceeded"
            exchange.json(400, {"error": {"message": said, "code": 400}})
        else:
            super().chat(exchange)

    def prefilled(self, body: dict[str, Any], text: str) -> str:
        given = body["messages"][-1]["content"]
        return (
            text[len(given) :]
            if body.get("continue_final_message") and text.startswith(given)
            else text
        )


class FakeLlamaCpp(_OpenAIShaped):
    """`/props`, a prefill that is echoed, and routes of its own."""

    model = "fake.gguf"
    owner = "llamacpp"
    knows_new_bound = True

    def answer(self, exchange: _Handler) -> None:
        match exchange.path:
            case "/props":
                settings = {"n_ctx": self.manners.context_tokens}
                exchange.json(200, {"default_generation_settings": settings, "total_slots": 1})
            case "/apply-template":
                shown = "".join(f"<{m['role']}>{m['content']}" for m in exchange.body["messages"])
                exchange.json(200, {"prompt": f"{shown}<assistant>"})
            case "/completion":
                self.completion(exchange)
            case "/v1/messages":
                FakeAnthropic.messages(self, exchange)  # type: ignore[arg-type]
            case _:
                super().answer(exchange)

    def not_found(self, exchange: _Handler) -> None:
        said = {"code": 404, "message": "File Not Found", "type": "not_found_error"}
        exchange.json(404, {"error": said})

    def prefilled(self, body: dict[str, Any], text: str) -> str:
        given: str = body["messages"][-1]["content"]
        return text if text.startswith(given) else given + text

    def reply(self, exchange: _Handler, text: str, bound: int | None, shape: str) -> None:
        last = (exchange.body.get("messages") or [{}])[-1]
        if last.get("role") == "assistant" and bound is not None:
            bound += -(-len(last["content"]) // TOKEN)  # the echo is not generated
        super().reply(exchange, text, bound, shape)

    def completion(self, exchange: _Handler) -> None:
        body = exchange.body
        written = body["prompt"].rpartition("<assistant>")[2]
        text = self.spoken([{"role": "user", "content": body["prompt"]}])[len(written) :]
        tokens, cut = self.cut(text, body.get("n_predict"))
        counts = {"tokens_predicted": len(tokens), "tokens_evaluated": 9}
        last = {"content": "", "stop": True, "truncated": False, **counts}
        last["stop_type"] = "limit" if cut else "eos"
        events = [event({"content": token, "stop": False}) for token in tokens]
        exchange.stream([*events, event(last)])


# ── the others ───────────────────────────────────────────────────────────────────────────────────


class FakeOllama(FakeModelServer):
    """NDJSON; the reason to stop stands in the last line, or is missing; errors come after 200."""

    model = "fake:1b"
    forgets_reason = False

    def answer(self, exchange: _Handler) -> None:
        match exchange.path:
            case "/api/version":
                exchange.json(200, {"version": "0.12.0"})
            case "/api/tags":
                exchange.json(200, {"models": [{"name": self.model, "model": self.model}]})
            case "/api/chat":
                self.chat(exchange)
            case _:
                exchange.json(404, {"error": "404 page not found"})

    def chat(self, exchange: _Handler) -> None:
        body = exchange.body
        if body["model"] != self.model:
            exchange.json(404, {"error": f"model '{body['model']}' not found"})
            return
        messages = body["messages"]
        given = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        text = self.spoken(messages[:-1] if given else messages)
        text = text.removeprefix(given)
        tokens, cut = self.cut(text, (body.get("options") or {}).get("num_predict"))
        exchange.stream(self.lines(tokens, cut=cut), "application/x-ndjson")

    def lines(self, tokens: list[str], *, cut: bool) -> Iterator[bytes]:
        made = {"model": self.model, "created_at": "2026-11-22T10:00:00Z"}

        def line(more: dict[str, Any]) -> bytes:
            return json.dumps({**made, **more}).encode() + b"\n"

        for number, token in enumerate(tokens):
            if number == self.manners.error_after:
                yield json.dumps({"error": "llama runner process has terminated"}).encode() + b"\n"
                return
            yield line({"message": {"role": "assistant", "content": token}, "done": False})
        reason = {} if self.manners.null_reason else {"done_reason": "length" if cut else "stop"}
        counts = {"prompt_eval_count": 9, "eval_count": len(tokens)}
        last = {"message": {"role": "assistant", "content": ""}, "done": True}
        yield line({**last, **counts, **reason})


class FakeAnthropic(FakeModelServer):
    """Named events; a bound is required; a last turn of the model's is taken up, or refused."""

    model = "claude-fake"

    def answer(self, exchange: _Handler) -> None:
        match exchange.path:
            case "/v1/models":
                entry = {
                    "type": "model",
                    "id": self.model,
                    "display_name": "Fake",
                    "created_at": "x",
                }
                exchange.json(200, {"data": [entry], "has_more": False})
            case "/v1/messages":
                self.messages(exchange)
            case _:
                said = {"type": "not_found_error", "message": "Not found"}
                exchange.json(404, {"type": "error", "error": said})

    def messages(self, exchange: _Handler) -> None:
        messages = exchange.body["messages"]
        given = messages[-1]["content"] if messages[-1]["role"] == "assistant" else ""
        if given and (self.manners.refuses_prefill or given != given.rstrip()):
            said = {"type": "invalid_request_error", "message": "prefill is not supported"}
            exchange.json(400, {"type": "error", "error": said})
            return
        text = self.spoken(messages[:-1] if given else messages)
        text = text.removeprefix(given)
        tokens, cut = self.cut(text, exchange.body["max_tokens"])
        exchange.stream(FakeAnthropic.events(self, tokens, "max_tokens" if cut else "end_turn"))

    def events(self, tokens: list[str], reason: str) -> Iterator[bytes]:
        def named(kind: str, **fields: Any) -> bytes:
            return f"event: {kind}\n".encode() + event({"type": kind, **fields})

        message = {
            "id": "m", "type": "message", "role": "assistant", "model": self.model, "content": [],
            "stop_reason": None, "stop_sequence": None,
            "usage": {"input_tokens": 9, "output_tokens": 1},
        }  # fmt: skip
        yield named("message_start", message=message)
        yield named("content_block_start", index=0, content_block={"type": "text", "text": ""})
        yield named("ping")
        for number, token in enumerate(tokens):
            if number == self.manners.error_after:
                yield named("error", error={"type": "overloaded_error", "message": "Overloaded"})
                return
            yield named("content_block_delta", index=0, delta={"type": "text_delta", "text": token})
        yield named("content_block_stop", index=0)
        delta = {"stop_reason": reason, "stop_sequence": None}
        yield named("message_delta", delta=delta, usage={"output_tokens": len(tokens)})
        yield named("message_stop")
