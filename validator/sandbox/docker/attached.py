"""The byte stream to and from a container's own process, over the engine's attach connection."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import threading
import time
from contextlib import suppress
from typing import Any

from validator.errors import SandboxUnavailable

SEND_SECONDS = 30.0
"""A supervisor that reads nothing for so long is as good as gone."""
KEPT_STDERR_BYTES = 4096
_HEADER = struct.Struct(">BxxxL")
"""Stream number and payload size, before each piece of output of a container without a terminal
(https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach)."""
_STDOUT = 1
_CHUNK_BYTES = 256 * 1024
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class AttachedStream:
    """One attach connection: bytes to stdin, stdout apart from stderr.

    One thread may send and receive while any other closes.
    """

    def __init__(self, connection: Any) -> None:
        """Take over `connection`, as docker-py's `attach_socket` returned it."""
        # For unix sockets and plain TCP that is a SocketIO, which after one timeout refuses to read
        # ever again; the socket below it does not. It must be kept, or it closes the socket.
        self._keep = connection
        self._socket: socket.socket = getattr(connection, "_sock", connection)
        self._socket.setblocking(False)
        self._header = b""
        self._left = 0
        self._stream = _STDOUT
        self._closing = threading.Lock()
        self._closed = False
        self.stderr = b""
        """The last of what the process wrote to stderr, up to `KEPT_STDERR_BYTES`."""

    def send(self, data: bytes) -> None:
        """Write all of `data` to the process's stdin.

        Raises:
            SandboxUnavailable: when the connection is gone, or nobody reads for `SEND_SECONDS`.
        """
        view = memoryview(data)
        while view:
            try:
                view = view[self._socket.send(view) :]
            except _NOT_NOW:
                self._wait(select.POLLOUT, time.monotonic() + SEND_SECONDS)
            except OSError as error:
                raise _gone(error) from error

    def receive(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes of stdout, as soon as there are any; empty at its end.

        Raises:
            TimeoutError: when nothing came before `deadline`, a `time.monotonic()` value.
            SandboxUnavailable: when the connection broke.
        """
        while True:
            while not self._left:
                if not self._next_piece(deadline):
                    return b""
            data = self._read(min(self._left, size), deadline)
            self._left -= len(data)
            if not data or self._stream == _STDOUT:
                return data
            self.stderr = (self.stderr + data)[-KEPT_STDERR_BYTES:]

    @property
    def quiet(self) -> bool:
        """True while there is nothing to receive, the end included."""
        poll = select.poll()
        with suppress(ValueError):
            poll.register(self._socket, select.POLLIN)
            return not self._closed and not poll.poll(0)
        return False

    def close(self) -> None:
        """End the connection, and with it the process's stdin; may be called twice."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
        # Shutting down wakes a thread that waits in poll; closing alone would not.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self._keep.close()

    def _next_piece(self, deadline: float) -> bool:
        while len(self._header) < _HEADER.size:
            data = self._read(_HEADER.size - len(self._header), deadline)
            if not data:
                return False
            self._header += data
        self._stream, self._left = _HEADER.unpack(self._header)
        self._header = b""
        return True

    def _read(self, size: int, deadline: float) -> bytes:
        while not self._closed:
            try:
                return self._socket.recv(min(size, _CHUNK_BYTES))
            except _NOT_NOW:
                self._wait(select.POLLIN, deadline)
            except ConnectionResetError:
                return b""
            except OSError as error:
                if not self._closed:
                    raise _gone(error) from error
        return b""

    def _wait(self, event: int, deadline: float) -> None:
        poll = select.poll()
        try:
            poll.register(self._socket, event)
        except ValueError:  # closed by another thread meanwhile; the next call will say so
            return
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            if event == select.POLLOUT:
                raise _gone("it reads nothing")
            raise TimeoutError


def _gone(why: object) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"the connection to the worker container was lost: {why}",
        remedy="`docker info` should answer; then try again",
    )
