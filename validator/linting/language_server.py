"""A language server as a child process: JSON-RPC over its standard input and output.

Any number of threads may ask at once; one reading thread hands out the answers.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import threading
from concurrent.futures import Future
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
"""A message longer than this is taken for a broken stream; real ones are well under 1 MiB."""
GRACE_SECONDS = 0.5
"""How long a server may take to leave once its input has ended; pyright takes 0.03 s when idle."""


_SETPRIV = shutil.which("setpriv")
_DIES_WITH_US = (_SETPRIV, "--pdeathsig", "KILL", "--") if _SETPRIV else ()
"""Has the kernel end the server when we are killed, however busy it is: pyright in the middle of a
program of 40,000 functions does not look at its input for 10 s. It is the *thread* that started it
whose end counts, so that thread has to live as long as the server. util-linux, so Linux only."""


class ServerGone(Exception):
    """The server ended, or never was one."""


class LanguageServer:
    """A running server; `close` ends it and every process it started.

    It also ends by itself when this process dies, whatever killed us: its input ends then. The
    thread that makes it has to outlive it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: str,
        answer: Callable[[str, Any], Any],
    ) -> None:
        """Start `command` in `folder`; `answer(method, params)` answers what the server asks.

        Raises:
            OSError: the command cannot be started.
        """
        self._process = subprocess.Popen(
            (*_DIES_WITH_US, *command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            env=dict(environment),
            # A group of its own: Ctrl-C in a terminal reaches us alone, and we can end all of it.
            start_new_session=True,
        )
        self._answer = answer
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[Any]] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._gone = False
        threading.Thread(target=self._read, name="language-server", daemon=True).start()

    def request(self, method: str, params: Any, *, seconds: float) -> Any:
        """Ask, wait at most `seconds`, and return the result.

        Raises:
            ServerGone: it ended, or answered with an error.
            TimeoutError: it did not answer in time.
        """
        number = next(self._numbers)
        future: Future[Any] = Future()
        with self._lock:
            if self._gone:
                raise ServerGone("the language server has ended")
            self._waiting[number] = future
        try:
            self._send({"id": number, "method": method, "params": params})
            return future.result(seconds)
        finally:
            with self._lock:
                self._waiting.pop(number, None)

    def notify(self, method: str, params: Any) -> None:
        """Tell, and expect nothing back.

        Raises:
            ServerGone: it ended.
        """
        self._send({"method": method, "params": params})

    def close(self) -> None:
        """End the server and everything it started; may be called again."""
        with contextlib.suppress(OSError, ValueError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            # Busy with a hard program; its group holds whatever it started as well.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._end()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = _pipe(self._process.stdin)
        try:
            with self._writing:
                stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
                stream.flush()
        except (OSError, ValueError) as error:
            raise ServerGone("the language server has ended") from error

    def _read(self) -> None:
        stream = _pipe(self._process.stdout)
        try:
            while (message := _receive(stream)) is not None:
                self._dispatch(message)
        except (OSError, ValueError, ServerGone):
            pass  # a broken stream is an ended server: whoever waits is told so below
        finally:
            self._end()

    def _dispatch(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self._settle(message)
        elif "id" in message:
            result = self._answer(message["method"], message.get("params"))
            self._send({"id": message["id"], "result": result})

    def _settle(self, message: dict[str, Any]) -> None:
        with self._lock:
            future = self._waiting.pop(message.get("id", 0), None)
        if future is None:
            return
        if "error" in message:
            future.set_exception(ServerGone(str(message["error"].get("message", "error"))))
        else:
            future.set_result(message.get("result"))

    def _end(self) -> None:
        with self._lock:
            self._gone = True
            waiting = tuple(self._waiting.values())
            self._waiting.clear()
        for future in waiting:
            future.set_exception(ServerGone("the language server has ended"))


def _receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """Read one message; None at the end of the stream."""
    length = 0
    while (line := stream.readline(1024)) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    if not line:
        return None
    if not 0 < length <= MAX_MESSAGE_BYTES:
        raise ServerGone("the language server wrote something that is no message")
    message = json.loads(stream.read(length))
    if not isinstance(message, dict):
        raise ServerGone("the language server wrote something that is no message")
    return message


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None, "the process was started with pipes"
    return stream
