"""What programs meet in an image, and whether workers can make jails: found out by doing it."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from validator.errors import SandboxUnavailable
from validator.facts import Limits, Target
from validator.sandbox.docker.worker import PROBE, Worker, Yard

if TYPE_CHECKING:
    from pathlib import Path

PROBE_SECONDS = 30.0
"""From creating the container to its one line: 0.6 s where nothing else runs."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one image does on one engine."""

    target: Target
    jails: bool
    """True where a worker can give each program a bubblewrap jail of its own."""
    refusal: str
    """What was said where it cannot."""


@dataclass(frozen=True, slots=True)
class Prober:
    """Probes, and remembers between processes what cannot change for the worse by itself."""

    yard: Yard
    folder: Path
    """Where answers are kept; one small file for each image and engine."""

    def probe(self) -> Probe:
        """Return what the image does here, from memory where it was seen before.

        Raises:
            SandboxUnavailable: when a container of it cannot be started, or says nothing sensible.
        """
        with suppress(OSError, ValueError, KeyError, TypeError):
            return _parsed(json.loads(self._file.read_bytes()))
        answer = self._ask()
        probe = _understood(answer)
        # A refusal is not kept: it may be a kernel setting that somebody is about to change.
        if probe.jails:
            self._remember(answer)
        return probe

    def forget(self) -> None:
        """Ask again next time, because what was remembered turned out wrong."""
        with suppress(OSError):
            self._file.unlink()

    @property
    def _file(self) -> Path:
        yard = self.yard
        named = [yard.engine.identity, yard.image.id, yard.runtime, yard.apparmor]
        named.append(json.dumps(yard.seccomp))
        return self.folder / f"probe-{sha256(chr(0).join(named).encode()).hexdigest()[:16]}.json"

    def _ask(self) -> bytes:
        worker = Worker(self.yard, PROBE, Limits(), jails=True)
        try:
            deadline = time.monotonic() + PROBE_SECONDS
            answer = b""
            while piece := worker.receive(4096, deadline):
                answer += piece
            if answer:
                return answer
            raise _silent(worker.stderr or "it ended without a word")
        except TimeoutError:
            raise _silent(f"nothing in {PROBE_SECONDS:.0f} s") from None
        finally:
            worker.kill()

    def _remember(self, answer: bytes) -> None:
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self._file.with_suffix(f".{os.getpid()}")
            part.write_bytes(answer)
            part.replace(self._file)


def _understood(answer: bytes) -> Probe:
    try:
        return _parsed(json.loads(answer))
    except (ValueError, KeyError, TypeError) as error:
        raise _silent(answer[:200].decode(errors="replace")) from error


def _parsed(fields: dict[str, Any]) -> Probe:
    target = Target.of(str(fields["python"]), str(fields["platform"]), str(fields["libc"]))
    return Probe(target, bool(fields["jail"]), str(fields["refusal"]))


def _silent(said: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"the sandbox image does not start as it should: {said}",
        remedy="`validate cache clear`, which removes it, and try again",
    )
