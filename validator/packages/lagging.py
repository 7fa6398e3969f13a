"""What installs in an older version, because the newest needs something of which there is no wheel.

A resolver goes back in silence until it finds a version that needs no such thing, which may be
years old: num2words 0.5.6 of 2017 for 0.5.14 of 2024, whose docopt was never a wheel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet
from packaging.version import Version

from validator.facts import Unresolved, UnresolvedReason
from validator.packages.building import Built
from validator.packages.locking import Refusal
from validator.packages.offering import newest_of
from validator.packages.sourced import only_source, told, who_needs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from validator.facts import Target
    from validator.packages.building import Builds
    from validator.packages.index import Index
    from validator.packages.locking import Locked
    from validator.packages.solving import Wanted
    from validator.packages.sourced import SourceOnly

MAX_LOOKED_INTO = 3
"""Of one lock; each takes a lock of its own, and what lags mostly does for other reasons."""


@dataclass(frozen=True, slots=True)
class Lag:
    """A requirement that got an older version, and what its newest would need."""

    wanted: Wanted
    locked: str
    newest: str
    refusal: Refusal
    """What the resolver says of the newest alone."""
    sources: tuple[SourceOnly, ...]


def lags(
    wanted: Sequence[Wanted],
    answer: Sequence[Locked],
    lock: Callable[[Sequence[str]], tuple[Locked, ...] | Refusal],
    target: Target,
    index: Index,
) -> tuple[Lag, ...]:
    """Return what of an answer to `wanted` lags for want of a wheel, by asking for it alone.

    What is kept back by the others that are wanted, or was spoken of already, is left out.

    Raises:
        Unavailable: a resolver or the index let us down.
    """
    versions = {each.name: each.version for each in answer}
    found: list[Lag] = []
    looked_into = 0
    for each in wanted:
        if each.left_out or each.optional or each.unresolved or each.canonical not in versions:
            continue
        locked = versions[each.canonical]
        page = index.pages([each.canonical])[each.canonical]
        newest = newest_of(SpecifierSet(each.versions), page, target) if page else None
        if newest is None or newest <= Version(locked) or looked_into == MAX_LOOKED_INTO:
            continue
        looked_into += 1
        refusal = lock([f"{each.name}=={newest}"])
        if isinstance(refusal, Refusal) and (sources := only_source(refusal, target, index)):
            found.append(Lag(each, locked, str(newest), refusal, sources))
    return tuple(found)


def account(lag: Lag, builds: Builds) -> Unresolved | None:
    """Say what lags, and for want of what; None where that was built, and something else is amiss.

    Raises:
        Unavailable: the sandbox or the index let us down.
    """
    said = {
        each.name: told(each, builds)
        for each in lag.sources
        if not isinstance(builds.attempt(each.page, each.version), Built)
    }
    name = lag.wanted.requirement.name
    asked = {lag.wanted.canonical: f"the newest {name}, {lag.newest},"}
    found = who_needs(lag.refusal, said, asked)
    if found is None:
        return None
    message, log = found
    return Unresolved(
        requirement=lag.wanted.requirement,
        reason=UnresolvedReason.HELD_BACK,
        message=f"{message}; this run has {lag.locked}",
        nearest=lag.locked,
        latest=lag.newest,
        build_log=log,
    )
