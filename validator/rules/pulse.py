"""Whether a stopped program was at work, asleep or never given the time to do anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from validator.facts import FAIR_SHARE, SLOW_TO_START

if TYPE_CHECKING:
    from collections.abc import Mapping

    from validator.facts import Observation, Run


def alive(run: Run) -> bool:
    """Tell whether a program that runs on was seen to do what it runs on for."""
    return frames_shown(run) > 0 or any(
        each.kind in ("window", "port", "page") or _drew(each) for each in run.observations
    )


def _drew(seen: Observation) -> bool:
    draws = seen.fields.get("draws", 0)
    return seen.kind == "terminal" and isinstance(draws, int) and draws > 1


def frames_shown(run: Run) -> int:
    """Return how many frames a game was seen to show."""
    counts = (each.fields.get("count", 0) for each in run.observations if each.kind == "frames")
    return max((count for count in counts if isinstance(count, int)), default=0)


def asked(run: Run) -> bool:
    """Tell whether a program was seen to ask for input and never have enough."""
    return any(each.kind == "asks-on" for each in run.observations)


def told(run: Run) -> str:
    """Return how a stopped program was found, to go on a sentence with; empty where nobody felt."""
    seconds = _seconds(run)
    if seconds is None:
        return ""
    return f", {'busy' if _works(run) else 'asleep'} ({seconds:.1f} s of processor time)"


def asleep(run: Run) -> bool:
    """Tell whether a stopped program was seen to be waiting for something."""
    return bool(_felt(run)) and not _works(run)


def quiet_seconds(run: Run) -> float:
    """Return how long a stopped program had not written; its whole run where nobody felt."""
    seconds = _felt(run).get("quiet_seconds")
    return seconds if isinstance(seconds, int | float) else run.wall_seconds


def starved(run: Run, *, loading: bool) -> bool:
    """Tell whether a program was at work and got less of a processor than it needed.

    The machine was busy with other things then, and nothing says that the program is slow. Only of
    one that is still `loading`, and of kinds whose libraries take seconds to: a loop without end
    is one on any machine.
    """
    if run.plan.kind not in SLOW_TO_START and not loading:
        return False
    seconds = _seconds(run)
    return _works(run) and seconds is not None and seconds < run.wall_seconds * FAIR_SHARE


def _works(run: Run) -> bool:
    return _felt(run).get("state") == "running"


def _seconds(run: Run) -> float | None:
    seconds = _felt(run).get("cpu_seconds")
    return seconds if isinstance(seconds, int | float) else None


def _felt(run: Run) -> Mapping[str, Any]:
    return next((each.fields for each in run.observations if each.kind == "pulse"), {})
