"""From explained requirements to pins: lock, and where it fails say who conflicts and loosen."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Protocol

from packaging.utils import canonicalize_name
from packaging.version import Version

from validator.errors import IndexUnavailable
from validator.facts import Pin, Unresolved
from validator.facts import UnresolvedReason as Reason
from validator.packages import lock_pip_tools, lock_uv
from validator.packages import target as targets
from validator.packages.ahead import Ahead
from validator.packages.building import MAX_BUILDS
from validator.packages.lagging import account, lags
from validator.packages.locking import Caller, Demand, Refusal, chain
from validator.packages.offering import best_wheel, latest
from validator.packages.pages import SHA256
from validator.packages.sourced import build_any, only_source, told, who_needs, without_wheel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from validator.facts import Requirement, Target
    from validator.packages.building import Builds, Built
    from validator.packages.index import Index
    from validator.packages.locking import Chosen, Locked
    from validator.packages.pages import File, Page
    from validator.packages.sourced import Told
    from validator.settings import Settings

    class Solve(Protocol):
        """A resolver."""

        def __call__(
            self,
            lines: Sequence[str],
            settings: Settings,
            target: Target,
            built: Mapping[str, Path],
            caller: Caller = ...,
        ) -> tuple[Locked, ...] | Refusal:
            """Lock lines of ours, with wheels we built beside those of the index."""


SOLVERS: dict[str, Solve] = {"uv": lock_uv.lock, "pip-tools": lock_pip_tools.lock}
MAX_ROUNDS = 8
"""Locks tried for one reply; every round after the first has loosened one requirement."""


@dataclass(slots=True)
class Wanted:
    """A requirement on its way into the lock, and what became of it so far."""

    requirement: Requirement
    name: str
    """The distribution locked for it, extras included: not always the one that was named."""
    versions: str
    """Specifier locked for it; empty accepts any."""
    unresolved: Unresolved | None = None
    left_out: bool = False
    optional: bool = False
    """True where the program says itself that it can do without."""

    @property
    def line(self) -> str:
        """What the resolver is given."""
        return f"{self.name}{self.versions}"

    @property
    def canonical(self) -> str:
        """The normalized name of the distribution, without extras."""
        return canonicalize_name(self.name.partition("[")[0])


@dataclass(frozen=True, slots=True)
class Solved:
    """What the wanted comes to."""

    pins: tuple[Pin, ...] = ()
    """Sorted by name."""
    brought_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of a pin asked for itself, the names of others that would have brought it too."""


def solve(
    wanted: Sequence[Wanted],
    settings: Settings,
    target: Target,
    index: Index,
    builds: Builds,
    ahead: Ahead,
    begin: Callable[[Sequence[Pin]], None] = lambda _: None,
) -> Solved:
    """Lock what is wanted; `begin` is called with the pins there will probably be, once known.

    `ahead` is a lock that was begun already, perhaps of just these lines.

    What is needed by something else and exists only as source is built, where `builds` can, and
    noted where only the newest of what is wanted needs it: then an older one is taken. What
    conflicts is loosened, its `unresolved` set, until the rest has an answer; at worst, or where
    pins are strict, a requirement is left out. At most `MAX_ROUNDS` locks, and one a build.

    Raises:
        Unavailable: a resolver or the index let us down.
    """
    if index.outage is not None:
        # Old pages served so far; the resolver would only wait for the same silence.
        raise index.outage
    store = settings.cache_dir / "wheels"
    for _ in range(MAX_ROUNDS + MAX_BUILDS):
        lines = [each.line for each in wanted if not each.left_out]
        if not lines:
            return Solved()
        built = {each.filename: store / each.sha256 for each in builds.wheels}
        lock = partial(SOLVERS[settings.resolver], settings=settings, target=target, built=built)
        caller = Caller(hear=lambda locked: begin(_told(locked, target)))
        answer = (lock if built else ahead.lock)(tuple(dict.fromkeys(lines)), caller=caller)
        if not isinstance(answer, Refusal):
            behind = lags(wanted, answer, lock, target, index)
            if build_any([source for late in behind for source in late.sources], builds):
                continue
            pins = _pins(answer, target, index, builds.wheels)
            _tell_versions(wanted, pins, target, index)
            for late in behind:
                late.wanted.unresolved = account(late, builds)
            return Solved(pins, {each.name: each.required_by for each in answer if each.direct})
        sources = only_source(answer, target, index)
        if build_any(sources, builds):
            continue
        left = [each for each in wanted if not each.left_out]
        said = {each.name: told(each, builds) for each in sources}
        lacking = without_wheel(answer, target, index)
        _loosen(left, answer, said, lacking, strict=settings.pins == "strict")
    for each in wanted:
        _note(each, Reason.UNCLASSIFIED, "no set of versions was found that holds together")
        each.left_out = True
    return Solved()


