"""Processes that write what wheels hold, side by side; what they say is what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from validator.errors import Unavailable
from validator.packages import inflating

if TYPE_CHECKING:
    from collections.abc import Mapping

COUNT = 2
"""More are no faster on two processors; the disk is what more processors would wait for."""


class Writers:
    """`COUNT` processes that run `inflating`; usable from as many threads.

    They start while the first wheel is fetched, and read nothing that was not checked.
    """

    def __init__(self) -> None:
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._all: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(COUNT):
                self._all.append(_start())
                self._idle.put(self._all[-1])
        except BaseException:
            self.close()
            raise

    def write(self, **asked: object) -> Mapping[str, Any] | None:
        """Have `inflating.write` done, by whichever process is idle, and return what it says.

        Raises:
            Unavailable: the process did not come to an end of it.
        """
        process = self._idle.get()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except BrokenPipeError:
            answer = b""
        finally:
            self._idle.put(process)
        if not answer.endswith(b"\n"):
            raise Unavailable(
                "the process that unpacks packages was ended", remedy="see what ended it; run again"
            )
        told: dict[str, Any] | None = json.loads(answer)
        return told

    def kill(self) -> None:
        """End every process, whatever it does, and so whatever waits for it."""
        for process in self._all:
            process.kill()

    def close(self) -> None:
        """End the processes, when nothing waits for them any more."""
        self.kill()
        for process in self._all:
            # What was written to one that had ended already.
            with suppress(BrokenPipeError):
                process.__exit__(None, None, None)


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        (sys.executable, "-I", "-S", "-B", "-X", "utf8", inflating.__file__),
        env={"PATH": os.defpath},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
