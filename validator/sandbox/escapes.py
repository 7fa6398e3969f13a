"""Real attempts to get out, made in a sandbox to see what it enforces: for `validate doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from validator.facts import Job, Limits, Plan, ProgramKind, SourceFile
from validator.sandbox import guest

if TYPE_CHECKING:
    from validator.sandbox.backend import Backend

ATTEMPTS = {
    "host_files": "host files",
    "environment": "environment",
    "dial_out": "network",
    "engine_socket": "engine",
    "namespaces": "namespaces and mounts",
    "privileges": "privileges",
    "devices": "devices",
    "kernel_settings": "kernel settings",
    "supervisor_by_proc": "other processes",
    "tamper_with_guest": "sandbox's own files",
    "fork_bomb": "fork bomb",
    "disk_flood": "full disk",
}
"""Programs of `sandboxes/probes/`, and in words what each reaches for."""
_LIMITS = Limits(wall_seconds=10, disk_mib=16)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to get out and what became of it."""

    what: str
    """In words: `network`."""
    got_out: tuple[str, ...]
    """What the program could do that was promised it could not; empty where the promise held."""


def attempt(backend: Backend) -> tuple[Attempt, ...]:
    """Run every attempt in that sandbox, one after the other.

    Of one that ends without a word that its promise was kept, nothing is known: it counts as out.

    Raises:
        SandboxUnavailable: when the sandbox, not a promise, failed.
    """
    return tuple(_attempt(backend, name, what) for name, what in ATTEMPTS.items())


def _attempt(backend: Backend, name: str, what: str) -> Attempt:
    text = (guest.folder() / "probes" / f"{name}.py").read_text(encoding="utf-8")
    file = SourceFile("main.py", text, ())
    plan = Plan(ProgramKind.SCRIPT, "an attempt to get out")
    run = backend.run(Job((file,), "main.py", plan, limits=_LIMITS, instrument=False))
    lines = run.stdout.decode("utf-8", "replace").splitlines()
    broken = tuple(line[6:200].strip(": ") for line in lines if line.startswith("BROKEN"))
    if not broken and not any(line.startswith("kept") for line in lines):
        broken = (f"it could not be tried: {run.ending.value}, status {run.exit_code}",)
    return Attempt(what, broken)
