"""Whose a container is: how a validator that was killed is told from one that is at work."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

KIND = "reply-validator"
"""The label every container of ours carries; its value says what for."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process, named so that no later process anywhere can be taken for it."""

    host: str
    """The machine, its boot and the pid namespace: a pid means nothing beyond these."""
    pid: int
    started: str
    """When the process started, in the system's own words; empty where it is not known."""

    @classmethod
    def this_process(cls) -> Owner:
        """Return the owner that is us."""
        return cls(_host(), os.getpid(), _start_time(os.getpid()))

    def labels(self, kind: str, deadline: float) -> dict[str, str]:
        """Return a container's labels; it may be removed by anyone after `deadline`, Unix time."""
        return {
            KIND: kind,
            f"{KIND}.host": self.host,
            f"{KIND}.pid": str(self.pid),
            f"{KIND}.started": self.started,
            f"{KIND}.deadline": str(int(deadline)),
        }


def is_abandoned(labels: Mapping[str, str], here: str, now: float | None = None) -> bool:
    """Tell whether nobody will ever use or remove the container with these labels.

    `here` is the `host` of this process's owner: a pid of another machine, which shares a remote
    engine with us, cannot be looked up, so only its deadline counts.
    """
    now = time.time() if now is None else now
    if _number(labels.get(f"{KIND}.deadline")) < now:
        return True
    if labels.get(f"{KIND}.host") != here:
        return False
    return _start_time(_number(labels.get(f"{KIND}.pid"))) != labels.get(f"{KIND}.started")


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _host() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        # Two validators in two containers of one machine share its boot and not their pids.
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return gethostname()


def _start_time(pid: int) -> str:
    if pid <= 0:
        return ""
    if Path("/proc/self/stat").exists():
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        # Field 22 of proc(5), counted after the command's name, which may hold spaces itself.
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]
    shown = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return " ".join(shown.stdout.split())
