"""Where a program runs, and how it is driven."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validator.errors import SandboxUnavailable
from validator.sandbox.driving import drive
from validator.sandbox.kinds import plan
from validator.sandbox.trying import tried

if TYPE_CHECKING:
    from validator.events import Listener
    from validator.sandbox.backend import Backend
    from validator.settings import Settings

__all__ = ["choose", "drive", "plan", "tried"]


def choose(settings: Settings, listener: Listener) -> Backend:
    """Return a sandbox that answers: the one asked for, or with `auto` Docker before bubblewrap.

    Docker's limits hold for everything a program starts together, so it comes first; it is taken
    only when its engine answers and its image can be had.

    Raises:
        SandboxUnavailable: when there is none, with the reason of each that was tried.
    """
    if settings.sandbox == "none":
        raise SandboxUnavailable("no sandbox was wanted", remedy="leave --sandbox none out")
    names = ("docker", "bubblewrap") if settings.sandbox == "auto" else (settings.sandbox,)
    refusals: list[SandboxUnavailable] = []
    for name in names:
        backend = _make(name, settings, listener)
        try:
            backend.target()
        except SandboxUnavailable as error:
            backend.close()
            refusals.append(error)
        except BaseException:
            backend.close()
            raise
        else:
            return backend
    if len(refusals) == 1:
        raise refusals[0]
    reasons = "; ".join(f"{name}: {error}" for name, error in zip(names, refusals, strict=True))
    raise SandboxUnavailable(f"no sandbox answers ({reasons})", remedy=refusals[-1].remedy)


def _make(name: str, settings: Settings, listener: Listener) -> Backend:
    if name == "docker":
        # docker-py takes a tenth of a second to import, which a run without it need not pay.
        from validator.sandbox.docker.backend import DockerBackend

        return DockerBackend(settings, listener)
    from validator.sandbox.bubblewrap import BubblewrapBackend

    return BubblewrapBackend(settings, listener)
