"""What every sandbox offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from validator.facts import Job, Run, Target


class Backend(Protocol):
    """A place where programs run under the promises of `sandboxes/README.md`."""

    @property
    def name(self) -> str:
        """`docker` or `bubblewrap`."""

    def start(self) -> None:
        """Begin getting ready in the background and return at once; never raises."""

    def target(self) -> Target:
        """Return the Python, platform and libc that programs meet here.

        Raises:
            SandboxUnavailable: when the sandbox cannot be made ready.
        """

    def run(self, job: Job) -> Run:
        """Run one program once, in a jail nothing has used before.

        A program that crashes, hangs or is stopped is a `Run` all the same. Thread-safe.

        Raises:
            SandboxUnavailable: when the sandbox, not the program, failed.
        """

    def close(self) -> None:
        """End everything that was started; may be called twice."""
