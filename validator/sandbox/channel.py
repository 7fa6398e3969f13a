"""The byte channel to a supervisor, wherever it stands."""

from __future__ import annotations

from typing import Protocol


class Channel(Protocol):
    """A supervisor's stdin and stdout, and the means to end it."""

    def send(self, data: bytes) -> None:
        """Write all of `data` to the supervisor's stdin.

        Raises:
            SandboxUnavailable: when the supervisor is gone.
        """

    def receive(self, size: int, deadline: float) -> bytes:
        """Return up to `size` bytes of its stdout; empty when it has ended.

        Raises:
            TimeoutError: when nothing came before `deadline`, a `time.monotonic()` value.
            SandboxUnavailable: when the channel itself broke.
        """

    def kill(self) -> None:
        """End the supervisor and everything in its jails at once; may be called twice."""
