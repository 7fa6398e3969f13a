"""The same client over a real connection, for what only a real connection can do."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from validator.errors import ModelUnavailable
from validator.facts import Stop
from validator.models import Message
from validator.models.openai_chat import OpenAIChat
from validator.models.wire import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
    b"Server: fake\r\n\r\n"
)
HELLO = b'data: {"choices": [{"delta": {"content": "Hello"}, "finish_reason": null}]}\n\n'
STOP = b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class FakeSocketServer:
    """Takes one request, sends its bytes, and then hangs up or waits to be hung up on."""

    def __init__(self, *pieces: bytes, hang_up: bool) -> None:
        self.pieces = pieces
        self.hang_up = hang_up
        self.left = threading.Event()
        """Set once the client has closed its end."""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            request = b""
            while b'"stream"' not in request:
                request += connection.recv(65536)
            for piece in self.pieces:
                connection.sendall(piece)
            if self.hang_up:
                return
            while connection.recv(65536):
                pass
            self.left.set()

    @contextmanager
    def running(self) -> Iterator[str]:
        self._thread.start()
        try:
            yield self.url
        finally:
            self._thread.join(timeout=10)
            self._listening.close()


def test_a_whole_reply_in_bytes_cut_anywhere() -> None:
    stream = HEAD + b"".join(chunk(bytes([byte])) for byte in HELLO + STOP) + b"0\r\n\r\n"
    server = FakeSocketServer(stream, hang_up=True)
    with server.running() as url:
        completion = OpenAIChat(Server(url)).complete((Message("user", "hi"),))
    assert (completion.text, completion.stop) == ("Hello", Stop.COMPLETE)


def test_a_body_broken_off_keeps_its_words() -> None:
    server = FakeSocketServer(HEAD + chunk(HELLO), hang_up=True)
    with server.running() as url:
        completion = OpenAIChat(Server(url)).complete((Message("user", "hi"),))
    assert (completion.text, completion.stop) == ("Hello", Stop.INTERRUPTED)


def test_a_server_left_waiting_is_told_so_by_a_closed_connection() -> None:
    server = FakeSocketServer(HEAD + chunk(HELLO), hang_up=False)
    with server.running() as url:
        completion = OpenAIChat(Server(url, idle_seconds=0.3)).complete((Message("user", "hi"),))
        assert server.left.wait(timeout=10), "the server would go on generating"
    assert (completion.text, completion.stop) == ("Hello", Stop.INTERRUPTED)


def test_after_done_nothing_more_is_waited_for() -> None:
    server = FakeSocketServer(HEAD + chunk(HELLO + STOP + b"data: [DONE]\n\n"), hang_up=False)
    with server.running() as url:
        completion = OpenAIChat(Server(url)).complete((Message("user", "hi"),))
        assert server.left.wait(timeout=10)
    assert completion.stop is Stop.COMPLETE


def test_a_connection_closed_without_an_answer() -> None:
    server = FakeSocketServer(hang_up=True)
    with server.running() as url, pytest.raises(ModelUnavailable, match="broke the connection"):
        OpenAIChat(Server(url)).complete((Message("user", "hi"),))


def test_a_port_nobody_listens_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ModelUnavailable, match="no server answers"):
        OpenAIChat(Server(f"http://127.0.0.1:{port}", pause=lambda seconds: None)).complete(
            (Message("user", "hi"),)
        )