def lock_ahead(lines: Iterable[str], settings: Settings, target: Target) -> Ahead:
    """Begin to lock lines of ours, which are probably those that `solve` will be asked for."""
    lock = partial(SOLVERS[settings.resolver], settings=settings, target=target, built={})
    return Ahead(tuple(dict.fromkeys(lines)), lock)


def _told(locked: Sequence[Locked], target: Target) -> tuple[Pin, ...]:
    """Return the pins of which a resolver has said all but who needs them."""
    best = ((each, _best(each.wheels, target)) for each in locked)
    return tuple(_pin(each, wheel, ()) for each, wheel in best if wheel is not None)


def _loosen(
    wanted: Sequence[Wanted],
    refusal: Refusal,
    sources: Mapping[str, Told],
    lacking: Mapping[str, Told],
    *,
    strict: bool,
) -> None:
    culprit = next(_culprits(wanted, refusal.demands))
    reason, message, log = _account(refusal, culprit, wanted, sources, lacking)
    if culprit.versions and not strict:
        culprit.versions = ""
    else:
        culprit.left_out = True
    if culprit.optional:
        return
    _note(culprit, reason, message, log)


def _culprits(wanted: Sequence[Wanted], demands: Sequence[Demand]) -> Iterator[Wanted]:
    """Yield what to give up, first choice first.

    A version that somebody else's needs contradict; then any version in the conflict, the last
    stated first; then any version at all; then, since without versions it still fails, whole
    requirements: optional ones, those in the conflict, any.
    """
    demanded = {demand.name for demand in demands if demand.by}
    mentioned = demanded | {demand.name for demand in demands}
    mentioned |= {Demand(demand.by, "").name for demand in demands if demand.by}
    latest_first = wanted[::-1]
    for names in (demanded, mentioned, None):
        yield from (
            each
            for each in latest_first
            if each.versions and (names is None or each.canonical in names)
        )
    involved = [each for each in latest_first if each.canonical in mentioned]
    yield from (each for each in involved if each.optional)
    yield from involved
    yield from latest_first


def _account(
    refusal: Refusal,
    culprit: Wanted,
    wanted: Sequence[Wanted],
    sources: Mapping[str, Told],
    lacking: Mapping[str, Told],
) -> tuple[Reason, str, tuple[str, ...]]:
    """Say who needs what, from what is to be loosened; the resolver's words where none is known."""
    asked = {each.canonical: each.line for each in wanted}
    needs = [demand for demand in refusal.demands if demand.by and demand.wanted]
    if account := who_needs(refusal, sources, asked):
        return Reason.SOURCE_ONLY, *account
    if account := who_needs(refusal, lacking, asked):
        return Reason.NO_WHEEL, *account
    names = [demand.name for demand in needs]
    disputed = [name for name in names if names.count(name) > 1 or name in asked]
    if disputed:
        name = culprit.canonical if culprit.canonical in disputed else disputed[0]
        chains = [chain(demand, needs, asked) for demand in needs if demand.name == name]
        # Of any version that is asked for nothing follows where two others exclude each other.
        pinned = name in asked and (len(chains) == 1 or canonicalize_name(asked[name]) != name)
        required = f", but {asked[name]} is required" if pinned else ""
        return Reason.CONFLICT, " and ".join(dict.fromkeys(chains)) + required, ()
    own = dict.fromkeys(each.line for each in wanted if each.canonical == culprit.canonical)
    if not needs and len(own) > 1:
        return Reason.CONFLICT, f"{' and '.join(own)} are required, which no version is at once", ()
    if needs:
        words = chain(needs[0], needs, asked)
        return Reason.UNCLASSIFIED, f"{words}, of which no version can be installed", ()
    return Reason.UNCLASSIFIED, refusal.words, ()


