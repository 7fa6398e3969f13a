"""The attach connection: stdout apart from stderr, whatever the pieces they come in."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.errors import SandboxUnavailable
from validator.sandbox.docker import attached
from validator.sandbox.docker.attached import KEPT_STDERR_BYTES, AttachedStream


def piece(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


@pytest.fixture
def ends():
    """Our stream, and the engine's end of it."""
    ours, engine = socket.socketpair()
    stream = AttachedStream(ours)
    yield stream, engine
    stream.close()
    engine.close()


def drain(stream: AttachedStream, size: int = 65536) -> bytes:
    data = b""
    while got := stream.receive(size, soon()):
        data += got
    return data


@given(
    pieces=st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=20)), max_size=6),
    cuts=st.integers(1, 40),
    size=st.integers(1, 100),
)
def test_any_mix_of_pieces_cut_anywhere_comes_out_in_order(pieces, cuts, size):
    ours, engine = socket.socketpair()
    stream = AttachedStream(ours)
    wire = b"".join(piece(number, data) for number, data in pieces)
    try:
        for at in range(0, len(wire), cuts):
            engine.sendall(wire[at : at + cuts])
        engine.close()
        assert drain(stream, size) == b"".join(data for number, data in pieces if number == 1)
        assert stream.stderr == b"".join(data for number, data in pieces if number == 2)
    finally:
        stream.close()


def test_of_much_stderr_the_end_is_kept(ends):
    stream, engine = ends
    engine.sendall(piece(2, b"a" * 9000) + piece(2, b"the reason") + piece(1, b"."))
    assert stream.receive(1, soon()) == b"."
    assert stream.stderr.endswith(b"aathe reason")
    assert len(stream.stderr) == KEPT_STDERR_BYTES


def test_an_empty_piece_is_not_the_end(ends):
    stream, engine = ends
    engine.sendall(piece(1, b"") + piece(1, b"after"))
    assert stream.receive(10, soon()) == b"after"


def test_waiting_ends_at_the_deadline_and_the_stream_still_works(ends):
    stream, engine = ends
    with pytest.raises(TimeoutError):
        stream.receive(1, soon(0.05))
    engine.sendall(piece(1, b"late")[:6])
    with pytest.raises(TimeoutError):
        stream.receive(1, soon(0.05))
    engine.sendall(piece(1, b"late")[6:])
    assert stream.receive(10, soon()) == b"late"


def test_a_deadline_long_past_is_a_timeout_not_a_hang(ends):
    with pytest.raises(TimeoutError):
        ends[0].receive(1, time.monotonic() - 100)


def test_quiet_until_there_is_something_to_receive(ends):
    stream, engine = ends
    assert stream.quiet
    engine.sendall(piece(1, b"!"))
    assert not stream.quiet
    stream.receive(1, soon())
    assert stream.quiet
    engine.close()
    assert not stream.quiet
    stream.close()
    assert not stream.quiet


def test_closing_wakes_the_thread_that_waits(ends):
    stream, _ = ends
    got = []
    waiting = threading.Thread(target=lambda: got.append(stream.receive(1, soon(60))))
    waiting.start()
    stream.close()
    stream.close()
    waiting.join(10)
    assert got == [b""]


def test_more_than_the_sockets_buffer_is_sent_whole(ends):
    stream, engine = ends
    data = bytes(range(256)) * 20_000
    got = bytearray()

    def read() -> None:
        while len(got) < len(data):
            got.extend(engine.recv(65536))

    reader = threading.Thread(target=read)
    reader.start()
    stream.send(data)
    reader.join(10)
    assert bytes(got) == data


def test_sending_to_one_who_is_gone_is_our_failure(ends):
    stream, engine = ends
    engine.close()
    with pytest.raises(SandboxUnavailable, match="connection to the worker container was lost"):
        stream.send(b"x" * 10_000_000)


def test_sending_to_one_who_reads_nothing_is_our_failure(ends, monkeypatch):
    monkeypatch.setattr(attached, "SEND_SECONDS", 0.05)
    with pytest.raises(SandboxUnavailable, match="reads nothing"):
        ends[0].send(b"x" * 10_000_000)


def test_a_connection_cut_inside_a_header_is_the_end(ends):
    stream, engine = ends
    engine.sendall(piece(1, b"whole") + piece(1, b"half")[:5])
    engine.close()
    assert drain(stream) == b"whole"
