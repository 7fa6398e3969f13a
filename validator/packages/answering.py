"""Which imports the requirements answer: by the table, else by what their own wheels hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from validator.facts import Undeclared
from validator.packages import distributions, misnomers
from validator.packages.connection import CONNECTIONS
from validator.packages.contents import provides
from validator.packages.guessing import telling_wheel
from validator.packages.hosts import host_of
from validator.packages.imports import once_stdlib
from validator.packages.offering import best_wheel, newest, newest_of
from validator.packages.wellknown import well_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from validator.facts import Requirement, Target
    from validator.packages.imports import Import
    from validator.packages.index import Index
    from validator.packages.pages import Page

MAX_WHEELS = 64
"""Looked into for one reply: real lists are shorter (RV310 draws the line at 200)."""


def undeclared_imports(
    declared: Sequence[Requirement], imports: Sequence[Import]
) -> tuple[Undeclared, ...]:
    """Return the imports no requirement's name answers, with the distribution to look for.

    One each. A distribution that the table does not know is the import's own name: a guess, until
    the index confirms it. Pure.
    """
    stated = _stated(declared, imports)
    beside = frozenset(each.top for each in imports)
    found: dict[str, Undeclared] = {}
    for each in imports:
        module, providers = distributions.providers(each.module)
        if stated & _answers(each, providers):
            continue
        first = found.get(module)
        if first is None or first.optional > each.optional:
            found[module] = _missing(each, module, providers, host_of(each.module, beside))
    return tuple(found.values())


def _missing(asked: Import, module: str, providers: tuple[str, ...], host: str) -> Undeclared:
    return Undeclared(
        module,
        asked.path,
        asked.line,
        None if host else _sensible(module, providers),
        asked.optional,
        versions=distributions.GIVEN_UP.get(module, ""),
        host=host,
    )


def _stated(declared: Sequence[Requirement], imports: Sequence[Import]) -> frozenset[str]:
    """Return the canonical names of what is required, and of what is meant by those."""
    modules = {each.top for each in imports}
    names = {each.canonical for each in declared}
    others = (misnomers.meant(name, modules) for name in names)
    return frozenset(names | {canonicalize_name(other) for other in others if other})


def _answers(asked: Import, providers: Sequence[str]) -> frozenset[str]:
    """Return the canonical names of what answers an import."""
    own = () if asked.top in distributions.NAMESPACES else (asked.top,)
    return frozenset(canonicalize_name(name) for name in (*providers, *own))


def _sensible(module: str, providers: tuple[str, ...]) -> str | None:
    if distributions.lookup(module):
        return providers[0]
    name = canonicalize_name(providers[0])
    if module in distributions.NAMESPACES | misnomers.PYTHON or not module.isascii():
        return None
    # regex was a module of Python 1, panel one of Python 2 on IRIX: nobody means those.
    return None if module in once_stdlib() and name not in well_known() else name


def unanswered(
    missing: Sequence[Undeclared],
    declared: Sequence[Requirement],
    modules: Iterable[str],
    look: Callable[[Requirement], Held],
) -> tuple[Undeclared, ...]:
    """Return the imports that no wheel of what is declared holds either.

    `PyWavelets` answers `import pywt`, `speedtest-cli` the `speedtest` whose name is a stranger's,
    `environ-config` what the table has from somebody else. `modules` are the first names of all
    imports, `look` says what the wheel of a requirement holds.

    Raises:
        IndexUnavailable: a wheel that would decide cannot be looked into.
    """
    asked = tuple(_worth_a_look(missing, declared, modules))[:MAX_WHEELS]
    if not asked:
        return tuple(missing)
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        held = tuple(pool.map(look, asked))
    return tuple(each for each in missing if not any(_holds(wheel, each) for wheel in held))


@dataclass(frozen=True, slots=True)
class Held:
    """What a wheel of a requirement holds."""

    modules: tuple[str, ...] = ()
    installs: bool = False
    """False where no version has a wheel for the target, and it is the one of another."""


def _holds(wheel: Held, asked: Undeclared) -> bool:
    # What cannot be had answers no import that somebody else is known to provide.
    certain = wheel.installs or not distributions.lookup(asked.module)
    return certain and provides(wheel.modules, asked.module)


def _worth_a_look(
    missing: Sequence[Undeclared], declared: Sequence[Requirement], modules: Iterable[str]
) -> Iterator[Requirement]:
    """Yield what may hold a missing import: where the table knows them all, only what is idle.

    Idle is what answers no import by its name. It costs a request for each that was never asked.
    """
    guessed = any(not distributions.lookup(each.module) for each in missing)
    providers = {name for each in modules for name in (each, *distributions.providers(each)[1])}
    busy = {canonicalize_name(name) for name in providers}
    for each in declared if missing else ():
        if guessed or each.canonical not in busy:
            yield each


def held_by(
    requirement: Requirement, pages: Mapping[str, Page | None], target: Target, index: Index
) -> Held:
    """Return what the wheel of a requirement holds; nothing where that cannot be found out.

    Raises:
        IndexUnavailable: the index does not answer.
    """
    page = pages.get(requirement.canonical)
    if page is None:
        return Held()
    version = newest_of(requirement.specifier, page, target)
    wheel = best_wheel(page, version, target) if version else telling_wheel(page, target)
    contents = index.contents(wheel) if wheel else None
    return Held(contents.modules, newest(page, target) is not None) if contents else Held()