def _note(wanted: Wanted, reason: Reason, message: str, log: tuple[str, ...] = ()) -> None:
    relaxed = None if wanted.left_out else wanted.line
    if wanted.unresolved is not None:
        # One reason each: the index's own comes before what followed from getting around it.
        wanted.unresolved = replace(wanted.unresolved, relaxed_to=relaxed)
        return
    wanted.unresolved = Unresolved(
        requirement=wanted.requirement,
        reason=reason,
        message=message,
        relaxed_to=relaxed,
        build_log=log,
    )


def _tell_versions(
    wanted: Sequence[Wanted], pins: Sequence[Pin], target: Target, index: Index
) -> None:
    """Name, for what was loosened, the version that does hold together with the rest."""
    locked = {pin.name: pin.version for pin in pins}
    for each in wanted:
        if each.unresolved is None or each.left_out or each.versions:
            continue
        page = index.pages([each.canonical])[each.canonical]
        newest = latest(page, target) if page else None
        nearest = locked.get(each.canonical)
        each.unresolved = replace(each.unresolved, nearest=nearest, latest=newest)


def _pins(
    locked: Sequence[Locked],
    target: Target,
    index: Index,
    built: Sequence[Built],
) -> tuple[Pin, ...]:
    ours = {(each.name, each.version): each for each in built}
    taken = {each.name: _best(each.wheels, target) for each in locked}
    pages = index.pages(
        each.name
        for each in locked
        if not taken[each.name] and (each.name, each.version) not in ours
    )
    pins = []
    for each in sorted(locked, key=lambda each: each.name):
        key, by = (each.name, each.version), () if each.direct else each.required_by
        if made := ours.get(key):
            pins.append(_built_pin(made, by))
            continue
        wheel = taken[each.name] or _offered(each, pages[each.name], target)
        pins.append(_pin(each, wheel, by))
    return tuple(pins)


def _best(wheels: Sequence[Chosen], target: Target) -> Chosen | None:
    """Return the wheel that fits the target best, as `best_wheel` does of a page."""
    fitting = [
        (fit, each)
        for each in sorted(wheels, key=attrgetter("filename"))
        if SHA256.fullmatch(each.sha256) and (fit := targets.fit(each.filename, target)) is not None
    ]
    return max(fitting, key=itemgetter(0))[1] if fitting else None


def _offered(locked: Locked, page: Page | None, target: Target) -> File:
    version = Version(locked.version)
    wheel = page and best_wheel(page, version, target)
    if not wheel or not wheel.sha256:
        raise IndexUnavailable(
            f"the index shows no wheel with a sha256 of {locked.name} {locked.version} "
            f"for {target}, though it was locked",
            remedy="run `validate cache clear` and try again",
        )
    return wheel


def _pin(locked: Locked, wheel: File | Chosen, required_by: tuple[str, ...]) -> Pin:
    return Pin(
        name=locked.name,
        version=locked.version,
        sha256=wheel.sha256,
        filename=wheel.filename,
        required_by=required_by,
        url=wheel.url,
        size_bytes=wheel.size_bytes,
    )


def _built_pin(made: Built, required_by: tuple[str, ...]) -> Pin:
    source = made.source
    return Pin(
        name=made.name,
        version=made.version,
        sha256=made.sha256,
        filename=made.filename,
        required_by=required_by,
        url=source.url,
        built_from=source.sha256,
    )


def lock_plainly(
    lines: Sequence[str], settings: Settings, target: Target, index: Index
) -> tuple[Pin, ...] | Refusal:
    """Lock lines of ours as they are, nothing loosened and nothing built.

    Raises:
        Unavailable: a resolver or the index let us down.
    """
    answer = SOLVERS[settings.resolver](lines, settings, target, {}) if lines else ()
    return answer if isinstance(answer, Refusal) else _pins(answer, target, index, ())
